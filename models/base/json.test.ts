import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, constantJson } from './json.ts';

describe('canonicalJson', () => {
  it('sorts keys by code unit at every depth and leaves out undefined members', () => {
    expect(canonicalJson({ b: 1, a: { é: null, Z: [true, 'x'] }, gone: undefined })).toBe(
      '{"a":{"Z":[true,"x"],"é":null},"b":1}',
    );
  });

  it('prints numbers as ECMAScript does', () => {
    expect(canonicalJson([1e21, -0, 0.1, 1e-7])).toBe('[1e+21,0,0.1,1e-7]');
  });

  it.each([Number.NaN, Infinity, [undefined], 1n, () => 0])('refuses %s', (value) => {
    expect(() => canonicalJson(value)).toThrow(TypeError);
  });

  it('is a fixed point and does not depend on the order of keys', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (record) => {
        const text = canonicalJson(record);
        const backwards = Object.fromEntries(Object.entries(record).reverse());
        return canonicalJson(JSON.parse(text)) === text && canonicalJson(backwards) === text;
      }),
      { seed: 11, numRuns: 300 },
    );
  });
});

describe('constantJson', () => {
  it('is written as any other value, wherever it stands, and cannot be changed', () => {
    const given = { b: [1, { z: 'ü', a: null }], a: undefined, c: 'x' };
    const constant = constantJson(structuredClone(given));
    expect(canonicalJson({ list: [constant, constant], one: constant })).toBe(
      canonicalJson({ list: [given, given], one: given }),
    );
    expect(() => Object.assign(constant, { c: 'y' })).toThrow(TypeError);
  });
});
