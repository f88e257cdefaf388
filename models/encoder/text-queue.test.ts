import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_BATCH_TOKENS } from './batching.ts';
import { createTextQueue, MOST_URGENT_IN_A_ROW } from './text-queue.ts';

describe('the queue before the encoder', () => {
  it('lets urgent texts go first, alone, and the oldest choose the length', () => {
    const queue = createTextQueue<string>();
    queue.push('advert', 30, false);
    queue.push('another advert', 12, false);
    queue.push('code', 12, true);
    queue.push('longer code', 20, true);
    queue.push('second code', 12, true);
    queue.push('third advert', 30, false);
    expect([queue.take(), queue.take(), queue.take(), queue.take()]).toEqual([
      ['code', 'second code'],
      ['longer code'],
      ['advert', 'third advert'],
      ['another advert'],
    ]);
    expect([queue.empty, queue.take()]).toEqual([true, []]);
  });

  it('lets nobody starve: of ten batches one is for the others, whatever comes urgently', () => {
    const queue = createTextQueue<string>();
    for (let i = 0; i < 3; i++) queue.push(`advert ${i}`, 10 + i, false);
    const round = MOST_URGENT_IN_A_ROW + 1;
    const batches = Array.from({ length: 3 * round }, () => {
      queue.push('code', 8, true);
      return queue.take();
    });
    const places = batches.flatMap((batch, at) => (batch.includes('code') ? [] : [at]));
    expect(places).toEqual([round - 1, 2 * round - 1, 3 * round - 1]);
    // An urgent one that was kept back for it goes with the next.
    expect(batches[round]).toEqual(['code', 'code']);
    expect(queue.drain()).toEqual(['code']);
  });

  it('gives every text once, in batches of one length that fit', () => {
    const text = fc.record({ tokens: fc.integer({ min: 2, max: 128 }), urgent: fc.boolean() });
    fc.assert(
      fc.property(fc.array(fc.option(text), { maxLength: 200 }), (steps) => {
        const queue = createTextQueue<{ tokens: number; urgent: boolean }>();
        const taken: object[] = [];
        const take = () => {
          const batch = queue.take();
          for (const item of batch) expect(item).toMatchObject(batch[0]!);
          if (batch.length > 1) expect(batch.length * batch[0]!.tokens).toBeLessThanOrEqual(MAX_BATCH_TOKENS);
          taken.push(...batch);
        };
        for (const step of steps) {
          if (step === null) take();
          else queue.push(step, step.tokens, step.urgent);
        }
        while (!queue.empty) take();
        expect(new Set(taken)).toEqual(new Set(steps.filter((step) => step !== null)));
        expect(taken.length).toBe(steps.filter((step) => step !== null).length);
      }),
      { seed: 4, numRuns: 200 },
    );
  });

  it('forgets what nobody wants and gives up the rest in order', () => {
    const queue = createTextQueue<string>();
    queue.push('a', 5, false);
    queue.push('b', 5, true);
    queue.push('c', 9, true);
    queue.push('d', 7, false);
    queue.drop((item) => item === 'b');
    expect(queue.drain()).toEqual(['a', 'c', 'd']);
    expect(queue.empty).toBe(true);
  });
});
