import { expect, test } from 'vitest';
import { problemIn, testApp } from '../testing/app.ts';

const post = (path: string, headers: Record<string, string>, body = '{}') =>
  testApp().app.request(path, { method: 'POST', headers, body });

test('the signature opens the door, not the API key', async () => {
  const answer = await post('/v1/receipts/memory', { 'X-Signature': 'good' });
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual({ taken: 1, ignored: 2 });
});

test('forged, unreadable and stray calls are refused, each by its code', async () => {
  const codeOf = async (path: string, headers: Record<string, string>, body?: string) =>
    (await problemIn(await post(path, headers, body))).code;
  expect(await codeOf('/v1/receipts/memory', { 'X-Signature': 'bad' })).toBe('FORGED_RECEIPT');
  expect(await codeOf('/v1/receipts/memory', { 'X-Signature': 'good' }, '')).toBe('MALFORMED_RECEIPT');
  expect(await codeOf('/v1/receipts/other', { 'X-Signature': 'good' })).toBe('NOT_FOUND');
  const large = 'x'.repeat(1_048_577);
  expect(await codeOf('/v1/receipts/memory', { 'X-Signature': 'good' }, large)).toBe('BODY_TOO_LARGE');
});

test('no other door opens by it', async () => {
  const messages = await post('/v1/messages', { 'X-Signature': 'good' });
  expect((await problemIn(messages)).code).toBe('UNAUTHORIZED');
  const read = await testApp().app.request('/v1/receipts/memory');
  expect(read.status).toBe(401);
});

test('metrics tell of providers and their calls', async () => {
  const text = await (await testApp().app.request('/metrics')).text();
  expect(text).toContain('laneway_provider_open{provider="sandbox"} 1');
  expect(text).toContain('laneway_provider_outcomes_total{provider="sandbox",outcome="taken"} 8');
  expect(text).toContain('laneway_webhook_receipts_total{provider="memory",result="forged"} 2');
});
