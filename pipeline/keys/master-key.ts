import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { LanewayError, messageOf } from '../../models/base/errors.ts';
import { randomBytesOf } from './random.ts';
import { makeSecret, readSecret } from './secret-file.ts';

/**
 * What wraps data keys. The file adapter answers at once; a key service may take its time. A wrapped key names the
 * master key that wrapped it, so that several may be in use while keys are wrapped anew.
 */
export interface MasterKey {
  /** Of the key that wraps from now on. */
  readonly keyId: string;
  /** @param context what the key is for; it must be said again to unwrap it */
  wrap(dataKey: Buffer, context: string): Promise<string>;
  /** @throws LanewayError `MASTER_KEY_WRONG` */
  unwrap(wrapped: string, context: string): Promise<Buffer>;
}

const KEY = /^lmk_([A-Za-z0-9_-]{43})$/;
const WRAPPED = /^w1\.([0-9a-f]{16})\.([A-Za-z0-9_-]+)$/;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** File of the master key in a data folder. */
export const masterKeyFile = (dataDir: string): string => join(dataDir, 'keys', 'master-key');

/**
 * The master key of a data folder, in `keys/master-key` (mode 600), made there when it may be.
 *
 * @param mayMake false where keys are already wrapped: a new master key would open none of them
 * @throws LanewayError `MASTER_KEY_MISSING`, `MASTER_KEY_UNREADABLE`
 */
export function openFileMasterKey(dataDir: string, mayMake: boolean): MasterKey {
  const file = masterKeyFile(dataDir);
  let text: string | undefined;
  try {
    mkdirSync(join(dataDir, 'keys'), { recursive: true, mode: 0o700 });
    text = readSecret(file);
    if (text === undefined && mayMake)
      text = makeSecret(file, `lmk_${randomBytes(32).toString('base64url')}`);
  } catch (error) {
    throw unreadable(file, messageOf(error), error);
  }
  if (text === undefined) {
    throw new LanewayError(
      'MASTER_KEY_MISSING',
      'the store holds keys of recipients, and the master key that wraps them is not here',
      { where: file, fix: 'Put the file back from its backup; a new one would open none of them.' },
    );
  }
  return createLocalMasterKey(bytesOf(file, text));
}

/** A master key held in this process. @param bytes 32 */
export function createLocalMasterKey(bytes: Buffer): MasterKey {
  const keyId = createHash('sha256').update('laneway master key').update(bytes).digest('hex').slice(0, 16);
  return {
    keyId,
    async wrap(dataKey, context) {
      const iv = randomBytesOf(IV_BYTES);
      const cipher = createCipheriv('aes-256-gcm', bytes, iv).setAAD(Buffer.from(context));
      const closed = Buffer.concat([iv, cipher.update(dataKey), cipher.final(), cipher.getAuthTag()]);
      return `w1.${keyId}.${closed.toString('base64url')}`;
    },
    async unwrap(wrapped, context) {
      const [, by, text] = WRAPPED.exec(wrapped) ?? [];
      if (by !== keyId) throw wrong(by === undefined ? 'it is no wrapped key' : `it was wrapped by ${by}`);
      const closed = Buffer.from(text!, 'base64url');
      const opener = createDecipheriv('aes-256-gcm', bytes, closed.subarray(0, IV_BYTES), {
        authTagLength: TAG_BYTES,
      })
        .setAAD(Buffer.from(context))
        .setAuthTag(closed.subarray(-TAG_BYTES));
      try {
        return Buffer.concat([opener.update(closed.subarray(IV_BYTES, -TAG_BYTES)), opener.final()]);
      } catch (cause) {
        throw wrong('it was changed, or is another thing’s key', cause);
      }
    },
  };
}

function wrong(why: string, cause?: unknown): LanewayError {
  return new LanewayError('MASTER_KEY_WRONG', `a data key cannot be unwrapped: ${why}`, {
    fix: 'Use the master key that belongs to this store.',
    ...(cause === undefined ? {} : { cause }),
  });
}

function bytesOf(file: string, text: string): Buffer {
  const match = KEY.exec(text);
  if (match === null) throw unreadable(file, 'it does not hold a key of the form lmk_...');
  return Buffer.from(match[1]!, 'base64url');
}

function unreadable(file: string, why: string, cause?: unknown): LanewayError {
  return new LanewayError('MASTER_KEY_UNREADABLE', `the master key cannot be used: ${why}`, {
    where: file,
    fix: 'Put the file back from its backup.',
    ...(cause === undefined ? {} : { cause }),
  });
}
