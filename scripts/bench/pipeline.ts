import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { monotonicMs } from '../../models/base/clock.ts';
import { keywordClassifier } from '../../pipeline/compose.fixture.ts';
import { createPipeline, type Pipeline } from '../../pipeline/compose.ts';
import type { PipelineConfig } from '../../pipeline/config.ts';
import { consented, NOON_MS, phone, sale } from './campaign.ts';

export interface PipelineBench {
  /** Promotional messages stored and answered a second, in batches of 500. */
  readonly bulkAcceptsPerSecond: number;
  /** Single messages stored and answered a second, 64 callers at a time. */
  readonly singleAcceptsPerSecond: number;
  /** Accepted, classified, complied, delivered and recorded a second, bulk. */
  readonly endToEndPerSecond: number;
  /** Accept to hand-over at the provider while `backlog` promotional messages wait, ms. */
  readonly underLoad: Percentiles;
  /** The same on an idle pipeline. */
  readonly idle: Percentiles;
  /** Campaign messages that reached the carrier, of `backlog + 1`: the work was done, not refused. */
  readonly campaignSent: number;
  /** What still waited when the last urgent message had gone: the load was real. */
  readonly waitingAtTheEnd: number;
  readonly backlog: number;
}

export interface Percentiles {
  readonly n: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

export function percentiles(values: readonly number[]): Percentiles {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  const round = (value: number): number => Math.round(value * 10) / 10;
  return {
    n: sorted.length,
    p50: round(at(0.5)),
    p95: round(at(0.95)),
    p99: round(at(0.99)),
    max: round(at(1)),
  };
}

const code = (i: number) => ({
  request: {
    to: phone(i),
    from: 'BANK',
    channel: 'sms',
    category: 'otp',
    body: `Your code is ${100_000 + i}`,
  },
});

const SENT: ReadonlySet<string> = new Set(['sent', 'delivered', 'undelivered']);

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function open(pipeline: Pipeline): Promise<number> {
  const { messages } = await pipeline.stats();
  const pending = new Set(['accepted', 'queued', 'waiting', 'sending', 'retrying']);
  return messages.reduce((sum, one) => sum + (pending.has(one.state) ? one.n : 0), 0);
}

async function drained(pipeline: Pipeline): Promise<void> {
  while ((await open(pipeline)) > 0) await pause(100);
}

/** Sends urgent messages one after the other, `gapMs` apart; ms from call to hand-over for each. */
async function urgentLatencies(
  pipeline: Pipeline,
  handedOver: Map<string, (atMs: number) => void>,
  early: Map<string, number>,
  from: number,
  n: number,
  gapMs: number,
): Promise<number[]> {
  const latencies: Promise<number>[] = [];
  for (let i = 0; i < n; i++) {
    const startedMs = monotonicMs();
    latencies.push(
      pipeline.accept('bench', [code(from + i)]).then(async ([result]) => {
        if (result?.kind !== 'accepted') throw new Error('refused');
        const already = early.get(result.id);
        if (already !== undefined) return already - startedMs;
        const atMs = await new Promise<number>((resolve) => handedOver.set(result.id, resolve));
        return atMs - startedMs;
      }),
    );
    await pause(gapMs);
  }
  return Promise.all(latencies);
}

/**
 * Throughput and lane latency of one process on embedded services with the sandbox carrier.
 *
 * @param backlog promotional messages that wait while urgent ones are measured
 * @param overrides classifier and compliance other than the plain ones
 */
export async function benchPipeline(
  backlog = 20_000,
  overrides: Partial<PipelineConfig> = {},
): Promise<PipelineBench> {
  const dataDir = mkdtempSync(join(tmpdir(), 'laneway-bench-'));
  const handedOver = new Map<string, (atMs: number) => void>();
  const early = new Map<string, number>();
  const startedMs = monotonicMs();
  const pipeline = await createPipeline({
    dataDir,
    clock: () => Math.floor(NOON_MS + monotonicMs() - startedMs),
    classifier: keywordClassifier(),
    cacheKey: (input) => input.text,
    onHandOver(id, lane) {
      if (lane !== 'transactional') return;
      const atMs = monotonicMs();
      early.set(id, atMs);
      handedOver.get(id)?.(atMs);
    },
    ...overrides,
  });
  try {
    await pipeline.start();
    await consented(pipeline, 100_000, backlog);
    await pipeline.accept('bench', [code(0), sale(100_000)]);
    await drained(pipeline);
    const idle = percentiles(await urgentLatencies(pipeline, handedOver, early, 1_000, 200, 15));

    const singles = 3_000;
    let next = 10_000;
    const last = next + singles;
    const singlesFrom = monotonicMs();
    await Promise.all(
      Array.from({ length: 64 }, async () => {
        while (next < last) await pipeline.accept('bench', [code(next++)]);
      }),
    );
    const singleAcceptsPerSecond = singles / ((monotonicMs() - singlesFrom) / 1_000);
    await drained(pipeline);

    const bulkFrom = monotonicMs();
    for (let i = 0; i < backlog; i += 500) {
      await pipeline.accept(
        'bench',
        Array.from({ length: Math.min(500, backlog - i) }, (_, k) => sale(100_000 + i + k)),
      );
    }
    const bulkAcceptsPerSecond = backlog / ((monotonicMs() - bulkFrom) / 1_000);
    const underLoad = percentiles(await urgentLatencies(pipeline, handedOver, early, 50_000, 200, 15));
    const waitingAtTheEnd = await open(pipeline);
    await drained(pipeline);
    const endToEndPerSecond = backlog / ((monotonicMs() - bulkFrom) / 1_000);
    const { messages } = await pipeline.stats();
    const sent = messages.filter((one) => one.lane === 'promotional' && SENT.has(one.state));
    return {
      campaignSent: sent.reduce((sum, one) => sum + one.n, 0),
      bulkAcceptsPerSecond: Math.round(bulkAcceptsPerSecond),
      singleAcceptsPerSecond: Math.round(singleAcceptsPerSecond),
      endToEndPerSecond: Math.round(endToEndPerSecond),
      underLoad,
      idle,
      waitingAtTheEnd,
      backlog,
    };
  } finally {
    await pipeline.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  console.log(JSON.stringify(await benchPipeline(Number(process.argv[2] ?? 20_000)), null, 1));
}
