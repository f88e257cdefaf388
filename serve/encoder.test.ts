import { expect, test } from 'vitest';
import type { Model } from '../models/model.ts';
import { openEncoderFor, specOfEncoder } from './encoder.ts';

/** Only the manifest is read. */
const trainedWith = (encoderId?: string) =>
  ({ manifest: { ...(encoderId ? { encoderId } : {}) } }) as unknown as Model;

test('an id names the setting that opens it', () => {
  expect(specOfEncoder('minilm-l6-v2/int8/0123456789ab')).toBe('minilm:int8');
  expect(specOfEncoder('minilm-l6-v2/fp32/0123456789ab')).toBe('minilm:fp32');
  expect(specOfEncoder('hub/owner/name/mean/main')).toBe('hub:owner/name');
});

test('a lexical model needs none and misses none', async () => {
  expect(await openEncoderFor(trainedWith(), 'auto', { home: '/nowhere' })).toEqual({
    state: 'none needed: the model is lexical',
  });
});

test('one that cannot be opened, or is switched off, is missed with the reason', async () => {
  const absent = await openEncoderFor(trainedWith('minilm-l6-v2/int8/0123456789ab'), 'auto', {
    home: '/nowhere',
  });
  expect(absent.encoder).toBeUndefined();
  expect(absent.missing).toContain('/nowhere/encoder');
  const off = await openEncoderFor(trainedWith('minilm-l6-v2/int8/0123456789ab'), 'none', {
    home: '/nowhere',
  });
  expect(off.missing).toContain('LANEWAY_ENCODER');
});
