import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packSections, unpackSections } from './container.ts';

const sections = fc.dictionary(fc.stringMatching(/^[a-z/0-9]{1,12}$/), fc.uint8Array({ maxLength: 40 }), {
  maxKeys: 6,
  noNullPrototype: true,
});

describe('container', () => {
  it('gives back what was packed, in order, each section in memory of its own', () => {
    fc.assert(
      fc.property(sections, (given) => {
        // A Buffer, as reading a file gives it: its slices share memory.
        const found = unpackSections(Buffer.from(packSections(given)), 'here');
        expect([...found.keys()]).toEqual(Object.keys(given));
        for (const [name, bytes] of found) {
          expect(Array.from(bytes)).toEqual(Array.from(given[name]!));
          expect(bytes.buffer.byteLength).toBe(bytes.length);
        }
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it('packs the same sections into the same bytes', () => {
    const given = { a: Uint8Array.of(1, 2, 3), b: new Uint8Array(20) };
    expect(packSections(given)).toEqual(packSections({ ...given }));
  });

  it('answers any damage with the one error or sections, never otherwise', () => {
    const file = packSections({ a: Uint8Array.of(1, 2, 3), b: new Uint8Array(9) });
    const check = (bytes: Uint8Array) => {
      try {
        unpackSections(bytes, 'here');
      } catch (error) {
        expect(error).toMatchObject({ code: 'ARTIFACT_DAMAGED', where: 'here' });
      }
    };
    for (let at = 0; at < file.length; at++) {
      check(file.subarray(0, at));
      const flipped = file.slice();
      flipped[at]! ^= 0x41;
      check(flipped);
    }
  });

  it('refuses other files, other formats, and sections that reach past the end', () => {
    const file = packSections({ a: new Uint8Array(64) });
    expect(() => unpackSections(new Uint8Array(4), 'x')).toThrow(/shorter/);
    expect(() => unpackSections(new Uint8Array(40), 'x')).toThrow(/not a Laneway model/);
    const later = file.slice();
    later[4] = 2;
    expect(() => unpackSections(later, 'x')).toThrow(/file format 2, this version reads 1/);
    expect(() => unpackSections(file.subarray(0, file.length - 1), 'x')).toThrow(/reaches past the end/);
  });
});
