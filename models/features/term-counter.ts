import type { LinearHead } from '../heads/linear.ts';
import type { SparseVector, Vocabulary } from './vocabulary.ts';

/** A row, and what linear heads say to it. */
export interface ScoredRow extends SparseVector {
  /** One a head, as `scoreSparse` gives them. */
  readonly logits: readonly number[];
}

/**
 * Makes the row of a document of its terms: `found[0 .. count)`, in any order and with repeats; they are sorted.
 */
export type CountTerms = (found: Uint32Array, count: number) => ScoredRow;

/** Entries of rows that share one piece of memory; a piece lives as long as one of its rows. */
const PIECE = 16_384;
/** What small counts weigh; most terms stand once. */
const SUBLINEAR = Float64Array.from({ length: 64 }, (_, count) => (count < 2 ? 1 : 1 + Math.log(count)));

/**
 * The rows of `vectorise`, value for value. All that is known of a term lies in one place, its rarity and its weight
 * in every head, so that memory is waited for once a term.
 */
export function createTermCounter(
  { idf }: Pick<Vocabulary, 'idf'>,
  heads: readonly LinearHead[] = [],
): CountTerms {
  const width = heads.length + 1;
  const known = new Float32Array(width * idf.length);
  for (let term = 0; term < idf.length; term++) {
    known[width * term] = idf[term]!;
    heads.forEach(({ weights }, head) => {
      known[width * term + head + 1] = weights[term]!;
    });
  }
  const sort = createSorter(idf.length);
  let indexPiece = new Uint32Array(0);
  let valuePiece = new Float32Array(0);
  let used = 0;
  return (found, count) => {
    if (used + count > indexPiece.length) {
      indexPiece = new Uint32Array(Math.max(PIECE, count));
      valuePiece = new Float32Array(indexPiece.length);
      used = 0;
    }
    sort(found, count);
    const from = used;
    let squares = 0;
    for (let i = 0; i < count; ) {
      const term = found[i]!;
      let end = i + 1;
      while (end < count && found[end] === term) end++;
      const times = end - i;
      const weight = (times < 64 ? SUBLINEAR[times]! : 1 + Math.log(times)) * known[width * term]!;
      indexPiece[used] = term;
      valuePiece[used++] = weight;
      squares += weight * weight;
      i = end;
    }
    const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0;
    for (let i = from; i < used; i++) valuePiece[i] = valuePiece[i]! * scale;
    const logits: number[] = [];
    for (let head = 1; head < width; head++) {
      let sum = heads[head - 1]!.bias;
      for (let i = from; i < used; i++) sum += known[width * indexPiece[i]! + head]! * valuePiece[i]!;
      logits.push(sum);
    }
    return { indices: indexPiece.subarray(from, used), values: valuePiece.subarray(from, used), logits };
  };
}

const DIGIT_BITS = 8;
const DIGITS = 1 << DIGIT_BITS;
/** Shorter lists are sorted by insertion. */
const FEW = 48;

/** Sorts numbers below `limit` in place, digit by digit from the last. */
function createSorter(limit: number): (values: Uint32Array, count: number) => void {
  const starts = new Uint32Array(DIGITS);
  const bits = 32 - Math.clz32(Math.max(1, limit - 1));
  let other = new Uint32Array(0);

  const byDigit = (from: Uint32Array, to: Uint32Array, count: number, shift: number): void => {
    starts.fill(0);
    for (let i = 0; i < count; i++) starts[(from[i]! >>> shift) & (DIGITS - 1)]!++;
    let before = 0;
    for (let digit = 0; digit < DIGITS; digit++) {
      const here = starts[digit]!;
      starts[digit] = before;
      before += here;
    }
    for (let i = 0; i < count; i++) {
      const value = from[i]!;
      to[starts[(value >>> shift) & (DIGITS - 1)]!++] = value;
    }
  };

  return (values, count) => {
    if (count <= FEW) {
      for (let i = 1; i < count; i++) {
        const value = values[i]!;
        let at = i;
        for (; at > 0 && values[at - 1]! > value; at--) values[at] = values[at - 1]!;
        values[at] = value;
      }
      return;
    }
    if (other.length < count) other = new Uint32Array(2 * count);
    // Digits are taken in pairs: there and back.
    for (let shift = 0; shift < bits; shift += 2 * DIGIT_BITS) {
      byDigit(values, other, count, shift);
      byDigit(other, values, count, shift + DIGIT_BITS);
    }
  };
}
