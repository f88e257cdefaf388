import pg from 'pg';
import { monotonicMs } from '../../models/base/clock.ts';
import { createRandom } from '../../models/base/random.ts';
import { readLedger, summariseLedger } from '../../pipeline/deliver/sandbox-ledger.ts';
import { SETTLED_STATES } from '../../pipeline/store/schema.ts';
import type { Fault } from './faults.ts';
import { createClient } from './traffic.ts';
import type { World } from './world/world.ts';

/** One line of a run's timeline. */
export interface Struck {
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Where a run stood at one moment. */
export interface Sample {
  readonly atMs: number;
  readonly accepted: number;
  readonly settled: number;
}

export interface RunReport {
  readonly seed: number;
  readonly messages: number;
  readonly faults: readonly Struck[];
  readonly samples: readonly Sample[];
  readonly acknowledged: number;
  /** Acknowledged and not in the store, not settled when time was up, or given up: no fault here is a message's own. */
  readonly lost: number;
  /** Settled as sent and not in the carrier's ledger. */
  readonly sentButNotDelivered: number;
  /** Reached a person twice. */
  readonly deliveredTwice: number;
  /** Settled as `unknown`: an attempt that may have got through, kept for a person to look at. */
  readonly ambiguous: number;
  /** Attempts recorded as ambiguous, whatever became of their messages. */
  readonly ambiguousAttempts: number;
  readonly repeatsSuppressed: number;
  /** Batches that the client had to send again. */
  readonly repeats: number;
  readonly states: Readonly<Record<string, number>>;
  readonly tookMs: number;
  /** From when all was whole again to the last message settled. */
  readonly settledAfterMs: number;
}

export interface RunOptions {
  readonly seed: number;
  readonly messages: number;
  readonly faults: readonly Fault[];
  /** Faults that strike in this run. */
  readonly strikes: number;
  readonly maxStrikeMs: number;
  /** Longest wait for all messages once everything is whole, ms. */
  readonly patienceMs: number;
  readonly promotional?: number;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const SAMPLE_MS = 500;

/** Sends messages through the world while faults strike at moments drawn from the seed, then counts. */
export async function runFaults(world: World, options: RunOptions): Promise<RunReport> {
  const random = createRandom(options.seed);
  const run = `r${options.seed}`;
  const client = createClient(world.nodes, run);
  const startedMs = monotonicMs();
  const sinceMs = (): number => Math.round(monotonicMs() - startedMs);
  const struck: Struck[] = [];
  const samples: Sample[] = [];
  let sending = true;
  let sampling = true;

  const watch = (async () => {
    while (sampling) {
      const settled = await countSettled(world, run).catch(() => undefined);
      if (settled !== undefined)
        samples.push({ atMs: sinceMs(), accepted: client.acknowledged.length, settled });
      await pause(SAMPLE_MS);
    }
  })();
  const traffic = client
    .send(options.messages, { batch: 50, promotional: options.promotional ?? 0.5 })
    .finally(() => {
      sending = false;
    });
  const trouble = (async () => {
    for (let n = 0; n < options.strikes; n++) {
      await pause(100 + random.below(1_500));
      const fault = options.faults[random.below(options.faults.length)]!;
      const fromMs = sinceMs();
      await fault.strike(world, 500 + random.below(options.maxStrikeMs), random);
      struck.push({ name: fault.name, fromMs, toMs: Math.max(fromMs + 200, sinceMs()) });
      if (!sending && n >= 1) break;
    }
  })();
  await Promise.all([traffic, trouble]);
  const wholeMs = sinceMs();
  const states = await untilSettled(world, run, monotonicMs() + options.patienceMs);
  const settledAfterMs = sinceMs() - wholeMs;
  sampling = false;
  await watch;

  const rows = await rowsOf(world, run);
  const byId = new Map(rows.map((row) => [row.id, row.state]));
  const settled: ReadonlySet<string> = new Set(SETTLED_STATES);
  const ids = new Set(rows.map((row) => row.id));
  const lines = readLedger(world.ledgerFile).filter(
    (line) =>
      line.kind === 'receipt' ||
      ids.has('messageId' in line ? line.messageId : (line.key.split('-')[0] ?? '')),
  );
  const ledger = summariseLedger(lines);
  const gone = new Set(['sent', 'delivered', 'undelivered']);
  return {
    seed: options.seed,
    messages: options.messages,
    faults: struck,
    samples,
    acknowledged: client.acknowledged.length,
    lost: client.acknowledged.filter(({ id }) => {
      const state = byId.get(id) ?? '';
      return !settled.has(state) || state === 'failed';
    }).length,
    sentButNotDelivered: rows.filter((row) => gone.has(row.state) && !ledger.messageIds.has(row.id)).length,
    deliveredTwice: ledger.deliveredTwice,
    ambiguous: rows.filter((row) => row.state === 'unknown').length,
    ambiguousAttempts: await ambiguousAttempts(world, run),
    repeatsSuppressed: ledger.repeatsSuppressed,
    repeats: client.repeats,
    states,
    tookMs: sinceMs(),
    settledAfterMs,
  };
}

export function isClean(report: RunReport): boolean {
  return report.lost + report.sentButNotDelivered + report.deliveredTwice === 0;
}

async function query<T extends object>(world: World, text: string, values: readonly unknown[]): Promise<T[]> {
  const client = new pg.Client({ connectionString: world.databaseUrl, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query<T>(text, [...values])).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

const OF_RUN = `from messages m join idempotency_keys k on k.tenant = m.tenant and k.message_id = m.id
  where m.tenant = 'lab' and k.key like $1 || '-%'`;

const rowsOf = (world: World, run: string) =>
  query<{ id: string; state: string }>(world, `select m.id, m.state ${OF_RUN}`, [run]);

async function countSettled(world: World, run: string): Promise<number> {
  const rows = await query<{ n: number }>(
    world,
    `select count(*)::integer as n ${OF_RUN} and m.state = any($2)`,
    [run, SETTLED_STATES],
  );
  return rows[0]?.n ?? 0;
}

async function ambiguousAttempts(world: World, run: string): Promise<number> {
  const rows = await query<{ n: number }>(
    world,
    `select count(*)::integer as n from attempts a where a.outcome = 'ambiguous' and a.tenant = 'lab'
      and a.message_id in (select m.id ${OF_RUN})`,
    [run],
  );
  return rows[0]?.n ?? 0;
}

async function untilSettled(world: World, run: string, deadlineMs: number): Promise<Record<string, number>> {
  for (;;) {
    const rows = await query<{ state: string; n: number }>(
      world,
      `select m.state, count(*)::integer as n ${OF_RUN} group by m.state`,
      [run],
    ).catch(() => undefined);
    const settled: ReadonlySet<string> = new Set(SETTLED_STATES);
    const open = rows?.some(({ state }) => !settled.has(state)) ?? true;
    if (!open || monotonicMs() > deadlineMs)
      return Object.fromEntries((rows ?? []).map(({ state, n }) => [state, n]));
    await pause(250);
  }
}
