import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { sql } from 'kysely';
import { monotonicMs } from '../../models/base/clock.ts';
import { createRandom } from '../../models/base/random.ts';
import { keywordClassifier, openCompliance } from '../../pipeline/compose.fixture.ts';
import { createPipeline } from '../../pipeline/compose.ts';
import { readLedger, summariseLedger } from '../../pipeline/deliver/sandbox-ledger.ts';
import { isSettled, type MessageState } from '../../pipeline/store/schema.ts';

export interface PipelineKillReport {
  readonly killedAfterMs: number;
  readonly acknowledged: number;
  readonly stored: number;
  /** Acknowledged, and not in the store. */
  readonly lost: number;
  /** In the store and not settled when time was up. */
  readonly unsettled: number;
  /** Settled as sent, and not in the carrier's ledger: a lie. */
  readonly sentButNotDelivered: number;
  readonly deliveredTwice: number;
  /** Repeats that the carrier recognised by their key: what would have been doubles. */
  readonly repeatsSuppressed: number;
  readonly inFlightAtKill: number;
  readonly states: Readonly<Record<string, number>>;
  readonly settledAfterMs: number;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Starts a Laneway that takes messages, kills it at a random moment, starts it again on the same folder and
 * waits until everything that was acknowledged is settled.
 *
 * @param count messages offered, 1 to 100,000
 * @param patienceMs longest wait for all of them after the restart
 */
export async function pipelineKill(
  count: number,
  seed: number,
  patienceMs = 120_000,
): Promise<PipelineKillReport> {
  const home = mkdtempSync(join(tmpdir(), 'laneway-pipeline-kill-'));
  const dataDir = join(home, 'data');
  const ackFile = join(home, 'acknowledged');
  const random = createRandom(seed);
  const child = fork(
    new URL('./pipeline-kill-child.ts', import.meta.url),
    [dataDir, ackFile, `${count}`, '40'],
    {
      execArgv: ['--import', import.meta.resolve('tsx')],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    },
  );
  const ended = once(child, 'exit');
  try {
    await Promise.race([once(child, 'message'), ended]);
    const killedAfterMs = 100 + random.below(4_000);
    await pause(killedAfterMs);
    child.kill('SIGKILL');
    await ended;
    const acknowledged = existsSync(ackFile)
      ? readFileSync(ackFile, 'utf8')
          .split('\n')
          .filter((line) => line.length === 26)
      : [];
    const restartedMs = monotonicMs();
    const pipeline = await createPipeline({
      dataDir,
      classifier: keywordClassifier(),
      compliance: openCompliance(),
      sandbox: { latencyMedianMs: 20, transientRate: 0.02, ambiguousRate: 0.02, undeliveredRate: 0 },
      retry: { baseMs: 50 },
      report: (error, doing) => console.error(doing, error),
    });
    try {
      const inFlight = await sql<{ n: number }>`
        select count(*)::integer as n from messages where state = 'sending'`.execute(pipeline.store.bulk);
      await pipeline.start();
      const states = await settled(async () => (await pipeline.stats()).messages, restartedMs + patienceMs);
      const settledAfterMs = monotonicMs() - restartedMs;
      const rows = await pipeline.store.bulk.selectFrom('messages').select(['id', 'state']).execute();
      const stored = new Set(rows.map((row) => row.id));
      const ledger = summariseLedger(readLedger(join(dataDir, 'sandbox', 'ledger.jsonl')));
      const gone = new Set(['sent', 'delivered', 'undelivered']);
      return {
        killedAfterMs,
        acknowledged: acknowledged.length,
        stored: stored.size,
        lost: acknowledged.filter((id) => !stored.has(id)).length,
        unsettled: rows.filter((row) => !isSettled(row.state)).length,
        sentButNotDelivered: rows.filter((row) => gone.has(row.state) && !ledger.messageIds.has(row.id))
          .length,
        deliveredTwice: ledger.deliveredTwice,
        repeatsSuppressed: ledger.repeatsSuppressed,
        inFlightAtKill: inFlight.rows[0]!.n,
        states,
        settledAfterMs: Math.round(settledAfterMs),
      };
    } finally {
      await pipeline.close();
    }
  } finally {
    child.kill('SIGKILL');
    rmSync(home, { recursive: true, force: true });
  }
}

async function settled(
  counts: () => Promise<readonly { readonly state: string; readonly n: number }[]>,
  deadlineMs: number,
): Promise<Record<string, number>> {
  for (;;) {
    const states: Record<string, number> = {};
    for (const { state, n } of await counts()) states[state] = (states[state] ?? 0) + n;
    if (!Object.keys(states).some((state) => !isSettled(state as MessageState)) || monotonicMs() > deadlineMs)
      return states;
    await pause(100);
  }
}

export function isClean(report: PipelineKillReport): boolean {
  return report.lost + report.unsettled + report.sentButNotDelivered + report.deliveredTwice === 0;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const runs = Number(process.argv[2] ?? 5);
  for (let seed = 1; seed <= runs; seed++) {
    const report = await pipelineKill(Number(process.argv[3] ?? 2_000), seed);
    console.log(JSON.stringify(report));
    if (!isClean(report)) process.exitCode = 1;
  }
}
