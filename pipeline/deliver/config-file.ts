import { readFileSync } from 'node:fs';
import { dirname, extname, isAbsolute, join, resolve } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { LanewayError, messageOf } from '../../models/base/errors.ts';
import { CHANNELS } from '../comply/types.ts';
import { CustomHttp, GenericHttp, TwilioHttp } from './http/spec.ts';
import type { ProviderPolicy } from './policy.ts';
import { SmppSpec } from './smpp/smpp.ts';
import { SmtpSpec } from './smtp/smtp.ts';

const rate = z.number().min(0).max(1);

export const SandboxSpec = z.strictObject({
  kind: z.literal('sandbox'),
  seed: z.int().min(0).optional(),
  latencyMedianMs: z.number().min(0).max(600_000).optional(),
  latencySpread: z.number().min(0).max(2).optional(),
  transientRate: rate.optional(),
  refusedRate: rate.optional(),
  ambiguousRate: rate.optional(),
  lossRate: rate.optional(),
  honoursKeys: z.boolean().optional(),
  receiptRate: rate.optional(),
  undeliveredRate: rate.optional(),
  receiptTwiceRate: rate.optional(),
  receiptForgedRate: rate.optional(),
  receiptMedianMs: z.number().min(0).max(86_400_000).optional(),
  /** A file that says what the carrier is put through, e.g. `{"state":"down"}`; read anew when it changes. */
  weatherFile: z.string().optional(),
});

const Specs = {
  sandbox: SandboxSpec,
  custom: CustomHttp,
  generic: GenericHttp,
  twilio: TwilioHttp,
  smpp: SmppSpec,
  smtp: SmtpSpec,
};
export type ProviderSpec = z.infer<(typeof Specs)[keyof typeof Specs]>;

const Policy = z.strictObject({
  countries: z
    .array(z.string().regex(/^[A-Z]{2}$/, 'must be two capital letters such as DE'))
    .min(1)
    .optional(),
  classes: z
    .array(z.enum(['transactional', 'promotional']))
    .min(1)
    .optional(),
  only: z.array(z.enum(CHANNELS)).min(1).optional(),
  priority: z.int().min(0).max(1_000).optional(),
  cost: z
    .union([
      z.number().min(0),
      z.strictObject({
        default: z.number().min(0),
        countries: z.record(z.string(), z.number().min(0)).optional(),
      }),
    ])
    .optional(),
  rate: z
    .strictObject({
      perSecond: z.int().min(1).max(1_000_000),
      perSecondAlone: z.number().min(1).max(1_000_000).optional(),
      promotionalShare: z.number().gt(0).max(1).optional(),
    })
    .optional(),
  breaker: z
    .strictObject({
      consecutive: z.int().min(1).max(100),
      failedShare: z.number().gt(0).max(1),
      slowMs: z.int().min(100).max(300_000),
      openMs: z.int().min(100).max(600_000),
      returnMs: z.int().min(0).max(3_600_000),
    })
    .partial()
    .optional(),
});
const POLICY_FIELDS = Object.keys(Policy.shape);
const NAME = /^[a-z][a-z0-9-]{0,31}$/;

/** One provider as the file has it, checked. */
export interface ProviderEntry {
  readonly name: string;
  readonly spec: ProviderSpec;
  readonly policy: ProviderPolicy;
  /** Where it stands, for errors about its secrets: `providers/0`. */
  readonly where: string;
}

export interface ProviderFile {
  readonly file: string;
  readonly entries: readonly ProviderEntry[];
}

interface Fault {
  /** As `providers/0/rate/perSecond`. */
  readonly field: string;
  readonly message: string;
}

/**
 * Reads a file of providers, YAML or JSON: `providers:` with a list, each with its `name`, `kind`, what that kind
 * needs, and how it is used.
 *
 * @throws LanewayError `INVALID_PROVIDERS`, naming every field that is wrong and its line, never a value
 */
export function readProviderFile(path: string): ProviderFile {
  const file = resolve(path);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw invalid(file, [`cannot be read: ${messageOf(error)}`]);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: true });
  const [broken] = document.errors;
  if (broken)
    throw invalid(file, [
      `is not ${extname(file) === '.json' ? 'JSON' : 'YAML'}: ${broken.message.split('\n')[0]}`,
    ]);
  const { entries, faults } = checkProviders(document.toJS() as unknown);
  if (faults.length === 0) return { file, entries: entries.map((entry) => besides(file, entry)) };
  const lineOf = (field: string): string => {
    const parts = field.split('/').map((part) => (/^\d+$/.test(part) ? Number(part) : part));
    for (let length = parts.length; length > 0; length--) {
      const node = document.getIn(parts.slice(0, length), true) as
        | { readonly range?: readonly number[] }
        | undefined;
      if (node?.range) return `line ${lines.linePos(node.range[0]!).line}, `;
    }
    return '';
  };
  throw invalid(
    file,
    faults.map(({ field, message }) => `${lineOf(field)}${field} ${message}`),
  );
}

function invalid(file: string, wrong: readonly string[]): LanewayError {
  return new LanewayError('INVALID_PROVIDERS', `${file}: ${wrong.join('; ')}`, {
    where: file,
    fix: 'Correct the fields named and start again; docs/providers.md has every field.',
  });
}

/** What the content of such a file says, and everything that is wrong with it. */
export function checkProviders(content: unknown): { entries: ProviderEntry[]; faults: Fault[] } {
  const faults: Fault[] = [];
  const top = z
    .strictObject({ providers: z.array(z.record(z.string(), z.unknown())).min(1) })
    .safeParse(content);
  if (!top.success) return { entries: [], faults: faultsOf('', top.error) };
  const seen = new Map<string, number>();
  const entries = top.data.providers.flatMap((given, i): ProviderEntry[] => {
    const where = `providers/${i}`;
    const { name, ...rest } = given;
    if (typeof name !== 'string' || !NAME.test(name)) {
      faults.push({ field: `${where}/name`, message: 'must be 1 to 32 small letters, digits and dashes' });
    } else if (seen.has(name)) {
      faults.push({ field: `${where}/name`, message: `is the name of providers/${seen.get(name)} too` });
    } else seen.set(name, i);
    const isPolicy = ([field]: [string, unknown]): boolean => POLICY_FIELDS.includes(field);
    const policy = Policy.safeParse(Object.fromEntries(Object.entries(rest).filter(isPolicy)));
    if (!policy.success) faults.push(...faultsOf(`${where}/`, policy.error));
    const schema = schemaOf(rest);
    if (typeof schema === 'string') {
      faults.push({
        field: `${where}/${schema.split(' ')[0]}`,
        message: schema.slice(schema.indexOf(' ') + 1),
      });
      return [];
    }
    const spec = schema.safeParse(Object.fromEntries(Object.entries(rest).filter((one) => !isPolicy(one))));
    if (!spec.success) faults.push(...faultsOf(`${where}/`, spec.error));
    if (!spec.success || !policy.success || typeof name !== 'string') return [];
    const entry = { name, spec: spec.data, policy: policyOf(policy.data), where };
    const promotional = entry.policy.classes?.includes('promotional') ?? true;
    if (entry.spec.kind === 'smtp' && promotional && entry.spec.unsubscribe === undefined) {
      faults.push({
        field: `${where}/unsubscribe`,
        message:
          'is missing: promotional mail must be left with one click (or write classes: [transactional])',
      });
    }
    return [entry];
  });
  return { entries, faults };
}

function schemaOf({
  kind,
  preset,
}: Readonly<Record<string, unknown>>): (typeof Specs)[keyof typeof Specs] | string {
  if (kind === 'sandbox' || kind === 'smpp' || kind === 'smtp') return Specs[kind];
  if (kind !== 'http') return 'kind must be sandbox, http, smpp or smtp';
  if (preset === 'custom' || preset === 'generic' || preset === 'twilio') return Specs[preset];
  return 'preset must be generic, twilio or custom';
}

function policyOf(given: z.infer<typeof Policy>): ProviderPolicy {
  const { cost, only, ...rest } = given;
  return {
    ...rest,
    ...(only === undefined ? {} : { channels: only }),
    ...(cost === undefined ? {} : { cost: typeof cost === 'number' ? { default: cost } : costOf(cost) }),
  };
}

function costOf({
  default: standard,
  countries,
}: {
  default: number;
  countries?: Record<string, number> | undefined;
}) {
  return { default: standard, ...(countries === undefined ? {} : { countries }) };
}

/** Paths in a file are beside the file. */
function besides(file: string, entry: ProviderEntry): ProviderEntry {
  const near = (path: string): string => (isAbsolute(path) ? path : join(dirname(file), path));
  const walk = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(walk);
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) =>
        ['file', 'caFile', 'weatherFile'].includes(key) && typeof inner === 'string'
          ? [key, near(inner)]
          : [key, walk(inner)],
      ),
    );
  };
  return { ...entry, spec: walk(entry.spec) as ProviderSpec };
}

/** Every wrong field by its place; what was given is not repeated: it may be a secret in the wrong place. */
function faultsOf(before: string, error: z.ZodError): Fault[] {
  return error.issues.map((issue) => {
    const path = issue.path.map(String);
    if (issue.code === 'unrecognized_keys') {
      return { field: `${before}${[...path, issue.keys[0]].join('/')}`, message: 'is not a setting here' };
    }
    return { field: `${before}${path.join('/')}`.replace(/\/$/, ''), message: issue.message };
  });
}
