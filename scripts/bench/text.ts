import { monotonicMs } from '../../models/base/clock.ts';
import { createCharVectoriser } from '../../models/features/characters.ts';
import { countSignals, SIGNAL_COUNT } from '../../models/features/signals.ts';
import { charTerms, wordTerms } from '../../models/features/terms.ts';
import { fitVocabulary, vectorise } from '../../models/features/vocabulary.ts';
import { canonicalise } from '../../models/text/canonical.ts';
import { fingerprint } from '../../models/text/fingerprint.ts';
import { isLikelyEnglish } from '../../models/text/language.ts';

/** What one step costs, single thread, warm. */
export interface TextBenchRow {
  readonly step: string;
  /** Median over the rounds of the mean per text. */
  readonly microsecondsPerText: number;
  readonly textsPerSecond: number;
}

const ROUNDS = 5;

/** Mean microseconds per item: one warm-up round, then the median of {@link ROUNDS}. */
function measure<T>(items: readonly T[], step: (item: T) => unknown): number {
  for (const item of items) step(item);
  const means: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const begin = monotonicMs();
    for (const item of items) step(item);
    means.push(((monotonicMs() - begin) * 1_000) / items.length);
  }
  return means.sort((a, b) => a - b)[ROUNDS >> 1]!;
}

/**
 * Times every lexical step on the given messages.
 *
 * @param texts raw messages, at least one; a few thousand give steady figures
 */
export function benchText(texts: readonly string[]): TextBenchRow[] {
  const canonical = texts.map(canonicalise);
  const words = fitVocabulary(canonical.map(wordTerms), { minDocs: 2 });
  const chars = fitVocabulary(canonical.map(charTerms), { minDocs: 3 });
  const out = new Float32Array(SIGNAL_COUNT);
  const row = (step: string, microseconds: number): TextBenchRow => ({
    step,
    microsecondsPerText: Math.round(microseconds * 10) / 10,
    textsPerSecond: Math.round(1e6 / microseconds),
  });
  return [
    row('canonicalise', measure(texts, canonicalise)),
    row('fingerprint', measure(canonical, fingerprint)),
    row('language', measure(canonical, isLikelyEnglish)),
    row(
      'signals',
      measure(canonical, (text) => countSignals(text, out)),
    ),
    row(
      'word row',
      measure(canonical, (text) => vectorise(words, wordTerms(text))),
    ),
    row('character row', measure(canonical, createCharVectoriser(chars))),
  ];
}
