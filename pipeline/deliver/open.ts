import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../models/base/clock.ts';
import { monotonicMs } from '../../models/base/clock.ts';
import { LanewayError, messageOf } from '../../models/base/errors.ts';
import { createRandom, seedOf } from '../../models/base/random.ts';
import type { ProviderEntry, ProviderFile } from './config-file.ts';
import { createHttpProvider } from './http/http.ts';
import { genericSpec, twilioSpec } from './http/presets.ts';
import type { ProviderPolicy } from './policy.ts';
import type { Provider } from './provider.ts';
import { createSandboxProvider } from './sandbox.ts';
import { weatherFromFile } from './sandbox-weather.ts';
import { readSecret, type Secret, type SecretRef } from './secret.ts';
import { createSmppProvider } from './smpp/smpp.ts';
import { createSmtpProvider } from './smtp/smtp.ts';

export interface OpenParts {
  readonly clock: Clock;
  /** Where simulated carriers keep their ledgers. */
  readonly dataDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly report: (error: unknown, doing: string) => void;
}

/** What a pipeline is given: the providers, and how each is used. */
export interface OpenedProviders {
  readonly providers: readonly Provider[];
  readonly policies: Readonly<Record<string, ProviderPolicy>>;
}

/**
 * Opens every provider of a file. Connections are made in the background: one that is down now is no reason not to
 * start.
 *
 * @throws LanewayError `SECRET_MISSING`, `INVALID_PROVIDERS`
 */
export async function openProviders({ entries }: ProviderFile, parts: OpenParts): Promise<OpenedProviders> {
  const providers: Provider[] = [];
  try {
    for (const entry of entries) providers.push(openOne(entry, parts));
  } catch (error) {
    await Promise.all(providers.map((provider) => provider.close()));
    throw error;
  }
  return { providers, policies: Object.fromEntries(entries.map(({ name, policy }) => [name, policy])) };
}

function openOne({ name, spec, where }: ProviderEntry, parts: OpenParts): Provider {
  const { clock, env, report } = parts;
  const secret = (ref: SecretRef, field: string): Secret => readSecret(ref, `${where}/${field}`, env);
  switch (spec.kind) {
    case 'sandbox': {
      const { kind: _, weatherFile, ...options } = spec;
      const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
      return createSandboxProvider({
        ...given,
        name,
        clock,
        ledgerFile: join(parts.dataDir, 'sandbox', name === 'sandbox' ? 'ledger.jsonl' : `${name}.jsonl`),
        ...(weatherFile === undefined ? {} : { weather: weatherFromFile(weatherFile, monotonicMs) }),
      });
    }
    case 'http': {
      const made =
        spec.preset === 'generic' ? genericSpec(spec) : spec.preset === 'twilio' ? twilioSpec(spec) : spec;
      return createHttpProvider(name, made, { clock, secret });
    }
    case 'smpp':
      return createSmppProvider(name, spec, {
        clock,
        report,
        random: createRandom(seedOf(name)),
        password: secret(spec.password, 'password'),
        ...authority(spec.caFile, where),
      });
    case 'smtp':
      return createSmtpProvider(name, spec, { clock, secret, ...authority(spec.caFile, where) });
  }
}

function authority(file: string | undefined, where: string): { ca?: string } {
  if (file === undefined) return {};
  try {
    return { ca: readFileSync(file, 'utf8') };
  } catch (error) {
    throw new LanewayError(
      'INVALID_PROVIDERS',
      `${where}/caFile: ${file} cannot be read: ${messageOf(error)}`,
      {
        where: `${where}/caFile`,
        fix: 'Name a PEM file that this user may read.',
      },
    );
  }
}
