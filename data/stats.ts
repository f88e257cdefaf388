import { canonicalise } from '../models/text/canonical.ts';
import { type CorpusEntry, readCorpus } from './corpus.ts';
import { type Coverage, coverageOf, formatCoverage } from './coverage.ts';
import { similarPairs, wordTrigrams } from './near-duplicates.ts';
import { maskedTemplate } from './template.ts';

/** Templates of one value of a property, by class. */
export interface ClassCounts {
  readonly transactional: number;
  readonly promotional: number;
  readonly scam: number;
  readonly total: number;
}

/** How much new wording the corpus still gains as it grows. */
export interface GrowthPoint {
  /** Templates read so far, in an order that mixes the files. */
  readonly templates: number;
  /** Distinct word 3-grams in them. */
  readonly distinctTrigrams: number;
}

/** What is in a corpus, counted in templates. */
export interface CorpusStats {
  readonly all: ClassCounts;
  readonly hard: ClassCounts;
  readonly byIndustry: Readonly<Record<string, ClassCounts>>;
  readonly byMarket: Readonly<Record<string, ClassCounts>>;
  readonly byChannel: Readonly<Record<string, ClassCounts>>;
  readonly byIntent: Readonly<Record<string, ClassCounts>>;
  /** Templates that are near-duplicates of an earlier one (word-3-gram Jaccard of at least 0.5), with it. */
  readonly nearDuplicates: readonly {
    readonly id: string;
    readonly of: string;
    readonly similarity: number;
  }[];
  /** Share of such templates, 0 to 1. */
  readonly nearDuplicateShare: number;
  /** Ten points, the last one being the whole corpus. */
  readonly growth: readonly GrowthPoint[];
  readonly coverage: Coverage;
}

/**
 * Counts a corpus. Near-duplicates are looked for in the canonical text of the templates, slots masked.
 *
 * @param corpus default: the authored one
 */
export function corpusStats(corpus: readonly CorpusEntry[] = readCorpus()): CorpusStats {
  const texts = corpus.map((entry) => canonicalise(maskedTemplate(entry.template)));
  const best = new Map<number, { of: number; similarity: number }>();
  for (const { earlier, later, similarity } of similarPairs(texts)) {
    if (similarity > (best.get(later)?.similarity ?? 0)) best.set(later, { of: earlier, similarity });
  }
  return {
    all: count(corpus),
    hard: count(corpus.filter((entry) => entry.hard)),
    byIndustry: countBy(corpus, (entry) => entry.industry),
    byMarket: countBy(corpus, (entry) => entry.market),
    byChannel: countBy(corpus, (entry) => entry.channel),
    byIntent: countBy(corpus, (entry) => entry.intent),
    nearDuplicates: [...best].map(([index, { of, similarity }]) => ({
      id: corpus[index]!.id,
      of: corpus[of]!.id,
      similarity,
    })),
    nearDuplicateShare: corpus.length === 0 ? 0 : best.size / corpus.length,
    growth: growthOf(texts),
    coverage: coverageOf(corpus),
  };
}

function count(entries: readonly CorpusEntry[]): ClassCounts {
  const counts = { transactional: 0, promotional: 0, scam: 0, total: entries.length };
  for (const { kind } of entries) counts[kind]++;
  return counts;
}

function countBy(
  corpus: readonly CorpusEntry[],
  keyOf: (entry: CorpusEntry) => string,
): Record<string, ClassCounts> {
  const groups = new Map<string, CorpusEntry[]>();
  for (const entry of corpus) {
    const value = keyOf(entry);
    const held = groups.get(value);
    if (held) held.push(entry);
    else groups.set(value, [entry]);
  }
  return Object.fromEntries(
    [...groups]
      .map(([value, entries]) => [value, count(entries)] as const)
      .sort(([a, x], [b, y]) => y.total - x.total || (a < b ? -1 : 1)),
  );
}

const POINTS = 10;

/** Reads the texts in strides, so that every point has seen a bit of every file. */
function growthOf(texts: readonly string[]): GrowthPoint[] {
  const seen = new Set<string>();
  const points: GrowthPoint[] = [];
  let templates = 0;
  for (let stride = 0; stride < POINTS; stride++) {
    for (let index = stride; index < texts.length; index += POINTS) {
      for (const gram of wordTrigrams(texts[index]!)) seen.add(gram);
      templates++;
    }
    points.push({ templates, distinctTrigrams: seen.size });
  }
  return points;
}

/** The counts as plain text, for a terminal. */
export function formatStats(stats: CorpusStats): string {
  const { nearDuplicates, nearDuplicateShare, growth, coverage } = stats;
  const parts: (readonly [string, Readonly<Record<string, ClassCounts>>])[] = [
    ['corpus', { all: stats.all, hard: stats.hard }],
    ['industry', stats.byIndustry],
    ['market', stats.byMarket],
    ['channel', stats.byChannel],
    ['intent', stats.byIntent],
  ];
  const percent = (nearDuplicateShare * 100).toFixed(2);
  return [
    ...parts.flatMap(([title, counts]) => [...table(title, counts), '']),
    `near-duplicates (word-3-gram Jaccard >= 0.5): ${nearDuplicates.length} of ${stats.all.total} (${percent}%)`,
    ...nearDuplicates
      .slice(0, 10)
      .map(({ id, of, similarity }) => `  ${similarity.toFixed(2)} ${id} ~ ${of}`),
    '',
    'templates   distinct word 3-grams   new ones a template since the line above',
    ...growth.map(({ templates, distinctTrigrams }, at) => {
      const before = growth[at - 1] ?? { templates: 0, distinctTrigrams: 0 };
      const fresh = (distinctTrigrams - before.distinctTrigrams) / (templates - before.templates || 1);
      return `${String(templates).padStart(9)}   ${String(distinctTrigrams).padStart(21)}   ${fresh.toFixed(1)}`;
    }),
    '',
    ...formatCoverage(coverage),
  ].join('\n');
}

function table(title: string, counts: Readonly<Record<string, ClassCounts>>): string[] {
  const width = Math.max(title.length, ...Object.keys(counts).map((value) => value.length));
  const row = (name: string, cells: readonly (string | number)[]) =>
    name.padEnd(width) + cells.map((cell) => String(cell).padStart(15)).join('');
  return [
    row(title, ['transactional', 'promotional', 'scam', 'total']),
    ...Object.entries(counts).map(([value, c]) =>
      row(value, [c.transactional, c.promotional, c.scam, c.total]),
    ),
  ];
}
