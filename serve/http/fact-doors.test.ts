import { describe, expect, test } from 'vitest';
import type { FactDesk, FactsAbout } from '../../pipeline/facts/desk.ts';
import { problemIn, testApp } from '../testing/app.ts';
import { memoryPipeline, NOW_MS } from '../testing/memory-pipeline.ts';

const FACT = { path: 'sender.brand', value: 'Acme', source: 'imprint' };

function appWith(set: FactDesk['set']) {
  const abouts: FactsAbout[] = [];
  const facts: FactDesk = {
    async set(tenant, about, stated, author) {
      abouts.push(about);
      return set(tenant, about, stated, author);
    },
    list: async (_tenant, about) => {
      abouts.push(about);
      return [
        { path: 'events.last-purchase', value: 0, source: 'shop', asOfMs: NOW_MS },
        {
          path: 'registrations.in-dlt/header',
          value: { state: 'active', untilMs: 0 },
          source: 'DLT portal',
          asOfMs: NOW_MS,
          untilMs: NOW_MS,
        },
      ];
    },
  };
  return { ...testApp({ pipeline: { ...memoryPipeline(), facts } }), abouts };
}

describe('facts by HTTP', () => {
  const { ask, abouts } = appWith(async () => ({ kind: 'set', facts: [] }));
  const put = (path: string, body: unknown) => ask('PUT', path, JSON.stringify(body));

  test('are about the tenant, a sender or a recipient, by the name that messages have', async () => {
    for (const path of [
      '/v1/facts',
      '/v1/senders/ACME%20UK/facts',
      '/v1/recipients/%2B1%20(212)%20555-0123/facts',
      '/v1/recipients/Jo%40Example.ORG/facts',
    ]) {
      expect((await put(path, { facts: [FACT] })).status, path).toBe(200);
    }
    expect(abouts).toEqual([
      { scope: 'tenant' },
      { scope: 'sender', sender: 'ACME UK' },
      { scope: 'recipient', recipient: '+12125550123' },
      { scope: 'recipient', recipient: 'Jo@example.org' },
    ]);
  });

  test('are shown as they are stated, and whether they are in force', async () => {
    expect(await (await ask('GET', '/v1/facts')).json()).toEqual({
      facts: [
        {
          path: 'events.last-purchase',
          value: '1970-01-01T00:00:00.000Z',
          source: 'shop',
          asOf: '2026-07-15T16:00:00.000Z',
          until: null,
          inForce: true,
        },
        {
          path: 'registrations.in-dlt/header',
          value: { state: 'active', until: '1970-01-01T00:00:00.000Z' },
          source: 'DLT portal',
          asOf: '2026-07-15T16:00:00.000Z',
          until: '2026-07-15T16:00:00.000Z',
          inForce: false,
        },
      ],
    });
  });

  test.each([
    ['no facts', '/v1/facts', { facts: [] }, '/facts'],
    ['no source', '/v1/facts', { facts: [{ ...FACT, source: ' ' }] }, '/facts/0/source'],
    ['of tomorrow', '/v1/facts', { facts: [{ ...FACT, asOf: '2026-07-17T00:00:00Z' }] }, '/facts/0/asOf'],
    ['of no date', '/v1/facts', { facts: [{ ...FACT, until: 'soon' }] }, '/facts/0/until'],
    ['of a number of no country', '/v1/recipients/%2B999123/facts', { facts: [FACT] }, '/recipient'],
  ])('%s is refused with its field', async (_name, path, body, field) => {
    const problem = await problemIn(await put(path, body));
    expect(problem).toMatchObject({ status: 422, code: 'INVALID_REQUEST', errors: [{ field }] });
  });

  test('what the catalogue refuses comes back with its place in the list', async () => {
    const message = 'no rule asks for "sender.brnd"; did you mean sender.brand?';
    const refusing = appWith(async () => ({
      kind: 'invalid',
      problems: [{ index: 3, member: 'path', code: 'UNKNOWN_FACT', message }],
    }));
    const answer = await refusing.ask('PUT', '/v1/facts', JSON.stringify({ facts: [FACT] }));
    expect(await problemIn(answer)).toMatchObject({
      status: 422,
      detail: `/facts/3/path: ${message}`,
      errors: [{ field: '/facts/3/path', code: 'UNKNOWN_FACT' }],
    });
  });
});
