import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Clock } from '../models/base/clock.ts';
import type { OpenedProviders } from '../pipeline/deliver/open.ts';
import { works } from '../pipeline/fleet/role.ts';
import type { ServeConfig } from './config.ts';

const NAMES = ['laneway.config.yaml', 'laneway.config.yml', 'laneway.config.json'];

/** `LANEWAY_PROVIDERS`, else `laneway.config.*` where Laneway was started or in the data folder. */
export function providerFileOf(
  config: Pick<ServeConfig, 'providersFile' | 'home'>,
  cwd: string,
): string | undefined {
  if (config.providersFile !== undefined) return resolve(cwd, config.providersFile);
  return [cwd, config.home]
    .flatMap((dir) => NAMES.map((name) => join(dir, name)))
    .find((file) => existsSync(file));
}

/**
 * The providers of this process; undefined: none are configured, so the sandbox it is. A process that calls none has
 * only those that call in.
 *
 * @throws LanewayError `INVALID_PROVIDERS`, `SECRET_MISSING`
 */
export async function configuredProviders(
  config: ServeConfig,
  parts: {
    readonly cwd: string;
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly clock: Clock;
    readonly report: (error: unknown, doing: string) => void;
  },
): Promise<OpenedProviders | undefined> {
  const path = providerFileOf(config, parts.cwd);
  if (path === undefined) return undefined;
  // Mail and SMPP are large, and a start without them need not read them.
  const [{ readProviderFile }, { openProviders }] = await Promise.all([
    import('../pipeline/deliver/config-file.ts'),
    import('../pipeline/deliver/open.ts'),
  ]);
  const { file, entries } = readProviderFile(path);
  const here = entries.filter(
    ({ spec }) => works(config.role) || spec.kind === 'http' || spec.kind === 'smtp',
  );
  return openProviders({ file, entries: here }, { ...parts, dataDir: config.home });
}
