import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { monotonicMs, systemClock } from '../../models/base/clock.ts';
import { keywordClassifier, openCompliance } from '../../pipeline/compose.fixture.ts';
import { createPipeline, type Pipeline } from '../../pipeline/compose.ts';
import { createSandboxProvider, type SandboxOptions } from '../../pipeline/deliver/sandbox.ts';
import { readLedger, summariseLedger } from '../../pipeline/deliver/sandbox-ledger.ts';
import type { WeatherState } from '../../pipeline/deliver/sandbox-weather.ts';

export interface FailoverReport {
  readonly fault: 'down' | 'hang';
  /** From the fault to the first message that the second provider delivered, ms. */
  readonly failoverMs: number;
  /** Of messages accepted after the fault and before its end: longest from acceptance to a carrier, ms. */
  readonly worstMs: number;
  /** Of those, how many waited over 5 s: the ones in the hands of a provider that hangs are bound to it. */
  readonly over5s: number;
  /** From the end of the fault to the first message that the first provider delivered again, ms. */
  readonly backMs: number;
  readonly sent: number;
  readonly unsettled: number;
  readonly deliveredTwice: number;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function until(check: () => Promise<boolean> | boolean, patienceMs: number): Promise<boolean> {
  const deadlineMs = monotonicMs() + patienceMs;
  while (monotonicMs() < deadlineMs) {
    if (await check()) return true;
    await pause(50);
  }
  return false;
}

/** A stream of codes, one at a time: how a login page sends. */
async function send(pipeline: Pipeline, from: number, count: number): Promise<void> {
  await pipeline.accept(
    'lab',
    Array.from({ length: count }, (_, i) => ({
      request: {
        to: `+1212${String(2_000_000 + ((from + i) % 90_000)).padStart(7, '0')}`,
        from: 'BANK',
        channel: 'sms',
        body: `Your code is ${100_000 + from + i}`,
      },
    })),
  );
}

/**
 * Two carriers, the first preferred. It fails in mid-stream, and comes back.
 *
 * @param perSecond messages offered a second, 1 to 1,000
 */
export async function failover(
  fault: FailoverReport['fault'],
  perSecond: number,
  faultMs = 6_000,
): Promise<FailoverReport> {
  const home = mkdtempSync(join(tmpdir(), 'laneway-failover-'));
  let weather: WeatherState = 'fair';
  const carrier = (name: string, more: Partial<SandboxOptions> = {}) =>
    createSandboxProvider({
      ledgerFile: join(home, name),
      clock: systemClock,
      name,
      latencyMedianMs: 10,
      undeliveredRate: 0,
      ...more,
    });
  const pipeline = await createPipeline({
    dataDir: join(home, 'data'),
    classifier: keywordClassifier(),
    compliance: openCompliance(),
    providers: [carrier('first', { weather: () => weather }), carrier('second')],
    policies: { first: { cost: { default: 1 } }, second: { cost: { default: 2 } } },
    providerTimeoutMs: 3_000,
    retry: { baseMs: 200 },
  });
  const deliveries = (name: string) =>
    readLedger(join(home, name)).flatMap((line) => (line.kind === 'delivered' ? [line] : []));
  try {
    await pipeline.start();
    const everyMs = 1_000 / perSecond;
    let sent = 0;
    let sending = true;
    const startedMs = monotonicMs();
    const stream = (async () => {
      while (sending) {
        const due = Math.floor((monotonicMs() - startedMs) / everyMs) + 1 - sent;
        if (due > 0) await send(pipeline, sent, due);
        sent += Math.max(0, due);
        await pause(Math.min(everyMs, 20));
      }
    })();
    await until(() => deliveries('first').length >= 5, 30_000);
    weather = fault;
    const faultAtMs = systemClock();
    await pause(faultMs);
    const mendedAtMs = systemClock();
    weather = 'fair';
    await until(() => deliveries('first').some(({ atMs }) => atMs > mendedAtMs), 30_000);
    sending = false;
    await stream;
    const open = async (): Promise<number> =>
      (await pipeline.stats()).messages
        .filter(({ state }) => !['sent', 'delivered'].includes(state))
        .reduce((sum, { n }) => sum + n, 0);
    await until(async () => (await open()) === 0, 60_000);
    const rows = await pipeline.store.bulk
      .selectFrom('messages')
      .select(['id', 'accepted_at_ms', 'sent_at_ms'])
      .where('accepted_at_ms', '>=', faultAtMs)
      .where('accepted_at_ms', '<', mendedAtMs)
      .execute();
    const waits = rows.map((row) => (row.sent_at_ms ?? Number.POSITIVE_INFINITY) - row.accepted_at_ms);
    const unsettled = await open();
    const both = summariseLedger([...readLedger(join(home, 'first')), ...readLedger(join(home, 'second'))]);
    const firstAfter = (name: string, sinceMs: number): number =>
      Math.min(...deliveries(name).flatMap(({ atMs }) => (atMs >= sinceMs ? [atMs - sinceMs] : [])));
    return {
      fault,
      failoverMs: firstAfter('second', faultAtMs),
      worstMs: Math.max(0, ...waits),
      over5s: waits.filter((ms) => ms > 5_000).length,
      backMs: firstAfter('first', mendedAtMs),
      sent,
      unsettled,
      deliveredTwice: both.deliveredTwice,
    };
  } finally {
    await pipeline.close();
    rmSync(home, { recursive: true, force: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const perSecond = Number(process.argv[2] ?? 20);
  for (const fault of ['down', 'hang'] as const) {
    const report = await failover(fault, perSecond);
    console.log(JSON.stringify(report));
    if (report.failoverMs >= 5_000 || report.unsettled + report.deliveredTwice > 0) process.exitCode = 1;
  }
}
