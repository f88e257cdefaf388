import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { testApp } from '../testing/app.ts';
import { memoryPipeline } from '../testing/memory-pipeline.ts';

const SALE = {
  to: '+12125550147',
  from: 'ACME',
  channel: 'sms',
  body: 'ACME: 20% off everything this week. Reply STOP to end',
};
/** Packs as they once were: what is asked here does not follow changes of law. */
const PACKS = fileURLToPath(new URL('../../pipeline/comply/packs.fixture/', import.meta.url));

interface Answer {
  readonly outcome: string;
  readonly at: string;
  readonly earliestAllowedAt: string | null;
  readonly smallestChange: { changes: string[]; at: string } | null;
  readonly rules: string[];
  readonly treatment: string;
  readonly verdicts: { rule: string; result: string; explanation: string; basis: string }[];
  readonly clock: { zones: string[]; basis: string };
}

describe('POST /v1/decide', () => {
  const pipeline = memoryPipeline(PACKS);
  const { post } = testApp({ pipeline });
  const ask = async (message: object, at?: string): Promise<Answer> => {
    const response = await post(
      `/v1/decide${at === undefined ? '' : `?at=${encodeURIComponent(at)}`}`,
      message,
    );
    expect(response.status).toBe(200);
    return (await response.json()) as Answer;
  };

  it('says what stands in the way in plain words, and the least that would change it', async () => {
    const answer = await ask(SALE);
    expect(answer).toMatchObject({ outcome: 'block', treatment: 'promotional', earliestAllowedAt: null });
    expect(answer.rules).toContain('us-tcpa-pewc');
    expect(answer.clock).toEqual(
      expect.objectContaining({ zones: ['America/New_York'], basis: 'area-code' }),
    );
    // Everything agrees that one permission, the strongest, is what is missing.
    expect(answer.smallestChange).toEqual({
      changes: ['express-written consent to marketing is on record'],
      at: '2026-07-15T16:00:00.000Z',
    });
    const verdict = answer.verdicts.find(({ rule }) => rule === 'us-tcpa-pewc')!;
    expect(verdict).toMatchObject({ result: 'fail', basis: expect.stringContaining('47 CFR 64.1200') });
    expect(verdict.explanation).toContain('There is no record');
    expect(pipeline.seen.accepted).toBe(0);
  });

  it('answers for another instant: with consent, at night, it waits for the morning of the recipient', async () => {
    const other = memoryPipeline(PACKS);
    const { post: send } = testApp({ pipeline: other });
    await other.consent.append('default', SALE.to, [
      { id: 'c', kind: 'granted', atMs: 0, channel: 'sms', purpose: 'marketing', level: 'express-written' },
    ]);
    const response = await send('/v1/decide?at=2026-03-08T03:00:00Z', SALE);
    expect(await response.json()).toMatchObject({
      outcome: 'defer',
      at: '2026-03-08T03:00:00.000Z',
      earliestAllowedAt: '2026-03-08T12:00:00.000Z',
      smallestChange: null,
    });
  });

  it('lets a code go at any hour', async () => {
    const answer = await ask({ ...SALE, body: 'Your code is 445566' }, '2026-07-15T05:00:00Z');
    expect(answer).toMatchObject({
      outcome: 'send',
      earliestAllowedAt: '2026-07-15T05:00:00.000Z',
      smallestChange: null,
    });
  });

  it.each([
    ['a number of no country', { ...SALE, to: '+9991234567' }, ''],
    ['an unknown field', { ...SALE, colour: 'red' }, ''],
    ['an instant that is none', SALE, '?at=soon'],
    ['an unknown parameter', SALE, '?when=now'],
  ])('refuses %s', async (_what, message, query) => {
    const response = await post(`/v1/decide${query}`, message);
    expect([400, 422]).toContain(response.status);
    expect(response.headers.get('content-type')).toContain('problem+json');
  });
});
