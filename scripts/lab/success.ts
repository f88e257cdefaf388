import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { monotonicMs, systemClock } from '../../models/base/clock.ts';
import { keywordClassifier, openCompliance } from '../../pipeline/compose.fixture.ts';
import { createPipeline } from '../../pipeline/compose.ts';
import { createSandboxProvider } from '../../pipeline/deliver/sandbox.ts';
import { readLedger, summariseLedger } from '../../pipeline/deliver/sandbox-ledger.ts';

export interface SuccessReport {
  readonly messages: number;
  /** Share of calls that failed, of the provider's own counting. */
  readonly failedCalls: number;
  readonly delivered: number;
  readonly successShare: number;
  readonly deliveredTwice: number;
  readonly attempts: Readonly<Record<number, number>>;
  readonly tookMs: number;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Codes through one provider that fails so many of its calls: half of them before, half after it took the message.
 *
 * @param count messages, 1 to 100,000
 */
export async function deliverySuccess(
  count: number,
  failing = 0.02,
  patienceMs = 300_000,
): Promise<SuccessReport> {
  const home = mkdtempSync(join(tmpdir(), 'laneway-success-'));
  const ledgerFile = join(home, 'ledger');
  const provider = createSandboxProvider({
    ledgerFile,
    clock: systemClock,
    latencyMedianMs: 5,
    transientRate: failing / 2,
    ambiguousRate: failing / 2,
    undeliveredRate: 0,
  });
  const pipeline = await createPipeline({
    dataDir: join(home, 'data'),
    classifier: keywordClassifier(),
    compliance: openCompliance(),
    providers: [provider],
    retry: { baseMs: 100 },
  });
  try {
    await pipeline.start();
    const startedMs = monotonicMs();
    for (let from = 0; from < count; from += 100) {
      await pipeline.accept(
        'lab',
        Array.from({ length: Math.min(100, count - from) }, (_, i) => ({
          request: {
            to: `+1212${String(2_000_000 + from + i).padStart(7, '0')}`,
            from: 'BANK',
            channel: 'sms',
            body: `Your code is ${100_000 + from + i}`,
          },
        })),
      );
    }
    const reached = async (): Promise<number> =>
      (await pipeline.stats()).messages
        .filter(({ state }) => state === 'sent' || state === 'delivered')
        .reduce((sum, { n }) => sum + n, 0);
    while ((await reached()) < count && monotonicMs() - startedMs < patienceMs) await pause(100);
    const tookMs = Math.round(monotonicMs() - startedMs);
    const outcomes: Readonly<Record<string, number>> = (await pipeline.stats()).providers[0]?.outcomes ?? {};
    const rows = await pipeline.store.bulk.selectFrom('messages').select('attempts').execute();
    const attempts: Record<number, number> = {};
    for (const row of rows) attempts[row.attempts] = (attempts[row.attempts] ?? 0) + 1;
    const ledger = summariseLedger(readLedger(ledgerFile));
    const calls = Object.values(outcomes).reduce((sum, n) => sum + n, 0);
    const delivered = await reached();
    return {
      messages: count,
      failedCalls: ((outcomes['retry'] ?? 0) + (outcomes['ambiguous'] ?? 0)) / calls,
      delivered,
      successShare: delivered / count,
      deliveredTwice: ledger.deliveredTwice,
      attempts,
      tookMs,
    };
  } finally {
    await pipeline.close();
    rmSync(home, { recursive: true, force: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const report = await deliverySuccess(Number(process.argv[2] ?? 20_000));
  console.log(JSON.stringify(report));
  if (report.successShare < 0.9995 || report.deliveredTwice > 0) process.exitCode = 1;
}
