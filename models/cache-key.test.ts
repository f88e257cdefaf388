import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createCacheKeys } from './cache-key.ts';
import { canonicalise } from './text/canonical.ts';
import type { ClassifyInput } from './verdict.ts';

const about = { modelVersion: 'm-1', encoderId: 'minilm-l6-v2/int8/abc', cpu: 'x64 test' };

describe('the key of a verdict', () => {
  const keyWith = (who: typeof about) => {
    const keys = createCacheKeys(who);
    return (input: ClassifyInput) => {
      const [entry] = keys.entriesOf([input]);
      return entry === undefined ? undefined : `${keys.scope.id} ${keys.scope.digest} ${entry}`;
    };
  };
  const key = keyWith(about);

  test('is the same for texts with one canonical form, and holds that form', () => {
    const [a, b] = ['Your code is 482913', 'Your code is 118840'];
    expect(key({ text: a })).toBe(key({ text: b }));
    expect(key({ text: a })).toContain(canonicalise(a));
  });

  test('differs by everything that a verdict depends on', () => {
    const text = 'Your code is 482913';
    const keys = [
      key({ text }),
      key({ text: 'Your code is 4829' }),
      key({ text, metadata: { localHour: 23 } }),
      key({ text, metadata: { optedIn: true } }),
      keyWith({ ...about, modelVersion: 'm-2' })({ text }),
      keyWith({ ...about, encoderId: 'none' })({ text }),
      keyWith({ ...about, cpu: 'arm64 test' })({ text }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('metadata in one bin has one key, and none at all is all unknown', () => {
    const text = 'hello';
    expect(key({ text, metadata: { localHour: 8 } })).toBe(key({ text, metadata: { localHour: 9 } }));
    expect(key({ text, metadata: {} })).toBe(key({ text }));
  });

  test('equal keys mean equal canonical texts, whatever characters there are', () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.constantFrom('a\u0001b', 'a', 'a\u0001', '\u0001a'),
    );
    fc.assert(
      fc.property(texts, texts, (a, b) => {
        expect(key({ text: a }) === key({ text: b })).toBe(canonicalise(a) === canonicalise(b));
      }),
      { numRuns: 300, seed: 3 },
    );
  });

  test('a long text is not kept', () => {
    const long = Array.from({ length: 3_000 }, (_, i) => (i % 2 ? 'hello' : 'there')).join(' ');
    expect(key({ text: long })).toBeUndefined();
  });
});
