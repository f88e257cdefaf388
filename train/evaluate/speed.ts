import { cpus, totalmem } from 'node:os';
import type { Clock } from '../../models/base/clock.ts';
import { createRandom, shuffle } from '../../models/base/random.ts';
import type { Classifier, Stage } from '../../models/verdict.ts';
import type { Judged } from './figures.ts';
import type { LatencyFigures, Machine, SpeedFigures, ThroughputFigures } from './metrics.ts';
import { percentile } from './statistics.ts';

/** Messages asked one by one, and before them to warm up. */
const SINGLES = 400;
const WARM_UP = 40;
/** Messages of a throughput run and of a batch. */
const BULK = 2_000;
const BATCH = 256;

/**
 * Latency of single messages and throughput of batches, over a seeded sample and for each stage apart. The classifier
 * must hold no cache, or repeated texts flatter it.
 *
 * @param judged what the classifier said before, to know which stage answers which message
 * @param clock durations, milliseconds
 */
export async function measureSpeed(
  classifier: Classifier,
  judged: readonly Judged[],
  clock: Clock,
): Promise<SpeedFigures> {
  const sample = shuffle([...judged], createRandom(20));
  const texts = sample.slice(0, SINGLES).map(({ row }) => row.text);
  for (const text of texts.slice(0, WARM_UP)) await classifier.classify([{ text }]);
  const tookMs: { stage: Stage; ms: number }[] = [];
  for (const text of texts) {
    const start = clock();
    const [verdict] = await classifier.classify([{ text }]);
    tookMs.push({ stage: verdict!.stage, ms: clock() - start });
  }
  const stages = [...new Set(sample.map(({ verdict }) => verdict.stage))].sort();
  const bulkByStage: Partial<Record<Stage, ThroughputFigures>> = {};
  for (const stage of stages) {
    const items = sample.filter(({ verdict }) => verdict.stage === stage);
    bulkByStage[stage] = await throughput(classifier, items, clock);
  }
  return {
    single: latencyOf(tookMs.map(({ ms }) => ms)),
    singleByStage: Object.fromEntries(
      [...new Set(tookMs.map(({ stage }) => stage))]
        .sort()
        .map((stage) => [stage, latencyOf(tookMs.filter((one) => one.stage === stage).map(({ ms }) => ms))]),
    ),
    bulk: await throughput(classifier, sample, clock),
    bulkByStage,
  };
}

async function throughput(
  classifier: Classifier,
  items: readonly Judged[],
  clock: Clock,
): Promise<ThroughputFigures> {
  const inputs = items.slice(0, BULK).map(({ row }) => ({ text: row.text }));
  const start = clock();
  for (let at = 0; at < inputs.length; at += BATCH)
    await classifier.classify(inputs.slice(at, at + BATCH), { reasons: false });
  const seconds = (clock() - start) / 1000;
  return { messages: inputs.length, batch: BATCH, perSecond: seconds > 0 ? inputs.length / seconds : 0 };
}

function latencyOf(durationsMs: readonly number[]): LatencyFigures {
  const sorted = Float64Array.from(durationsMs).sort();
  return {
    messages: sorted.length,
    p50Ms: percentile(sorted, 0.5),
    p95Ms: percentile(sorted, 0.95),
    p99Ms: percentile(sorted, 0.99),
  };
}

/** The machine that the figures of speed belong to. */
export function describeMachine(): Machine {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() || 'unknown',
    cores: processors.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
  };
}
