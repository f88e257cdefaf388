import { describe, expect, test } from 'vitest';
import { problemIn, testApp } from '../testing/app.ts';
import type { Problem } from './problem.ts';

const sale = { text: 'Big sale today', label: 'promotional' };
// biome-ignore lint/suspicious/noExplicitAny: answers are checked member by member
const json = async (response: Response): Promise<any> => response.json();

describe('POST /v1/feedback', () => {
  test('takes a label for a text or a message, and the same id once', async () => {
    const { post, ask } = testApp();
    const first = await post('/v1/feedback', { ...sale, id: 'a-1', author: 'ann' });
    expect(first.status).toBe(201);
    const { fingerprint, ...rest } = await json(first);
    expect(rest).toEqual({ id: 'a-1', repeated: false });
    expect(fingerprint).toMatch(/^[0-9a-f]{32}$/);
    expect(await json(await post('/v1/feedback', { ...sale, id: 'a-1', author: 'ann' }))).toMatchObject({
      id: 'a-1',
      repeated: true,
    });
    const risky = { messageId: 'm1', risk: true, note: 'says it is a bank' };
    expect((await post('/v1/feedback', risky, { 'Idempotency-Key': 'k-1' })).status).toBe(201);
    const page = await json(await ask('GET', '/v1/feedback?limit=1'));
    expect(page).toMatchObject({ feedback: [{ id: 'a-1', author: 'ann', source: 'api' }], next: 1 });
    const last = await json(await ask('GET', '/v1/feedback?after=1'));
    expect(last.next).toBeNull();
    expect(last.feedback).toEqual([
      {
        seq: 2,
        id: 'k-1',
        fingerprint: expect.any(String),
        messageId: 'm1',
        text: 'Your code is 482913',
        risk: true,
        note: 'says it is a bank',
        source: 'api',
        author: 'api',
        at: '2026-07-15T16:00:00.000Z',
      },
    ]);
  });

  test('takes a list: one result an item, a bad one holds up no other', async () => {
    const { post } = testApp();
    const items = [
      { ...sale, id: 'b-1' },
      { ...sale, id: 'b-1' },
      { ...sale, id: 'b-1', label: 'transactional' },
      { messageId: 'nobody', label: 'promotional' },
      { label: 'promotional' },
      7,
      { ...sale },
    ];
    const response = await post('/v1/feedback', items, { 'Idempotency-Key': 'batch' });
    expect(response.status).toBe(201);
    const body = await json(response);
    expect(body).toMatchObject({ recorded: 2, repeated: 1, rejected: 4 });
    const codes = body.results.map((one: { error?: Problem; id?: string }) => one.error?.code ?? one.id);
    expect(codes).toEqual([
      'b-1',
      'b-1',
      'FEEDBACK_ID_REUSED',
      'INVALID_REQUEST',
      'INVALID_REQUEST',
      'INVALID_REQUEST',
      'batch#6',
    ]);
    expect(body.results[3].error.errors).toEqual([
      { field: '/messageId', code: 'UNKNOWN_MESSAGE', message: 'there is no such message' },
    ]);
  });

  const wrong: [string, unknown, string, string][] = [
    ['nothing to label', { label: 'promotional' }, '/messageId', 'MISSING'],
    ['two things to label', { ...sale, messageId: 'm1' }, '/text', 'AMBIGUOUS'],
    ['no label', { text: 'hello' }, '/label', 'MISSING'],
    ['another label', { text: 'hello', label: 'spam' }, '/label', 'INVALID_VALUE'],
    ['a blank text', { text: ' \n', label: 'promotional' }, '/text', 'EMPTY'],
    ['a control character', { text: 'a\u0000b', label: 'promotional' }, '/text', 'CONTROL_CHARACTER'],
    ['half a character', { text: 'a\ud83d', label: 'promotional' }, '/text', 'LONE_SURROGATE'],
    ['a risk that is no boolean', { ...sale, risk: 'yes' }, '/risk', 'INVALID_TYPE'],
    ['an unknown field', { ...sale, tenant: 'other' }, '/tenant', 'UNKNOWN_FIELD'],
    ['an author with a line break', { ...sale, author: 'a\nb' }, '/author', 'INVALID_VALUE'],
    ['a long note', { ...sale, note: 'x'.repeat(2_001) }, '/note', 'TOO_LONG'],
    [
      'a message that is not there',
      { messageId: 'm9', label: 'promotional' },
      '/messageId',
      'UNKNOWN_MESSAGE',
    ],
  ];
  test.each(wrong)('refuses %s, naming the field', async (_name, body, field, code) => {
    const { post } = testApp();
    const problem = await problemIn(await post('/v1/feedback', body));
    expect(problem).toMatchObject({ status: 422, code: 'INVALID_REQUEST' });
    expect(problem.errors).toContainEqual({ field, code, message: expect.any(String) });
  });

  test('refuses an id that stands for another statement, a list that is empty or too long, a bad key', async () => {
    const { post } = testApp();
    await post('/v1/feedback', { ...sale, id: 'c-1' });
    const reused = await problemIn(
      await post('/v1/feedback', { ...sale, label: 'transactional', id: 'c-1' }),
    );
    expect(reused).toMatchObject({ status: 409, code: 'FEEDBACK_ID_REUSED' });
    expect(await problemIn(await post('/v1/feedback', []))).toMatchObject({ code: 'INVALID_REQUEST' });
    const many = new Array(1_001).fill(sale);
    expect(await problemIn(await post('/v1/feedback', many))).toMatchObject({ code: 'BATCH_TOO_LARGE' });
    const key = await post('/v1/feedback', sale, { 'Idempotency-Key': 'x'.repeat(121) });
    expect(await problemIn(key)).toMatchObject({ status: 400, code: 'INVALID_IDEMPOTENCY_KEY' });
  });
});

test('candidates carry the text and the verdict; the limit is checked', async () => {
  const { ask } = testApp();
  expect(await json(await ask('GET', '/v1/feedback/candidates?limit=5'))).toMatchObject({
    messages: [{ id: 'm1', text: 'Your code is 482913', verdict: { class: 'transactional' } }],
  });
  for (const query of ['limit=0', 'limit=1001', 'limit=x', 'tenant=other']) {
    expect(await problemIn(await ask('GET', `/v1/feedback/candidates?${query}`))).toMatchObject({
      code: 'INVALID_QUERY',
    });
  }
});
