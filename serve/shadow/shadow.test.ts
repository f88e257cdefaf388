import { describe, expect, it } from 'vitest';
import { createAside } from '../models/aside.ts';
import { createBudget } from '../models/budget.ts';
import { type Challenger, createShadow, kindOf, type ShadowAnswer, type ShadowSeen } from './shadow.ts';

const sure = { class: 'transactional', band: 'sure', probability: 0.01, risk: 0 } as const;
const unsure = { ...sure, band: 'unsure', probability: 0.2 } as const;
const advert = { class: 'promotional', band: 'sure', probability: 0.99, risk: 0 } as const;

const seen = (
  text: string,
  answer: ShadowAnswer = sure,
  over: Partial<ShadowSeen['verdict']> = {},
): ShadowSeen => ({
  tenant: 't',
  text,
  verdict: {
    ...answer,
    reasons: [],
    modelVersion: 'c-1',
    fingerprint: `f-${text}`,
    stage: 'lexical',
    ...over,
  },
});

/** A challenger that answers when told to. */
function held(answerOf: (text: string) => ShadowAnswer) {
  const calls: string[][] = [];
  const open: (() => void)[] = [];
  const challenger: Challenger = {
    version: 'n-2',
    classify: (inputs) => {
      calls.push(inputs.map(({ text }) => text));
      return new Promise((resolve) => {
        open.push(() => resolve(inputs.map(({ text }) => answerOf(text))));
      });
    },
    close: async () => {
      for (const let_ of open.splice(0)) let_();
    },
  };
  const release = async () => {
    open.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { challenger, calls, release };
}
const options = { championVersion: 'c-1', clock: () => 5 };
const instant = (answerOf: (text: string) => ShadowAnswer): Challenger => ({
  version: 'n-2',
  classify: async (inputs) => inputs.map(({ text }) => answerOf(text)),
  close: async () => undefined,
});

it('tells another class from another treatment', () => {
  expect(kindOf(sure, sure)).toBeUndefined();
  expect(kindOf(sure, advert)).toBe('class');
  expect(kindOf(sure, unsure)).toBe('treatment');
  expect(kindOf(advert, { ...advert, band: 'unsure' })).toBeUndefined();
});

describe('shadow', () => {
  it('counts and lists disagreements by fingerprint, without texts, each tenant its own', async () => {
    const shadow = createShadow({
      ...options,
      challenger: instant((text) => (text === 'gift' ? advert : sure)),
    });
    for (const text of ['code', 'gift', 'gift', 'bill'])
      shadow.observe(seen(text, text === 'bill' ? unsure : sure));
    shadow.observe({ ...seen('gift'), tenant: 'other' });
    await shadow.idle();
    expect(shadow.stats()).toMatchObject({
      compared: 5,
      disagreed: { class: 3, treatment: 1 },
      dropped: 0,
      waiting: 0,
    });
    const listed = shadow.disagreements('t', 10);
    expect(listed.map(({ fingerprint, kind, count }) => [fingerprint, kind, count])).toEqual([
      ['f-gift', 'class', 2],
      ['f-bill', 'treatment', 1],
    ]);
    expect(listed[0]).toMatchObject({ champion: sure, challenger: advert, firstAtMs: 5 });
    expect(JSON.stringify(listed)).not.toMatch(/"gift"|"text"/);
    expect(shadow.disagreements('t', 1)).toHaveLength(1);
  });

  it('never waits: one call at a time, the rest queued, more than the queue holds dropped and counted', async () => {
    const { challenger, calls, release } = held(() => sure);
    const shadow = createShadow({ ...options, challenger, capacity: 3, batch: 2 });
    for (const text of ['a', 'b', 'c', 'd', 'e', 'f']) shadow.observe(seen(text));
    expect(calls).toEqual([['a']]);
    expect(shadow.stats()).toMatchObject({ compared: 0, dropped: 2, waiting: 3 });
    await release();
    expect(calls).toEqual([['a'], ['b', 'c']]);
    await release();
    await release();
    await shadow.idle();
    expect(calls.flat()).toEqual(['a', 'b', 'c', 'd']);
    expect(shadow.stats()).toMatchObject({ compared: 4, dropped: 2, waiting: 0 });
  });

  it('leaves out answers of another champion and degraded ones', async () => {
    const shadow = createShadow({ ...options, challenger: instant(() => advert) });
    shadow.observe(seen('a', sure, { modelVersion: 'c-0' }));
    shadow.observe(seen('b', sure, { degraded: 'encoder-unavailable' }));
    await shadow.idle();
    expect(shadow.stats()).toMatchObject({ compared: 0, dropped: 0 });
  });

  it('goes on after a failure, which it counts and reports', async () => {
    let asked = 0;
    const faults: unknown[] = [];
    const shadow = createShadow({
      ...options,
      batch: 1,
      report: (error) => faults.push(error),
      challenger: {
        version: 'n-2',
        classify: async () => {
          if (asked++ === 0) throw new Error('broken');
          return [sure];
        },
        close: async () => undefined,
      },
    });
    shadow.observe(seen('a'));
    shadow.observe(seen('b'));
    await shadow.idle();
    expect(shadow.stats()).toMatchObject({ compared: 1, failed: 1 });
    expect(faults).toHaveLength(1);
  });

  it('closes without answering what waits', async () => {
    const { challenger, calls } = held(() => sure);
    const shadow = createShadow({ ...options, challenger, batch: 1 });
    for (const text of ['a', 'b']) shadow.observe(seen(text));
    await shadow.close();
    shadow.observe(seen('c'));
    expect(calls).toEqual([['a']]);
    expect(shadow.stats().waiting).toBe(0);
  });
});

it('a budget is spent within its second and full again in the next', () => {
  let nowMs = 10_000;
  const may = createBudget(() => nowMs, 2);
  expect([may(), may(), may()]).toEqual([true, true, false]);
  nowMs = 10_999;
  expect(may()).toBe(false);
  nowMs = 11_000;
  expect([may(), may(), may()]).toEqual([true, true, false]);
});

describe('aside', () => {
  it('works in order, in slices, after who pushed; drops beyond its capacity', async () => {
    const done: number[] = [];
    const aside = createAside<number>((n) => done.push(n), { capacity: 5, slice: 2 });
    for (let n = 0; n < 8; n++) aside.push(n);
    expect([done, aside.dropped]).toEqual([[], 3]);
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    await turn();
    expect(done).toEqual([0, 1]);
    for (let n = 8; n < 10; n++) aside.push(n);
    for (let turns = 0; turns < 4; turns++) await turn();
    expect(done).toEqual([0, 1, 2, 3, 4, 8, 9]);
    expect(aside.dropped).toBe(3);
  });
});
