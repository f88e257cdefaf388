import { mkdirSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { readCorpus } from '../../data/corpus.ts';
import { generateRows } from '../../data/generate.ts';
import { monotonicMs, systemClock } from '../../models/base/clock.ts';
import { LanewayError } from '../../models/base/errors.ts';
import { createRandom } from '../../models/base/random.ts';
import { canonicalise } from '../../models/text/canonical.ts';
import type { CliContext } from '../../serve/cli/context.ts';
import { openClassifier, openModel } from '../../serve/cli/open-model.ts';
import { ensureEncoder } from '../../serve/cli/prepared-encoder.ts';
import { compareToGoals } from './goals.ts';
import { type BenchRecord, changesBetween, lastRecord, notableChanges } from './history.ts';
import { describeMachine } from './machine.ts';
import { formatTable } from './table.ts';
import { zipfTraffic } from './traffic.ts';

export interface BenchFlags {
  /** Smaller inputs: rougher figures in a short time. */
  readonly quick?: boolean;
  /** Names with commas between them; default all. */
  readonly only?: string;
  /** Sizes for `training-scale`, rows with commas between them; default 5,000. */
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
      const rows = await benchEncoder(sampleTexts(quick ? 150 : 600), { dir, passes: quick ? 1 : 5 });
      return rows.map((row) => ({ ...row }));
    },
  },
  {
    name: 'forest',
    title: 'Random forest against ml-random-forest',
    async run(context, quick) {
      const { benchForest } = await import('./forest.ts');
      const { model } = await openModel(context);
      const rows = await benchForest(model, sampleTexts(4_000), quick ? 1 : 5);
      return rows.map((row) => ({ ...row }));
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
    name: 'throughput',
    title: 'Classify on all cores: traffic, forced hit rates, single messages',
    run: runThroughput,
  },
  {
    name: 'http',
    title: 'HTTP API in a process of its own, client on the same machine',
    run: runHttp,
  },
  {
    name: 'edge',
    title: 'Classify and comply in one process, no Redis, one message after the other',
    async run(context, quick) {
      const { benchEdge } = await import('./edge.ts');
      const { model, classifier, encoder } = await openClassifier(context);
      try {
        const known = sampleTexts(500);
        const unseen = (await unseenTexts(context, known)).slice(0, quick ? 500 : 2_000);
        return (await benchEdge(model, encoder, known, unseen)).map((row) => ({ ...row }));
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
    name: 'end-to-end',
    title: 'Accept to recorded outcome against a bare BullMQ job a message, on both stores',
    async run(_context, quick) {
      const messages = quick ? 2_000 : 20_000;
      const { benchBareQueue } = await import('./bare-queue.ts');
      const { benchEndToEnd } = await import('./end-to-end.ts');
      const bare = await benchBareQueue(messages);
      const row = (figure: string, value: number, unit: string): Row => ({ figure, value, unit });
      const rows = [row('bare BullMQ loop: one no-op job a message', bare.endToEndPerSecond, 'jobs/s')];
      for (const store of ['pglite', 'postgres'] as const) {
        const ours = await benchEndToEnd({ messages, store });
        const single = await benchEndToEnd({ messages: messages / 10, store, envelope: 1 });
        const times = (a: number, b: number): number => Math.round((a * 100) / b) / 100;
        rows.push(
          row(`${store}: end to end`, ours.messagesPerSecond, 'msg/s'),
          row(`${store}: of the bare loop`, times(ours.messagesPerSecond, bare.endToEndPerSecond), 'times'),
          row(`${store}: one message a job`, single.messagesPerSecond, 'msg/s'),
          row(
            `${store}: envelopes against one message a job`,
            times(ours.messagesPerSecond, single.messagesPerSecond),
            'times',
          ),
          row(`${store}: CPU of all its processes`, ours.cpuUs, 'us/msg'),
          ...Object.entries(ours.parts).map(([part, us]) => row(`${store}: ${part}`, us, 'us/msg')),
        );
      }
      return rows;
    },
  },
  {
    name: 'forecast',
    title: 'Forecast of traffic on a generated year: error by minutes ahead, surges seen an hour ahead',
    async run(context, quick) {
      const { backtest, HORIZONS } = await import('./forecast/backtest.ts');
      const { generateYear } = await import('./forecast/year.ts');
      const days = quick ? 120 : 364;
      const report = await backtest(generateYear(1, days), Math.round(days * 0.75));
      context.note(
        `${report.surges} surges above ${report.line} messages a minute in the last ${report.testDays} days; the network wins at ${HORIZONS.filter((one) => report.networkWins[one]).join(', ') || 'no'} minutes ahead`,
      );
      return report.models.map(({ name, error, seen, seenShare, falseAlarmsAWeek }) => ({
        model: name,
        ...Object.fromEntries(HORIZONS.map((one) => [`${one} min`, `${(100 * error[one]!).toFixed(1)}%`])),
        'surges seen': `${(100 * seenShare).toFixed(1)}%`,
        'by kind': Object.entries(seen)
          .map(([kind, one]) => `${kind} ${one.seen}/${one.n}`)
          .join(', '),
        'false alarms a week': Math.round(10 * falseAlarmsAWeek) / 10,
      }));
    },
  },
  {
    name: 'training-scale',
    title: 'Training on generated rows, by phase',
    async run(context, _quick, flags) {
      const { benchTrainingScale } = await import('./training-scale.ts');
      const sizes = flags.rows ?? '5000';
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

/** Messages of senders that the model never saw, one a template: from `LANEWAY_EVAL_DATA`, else made strange. */
async function unseenTexts(context: CliContext, traffic: readonly string[]): Promise<string[]> {
  const file = process.env['LANEWAY_EVAL_DATA'];
  const known = new Set(traffic.map(canonicalise));
  let texts: string[];
  if (file) {
    const { readLabelled } = await import('../../data/read/labelled.ts');
    const map = { personal: 'ignore', scam: 'risk' } as const;
    texts = (await readLabelled(file, { map })).rows.map(({ text }) => text);
  } else {
    context.note(
      'LANEWAY_EVAL_DATA is not set: unseen messages are made of the corpus, words in another order',
    );
    const random = createRandom(5);
    const strange = (text: string) =>
      text
        .split(' ')
        .map((word) => [random.next(), word] as const)
        .sort(([a], [b]) => a - b)
        .map(([, word]) => word)
        .join(' ');
    texts = sampleTexts(9_000).map(strange);
  }
  const byTemplate = new Map(texts.map((text) => [canonicalise(text), text]));
  return [...byTemplate].flatMap(([canonical, text]) => (known.has(canonical) ? [] : [text]));
}

/** "The same few thousand texts with other digits." */
const ZIPF_TEMPLATES = 5_000;
/** Messages never seen before in one timed run; the threads have warmed up on as many others. */
const FRESH_A_RUN = 4_000;

async function runHttp(context: CliContext, quick: boolean): Promise<readonly Row[]> {
  const { benchHttp } = await import('./http.ts');
  const { classifier } = await openClassifier(context);
  const templates = sampleTexts(ZIPF_TEMPLATES);
  const traffic = zipfTraffic(templates, quick ? 20_000 : 60_000, createRandom(13));
  const asked: string[] = [];
  try {
    const texts = await unseenTexts(context, traffic);
    for (let from = 0; from < texts.length && asked.length < (quick ? 500 : 2_500); from += 256) {
      const part = texts.slice(from, from + 256);
      const verdicts = await classifier.classify(
        part.map((text) => ({ text })),
        { reasons: false },
      );
      part.forEach((text, at) => {
        if (verdicts[at]!.stage === 'semantic') asked.push(text);
      });
    }
  } finally {
    await classifier.close();
  }
  const rows = await benchHttp({
    encoderDir: await ensureEncoder(context),
    traffic,
    asked,
    runs: quick ? 1 : 5,
  });
  return rows.map((row) => ({ ...row }));
}

async function runThroughput(context: CliContext, quick: boolean): Promise<readonly Row[]> {
  const { benchNaturalBayes, benchThroughput } = await import('./throughput.ts');
  const { model, classifier, encoder } = await openClassifier(context);
  try {
    const rows = [...generateRows(readCorpus(), { count: ZIPF_TEMPLATES, seed: 7 })];
    const templates = [...new Map(rows.map(({ text }) => [canonicalise(text), text])).values()];
    const traffic = zipfTraffic(templates, quick ? 30_000 : 200_000, createRandom(7));
    const labelled = rows.slice(0, 1_500).flatMap(({ text, label }) => (label ? [{ text, label }] : []));
    const unseen = await unseenTexts(context, traffic);
    const runs = quick ? 1 : 5;
    const fresh = generateRows(readCorpus(), { count: FRESH_A_RUN * (runs + 1), seed: 17 });
    const { throughput, latency, keys } = await benchThroughput(model, encoder, {
      traffic,
      fresh: [...new Map([...fresh].map(({ text }) => [canonicalise(text), text])).values()],
      unseen,
      runs,
      ...(quick ? { forcedScale: 0.25 } : {}),
    });
    const percent = (share: number) => `${(100 * share).toFixed(1)}%`;
    context.note(
      `of ${traffic.length} messages of ${templates.length} templates, keys by template hit ${percent(keys.template)}, keys by exact text ${percent(keys.text)}`,
    );
    return [
      { what: 'hit rate of the traffic, keys by template', hits: keys.template },
      { what: 'hit rate of the traffic, keys by exact text', hits: keys.text },
      ...throughput.map((row) => ({ ...row })),
      { ...benchNaturalBayes(labelled) },
      ...latency.map((row) => ({ ...row })),
    ];
  } finally {
    await classifier.close();
  }
}

/**
 * Runs the benchmarks, prints a table for each and writes everything to `bench-results/<time>.json`. One that fails is
 * reported and the others run.
 */
export async function runBenchmarks(context: CliContext, flags: BenchFlags): Promise<void> {
  const chosen = chooseBenches(flags.only);
  const machine = describeMachine();
  const { print } = context;
  const loadBefore = loadavg();
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
  const goals = compareToGoals(results as BenchRecord['results']);
  const load = { before: loadBefore, after: loadavg() };
  const record = {
    at,
    quick: flags.quick === true,
    machine,
    load,
    goals,
    results: results as BenchRecord['results'],
  };
  if (goals.length > 0) {
    const [oneMinute] = loadBefore;
    print(
      `\nGoals, for two cores with nothing else on them (load before this run: ${oneMinute!.toFixed(1)})`,
    );
    for (const line of formatTable(goals)) print(line);
  }
  const before = lastRecord('bench-results', record);
  if (before) {
    const changes = notableChanges(changesBetween(before, record));
    print(
      `\nAgainst the run of ${before.at} on this machine: ${changes.length} figures changed by more than 15%`,
    );
    if (changes.length > 0) for (const line of formatTable(changes)) print(line);
  }
  mkdirSync('bench-results', { recursive: true });
  writeFileSync(file, `${JSON.stringify(record, null, 2)}\n`);
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
