import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type Dictionary, dictionaryIdOf, openText, ridOf, sealText } from './sealed.ts';

const key = { rid: 'abcdefghijklmnopqrstuv', key: randomBytes(32) };
const dictionary: Dictionary = {
  id: '0123456789abcdef012345',
  bytes: Buffer.from('what all of them say. '.repeat(90)),
};
const dictionaries = new Map([[dictionary.id, dictionary]]);
const text = `${'what all of them say. '.repeat(80)}and what only this one says: é`;

describe('sealed texts', () => {
  it('open with and without a dictionary, under their key and in their place alone', () => {
    for (const given of [undefined, dictionary]) {
      const sealed = sealText(key, 'here', text, given);
      expect(ridOf(sealed)).toBe(key.rid);
      expect(dictionaryIdOf(sealed)).toBe(given?.id);
      expect(openText(key.key, 'here', sealed, dictionaries)).toBe(text);
      expect(() => openText(key.key, 'there', sealed, dictionaries)).toThrow(/SEAL_BROKEN|cannot be opened/);
      expect(() => openText(randomBytes(32), 'here', sealed, dictionaries)).toThrow(/cannot be opened/);
    }
  });

  it('take up what differs from the dictionary', () => {
    expect(sealText(key, 'here', text, dictionary).length).toBeLessThan(250);
  });

  it('stay shut without their dictionary, and under the name of another', () => {
    const sealed = sealText(key, 'here', text, dictionary);
    expect(() => openText(key.key, 'here', sealed)).toThrow(/dictionary is not there/);
    const other = { ...dictionary, id: 'f'.repeat(22) };
    expect(() =>
      openText(key.key, 'here', sealed.replace(dictionary.id, other.id), new Map([[other.id, other]])),
    ).toThrow(/changed, or stands in another place/);
  });

  it('have a nonce of their own each time', () => {
    const sealed = new Set(Array.from({ length: 600 }, () => sealText(key, 'here', text, dictionary)));
    expect(sealed.size).toBe(600);
  });
});
