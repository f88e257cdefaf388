import type { SparseVector, Vocabulary } from './vocabulary.ts';

/** Makes the row of a document of its terms: `found[0 .. count)`, in any order and with repeats. */
export type CountTerms = (found: Uint32Array, count: number) => SparseVector;

/** Entries of rows that share one piece of memory; a piece lives as long as one of its rows. */
const PIECE = 16_384;
/** What small counts weigh; most terms stand once. */
const SUBLINEAR = Float64Array.from({ length: 64 }, (_, count) => (count < 2 ? 1 : 1 + Math.log(count)));

/**
 * The rows of `vectorise`, value for value. Terms that were found are marked bit by bit, thirty-two marks under one
 * mark of their own, so that they come out in order without being sorted.
 */
export function createTermCounter({ idf }: Pick<Vocabulary, 'idf'>): CountTerms {
  // How often a term stands and what it weighs lie side by side: both are wanted, one after the other.
  const counts = new Uint32Array(2 * idf.length);
  const weights = new Float32Array(counts.buffer);
  idf.forEach((weight, term) => {
    weights[2 * term + 1] = weight;
  });
  const marks = new Int32Array((idf.length >> 5) + 1);
  const overMarks = new Int32Array((marks.length >> 5) + 1);
  let indexPiece = new Uint32Array(0);
  let valuePiece = new Float32Array(0);
  let used = 0;
  return (found, count) => {
    if (used + count > indexPiece.length) {
      indexPiece = new Uint32Array(Math.max(PIECE, count));
      valuePiece = new Float32Array(indexPiece.length);
      used = 0;
    }
    for (let i = 0; i < count; i++) {
      const term = found[i]!;
      if (counts[2 * term]!++ !== 0) continue;
      const word = term >> 5;
      marks[word]! |= 1 << term;
      overMarks[word >> 5]! |= 1 << word;
    }
    const from = used;
    let squares = 0;
    for (let over = 0; over < overMarks.length; over++) {
      for (let words = overMarks[over]!; words !== 0; words &= words - 1) {
        const word = (over << 5) + lowestBit(words);
        for (let bits = marks[word]!; bits !== 0; bits &= bits - 1) {
          const term = (word << 5) + lowestBit(bits);
          const times = counts[2 * term]!;
          counts[2 * term] = 0;
          const weight = (times < 64 ? SUBLINEAR[times]! : 1 + Math.log(times)) * weights[2 * term + 1]!;
          indexPiece[used] = term;
          valuePiece[used++] = weight;
          squares += weight * weight;
        }
        marks[word] = 0;
      }
      overMarks[over] = 0;
    }
    const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0;
    for (let i = from; i < used; i++) valuePiece[i] = valuePiece[i]! * scale;
    return { indices: indexPiece.subarray(from, used), values: valuePiece.subarray(from, used) };
  };
}

const lowestBit = (bits: number): number => 31 - Math.clz32(bits & -bits);
