import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCorpus } from '../../data/corpus.ts';
import { generateRows } from '../../data/generate.ts';
import { monotonicMs, systemClock } from '../../models/base/clock.ts';
import { LanewayError } from '../../models/base/errors.ts';
import type { CliContext } from '../../serve/cli/context.ts';
import { openClassifier } from '../../serve/cli/open-model.ts';
import { ensureEncoder } from '../../serve/cli/prepared-encoder.ts';
import { describeMachine } from './machine.ts';
import { formatTable } from './table.ts';

export interface BenchFlags {
  /** Smaller inputs: rougher figures in a short time. */
  readonly quick?: boolean;
  /** Names with commas between them; default all. */
  readonly only?: string;
  /** Sizes for `training-scale`, rows with commas between them; default 23,000. */
  readonly rows?: string;
}

type Row = Readonly<Record<string, string | number>>;

interface Bench {
  readonly name: string;
  readonly title: string;
  run(context: CliContext, quick: boolean, flags: BenchFlags): Promise<readonly Row[]>;
}

const BENCHES: readonly Bench[] = [
  {
    name: 'text',
    title: 'Lexical steps, one thread',
    async run(_context, quick) {
      const { benchText } = await import('./text.ts');
      return benchText(sampleTexts(quick ? 500 : 3_000)).map((row) => ({ ...row }));
    },
  },
  {
    name: 'encoder',
    title: 'Sentence encoder against transformers.js',
    async run(context, quick) {
      const { benchEncoder } = await import('./encoder.ts');
      const dir = await ensureEncoder(context);
      const rows = await benchEncoder(sampleTexts(quick ? 150 : 600), { dir, passes: quick ? 1 : 3 });
      return rows.map((row) => ({ ...row }));
    },
  },
  {
    name: 'forest',
    title: 'Random forest against ml-random-forest',
    async run() {
      const { benchForest } = await import('./forest.ts');
      return (await benchForest()).map((row) => ({ ...row }));
    },
  },
  {
    name: 'classify',
    title: 'Classify, by who answers',
    async run(context, quick) {
      const { benchClassify } = await import('./classify.ts');
      const { model, classifier, encoder } = await openClassifier(context);
      try {
        const rows = await benchClassify(model, encoder, sampleTexts(quick ? 500 : 3_000));
        return rows.map((row) => ({ ...row }));
      } finally {
        await classifier.close();
      }
    },
  },
  {
    name: 'comply',
    title: 'Compliance rules, one thread',
    async run() {
      const { benchComply } = await import('./comply.ts');
      return benchComply().map((row) => ({ ...row }));
    },
  },
  {
    name: 'pipeline',
    title: 'Pipeline against a bare BullMQ loop (sandbox carrier, embedded services)',
    async run(_context, quick) {
      const messages = quick ? 2_000 : 20_000;
      const { benchBareQueue } = await import('./bare-queue.ts');
      const { benchPipeline } = await import('./pipeline.ts');
      const bare = await benchBareQueue(messages);
      const ours = await benchPipeline(messages);
      const row = (figure: string, value: number, unit: string): Row => ({ figure, value, unit });
      return [
        row('bare BullMQ loop: add, bulk', bare.addsPerSecond, 'jobs/s'),
        row('bare BullMQ loop: end to end, one job a message', bare.endToEndPerSecond, 'jobs/s'),
        row('Laneway: accept, 500 a call', ours.bulkAcceptsPerSecond, 'msg/s'),
        row('Laneway: accept, one a call, 64 at a time', ours.singleAcceptsPerSecond, 'msg/s'),
        row('Laneway: accept to recorded outcome', ours.endToEndPerSecond, 'msg/s'),
        row('transactional, idle: p50 to hand-over', ours.idle.p50, 'ms'),
        row('transactional, idle: p95', ours.idle.p95, 'ms'),
        row(`transactional, ${ours.backlog} promotional waiting: p50`, ours.underLoad.p50, 'ms'),
        row(`transactional, ${ours.backlog} promotional waiting: p95`, ours.underLoad.p95, 'ms'),
        row('promotional still waiting when the last one left', ours.waitingAtTheEnd, 'messages'),
      ];
    },
  },
  {
    name: 'training-scale',
    title: 'Training on generated rows, by phase',
    async run(context, quick, flags) {
      const { benchTrainingScale } = await import('./training-scale.ts');
      const sizes = flags.rows ?? (quick ? '5000' : '23000');
      const rows = await benchTrainingScale({
        rows: sizes.split(',').map((size) => wholeRows(size)),
        encoderDir: await ensureEncoder(context),
        workDir: context.home,
        onLine: context.note,
      });
      return asFigures(rows);
    },
  },
];

/**
 * Runs the benchmarks, prints a table for each and writes everything to `bench-results/<time>.json`. One that fails is
 * reported and the others run.
 */
export async function runBenchmarks(context: CliContext, flags: BenchFlags): Promise<void> {
  const chosen = chooseBenches(flags.only);
  const machine = describeMachine();
  const { print } = context;
  print(
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node}`,
  );
  print(
    Object.entries(machine.packages)
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
  );
  const results: Record<string, unknown> = {};
  let failed = 0;
  for (const bench of chosen) {
    context.note(`\n${bench.title} ...`);
    const fromMs = monotonicMs();
    try {
      const rows = await bench.run(context, flags.quick === true, flags);
      const tookSeconds = Math.round((monotonicMs() - fromMs) / 100) / 10;
      results[bench.name] = { title: bench.title, tookSeconds, rows };
      print(`\n${bench.title} (${tookSeconds} s)`);
      for (const line of formatTable(rows)) print(line);
    } catch (error) {
      failed++;
      const { describeError } = await import('../../serve/cli/report-error.ts');
      const { lines } = describeError(error);
      results[bench.name] = { title: bench.title, error: lines.join('\n') };
      for (const line of lines) context.note(line);
    }
  }
  const at = new Date(systemClock()).toISOString();
  const file = join('bench-results', `${at.replaceAll(/[:.]/g, '-')}.json`);
  mkdirSync('bench-results', { recursive: true });
  writeFileSync(file, `${JSON.stringify({ at, quick: flags.quick === true, machine, results }, null, 2)}\n`);
  print(`\nwritten to ${file}`);
  if (failed > 0) process.exitCode = 1;
}

function chooseBenches(only: string | undefined): readonly Bench[] {
  if (only === undefined) return BENCHES;
  return only.split(',').map((name) => {
    const bench = BENCHES.find((one) => one.name === name.trim());
    if (bench) return bench;
    throw new LanewayError(
      'OPTION_INVALID',
      `--only ${name}: the benchmarks are ${BENCHES.map((one) => one.name).join(', ')}`,
    );
  });
}

function sampleTexts(count: number): string[] {
  return [...generateRows(readCorpus(), { count, seed: 7 })].map((row) => row.text);
}

function wholeRows(size: string): number {
  const rows = Number(size);
  if (Number.isInteger(rows) && rows >= 1_000) return rows;
  throw new LanewayError('OPTION_INVALID', `--rows ${size}: whole numbers from 1000, commas between them`);
}

/** A line a figure and a column a size: there are more figures than a screen is wide. */
function asFigures(columns: readonly Row[]): Row[] {
  const names = new Set(columns.flatMap((column) => Object.keys(column)).filter((name) => name !== 'rows'));
  return [...names].map((figure) => ({
    figure,
    ...Object.fromEntries(columns.map((column) => [`${column['rows']} rows`, column[figure] ?? '-'])),
  }));
}
