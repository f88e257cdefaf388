import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LanewayError } from '../base/errors.ts';
import { type LinearHead, scoreSparse } from '../heads/linear.ts';
import { canonicalise } from '../text/canonical.ts';
import { createCharVectoriser } from './characters.ts';
import { binMetadata, METADATA_COLUMNS, metadataKey, UNKNOWN_METADATA } from './metadata.ts';
import { GROUP_NAMES, PHRASE_GROUPS } from './phrases.ts';
import { countSignals, SIGNAL_COUNT, SIGNALS } from './signals.ts';
import { charTerms, termPhrase, wordTerms } from './terms.ts';
import { viewAny, viewText } from './text-view.ts';
import { fitVocabulary, fromBytes, type SparseVector, toBytes, vectorise } from './vocabulary.ts';
import { createWordVectoriser } from './words.ts';

describe('wordTerms', () => {
  it('gives words exactly and pairs by family', () => {
    expect(wordTerms('Get <amountround2> off!')).toEqual([
      ...['get', '<amountround2>', 'off', '!'],
      ...['get <amount>', '<amount> off', 'off !'],
    ]);
  });

  it('gives nothing for nothing', () => {
    expect(wordTerms('')).toEqual([]);
    expect(wordTerms(' ... ')).toEqual([]);
    expect(wordTerms('word')).toEqual(['word']);
  });

  it('reads well in reasons', () => {
    expect(termPhrase('cashback')).toBe("the word 'cashback'");
    expect(termPhrase('<code6>')).toBe('a 6-digit number');
    expect(termPhrase('<amount> off')).toBe("the words '[amount] off'");
  });
});

describe('charTerms', () => {
  it('stays within padded words', () => {
    expect(charTerms('Hi yo')).toEqual([
      ...[' h', 'hi', 'i ', ' hi', 'hi ', ' hi '],
      ...[' y', 'yo', 'o ', ' yo', 'yo ', ' yo '],
    ]);
  });

  it('counts a placeholder as one character', () => {
    const [a, b] = [charTerms('x <code6>'), charTerms('x <amountcents2>')];
    expect(a.length).toBe(b.length);
    expect(a.filter((term) => b.includes(term))).toEqual([' x', 'x ', ' x ']);
    expect(a.join('')).not.toContain('code');
  });
});

/** Two heads with weights of no pattern. */
const headsOver = ({ terms }: { readonly terms: readonly string[] }) =>
  [0.3, -0.7].map((bias, head) => ({
    bias,
    weights: Float32Array.from(terms, (_, term) => Math.sin(1 + term * (head + 1))),
  }));
const scored = (row: SparseVector, heads: readonly LinearHead[]) => ({
  ...row,
  logits: heads.map((head) => scoreSparse(head, row)),
});

describe('createCharVectoriser', () => {
  const corpus = [
    'Your code is <code6>',
    'FLAT <pct40> off! Shop now',
    'a <amountround2> b',
    'naïve 😀 test',
  ];
  const vocabulary = fitVocabulary(corpus.map(charTerms));
  const heads = headsOver(vocabulary);
  const vectoriser = createCharVectoriser(vocabulary, heads);

  it('gives the rows of vectorise, value for value', () => {
    const piece = fc.constantFrom(
      ...corpus,
      'sho',
      'code',
      '<code6>.',
      ' ',
      'o',
      'xyz',
      'ff!',
      '<pct40><pct40>',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string({ unit: 'binary', maxLength: 5 }))), (parts) => {
        const text = parts.join('');
        expect(vectoriser(text)).toEqual(scored(vectorise(vocabulary, charTerms(text)), heads));
      }),
      { seed: 5, numRuns: 500 },
    );
    expect(vectoriser(corpus[0]!).indices.length).toBeGreaterThan(20);
  });

  it('takes an empty vocabulary', () => {
    expect(createCharVectoriser(fitVocabulary([]))('word').indices.length).toBe(0);
  });
});

describe('createWordVectoriser', () => {
  const corpus = [
    'Your code is <code6>!',
    'FLAT <pct40> off!! Shop now',
    'save <amountround2> on <date>',
    "T&C apply, don't wait <b>naïve</b> 😀",
  ];
  const vocabulary = fitVocabulary(corpus.map(wordTerms));
  const heads = headsOver(vocabulary);
  const vectoriser = createWordVectoriser(vocabulary, heads);

  it('gives the rows of vectorise, value for value', () => {
    const piece = fc.constantFrom(
      ...corpus,
      '<amountcents2> off',
      ' shop',
      ' now',
      '<b>',
      '!!',
      'code is ',
      '😀',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string({ unit: 'binary', maxLength: 5 }))), (parts) => {
        const text = parts.join('');
        expect(vectoriser(text)).toEqual(scored(vectorise(vocabulary, wordTerms(text)), heads));
      }),
      { seed: 6, numRuns: 500 },
    );
    // A pair is of families, a word is not.
    const [pair] = vectoriser('<amountprice3> on').indices;
    expect(vocabulary.terms[pair!]).toBe('<amount> on');
  });

  it('counts what stands often, and takes an endless text and an empty vocabulary', () => {
    const text = 'code is '.repeat(5_000);
    expect(vectoriser(text)).toEqual(scored(vectorise(vocabulary, wordTerms(text)), heads));
    expect(createWordVectoriser(fitVocabulary([]))('word').indices.length).toBe(0);
  });
});

describe('vocabulary', () => {
  const docs = [
    ['free', 'gift', 'free'],
    ['your', 'code'],
    ['free', 'code'],
  ];

  it('weighs terms by smoothed inverse document frequency', () => {
    const vocabulary = fitVocabulary(docs);
    expect(vocabulary.terms).toEqual(['code', 'free', 'gift', 'your']);
    expect(vocabulary.documents).toBe(3);
    expect([...vocabulary.idf]).toEqual([4 / 3, 4 / 3, 2, 2].map((r) => Math.fround(Math.log(r) + 1)));
  });

  it('keeps the most frequent, ties in code-unit order', () => {
    expect(fitVocabulary(docs, { maxTerms: 3 }).terms).toEqual(['code', 'free', 'gift']);
    expect(fitVocabulary(docs, { minDocs: 2 }).terms).toEqual(['code', 'free']);
    expect(fitVocabulary([...docs].reverse(), { maxTerms: 3 }).terms).toEqual(['code', 'free', 'gift']);
  });

  it('makes sublinear rows of unit length', () => {
    const vocabulary = fitVocabulary(docs);
    const row = vectorise(vocabulary, ['gift', 'free', 'unseen', 'free']);
    expect([...row.indices]).toEqual([1, 2]);
    const [free, gift] = [(1 + Math.log(2)) * (Math.log(4 / 3) + 1), Math.log(2) + 1];
    expect(row.values[0]! / row.values[1]!).toBeCloseTo(free / gift, 6);
    expect(Math.hypot(...row.values)).toBeCloseTo(1, 6);
    expect(vectorise(vocabulary, ['unseen']).indices.length).toBe(0);
  });

  it('survives being written and read, byte for byte', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.string({ maxLength: 8 }))), (d) => {
        const vocabulary = fitVocabulary(d);
        const bytes = toBytes(vocabulary);
        const read = fromBytes(bytes);
        expect(read.terms).toEqual(vocabulary.terms);
        expect(read.idf).toEqual(vocabulary.idf);
        expect(read.documents).toBe(vocabulary.documents);
        expect(toBytes(read)).toEqual(bytes);
      }),
      { seed: 3, numRuns: 200 },
    );
  });

  it('refuses bytes that are not a vocabulary', () => {
    const bytes = toBytes(fitVocabulary(docs));
    const flipped = (at: number): Uint8Array => bytes.map((byte, i) => (i === at ? byte ^ 0x80 : byte));
    for (const bad of [
      new Uint8Array(3),
      bytes.slice(0, -1),
      flipped(0),
      flipped(4),
      flipped(12),
      flipped(16),
    ]) {
      expect(() => fromBytes(bad)).toThrow(LanewayError);
    }
    expect(() => fromBytes(flipped(bytes.length - 1))).toThrow(/UTF-8/);
  });
});

describe('signals', () => {
  const signalsOf = (text: string): Record<string, number> => {
    const out = new Float32Array(SIGNAL_COUNT + 2).fill(-1);
    countSignals(canonicalise(text), out, 1);
    expect([out[0], out.at(-1)]).toEqual([-1, -1]);
    return Object.fromEntries(SIGNALS.map(({ name }, i) => [name, out[i + 1]!]));
  };

  it.each([
    [
      'FLAT 50% OFF!! Shop now bit.ly/aB3x T&C apply',
      { exclamations: 2, largePercents: 1, shortLinks: 1, links: 1, terms: 1 },
    ],
    ['FLAT 50% OFF!! Shop now', { shoutedWords: 2, discount: 3, callToAction: 1 }],
    [
      'Rs.312.40 debited from A/c XX1234 on 01-Jul-25 at 17:36',
      { exactCents: 1, maskedAccounts: 1, dates: 1, times: 1, debitCredit: 1 },
    ],
    [
      '482156 is your OTP. Do not share it with anyone. Valid 10 mins',
      { codes: 1, code: 1, security: 3, shortDurations: 1, sentences: 3 },
    ],
    [
      'Dear customer, your order has been delivered.\nThank you',
      { dear: 1, greeting: 1, stateChange: 1, fulfilment: 2, thanks: 1, lineBreaks: 1, yours: 2 },
    ],
    ['Subject: Weekly digest\nUnsubscribe here', { subject: 1, newsletter: 2, optOut: 1 }],
    ['Reply STOP to opt out. 18+', { optOut: 3, terms: 1 }],
    ['Win a FREE prize 😀😀?', { win: 2, free: 1, emoji: 2, questions: 1 }],
    ['Привет мир', { nonAsciiLetters: 1, capitals: 0 }],
    ['', { characters: 0, words: 0, capitals: 0, sentences: 1, exclamations: 0 }],
  ])('%j', (text, expected) => {
    expect(signalsOf(text)).toMatchObject(expected);
  });

  it('are finite, not negative and capped on any text', () => {
    const out = new Float32Array(SIGNAL_COUNT);
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
        countSignals(canonicalise(text.repeat(20)), out);
        for (const value of out) expect(value >= 0 && value <= 20).toBe(true);
      }),
      { seed: 11, numRuns: 300 },
    );
  });

  it('count the same in one walk over a plain text as by pattern', () => {
    const pieces = [
      ..."aZ9 \n\t<>'&/@!?*.,-",
      ...['<code6>', '<amountround2>', '<abc>', '<CODE6>', '<subject>', '...', '?!'],
      ...['THE', 'Dear', 'customer', 'not', 'you', 'T&C', 'off', 'Reply', 'stop'],
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 40 }), (made) => {
        const text = made.join('');
        const plain = structuredClone(viewText(text));
        viewText('');
        expect(plain).toEqual(viewAny(text));
      }),
      { seed: 12, numRuns: 2_000 },
    );
  });

  it('have unique names and room for their bits', () => {
    expect(new Set(SIGNALS.map(({ name }) => name)).size).toBe(SIGNAL_COUNT);
    expect(GROUP_NAMES.length).toBeLessThanOrEqual(31);
    expect(() => countSignals('x', new Float32Array(SIGNAL_COUNT), 1)).toThrow(RangeError);
  });

  it('have only phrases that canonical text can hold', () => {
    for (const [group, phrases] of Object.entries(PHRASE_GROUPS)) {
      for (const phrase of phrases.split('|')) expect(phrase, group).toMatch(/^(?:\^ )?[^\s]+(?: [^\s]+)*$/);
    }
  });
});

describe('metadata', () => {
  it('is all unknown without facts', () => {
    expect([...binMetadata(undefined)]).toEqual([0, 0, 0, 0, 0, 0]);
    expect(metadataKey(binMetadata(UNKNOWN_METADATA))).toBe('000000');
  });

  it.each([
    [{ senderReputation: 0 }, '100000'],
    [{ senderReputation: 1 }, '500000'],
    [{ localHour: 0 }, '010000'],
    [{ localHour: 23 }, '050000'],
    [{ weekday: 0 }, '004000'],
    [{ weekday: 1 }, '001000'],
    [{ weekday: 6 }, '003000'],
    [{ burst: 1 }, '000100'],
    [{ burst: 5_000 }, '000500'],
    [{ daysSinceEngaged: 6.9 }, '000010'],
    [{ daysSinceEngaged: 400 }, '000050'],
    [{ optedIn: false }, '000001'],
    [{ optedIn: true }, '000002'],
    [{ senderReputation: Number.NaN, localHour: 24, weekday: 7, burst: -1 }, '000000'],
  ])('%j -> %s', (metadata, key) => {
    expect(metadataKey(binMetadata(metadata))).toBe(key);
  });

  it('has a name for every bin', () => {
    const extremes = [
      { senderReputation: 1, localHour: 23, weekday: 0, burst: 1e9, daysSinceEngaged: 1e9, optedIn: true },
    ];
    for (const metadata of extremes) {
      binMetadata(metadata).forEach((bin, i) => {
        expect(METADATA_COLUMNS[i]!.bins.length).toBe(bin + 1);
      });
    }
  });
});
