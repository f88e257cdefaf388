import { createReadStream, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { systemClock } from '../../../models/base/clock.ts';
import { LanewayError } from '../../../models/base/errors.ts';
import { loadPacks } from '../../../pipeline/comply/language/load.ts';
import type { DecisionRecord } from '../../../pipeline/record/decision.ts';
import { countViolations, type Violations } from '../../../pipeline/record/violations.ts';
import { DEFAULT_TENANT } from '../../config.ts';
import type { CliContext } from '../context.ts';
import { callServer, NO_SERVER } from '../remote.ts';
import { renderCompliance } from './page.ts';

export interface ComplianceReportFlags {
  /** JSONL of decision records; default: what the server or the store of the data folder has on record. */
  readonly data?: string;
  readonly since?: string;
  readonly until?: string;
  readonly out?: string;
  readonly tenant?: string;
}

const instantOf = (option: string, text: string): number => {
  const atMs = Date.parse(text);
  if (!Number.isNaN(atMs)) return atMs;
  throw new LanewayError('USAGE', `--${option}: "${text}" is no instant such as 2026-01-31T09:00:00Z`);
};

/** A line as `GET /v1/decisions/{id}` has it (`record`), or the record itself. */
function recordOf(line: string, where: string): DecisionRecord {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    throw new LanewayError('DECISIONS_UNREADABLE', 'the line is not JSON', { where });
  }
  const inner = (parsed as { record?: unknown } | null)?.record ?? parsed;
  const record = (typeof inner === 'string' ? JSON.parse(inner) : inner) as Partial<DecisionRecord> | null;
  if (record?.evaluation?.verdicts === undefined || typeof record.atMs !== 'number') {
    throw new LanewayError('DECISIONS_UNREADABLE', 'the line is no decision record', {
      where,
      fix: 'Give one decision record a line, as the store keeps them.',
    });
  }
  return record as DecisionRecord;
}

async function* fromFile(file: string): AsyncGenerator<DecisionRecord> {
  let number = 0;
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    number++;
    if (line.trim() !== '') yield recordOf(line, `${file}:${number}`);
  }
}

async function* fromStore(
  context: CliContext,
  tenant: string,
  span: { readonly fromMs: number; readonly toMs: number },
): AsyncGenerator<DecisionRecord> {
  const { openStore } = await import('../../../pipeline/store/open.ts');
  const { openKeyring } = await import('../../../pipeline/keys/keyring.ts');
  const { openFileMasterKey } = await import('../../../pipeline/keys/master-key.ts');
  const { readDecisions } = await import('../../../pipeline/record/read-decisions.ts');
  const url = context.env['DATABASE_URL'] || undefined;
  const store = await openStore(
    url === undefined ? { kind: 'pglite', dir: join(context.home, 'store') } : { kind: 'postgres', url },
  );
  try {
    const keyring = await openKeyring(store.bulk, openFileMasterKey(context.home, false), systemClock);
    yield* readDecisions(store.bulk, keyring, tenant, span);
  } finally {
    await store.close();
  }
}

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

async function counted(records: AsyncIterable<DecisionRecord>, span: Span): Promise<Violations> {
  const counting = countViolations();
  for await (const record of records) {
    if (record.atMs >= span.fromMs && record.atMs < span.toMs) counting.add(record);
  }
  return counting.figures();
}

/** Of the server that runs on the data folder: the embedded database lets no other process read. */
async function fromServer(context: CliContext, flags: ComplianceReportFlags): Promise<Violations> {
  const query = new URLSearchParams();
  if (flags.since !== undefined) query.set('from', new Date(instantOf('since', flags.since)).toISOString());
  if (flags.until !== undefined) query.set('to', new Date(instantOf('until', flags.until)).toISOString());
  return (await callServer(context, 'GET', `/v1/audit/violations?${query}`)) as Violations;
}

/** From the file, else from the running server, else from the store itself. */
async function figuresOf(
  context: CliContext,
  flags: ComplianceReportFlags,
  span: Span,
): Promise<{ readonly figures: Violations; readonly source: string }> {
  if (flags.data !== undefined) {
    return { figures: await counted(fromFile(flags.data), span), source: `file ${flags.data}` };
  }
  const source = 'recorded decisions';
  const tenant = flags.tenant ?? DEFAULT_TENANT;
  try {
    // The folder's key opens the default tenant alone.
    if (tenant === DEFAULT_TENANT) return { figures: await fromServer(context, flags), source };
  } catch (error) {
    if (!(error instanceof LanewayError) || !NO_SERVER.has(error.code)) throw error;
  }
  return { figures: await counted(fromStore(context, tenant, span), span), source };
}

/**
 * `laneway rules report`: violation rates by rule, region and class as `compliance.html`, the figures beside it as
 * JSON. Asks the running server, or reads the store of the data folder where none runs, or a file.
 */
export async function complianceReportCommand(
  context: CliContext,
  flags: ComplianceReportFlags,
): Promise<void> {
  const span = {
    fromMs: flags.since === undefined ? 0 : instantOf('since', flags.since),
    toMs: flags.until === undefined ? Number.MAX_SAFE_INTEGER : instantOf('until', flags.until),
  };
  const { figures, source } = await figuresOf(context, flags, span);
  const known = new Map(loadPacks().flatMap(({ rules }) => rules.map((rule) => [rule.id, rule] as const)));
  const out = resolve(flags.out ?? join('reports', 'compliance.html'));
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(
    out,
    renderCompliance(figures, source, (id) => known.get(id)),
  );
  writeFileSync(out.replace(/(?:\.html)?$/, '.json'), `${JSON.stringify(figures, null, 1)}\n`);
  context.print(`${figures.decisions} decisions, ${figures.violating} with a rule that was not met`);
  for (const { ruleId, failed, asked } of figures.rules.filter(({ failed }) => failed > 0).slice(0, 5)) {
    context.print(`  ${ruleId.padEnd(40)} not met in ${failed} of ${asked}`);
  }
  context.print(`report ${out}`);
}
