import { LanewayError } from '../base/errors.ts';

/** A fitted TF-IDF vocabulary. Index `i` is `terms[i]`, terms being in code-unit order. */
export interface Vocabulary {
  readonly terms: readonly string[];
  /** ln((1 + documents) / (1 + documents with the term)) + 1, one per term. */
  readonly idf: Float32Array;
  /** How many documents it was fitted on. */
  readonly documents: number;
  readonly indexOf: ReadonlyMap<string, number>;
}

/** A sparse row of unit L2 length (or empty). */
export interface SparseVector {
  /** Strictly ascending. */
  readonly indices: Uint32Array;
  readonly values: Float32Array;
}

export interface VocabularyOptions {
  /** At most this many terms, the most frequent by documents. Default 50,000; at least 1. */
  readonly maxTerms?: number;
  /** Terms in fewer documents are left out. Default 1; at least 1. */
  readonly minDocs?: number;
}

const MAX_TERMS = 50_000;
/** Candidates held while fitting; beyond it those seen once are dropped, so memory stays bounded. */
const MAX_CANDIDATES = 3_000_000;

const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function build(terms: readonly string[], idf: Float32Array, documents: number): Vocabulary {
  return Object.freeze({
    terms: Object.freeze(terms),
    idf,
    documents,
    indexOf: new Map(terms.map((term, index) => [term, index])),
  });
}

/** Half of a surrogate pair, as character n-grams cut them out of emoji: UTF-8 cannot hold it, so no file could. */
const HALF_CHARACTER = /\p{Surrogate}/u;

/**
 * Learns which terms there are and how rare each is (smoothed inverse document frequency, scikit-learn's
 * formula). Deterministic: ties are broken by code-unit order. Terms that are not well-formed Unicode are left out.
 *
 * @param docs the terms of each document, repeats allowed
 */
export function fitVocabulary(
  docs: Iterable<readonly string[]>,
  options: VocabularyOptions = {},
): Vocabulary {
  const maxTerms = options.maxTerms ?? MAX_TERMS;
  const minDocs = options.minDocs ?? 1;
  const counts = new Map<string, number>();
  let documents = 0;
  for (const doc of docs) {
    documents++;
    for (const term of new Set(doc)) counts.set(term, (counts.get(term) ?? 0) + 1);
    if (counts.size > MAX_CANDIDATES) {
      for (const [term, count] of counts) if (count === 1) counts.delete(term);
    }
  }
  const kept = [...counts].filter(([term, count]) => count >= minDocs && !HALF_CHARACTER.test(term));
  kept.sort((a, b) => b[1] - a[1] || byCodeUnit(a[0], b[0]));
  kept.length = Math.min(kept.length, maxTerms);
  kept.sort((a, b) => byCodeUnit(a[0], b[0]));
  const idf = Float32Array.from(kept, ([, count]) => Math.log((1 + documents) / (1 + count)) + 1);
  return build(
    kept.map(([term]) => term),
    idf,
    documents,
  );
}

/** The TF-IDF row of a document: (1 + ln tf) x idf, then scaled to unit L2 length. Unknown terms are ignored. */
export function vectorise(vocabulary: Vocabulary, terms: readonly string[]): SparseVector {
  const found: number[] = [];
  for (const term of terms) {
    const index = vocabulary.indexOf.get(term);
    if (index !== undefined) found.push(index);
  }
  return weigh(vocabulary, Uint32Array.from(found));
}

/** The row of a document given as vocabulary indices, in any order and with repeats; they are sorted and overwritten. */
function weigh(vocabulary: Vocabulary, sorted: Uint32Array): SparseVector {
  const { idf } = vocabulary;
  sorted.sort();
  const values = new Float32Array(sorted.length);
  let size = 0;
  let squares = 0;
  for (let i = 0; i < sorted.length; ) {
    const index = sorted[i]!;
    let end = i + 1;
    while (end < sorted.length && sorted[end] === index) end++;
    // Most terms stand once, and the logarithm of one is nothing.
    const weight = (end - i === 1 ? 1 : 1 + Math.log(end - i)) * idf[index]!;
    sorted[size] = index;
    values[size++] = weight;
    squares += weight * weight;
    i = end;
  }
  const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0;
  for (let i = 0; i < size; i++) values[i] = values[i]! * scale;
  return { indices: sorted.slice(0, size), values: values.slice(0, size) };
}

const MAGIC = 0x434f564c; // "LVOC", little-endian
const FORMAT = 1;
const HEADER_BYTES = 20;

/**
 * The same vocabulary always gives the same bytes. Little-endian: magic, format, documents, number of terms,
 * bytes of text (u32 each); idf (f32 each); byte length of each term (u16 each); the terms in UTF-8.
 */
export function toBytes(vocabulary: Vocabulary): Uint8Array {
  const encoder = new TextEncoder();
  const encoded = vocabulary.terms.map((term) => encoder.encode(term));
  const textBytes = encoded.reduce((sum, bytes) => sum + bytes.length, 0);
  const count = encoded.length;
  const bytes = new Uint8Array(HEADER_BYTES + count * 6 + textBytes);
  const view = new DataView(bytes.buffer);
  [MAGIC, FORMAT, vocabulary.documents, count, textBytes].forEach((value, i) => {
    view.setUint32(i * 4, value, true);
  });
  let at = HEADER_BYTES;
  for (const value of vocabulary.idf) {
    view.setFloat32(at, value, true);
    at += 4;
  }
  for (const term of encoded) {
    view.setUint16(at, term.length, true);
    at += 2;
  }
  for (const term of encoded) {
    bytes.set(term, at);
    at += term.length;
  }
  return bytes;
}

/**
 * Reads what {@link toBytes} wrote.
 * @throws LanewayError `VOCABULARY_CORRUPT` when the bytes are anything else.
 */
export function fromBytes(bytes: Uint8Array): Vocabulary {
  const corrupt = (what: string): LanewayError =>
    new LanewayError('VOCABULARY_CORRUPT', `The vocabulary cannot be read: ${what}.`, {
      fix: 'Train the model again or restore the artifact.',
    });
  if (bytes.length < HEADER_BYTES) throw corrupt('it is too short');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== MAGIC) throw corrupt('it does not begin with the vocabulary mark');
  if (view.getUint32(4, true) !== FORMAT) throw corrupt(`format ${view.getUint32(4, true)} is not known`);
  const documents = view.getUint32(8, true);
  const count = view.getUint32(12, true);
  const textBytes = view.getUint32(16, true);
  if (bytes.length !== HEADER_BYTES + count * 6 + textBytes)
    throw corrupt('its length does not fit its header');
  const idf = new Float32Array(count);
  const terms = new Array<string>(count);
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let at = HEADER_BYTES + count * 6;
  for (let i = 0; i < count; i++) {
    idf[i] = view.getFloat32(HEADER_BYTES + i * 4, true);
    const length = view.getUint16(HEADER_BYTES + count * 4 + i * 2, true);
    if (at + length > bytes.length) throw corrupt('a term runs past the end');
    try {
      terms[i] = decoder.decode(bytes.subarray(at, at + length));
    } catch (cause) {
      throw new LanewayError('VOCABULARY_CORRUPT', 'The vocabulary holds a term that is not UTF-8.', {
        cause,
      });
    }
    at += length;
  }
  if (at !== bytes.length) throw corrupt('bytes are left over');
  return build(terms, idf, documents);
}
