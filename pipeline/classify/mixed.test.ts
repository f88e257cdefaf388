import { describe, expect, it } from 'vitest';
import type { Classifier, Verdict } from '../../models/verdict.ts';
import { sentencesOf } from '../comply/content/sentences.ts';
import { keywordClassifier } from '../compose.fixture.ts';
import { lookIntoSentences } from './mixed.ts';

const sure = (kind: Verdict['class']): Verdict => ({
  class: kind,
  band: 'sure',
  probability: kind === 'promotional' ? 0.98 : 0.02,
  risk: 0,
  reasons: [],
  modelVersion: 'm',
  fingerprint: 'f',
  stage: 'lexical',
});

/** Sure of everything; promotional is what says "sale" or "% off" and no order number. */
function byWords(): Classifier & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    ...keywordClassifier(),
    asked,
    async classify(inputs) {
      asked.push(...inputs.map(({ text }) => text));
      return inputs.map(({ text }) =>
        sure(/sale|% off/.test(text) && !/order/i.test(text) ? 'promotional' : 'transactional'),
      );
    },
  };
}

const look = async (text: string, kind: Verdict['class'] = 'transactional') => {
  const classifier = byWords();
  const [verdict] = await lookIntoSentences(classifier, [text], [sure(kind)]);
  return { mixed: verdict?.mixed, asked: classifier.asked };
};

describe('sentences', () => {
  it.each([
    ['Order 5521 is out for delivery. Enjoy 20% off your next one!', 2],
    ['482913 is your code. Never share it.', 1],
    ['Hi Ann! Rs. 500 was paid to Acme Ltd. on 3.4.2026. Thank you for being with us', 2],
    ['One line only', 1],
    ['您的订单已经发货请注意查收。全场五折优惠活动今天开始。', 2],
    ['', 0],
  ])('%s', (text, count) => {
    expect(sentencesOf(text)).toHaveLength(count);
    // Nothing is lost or said twice.
    expect(sentencesOf(text).join('').replaceAll(/\s/g, '')).toBe(text.replaceAll(/\s/g, ''));
  });

  it('stop where nobody reads any more', () => {
    expect(sentencesOf('This is one more sentence. '.repeat(5_000))).toHaveLength(24);
  });
});

describe('mixed content', () => {
  it('is found in a sentence that speaks of an offer and is promotional alone', async () => {
    const { mixed, asked } = await look(
      'Your order 5521 is out for delivery today. Big sale, 20% off all boots.',
    );
    expect(mixed).toEqual({ sentence: 1, of: 2, probability: 0.98 });
    expect(asked).toEqual(['Big sale, 20% off all boots.']);
  });

  it.each([
    ['no sentence speaks of an offer', '482913 is your Norbank login code. Never share it with anyone.'],
    ['there is one sentence', 'Your order with 20% off is out'],
  ])('costs nothing where %s', async (_what, text) => {
    expect(await look(text)).toEqual({ mixed: undefined, asked: [] });
  });

  it('needs both witnesses', async () => {
    const { mixed, asked } = await look('Your order 5521 is free of charge. It arrives by noon today.');
    expect(asked).toHaveLength(1);
    expect(mixed).toBeUndefined();
  });

  it('is not asked about where the message is promotional anyway, or unsure', async () => {
    expect(
      (await look('We thank you for coming. Big sale, 20% off all boots.', 'promotional')).asked,
    ).toEqual([]);
    const classifier = byWords();
    const unsure: Verdict = { ...sure('transactional'), band: 'unsure' };
    await lookIntoSentences(classifier, ['We thank you for coming. Big sale, 20% off all boots.'], [unsure]);
    expect(classifier.asked).toEqual([]);
  });
});
