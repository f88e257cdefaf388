import { createCharVectoriser } from './features/characters.ts';
import { countSignals, SIGNAL_COUNT } from './features/signals.ts';
import type { ScoredRow } from './features/term-counter.ts';
import { createWordVectoriser } from './features/words.ts';
import type { Model } from './model.ts';
import { canonicaliseAll } from './text/canonical.ts';
import { englishByWords } from './text/language.ts';

/** What the lexical features of one text are, before any forest is asked. */
export interface LexicalRow {
  readonly canonical: string;
  /** Logits: class, risk. */
  readonly words: ScoredRow;
  readonly chars: ScoredRow;
  readonly signals: Float32Array;
  /** Undefined: words alone do not tell, and grams are asked only where the answer would be sure. */
  readonly english: boolean | undefined;
}

/**
 * Reads texts once for all that follows: one step of all texts after the other, as each step has its own code and tables
 * for the processor's caches to hold.
 */
export function createReader(model: Model): (texts: readonly string[]) => LexicalRow[] {
  const wordRow = createWordVectoriser(model.words, [model.wordHead, model.wordRisk]);
  const charRow = createCharVectoriser(model.chars, [model.charHead, model.charRisk]);
  return (texts) => {
    const canonical = canonicaliseAll(texts);
    const signals = new Float32Array(texts.length * SIGNAL_COUNT);
    const plain = canonical.map((text, at) => {
      countSignals(text, signals, at * SIGNAL_COUNT);
      return { words: wordRow(text), english: englishByWords(text) };
    });
    const chars = canonical.map(charRow);
    return canonical.map((text, at) => ({
      canonical: text,
      words: plain[at]!.words,
      chars: chars[at]!,
      signals: signals.subarray(at * SIGNAL_COUNT, (at + 1) * SIGNAL_COUNT),
      english: plain[at]!.english,
    }));
  };
}
