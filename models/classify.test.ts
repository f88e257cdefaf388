import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calibrate } from './calibration.ts';
import { createClassifier } from './classify.ts';
import type { Encoder } from './encoder/encoder.ts';
import { createNoEncoder } from './encoder/none.ts';
import type { Model } from './model.ts';
import { createHashEncoder, randomModel, TEXTS } from './testing/random-model.ts';
import { canonicalise } from './text/canonical.ts';
import { fingerprint } from './text/fingerprint.ts';
import type { Metadata, Verdict } from './verdict.ts';

const models = [1, 2, 3, 4, 5, 6].map((seed) => randomModel(seed));
const anyModel = fc.constantFrom(...models);
const words = [...new Set(TEXTS.join(' ').split(' '))];
const anyText = fc.oneof(
  fc.constantFrom(...TEXTS),
  fc.array(fc.constantFrom(...words), { maxLength: 12 }).map((list) => list.join(' ')),
  fc.string({ unit: 'binary', maxLength: 40 }),
);
const anyMetadata: fc.Arbitrary<Metadata> = fc.record(
  {
    senderReputation: fc.double({ min: 0, max: 1, noNaN: true }),
    localHour: fc.integer({ min: 0, max: 23 }),
    weekday: fc.integer({ min: 0, max: 6 }),
    burst: fc.integer({ min: 0, max: 5000 }),
    daysSinceEngaged: fc.integer({ min: 0, max: 500 }),
    optedIn: fc.boolean(),
  },
  { requiredKeys: [] },
);
const anyInput = fc.record({ text: anyText, metadata: anyMetadata }, { requiredKeys: ['text'] });
const open = (model: Model, encoder: Encoder | undefined = createHashEncoder()) =>
  createClassifier(model, encoder);

describe('a verdict', () => {
  it('is the same bytes alone and in any batch', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyModel,
        fc.array(anyInput, { maxLength: 12 }),
        fc.nat(12),
        async (model, inputs, cut) => {
          const classifier = open(model);
          const whole = await classifier.classify(inputs);
          const parts = [
            await classifier.classify(inputs.slice(0, cut)),
            await classifier.classify(inputs.slice(cut)),
          ];
          const alone = await Promise.all(inputs.map((input) => classifier.classify([input])));
          expect(JSON.stringify(parts.flat())).toBe(JSON.stringify(whole));
          expect(JSON.stringify(alone.flat())).toBe(JSON.stringify(whole));
        },
      ),
      { seed: 1, numRuns: 100 },
    );
  });

  it('never has a lower probability for what is known of sender and recipient', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyModel,
        anyText,
        anyMetadata,
        fc.boolean(),
        async (model, text, metadata, encoded) => {
          const classifier = createClassifier(model, encoded ? createHashEncoder() : undefined);
          const [floor, informed] = await classifier.classify([{ text }, { text, metadata }]);
          expect(informed!.probability).toBeGreaterThanOrEqual(floor!.probability);
          expect(informed!.stage).toBe(floor!.stage);
          expect(informed!.fingerprint).toBe(floor!.fingerprint);
          expect(informed!.risk).toBe(floor!.risk);
          // Treatment gets stricter or stays: never from promotional, nor from doubt, to surely transactional.
          const lenient = ({ class: is, band }: Verdict) => is === 'transactional' && band === 'sure';
          if (floor!.class === 'promotional') expect(informed!.class).toBe('promotional');
          if (lenient(informed!)) expect(lenient(floor!)).toBe(true);
        },
      ),
      { seed: 2, numRuns: 300 },
    );
  });

  it('has reasons whose contributions, bias included, sum to the raw vote', async () => {
    // With a calibration that changes nothing the probability is the vote.
    const votes = Float64Array.of(0, 1);
    const identity = { votes, probabilities: votes };
    const plain = models.map((model) => ({
      ...model,
      lexical: { ...model.lexical, calibration: identity },
      full: { ...model.full!, calibration: identity },
    }));
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...plain), anyInput, async (model, input) => {
        const [verdict] = await open(model).classify([input]);
        const sum = verdict!.reasons.reduce((total, reason) => total + reason.contribution, 0);
        expect(Math.abs(sum - verdict!.probability)).toBeLessThan(1e-6);
        expect(new Set(verdict!.reasons.map((reason) => reason.feature)).size).toBe(verdict!.reasons.length);
        expect(verdict!.reasons.at(-1)!.feature).toBe('bias');
        for (const { text } of verdict!.reasons) expect(text).toMatch(/\S/);
      }),
      { seed: 3, numRuns: 200 },
    );
  });

  it('is the same without reasons but for the reasons', async () => {
    const inputs = TEXTS.map((text) => ({ text }));
    const full = await open(models[0]!).classify(inputs);
    const bare = await open(models[0]!).classify(inputs, { reasons: false });
    expect(bare).toEqual(full.map((verdict) => ({ ...verdict, reasons: [] })));
  });

  it('is one for all texts of one canonical form', async () => {
    const texts = ['482913 is your code', '771204 is your code', '482913\u200b is your  code'];
    const verdicts = await open(models[0]!).classify(texts.map((text) => ({ text })));
    expect(verdicts[1]).toEqual(verdicts[0]);
    expect(verdicts[2]).toEqual(verdicts[0]);
    expect(verdicts[0]!.fingerprint).toBe(fingerprint(canonicalise(texts[0]!)));
  });

  it('takes class and band from the thresholds', async () => {
    for (const model of models) {
      const { decision, sureBelow, sureAbove } = model.manifest.thresholds;
      for (const verdict of await open(model).classify(TEXTS.slice(0, 5).map((text) => ({ text })))) {
        expect(verdict.class).toBe(verdict.probability >= decision ? 'promotional' : 'transactional');
        const sure = verdict.probability < sureBelow || verdict.probability >= sureAbove;
        expect(verdict.band).toBe(sure ? 'sure' : 'unsure');
        expect(verdict.modelVersion).toBe(model.manifest.version);
      }
    }
  });

  it('is never sure of a text that is not English', async () => {
    const sure = { ...models[0]!.manifest.thresholds, sureBelow: 1.1, sureAbove: -0.1 };
    const model = { ...models[0]!, manifest: { ...models[0]!.manifest, thresholds: sure } };
    const bands = async (text: string) => (await open(model).classify([{ text }]))[0]!.band;
    expect(await bands(TEXTS[0]!)).toBe('sure');
    for (const text of [
      TEXTS[5]!,
      TEXTS[6]!,
      'आपका बिल तैयार है, कृपया समय पर भुगतान करें',
      'Ihre Rechnung ist jetzt online verfügbar, bitte zahlen Sie bis Freitag.',
    ])
      expect(await bands(text), text).toBe('unsure');
  });
});

describe('the cascade', () => {
  it('asks the encoder about what the lexical forest is unsure of or reads like a scam, and nothing else', async () => {
    const stages = new Set<string>();
    for (const model of models) {
      const asked: string[] = [];
      const hash = createHashEncoder();
      const encoder: Encoder = {
        ...hash,
        encode: (texts) => {
          asked.push(...texts);
          return hash.encode(texts);
        },
      };
      const inputs = TEXTS.map((text) => ({ text }));
      const lexicalOnly = await createClassifier(model).classify(inputs);
      const verdicts = await createClassifier(model, encoder).classify(inputs);
      const { cascadeLow, cascadeHigh } = model.manifest.thresholds;
      verdicts.forEach((verdict, i) => {
        const { probability, risk } = lexicalOnly[i]!;
        const unsure = probability >= cascadeLow && probability <= cascadeHigh;
        const risky = risk >= model.riskScale.meaning!.askFrom;
        expect(verdict.stage).toBe(unsure || risky ? 'semantic' : 'lexical');
        stages.add(risky && !unsure ? 'for its risk' : verdict.stage);
        // The encoder has a word in the risk of every message that it was asked about.
        expect(verdict.risk === risk).toBe(verdict.stage === 'lexical');
        expect(verdict.degraded).toBeUndefined();
        expect(lexicalOnly[i]!.degraded).toBe(unsure || risky ? 'encoder-unavailable' : undefined);
      });
      expect(asked).toHaveLength(verdicts.filter(({ stage }) => stage === 'semantic').length);
    }
    expect([...stages].sort()).toEqual(['for its risk', 'lexical', 'semantic']);
  });

  it('is the same in a hurry, and the encoder hears of the hurry', async () => {
    const hash = createHashEncoder();
    const heard: (boolean | undefined)[] = [];
    const encode: Encoder['encode'] = (texts, options) => {
      heard.push(options?.urgent);
      return hash.encode(texts);
    };
    const thresholds = { ...models[0]!.manifest.thresholds, cascadeLow: 0, cascadeHigh: 1 };
    const model = { ...models[0]!, manifest: { ...models[0]!.manifest, thresholds } };
    const classifier = open(model, { ...hash, encode });
    const inputs = TEXTS.map((text) => ({ text }));
    const calm = await classifier.classify(inputs);
    expect(await classifier.classify(inputs, { urgent: true })).toEqual(calm);
    expect(heard).toEqual([false, true]);
  });

  it('widens the unsure band where the encoder is missing, and only there', async () => {
    const base = models.find(({ lexical: { calibration } }) => calibrate(calibration, 0) < 0.9)!;
    const inputs = TEXTS.map((text) => ({ text }));
    const { probability } = (await createClassifier(base).classify(inputs.slice(0, 1)))[0]!;
    const bandWith = async (cascade: number) => {
      const thresholds = {
        decision: 0,
        sureBelow: -1,
        sureAbove: probability - 0.01,
        cascadeLow: cascade,
        cascadeHigh: 1,
      };
      const riskScale = { words: base.riskScale.words };
      const model = { ...base, riskScale, manifest: { ...base.manifest, thresholds } };
      return (await createClassifier(model).classify(inputs.slice(0, 1)))[0]!;
    };
    expect(await bandWith(0)).toMatchObject({ band: 'unsure', degraded: 'encoder-unavailable' });
    const final = await bandWith(1);
    expect(final).toMatchObject({ band: 'sure', stage: 'lexical' });
    expect(final.degraded).toBeUndefined();
  });

  it('answers without an encoder that fails, saying so', async () => {
    const broken: Encoder = {
      ...createHashEncoder(),
      encode: () => Promise.reject(new Error('worker gone')),
    };
    const inputs = TEXTS.map((text) => ({ text }));
    const verdicts = (
      await Promise.all(models.map((model) => createClassifier(model, broken).classify(inputs)))
    ).flat();
    const degraded = verdicts.filter((verdict) => verdict.degraded !== undefined);
    expect(degraded.length).toBeGreaterThan(0);
    for (const verdict of degraded)
      expect(verdict).toMatchObject({ stage: 'lexical', degraded: 'encoder-failed: worker gone' });
  });

  it('treats the none encoder as no encoder', async () => {
    const inputs = TEXTS.map((text) => ({ text }));
    expect(await createClassifier(models[0]!, createNoEncoder()).classify(inputs)).toEqual(
      await createClassifier(models[0]!).classify(inputs),
    );
  });

  it('is complete without an encoder for a lexical model', async () => {
    const inputs = TEXTS.map((text) => ({ text }));
    for (const verdict of await createClassifier(randomModel(9, false)).classify(inputs)) {
      expect(verdict.stage).toBe('lexical');
      expect(verdict.degraded).toBeUndefined();
    }
  });

  it('refuses vectors of another encoder, takes another precision', () => {
    const encoder = createHashEncoder();
    const refused = expect.objectContaining({ code: 'ENCODER_MISMATCH' });
    expect(() => createClassifier(models[0]!, { ...encoder, id: 'other/int8/0' })).toThrow(refused);
    expect(() => createClassifier(models[0]!, { ...encoder, dimensions: 768 })).toThrow(refused);
    expect(() => createClassifier(models[0]!, { ...encoder, id: 'hash/fp32/1a' })).not.toThrow();
  });
});
