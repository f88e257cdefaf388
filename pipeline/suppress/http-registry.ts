import { z } from 'zod';
import { LanewayError, messageOf } from '../../models/base/errors.ts';
import type { RegistryAnswer } from '../comply/facts.ts';

/** How a registry is asked over HTTP. */
export const HttpRegistrySettings = z.strictObject({
  url: z
    .url({ protocol: /^https?$/ })
    .max(2_048)
    .describe('POST {"recipients":[...]} is sent here'),
  /** Names of environment variables, so that no secret is stored. */
  tokenEnv: z
    .string()
    .regex(/^LANEWAY_REGISTRY_[A-Z0-9_]{1,64}$/, 'LANEWAY_REGISTRY_ and capitals, digits, _')
    .optional()
    .describe('Environment variable that holds the bearer token'),
  prefixes: z
    .array(z.string().regex(/^\+[1-9]\d{0,6}$/, 'a + and digits'))
    .min(1)
    .optional()
    .describe('Only numbers that begin so are asked about; absent: every address'),
  ttlSeconds: z.int().min(60).max(31_536_000).default(86_400).describe('An answer is kept so long'),
  timeoutMs: z.int().min(50).max(30_000).default(2_000),
  batch: z.int().min(1).max(1_000).default(100).describe('Most addresses in one request'),
});
export type HttpRegistrySettings = z.output<typeof HttpRegistrySettings>;

const Answer = z.object({
  recipient: z.string(),
  listed: z.boolean(),
  listedSince: z.iso.datetime({ offset: true }).optional(),
  answer: z.string().max(64).optional(),
  answers: z.record(z.string(), z.string().max(64)).optional(),
  asOf: z.iso.datetime({ offset: true }).optional(),
  channels: z.array(z.string()).optional(),
  categories: z.array(z.string()).optional(),
  sectors: z.array(z.string()).optional(),
});
const Answers = z.object({ answers: z.array(Answer).max(1_000) });

/** Largest answer that is read, bytes. */
const MOST_BYTES = 1_048_576;

/**
 * Asks a registry about addresses. The registry answers `{"answers":[{"recipient","listed","listedSince"?,...}]}`;
 * an address that it leaves out has no answer.
 *
 * @throws LanewayError `REGISTRY_UNAVAILABLE`: no answer in time, or not one of that form. Never quotes an address.
 */
export async function askHttpRegistry(
  name: string,
  settings: HttpRegistrySettings,
  recipients: readonly string[],
  nowMs: number,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Map<string, RegistryAnswer>> {
  const failed = (why: string): LanewayError =>
    new LanewayError('REGISTRY_UNAVAILABLE', `registry ${name} gave no answer: ${why}`, {
      fix: 'Rules go by what they do without an answer; check the address and the token of the registry.',
    });
  const token = settings.tokenEnv === undefined ? undefined : env[settings.tokenEnv];
  if (settings.tokenEnv !== undefined && !token) throw failed(`${settings.tokenEnv} is not set`);
  let text: string;
  try {
    const response = await fetch(settings.url, {
      method: 'POST',
      redirect: 'error',
      signal: AbortSignal.timeout(settings.timeoutMs),
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ recipients }),
    });
    if (!response.ok) throw failed(`it answered ${response.status}`);
    text = await readBounded(response);
  } catch (error) {
    if (error instanceof LanewayError) throw error;
    const { name: kind } = error as Error;
    throw failed(kind === 'TimeoutError' ? `nothing within ${settings.timeoutMs} ms` : messageOf(error));
  }
  let parsed: z.output<typeof Answers>;
  try {
    parsed = Answers.parse(JSON.parse(text));
  } catch {
    throw failed('its answer is not of the form that is asked for');
  }
  const asked = new Set(recipients);
  return new Map(
    parsed.answers
      .filter(({ recipient }) => asked.has(recipient))
      .map(({ recipient, listedSince, asOf, ...rest }) => [
        recipient,
        {
          ...(Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)) as {
            listed: boolean;
          }),
          ...(listedSince === undefined ? {} : { listedSinceMs: Date.parse(listedSince) }),
          ...(asOf === undefined ? {} : { asOfMs: Date.parse(asOf) }),
          checkedAtMs: nowMs,
        } satisfies RegistryAnswer,
      ]),
  );
}

async function readBounded(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body as unknown as AsyncIterable<Uint8Array>) {
    size += part.length;
    if (size > MOST_BYTES) throw new Error(`the answer is larger than ${MOST_BYTES} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
