import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { monotonicMs } from '../../models/base/clock.ts';
import { createMiniLmEncoder, type Precision } from '../../models/encoder/index.ts';
import { writeTransformersFolder } from '../../models/encoder/testing/transformers-folder.ts';

export interface EncoderBenchOptions {
  /** Folder that `buildEncoder` filled. */
  readonly dir: string;
  readonly threads?: number;
  /** Timed passes over the texts; the median is reported. Default 3. */
  readonly passes?: number;
}

export interface EncoderBenchRow {
  readonly name: string;
  readonly textsPerSecond: number;
  /** From nothing to the first vector. */
  readonly loadMs: number;
  /** One text alone, the others idle. */
  readonly singleP50Ms: number;
  readonly singleP95Ms: number;
  /** Of this process and its threads, user and system, by text in the timed passes. */
  readonly cpuMsPerText: number;
}

interface Contestant {
  encode(texts: readonly string[]): Promise<unknown>;
  close(): Promise<unknown>;
}

/**
 * Laneway's encoder in both precisions against transformers.js on the same weights: in single precision one text a call
 * (the naive way: a model call for each message), and in both precisions length-sorted batches of 8, with its own mean
 * pooling.
 */
export async function benchEncoder(
  texts: readonly string[],
  options: EncoderBenchOptions,
): Promise<EncoderBenchRow[]> {
  const { passes = 3 } = options;
  const rows: EncoderBenchRow[] = [];
  const threads = options.threads === undefined ? {} : { threads: options.threads };
  for (const precision of ['int8', 'fp32'] as const satisfies readonly Precision[]) {
    const open = () => createMiniLmEncoder({ dir: options.dir, precision, ...threads });
    rows.push(await measure(`Laneway MiniLM ${precision}`, open, texts, passes));
  }
  const peers = mkdtempSync(join(tmpdir(), 'laneway-bench-'));
  try {
    const folder = join(peers, 'all-MiniLM-L6-v2');
    writeTransformersFolder(folder);
    const peer = (dtype: 'fp32' | 'q8', batch: number) => () => transformers(folder, dtype, batch);
    rows.push(await measure('transformers.js fp32, one by one', peer('fp32', 1), texts, passes));
    rows.push(await measure('transformers.js fp32, sorted batches of 8', peer('fp32', 8), texts, passes));
    rows.push(await measure('transformers.js q8, sorted batches of 8', peer('q8', 8), texts, passes));
  } finally {
    rmSync(peers, { recursive: true, force: true });
  }
  return rows;
}

async function measure(
  name: string,
  open: () => Promise<Contestant>,
  texts: readonly string[],
  passes: number,
): Promise<EncoderBenchRow> {
  const start = monotonicMs();
  const contestant = await open();
  await contestant.encode(texts.slice(0, 1));
  const loadMs = monotonicMs() - start;
  try {
    await contestant.encode(texts.slice(0, 50));
    const singles: number[] = [];
    for (const text of texts.slice(0, 100)) {
      const from = monotonicMs();
      await contestant.encode([text]);
      singles.push(monotonicMs() - from);
    }
    const cpu = process.cpuUsage();
    const times: number[] = [];
    for (let pass = 0; pass < passes; pass++) {
      const from = monotonicMs();
      await contestant.encode(texts);
      times.push(monotonicMs() - from);
    }
    const { user, system } = process.cpuUsage(cpu);
    return {
      name,
      textsPerSecond: (texts.length * 1000) / quantile(times, 0.5),
      loadMs,
      singleP50Ms: quantile(singles, 0.5),
      singleP95Ms: quantile(singles, 0.95),
      cpuMsPerText: (user + system) / 1000 / (texts.length * passes),
    };
  } finally {
    await contestant.close();
  }
}

/** The library as its documentation uses it: the pipeline with pooling and normalisation. */
async function transformers(folder: string, dtype: 'fp32' | 'q8', batch: number): Promise<Contestant> {
  const { env, pipeline } = await import('@xenova/transformers');
  const before = env.localModelPath;
  env.localModelPath = dirname(folder);
  const options = { dtype, local_files_only: true } as const;
  const extract = await pipeline('feature-extraction', basename(folder), options).finally(() => {
    env.localModelPath = before;
  });
  return {
    async encode(texts) {
      const order = batch === 1 ? [...texts] : [...texts].sort((a, b) => a.length - b.length);
      for (let from = 0; from < order.length; from += batch)
        await extract(order.slice(from, from + batch), { pooling: 'mean', normalize: true });
    },
    close: () => extract.dispose(),
  };
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
}
