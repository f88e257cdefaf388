import { LanewayError } from '../../models/base/errors.ts';
import { lockFolder } from './folder-lock.ts';

/** Child of the lock's test: locks the folder it is given, says how it went, and waits to be killed. */
try {
  lockFolder(process.argv[2]!);
  process.send?.('locked');
} catch (error) {
  process.send?.(error instanceof LanewayError ? error.code : String(error));
}
process.on('message', () => undefined);
