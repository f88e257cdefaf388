import { CHANNELS, type CorpusEntry, INDUSTRIES } from './corpus.ts';
import { MARKETS } from './markets.ts';

/** Which combinations of industry, class, market and channel the corpus speaks for. */
export interface Coverage {
  /** All combinations of both classes. */
  readonly cells: number;
  readonly filled: number;
  /** Combinations without a single template, by industry and class, then channel: the markets missing. */
  readonly empty: readonly EmptyCells[];
  /** Combinations with a hard template. */
  readonly filledHard: number;
}

export interface EmptyCells {
  readonly industry: string;
  readonly class: 'transactional' | 'promotional';
  readonly channel: string;
  readonly markets: readonly string[];
}

const CLASSES = ['transactional', 'promotional'] as const;

/** Counts filled cells and names the empty ones; scams are no class and fill none. */
export function coverageOf(corpus: readonly CorpusEntry[]): Coverage {
  const keyOf = (industry: string, kind: string, market: string, channel: string) =>
    [industry, kind, market, channel].join('/');
  const keys = (entries: readonly CorpusEntry[]) =>
    new Set(
      entries
        .filter(({ kind }) => kind !== 'scam')
        .map(({ industry, kind, market, channel }) => keyOf(industry, kind, market, channel)),
    );
  const filled = keys(corpus);
  const empty = INDUSTRIES.flatMap((industry) =>
    CLASSES.flatMap((kind) =>
      CHANNELS.map((channel) => ({
        industry,
        class: kind,
        channel,
        markets: MARKETS.filter((market) => !filled.has(keyOf(industry, kind, market, channel))),
      })),
    ),
  ).filter(({ markets }) => markets.length > 0);
  return {
    cells: INDUSTRIES.length * CLASSES.length * MARKETS.length * CHANNELS.length,
    filled: filled.size,
    empty,
    filledHard: keys(corpus.filter(({ hard }) => hard)).size,
  };
}

/** The coverage as plain text. */
export function formatCoverage({ cells, filled, filledHard, empty }: Coverage): string[] {
  const share = (count: number) => `${count} of ${cells} (${((100 * count) / cells).toFixed(1)}%)`;
  return [
    `coverage of industry x class x market x channel: ${share(filled)}; with a hard template: ${share(filledHard)}`,
    ...(empty.length === 0 ? [] : ['empty cells:']),
    ...empty.map((cell) => `  ${cell.industry} ${cell.class} ${cell.channel}: ${cell.markets.join(' ')}`),
  ];
}
