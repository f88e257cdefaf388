import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Verdict } from '../../models/verdict.ts';
import { decodeStored, encodeNegative, encodeVerdict } from './stored-verdict.ts';

const share = fc.integer({ min: 0, max: 1_000_000 }).map((n) => Math.round((n / 1e6) * 1e6) / 1e6);
const verdict: fc.Arbitrary<Verdict> = fc.record({
  class: fc.constantFrom('transactional' as const, 'promotional' as const),
  band: fc.constantFrom('sure' as const, 'unsure' as const),
  probability: share,
  risk: share,
  reasons: fc.array(
    fc.record({
      feature: fc.string({ unit: 'grapheme', maxLength: 20 }),
      text: fc.string({ unit: 'grapheme', maxLength: 40 }),
      contribution: fc.double({ min: -1, max: 1, noNaN: true }),
    }),
    { maxLength: 8 },
  ),
  modelVersion: fc.constant('m-1'),
  fingerprint: fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 32, maxLength: 32 }),
  stage: fc.constantFrom('lexical' as const, 'semantic' as const),
});

test('a verdict comes back to the last bit', () => {
  fc.assert(
    fc.property(verdict, (one) => {
      const bytes = encodeVerdict('scope', 'key', one)!;
      const back = decodeStored('scope', 'key', 'm-1', bytes);
      expect(back).toEqual({ kind: 'verdict', verdict: one });
      expect(JSON.stringify(back.kind === 'verdict' && back.verdict)).toBe(JSON.stringify(one));
    }),
    { seed: 1, numRuns: 300 },
  );
});

test('any byte changed, cut or added is garbage; so is another key, another scope', () => {
  fc.assert(
    fc.property(verdict, fc.nat(), fc.integer({ min: 1, max: 255 }), (one, at, by) => {
      const bytes = encodeVerdict('scope', 'key', one)!;
      const damaged = Buffer.from(bytes);
      damaged[at % bytes.length]! ^= by;
      for (const [scope, key, value] of [
        ['scope', 'key', damaged],
        ['scope', 'key', bytes.subarray(0, at % bytes.length)],
        ['scope', 'key', Buffer.concat([bytes, Buffer.of(by)])],
        ['scope', 'other', bytes],
        ['other', 'key', bytes],
      ] as const) {
        expect(decodeStored(scope, key, 'm-1', value)).toEqual({ kind: 'garbage' });
      }
    }),
    { seed: 2, numRuns: 200 },
  );
});

test('bytes of nobody are garbage and never throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(decodeStored('scope', 'key', 'm-1', bytes)).toEqual({ kind: 'garbage' });
    }),
    { seed: 3, numRuns: 300 },
  );
});

test('a negative entry is one, under its own key alone', () => {
  const bytes = encodeNegative('scope', 'key');
  expect(decodeStored('scope', 'key', 'm-1', bytes)).toEqual({ kind: 'negative' });
  expect(decodeStored('scope', 'other', 'm-1', bytes)).toEqual({ kind: 'garbage' });
});

test('what the format cannot hold exactly is not stored', () => {
  const [one] = fc.sample(verdict, { seed: 4, numRuns: 1 });
  expect(encodeVerdict('s', 'k', { ...one!, probability: 0.12345678 })).toBeUndefined();
  expect(encodeVerdict('s', 'k', { ...one!, degraded: 'encoder-unavailable' })).toBeUndefined();
  expect(encodeVerdict('s', 'k', { ...one!, stage: 'cache-l1' })).toBeUndefined();
  expect(encodeVerdict('s', 'k', { ...one!, fingerprint: 'x' })).toBeUndefined();
});
