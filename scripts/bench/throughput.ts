import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { monotonicMs } from '../../models/base/clock.ts';
import { createRandom } from '../../models/base/random.ts';
import { createCacheKeys } from '../../models/cache-key.ts';
import { createClassifier } from '../../models/classify.ts';
import type { Encoder } from '../../models/encoder/encoder.ts';
import type { Model } from '../../models/model.ts';
import { canonicalise } from '../../models/text/canonical.ts';
import type { Classifier, Verdict } from '../../models/verdict.ts';
import { createCachedClassifier } from '../../pipeline/cache/inference-cache.ts';
import { createClassifierPool } from '../../pipeline/classify/pool.ts';
import { refill } from './traffic.ts';

/** Messages classified in process, without reasons. */
export interface ThroughputRow {
  readonly what: string;
  readonly messagesPerSecond: number;
  readonly threads: number;
  /** Share of messages that a cache answered, 0 to 1. */
  readonly hits: number;
  /** Share of messages that the encoder answered. */
  readonly encoder: number;
  /** Resident memory of the process after it, MiB. */
  readonly memoryMiB: number;
}

/** One message a call. */
export interface LatencyRow {
  readonly what: string;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

export interface ThroughputOptions {
  /** Traffic: messages in the order they come, campaigns and templates as often as they come. */
  readonly traffic: readonly string[];
  /** Messages that no run has seen before, no two of one template; the words-alone run takes a part of them each time. */
  readonly fresh: readonly string[];
  /** Messages that the model was not trained on, no two of one template. */
  readonly unseen: readonly string[];
  /** Timed runs; medians are reported. */
  readonly runs: number;
  /** Makes the runs at forced hit rates shorter, 0 to 1; default 1. */
  readonly forcedScale?: number;
}

/** What share of a stream a cache with these keys answers when it has seen what came before. */
export function hitRate(stream: readonly string[], keyOf: (text: string) => string): number {
  const seen = new Set<string>();
  let hits = 0;
  for (const text of stream) {
    const key = keyOf(text);
    if (seen.has(key)) hits++;
    else seen.add(key);
  }
  return stream.length === 0 ? 0 : hits / stream.length;
}

const CALL = 2_048;
const FORCED = [
  [0, 400],
  [0.5, 800],
  [0.89, 4_000],
  [0.99, 10_000],
] as const;

export async function benchThroughput(
  model: Model,
  encoder: Encoder | undefined,
  options: ThroughputOptions,
): Promise<{ throughput: ThroughputRow[]; latency: LatencyRow[]; keys: { template: number; text: number } }> {
  const { traffic, runs } = options;
  const threads = availableParallelism();
  const unseen = [...options.unseen];
  const takeUnseen = (count: number) => unseen.splice(0, count);
  const warmUp = traffic.slice(0, Math.floor(traffic.length / 2));
  const stream = traffic.slice(warmUp.length);
  const throughput: ThroughputRow[] = [];
  const median = async (what: string, on: number, run: () => Promise<Measured>): Promise<void> => {
    const measured: Measured[] = [];
    for (let i = 0; i < runs; i++) measured.push(await run());
    measured.sort((a, b) => a.messagesPerSecond - b.messagesPerSecond);
    const middle = measured[measured.length >> 1]!;
    const memoryMiB = Math.round(process.memoryUsage.rss() / 2 ** 20);
    throughput.push({ what, ...middle, threads: on, memoryMiB });
  };

  const { full: _, ...wordsAlone } = model;
  const lexical = await createClassifierPool(wordsAlone, { cacheEntries: 0 });
  try {
    // Other texts each time: the threads remember canonical forms.
    const perRun = Math.floor(options.fresh.length / (runs + 1));
    let from = 0;
    const nextFresh = () => {
      from += perRun;
      return options.fresh.slice(from - perRun, from);
    };
    await drive(lexical, nextFresh());
    await median('never seen: words alone, no cache', threads, () => drive(lexical, nextFresh()));
  } finally {
    await lexical.close();
  }

  const pool = await createClassifierPool(model, encoder ? { encoder } : {});
  try {
    await drive(pool, warmUp);
    const perRun = Math.floor(stream.length / runs);
    let at = 0;
    await median('traffic as it comes, warm', threads, () => {
      const part = stream.slice(at, at + perRun);
      at += perRun;
      return drive(pool, part);
    });
    const known = await knownTexts(pool, traffic);
    const random = createRandom(11);
    await median('all hits, new digits in known templates', threads, () =>
      drive(
        pool,
        known.map((text) => refill(text, random)),
      ),
    );
    for (const [share, full] of FORCED) {
      const count = Math.round(full * (options.forcedScale ?? 1));
      const misses = Math.round((1 - share) * count);
      if (unseen.length < misses * runs) continue;
      await median(`forced to ${Math.round(100 * share)}% hits, misses unseen in training`, threads, () => {
        const texts = takeUnseen(misses);
        const hits = Array.from({ length: count - texts.length }, () => random.pick(known));
        return drive(pool, shuffled([...texts, ...hits], random));
      });
    }
  } finally {
    await pool.close();
  }

  const single = cachedClassifier(model, encoder, traffic.length);
  for (let round = 0; round < 2; round++) await drive(single, traffic);
  await median('all hits, word for word', 1, () => drive(single, traffic));
  return {
    throughput,
    latency: await latencies(model, encoder, single, traffic, takeUnseen(300)),
    keys: { template: hitRate(traffic, canonicalise), text: hitRate(traffic, (text) => text) },
  };
}

type Measured = Pick<ThroughputRow, 'messagesPerSecond' | 'hits' | 'encoder'>;

async function drive(classifier: Classifier, texts: readonly string[]): Promise<Measured> {
  const startedMs = monotonicMs();
  const inputs = texts.map((text) => ({ text }));
  let hits = 0;
  let encoder = 0;
  // Two calls on their way, so that no thread waits for a letter.
  let under: Promise<Verdict[]> = Promise.resolve([]);
  const count = (verdicts: readonly Verdict[]) => {
    for (const { stage } of verdicts) {
      if (stage === 'cache-l1') hits++;
      else if (stage === 'semantic') encoder++;
    }
  };
  for (let from = 0; from < inputs.length; from += CALL) {
    const next = classifier.classify(inputs.slice(from, from + CALL), { reasons: false });
    count(await under);
    under = next;
  }
  count(await under);
  const tookMs = monotonicMs() - startedMs;
  const share = (part: number) => Math.round((1_000 * part) / texts.length) / 1_000;
  return {
    messagesPerSecond: Math.round((texts.length * 1_000) / tookMs),
    hits: share(hits),
    encoder: share(encoder),
  };
}

/** Texts of the traffic that every thread's cache knows by now. */
async function knownTexts(pool: Classifier, traffic: readonly string[]): Promise<string[]> {
  const texts = traffic.slice(0, 4_000);
  for (let round = 0; round < 4; round++) await drive(pool, texts);
  return texts;
}

function shuffled<T>(items: T[], random: ReturnType<typeof createRandom>): T[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [items[i], items[j]] = [items[j]!, items[i]!];
  }
  return items;
}

function cachedClassifier(model: Model, encoder: Encoder | undefined, size: number): Classifier {
  return createCachedClassifier({
    classifier: createClassifier(model, encoder),
    cacheKey: createCacheKeys({
      modelVersion: model.manifest.version,
      encoderId: encoder?.id ?? 'none',
    }),
    maxTexts: 2 * size,
  });
}

async function latencies(
  model: Model,
  encoder: Encoder | undefined,
  cached: Classifier,
  traffic: readonly string[],
  unseen: readonly string[],
): Promise<LatencyRow[]> {
  const plain = createClassifier(model, encoder);
  const samples = new Map<string, number[]>();
  const time = async (classifier: Classifier, text: string, known: boolean) => {
    const from = monotonicMs();
    const [verdict] = await classifier.classify([{ text }]);
    const what = known
      ? 'one message, cached, word for word'
      : verdict!.stage === 'semantic'
        ? 'one message, never seen, needs the encoder'
        : 'one message, never seen, words suffice';
    const list = samples.get(what) ?? [];
    list.push(monotonicMs() - from);
    samples.set(what, list);
  };
  const known = traffic.slice(0, 500);
  for (const text of known) await cached.classify([{ text }]);
  for (const text of known) await time(cached, text, true);
  for (const text of unseen) await time(plain, text, false);
  return [...samples].map(([what, list]) => {
    list.sort((a, b) => a - b);
    const at = (share: number) => Math.round(1_000 * list[Math.floor(share * (list.length - 1))]!) / 1_000;
    return { what, p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99) };
  });
}

interface Bayes {
  addDocument(text: string, label: string): void;
  train(): void;
  classify(text: string): string;
}

/** The peer from the shelf: `natural`'s naive Bayes, trained on some of the traffic, one message at a time. */
export function benchNaturalBayes(
  rows: readonly { readonly text: string; readonly label: string }[],
): ThroughputRow {
  const { BayesClassifier } = createRequire(import.meta.url)('natural') as {
    BayesClassifier: new () => Bayes;
  };
  const classifier = new BayesClassifier();
  const half = rows.length >> 1;
  for (const { text, label } of rows.slice(0, half)) classifier.addDocument(text, label);
  classifier.train();
  const asked = rows.slice(half);
  const startedMs = monotonicMs();
  for (const { text } of asked) classifier.classify(text);
  const tookMs = monotonicMs() - startedMs;
  return {
    what: `peer: natural naive Bayes, trained on ${half} messages`,
    messagesPerSecond: Math.round((asked.length * 1_000) / tookMs),
    threads: 1,
    hits: 0,
    encoder: 0,
    memoryMiB: Math.round(process.memoryUsage.rss() / 2 ** 20),
  };
}
