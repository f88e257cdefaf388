import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { monotonicMs } from '../../models/base/clock.ts';
import { LanewayError } from '../../models/base/errors.ts';
import type { Manifest } from '../../models/model.ts';
import { readTrainingFacts } from '../../serve/cli/training-facts.ts';

export interface TrainingScaleOptions {
  /** Numbers of generated rows to train on, one training each. */
  readonly rows: readonly number[];
  /** Folder of the built encoder. */
  readonly encoderDir: string;
  /** Folder for generated rows and models, emptied at the end; it needs about 450 bytes a row. */
  readonly workDir: string;
  readonly onLine?: (line: string) => void;
}

export type TrainingScaleRow = Readonly<Record<string, string | number>>;

const COMMAND = fileURLToPath(new URL('../laneway.mjs', import.meta.url));

/**
 * Generates rows and trains on them as a user would, each size in a process of its own that finds no embeddings of an
 * earlier one.
 *
 * @returns a row a size: seconds by phase, memory, what was learned
 * @throws LanewayError `BENCH_FAILED` with the last lines of the command that failed
 */
export async function benchTrainingScale(options: TrainingScaleOptions): Promise<TrainingScaleRow[]> {
  mkdirSync(options.workDir, { recursive: true });
  const root = mkdtempSync(join(options.workDir, 'training-scale-'));
  try {
    const out: TrainingScaleRow[] = [];
    for (const rows of options.rows) out.push(await measure(rows, join(root, String(rows)), options));
    return out;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

async function measure(rows: number, home: string, options: TrainingScaleOptions): Promise<TrainingScaleRow> {
  mkdirSync(home, { recursive: true });
  symlinkSync(options.encoderDir, join(home, 'encoder'));
  const file = join(home, 'rows.jsonl.gz');
  const generateSeconds = await command(
    ['data', 'generate', '--count', String(rows), '--out', file],
    home,
    options,
  );
  const trainSeconds = await command(
    ['train', '--data', file, '--no-corpus', '--name', 'scale', '--no-promote'],
    home,
    options,
  );
  const models = join(home, 'models');
  const version = readdirSync(models).find((name) => name.startsWith('scale-'))!;
  const dir = join(models, version);
  const facts = readTrainingFacts(dir)!;
  const manifest = JSON.parse(readFileSync(join(dir, 'manifest.json'), 'utf8')) as Manifest;
  const { distinct, groups } = manifest.training;
  return {
    rows,
    'distinct texts': distinct,
    groups,
    'generate s': round(generateSeconds),
    ...Object.fromEntries(Object.entries(facts.phases).map(([phase, seconds]) => [`${phase} s`, seconds])),
    'training s': round(trainSeconds),
    'memory MB': facts.peakMemoryMb,
    'file MB': round(statSync(file).size / 1e6),
    'model MB': round(statSync(join(dir, 'model.bin')).size / 1e6),
    ...manifest.outOfFold,
  };
}

const round = (value: number) => Math.round(value * 10) / 10;

/** Runs `laneway ...` on a data folder; seconds it took. */
function command(args: readonly string[], home: string, { onLine }: TrainingScaleOptions): Promise<number> {
  const fromMs = monotonicMs();
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [COMMAND, ...args], {
      env: { ...process.env, LANEWAY_HOME: home },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const last: string[] = [];
    const hear = (chunk: Buffer) => {
      for (const line of chunk.toString('utf8').split('\n')) {
        if (line.trim() === '') continue;
        onLine?.(line);
        last.push(line);
        if (last.length > 5) last.shift();
      }
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve((monotonicMs() - fromMs) / 1000);
      else
        reject(
          new LanewayError('BENCH_FAILED', `laneway ${args[0]} ended with ${code}: ${last.join(' / ')}`),
        );
    });
  });
}
