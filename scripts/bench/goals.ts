import type { BenchRecord } from './history.ts';

type Row = Readonly<Record<string, unknown>>;

/** What a figure should be, on two cores with nothing else on the machine. */
interface Goal {
  readonly what: string;
  readonly bench: string;
  readonly least?: number;
  readonly most?: number;
  readonly unit: string;
  /** Undefined where the rows have not got it. */
  readonly figure: (rows: readonly Row[]) => number | undefined;
}

/** The figure of the row whose label begins so. */
function of(label: string, figure: string, key: string): (rows: readonly Row[]) => number | undefined {
  return (rows) => {
    const value = rows.find((row) => String(row[key]).startsWith(label))?.[figure];
    return typeof value === 'number' ? value : undefined;
  };
}

const rate = (label: string) => of(label, 'messagesPerSecond', 'what');
const texts = (label: string) => of(label, 'textsPerSecond', 'name');
const value = (label: string) => of(label, 'value', 'name');

const ratio =
  (over: (rows: readonly Row[]) => number | undefined, under: (rows: readonly Row[]) => number | undefined) =>
  (rows: readonly Row[]): number | undefined => {
    const [top, bottom] = [over(rows), under(rows)];
    return top === undefined || bottom === undefined ? undefined : top / bottom;
  };

const OURS = texts('Laneway MiniLM int8');
const HTTP = (label: string, figure: string) => of(label, figure, 'what');

export const GOALS: readonly Goal[] = [
  {
    what: 'traffic as it comes',
    bench: 'throughput',
    least: 85_000,
    unit: 'msg/s',
    figure: rate('traffic as it comes'),
  },
  {
    what: 'all hits',
    bench: 'throughput',
    least: 400_000,
    unit: 'msg/s',
    figure: rate('all hits, word for word'),
  },
  {
    what: 'forced to 89% hits',
    bench: 'throughput',
    least: 35_000,
    unit: 'msg/s',
    figure: rate('forced to 89% hits'),
  },
  {
    what: 'never seen, words alone',
    bench: 'throughput',
    least: 20_000,
    unit: 'msg/s',
    figure: rate('never seen: words alone'),
  },
  { what: 'encoder', bench: 'encoder', least: 1_200, unit: 'texts/s', figure: OURS },
  {
    what: 'encoder to transformers.js fp32, sorted',
    bench: 'encoder',
    least: 2,
    unit: 'times',
    figure: ratio(OURS, texts('transformers.js fp32, sorted')),
  },
  {
    what: 'encoder to transformers.js q8, sorted',
    bench: 'encoder',
    least: 1.2,
    unit: 'times',
    figure: ratio(OURS, texts('transformers.js q8, sorted')),
  },
  {
    what: 'POST /v1/classify, cached, p95',
    bench: 'http',
    most: 2,
    unit: 'ms',
    figure: HTTP('cached, 200 requests/s', 'p95Ms'),
  },
  {
    what: 'POST /v1/classify, needs the encoder, p95',
    bench: 'http',
    most: 12,
    unit: 'ms',
    figure: HTTP('needs the encoder, 200 requests/s', 'p95Ms'),
  },
  {
    what: 'POST /v1/classify/batch of 1,000',
    bench: 'http',
    least: 40_000,
    unit: 'msg/s',
    figure: HTTP('batches of 1,000', 'messagesPerSecond'),
  },
  {
    what: 'start to first answer',
    bench: 'http',
    most: 3,
    unit: 's',
    figure: HTTP('start to first answer', 'seconds'),
  },
  {
    what: 'classify and comply, no Redis, p95',
    bench: 'edge',
    most: 10,
    unit: 'ms',
    figure: HTTP('never seen', 'p95Ms'),
  },
  {
    what: 'forest training to ml-random-forest, same options',
    bench: 'forest',
    least: 80,
    unit: 'times',
    figure: ratio(value('train, ml-random-forest, 20 trees'), value('train, Laneway, 20 trees')),
  },
  {
    what: 'forest training to ml-random-forest, defaults',
    bench: 'forest',
    least: 300,
    unit: 'times',
    figure: ratio(value('train, ml-random-forest, defaults'), value('train, Laneway, defaults')),
  },
  {
    what: 'shipped forest, rows in batches, one core',
    bench: 'forest',
    least: 100_000,
    unit: 'rows/s',
    figure: value('shipped forest, batched'),
  },
  {
    what: '60 rules, all met, p50',
    bench: 'comply',
    most: 20,
    unit: 'us',
    figure: of('60 rules of many places, all met', 'p50Microseconds', 'situation'),
  },
  {
    what: '60 rules, deferred, p50',
    bench: 'comply',
    most: 20,
    unit: 'us',
    figure: of('60 rules of many places, deferred', 'p50Microseconds', 'situation'),
  },
];

/** Goals beside results, for the benchmarks that ran. */
export function compareToGoals(results: BenchRecord['results']): Readonly<Record<string, string | number>>[] {
  return GOALS.flatMap<Readonly<Record<string, string | number>>>(
    ({ what, bench, least, most, unit, figure }) => {
      const rows = results[bench]?.rows;
      if (!rows) return [];
      const result = figure(rows);
      const goal = least === undefined ? `under ${most}` : `at least ${least}`;
      if (result === undefined)
        return [{ goal: what, wanted: goal, unit, result: 'not measured', share: '' }];
      const share = least === undefined ? most! / result : result / least;
      return [
        { goal: what, wanted: goal, unit, result, share: share >= 1 ? 'met' : `${Math.floor(100 * share)}%` },
      ];
    },
  );
}
