import { monotonicMs } from '../../models/base/clock.ts';
import { createCacheKeys } from '../../models/cache-key.ts';
import { createClassifier } from '../../models/classify.ts';
import type { Encoder } from '../../models/encoder/encoder.ts';
import type { Model } from '../../models/model.ts';
import type { Classifier } from '../../models/verdict.ts';
import { createCachedClassifier } from '../../pipeline/cache/inference-cache.ts';

/** What classifying costs, by who answers; without reasons, in one process. */
export interface ClassifyBenchRow {
  readonly stage: string;
  /** In batches of 256. */
  readonly messagesPerSecond: number;
  /** One message alone. */
  readonly p50Ms: number;
  readonly p95Ms: number;
}

const BATCH = 256;

/**
 * @param texts different messages, a few hundred or more
 * @param encoder of the model; without it only the lexical forest is measured
 */
export async function benchClassify(
  model: Model,
  encoder: Encoder | undefined,
  texts: readonly string[],
): Promise<ClassifyBenchRow[]> {
  const { full: _, ...words } = model;
  const lexical = createClassifier(words);
  const rows = [await measure('words alone (lexical forest)', lexical, texts)];
  if (encoder && model.full) {
    const thresholds = { ...model.manifest.thresholds, cascadeLow: 0, cascadeHigh: 1 };
    const always = { ...model, manifest: { ...model.manifest, thresholds } };
    rows.push(
      await measure('cascade (encoder where words are unsure)', createClassifier(model, encoder), texts),
      await measure('encoder for every message', createClassifier(always, encoder), texts),
    );
  }
  const cached = createCachedClassifier({
    classifier: model.full && encoder ? createClassifier(model, encoder) : lexical,
    cacheKey: createCacheKeys({
      modelVersion: model.manifest.version,
      encoderId: encoder?.id ?? 'none',
    }),
    maxEntries: texts.length,
  });
  await classifyAll(cached, texts);
  rows.push(await measure('cached in memory (all known)', cached, texts));
  return rows;
}

async function classifyAll(classifier: Classifier, texts: readonly string[]): Promise<void> {
  for (let start = 0; start < texts.length; start += BATCH) {
    const batch = texts.slice(start, start + BATCH).map((text) => ({ text }));
    await classifier.classify(batch, { reasons: false });
  }
}

async function measure(
  stage: string,
  classifier: Classifier,
  texts: readonly string[],
): Promise<ClassifyBenchRow> {
  await classifyAll(classifier, texts.slice(0, 2 * BATCH));
  const startedMs = monotonicMs();
  await classifyAll(classifier, texts);
  const tookMs = monotonicMs() - startedMs;
  const singles: number[] = [];
  for (const text of texts.slice(0, 300)) {
    const fromMs = monotonicMs();
    await classifier.classify([{ text }], { reasons: false });
    singles.push(monotonicMs() - fromMs);
  }
  singles.sort((a, b) => a - b);
  const at = (share: number) => singles[Math.floor(share * (singles.length - 1))]!;
  return {
    stage,
    messagesPerSecond: Math.round((texts.length * 1000) / tookMs),
    p50Ms: Math.round(1000 * at(0.5)) / 1000,
    p95Ms: Math.round(1000 * at(0.95)) / 1000,
  };
}
