import { describe, expect, it } from 'vitest';
import { createClassifier } from '../classify.ts';
import type { Model } from '../model.ts';
import { createHashEncoder, randomModel, TEXTS } from '../testing/random-model.ts';
import { decodeModel, encodeModel, sealModel } from './codec.ts';

const coded = (model: Model) => {
  const { bytes, manifest } = encodeModel(model);
  return { bytes: Buffer.from(bytes), text: JSON.stringify(manifest, null, 2) };
};

describe('model files', () => {
  it.each([true, false])('give the same model back (with encoder: %s)', async (withEncoder) => {
    const model = randomModel(1, withEncoder);
    const { bytes, text } = coded(model);
    const read = decodeModel(bytes, text, 'here');
    expect(read.manifest).toEqual(model.manifest);
    expect(encodeModel(read).bytes).toEqual(encodeModel(model).bytes);
    const inputs = TEXTS.map((value) => ({ text: value }));
    const encoder = withEncoder ? createHashEncoder() : undefined;
    expect(await createClassifier(read, encoder).classify(inputs)).toEqual(
      await createClassifier(model, encoder).classify(inputs),
    );
  });

  it('are named by their content', () => {
    const model = randomModel(1);
    expect(model.manifest.version).toBe(`random-${model.manifest.sha256.slice(0, 10)}`);
    expect(randomModel(1).manifest).toEqual(model.manifest);
    expect(randomModel(2).manifest.version).not.toBe(model.manifest.version);
    const stricter = { ...model.manifest.thresholds, decision: 0.4 };
    const resealed = sealModel({ ...model, manifest: { ...model.manifest, thresholds: stricter } });
    expect(resealed.manifest.version).not.toBe(model.manifest.version);
  });

  it('are refused for any flipped byte of the binary', () => {
    const { bytes, text } = coded(randomModel(1));
    const places = [0, 5, 9, 200, bytes.length >> 1, bytes.length - 1];
    for (let at = 13; at < bytes.length; at += Math.ceil(bytes.length / 60)) places.push(at);
    for (const at of places) {
      const damaged = Buffer.from(bytes);
      damaged[at]! ^= 1;
      expect(() => decodeModel(damaged, text, 'here')).toThrow(
        expect.objectContaining({ code: 'ARTIFACT_DAMAGED', where: 'here' }),
      );
    }
    expect(() => decodeModel(bytes.subarray(0, -8), text, 'here')).toThrow(/SHA-256/);
  });

  it('are refused for any changed word of the manifest', () => {
    const { bytes, text } = coded(randomModel(1));
    for (let at = 0; at < text.length; at++) {
      if (/\s/.test(text[at]!)) continue;
      const changed = `${text.slice(0, at)}${text[at] === '7' ? '8' : '7'}${text.slice(at + 1)}`;
      expect(() => decodeModel(bytes, changed, 'here'), changed.slice(at - 20, at + 20)).toThrow(
        expect.objectContaining({
          code: expect.stringMatching(/^(ARTIFACT_DAMAGED|MODEL_FEATURE_VERSION)$/),
        }),
      );
    }
    expect(() => decodeModel(bytes, 'null', 'here')).toThrow(/manifest/);
  });

  it('of another feature version name the command that makes them anew', () => {
    const { bytes, text } = coded(randomModel(1));
    for (const field of ['featureVersion', 'canonicalVersion']) {
      const other = JSON.stringify({ ...JSON.parse(text), [field]: 99 });
      expect(() => decodeModel(bytes, other, 'here')).toThrow(
        expect.objectContaining({
          code: 'MODEL_FEATURE_VERSION',
          message: expect.stringContaining('99'),
          fix: expect.stringContaining('npm run train'),
        }),
      );
    }
  });

  it('are not written when the model was changed after it was named', () => {
    const model = randomModel(1);
    expect(() =>
      encodeModel({ ...model, riskScale: { words: { slope: 9, offset: 9, clarity: 0 } } }),
    ).toThrow(expect.objectContaining({ code: 'MODEL_UNSEALED' }));
  });

  it('are not named what a folder cannot be', () => {
    for (const name of ['../up', '', '.half', 'a/b', 'x'.repeat(65)])
      expect(() => randomModel(1, false, name)).toThrow(expect.objectContaining({ code: 'MODEL_NAME' }));
  });
});
