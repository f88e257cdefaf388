import { expect, test } from 'vitest';
import { problemIn, TEST_KEY, testApp } from '../testing/app.ts';
import { createAdmission } from './admission.ts';
import { MAX_LINE_BYTES, readNdjson } from './ndjson.ts';

const TYPE = { 'Content-Type': 'application/x-ndjson' };
const bytes = (text: string) => new TextEncoder().encode(text);

function streamRequest(body: ReadableStream<Uint8Array> | string): Request {
  return new Request('http://x/v1/classify/stream', {
    method: 'POST',
    headers: { Authorization: `Bearer ${TEST_KEY}`, ...TYPE },
    body,
    duplex: 'half',
  } as RequestInit);
}

const answersIn = async (response: Response) =>
  (await response.text())
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { line: number; class?: string; error?: { code: string } });

test('a line in, a line out, in order; a wrong one names its number and holds up no other', async () => {
  const { app } = testApp();
  const long = `{"text":"${'x'.repeat(MAX_LINE_BYTES)}"}`;
  const lines = ['{"text":"a"}', '', 'not json', '{"text":7}', '\xff\xfe{', long, '{"text":"last"}\r'];
  const response = await app.request(streamRequest(lines.join('\n')));
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toContain('application/x-ndjson');
  const answers = await answersIn(response);
  expect(answers.map(({ line, error }) => [line, error?.code])).toEqual([
    [1, undefined],
    [3, 'INVALID_JSON'],
    [4, 'INVALID_REQUEST'],
    [5, 'INVALID_JSON'],
    [6, 'BODY_TOO_LARGE'],
    [7, undefined],
  ]);
  expect(answers[0]!.class).toBeDefined();
});

test('who does not read the answer is not read from', async () => {
  const { app, pipeline } = testApp();
  let sent = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent++;
      controller.enqueue(bytes('{"text":"again"}\n'.repeat(10)));
    },
  });
  const response = await app.request(streamRequest(endless));
  const reader = response.body!.getReader();
  for (let i = 0; i < 5; i++) await reader.read();
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
  expect(pipeline.seen.classified).toBeLessThanOrEqual(60);
  expect(sent).toBeLessThan(12);
  await reader.cancel();
});

test('a request that is no stream of lines is refused', async () => {
  const { ask } = testApp();
  const path = '/v1/classify/stream';
  expect(await problemIn(await ask('POST', path, '{"text":"a"}'))).toMatchObject({ status: 415 });
  expect(await problemIn(await ask('POST', path, undefined, TYPE))).toMatchObject({ code: 'EMPTY_BODY' });
});

test('lines are the same however they are cut into chunks', async () => {
  const text = '{"text":"é"}\n\n{"text":"b"}\r\nwrong\n{"text":"last"}';
  const whole = bytes(text);
  const readIn = async (size: number) => {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let at = 0; at < whole.length; at += size) controller.enqueue(whole.slice(at, at + size));
        controller.close();
      },
    });
    const lines = [];
    for await (const some of readNdjson(body)) lines.push(...some);
    return lines.map((one) => ('value' in one ? [one.line, one.value] : [one.line, one.problem.code]));
  };
  const expected = [
    [1, { text: 'é' }],
    [3, { text: 'b' }],
    [4, 'INVALID_JSON'],
    [5, { text: 'last' }],
  ];
  for (const size of [1, 2, 3, 7, 1_000]) expect(await readIn(size)).toEqual(expected);
});

test('more than may be in hand is refused with 429 and when to come again; what was let in is answered', async () => {
  const base = testApp();
  let letGo: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const { pipeline } = base;
  const { post } = testApp({
    mostInHand: 1,
    pipeline: Object.assign(Object.create(pipeline) as typeof pipeline, {
      async classify(...given: Parameters<typeof pipeline.classify>) {
        await held;
        return pipeline.classify(...given);
      },
    }),
  });
  const first = post('/v1/classify', { text: 'a' });
  await new Promise((resolve) => setImmediate(resolve));
  const second = await post('/v1/classify', { text: 'b' });
  expect(second.headers.get('Retry-After')).toBe('1');
  expect(await problemIn(second)).toMatchObject({ status: 429, code: 'OVERLOADED' });
  letGo();
  expect((await first).status).toBe(200);
  expect((await post('/v1/classify', { text: 'c' })).status).toBe(200);
});

test('admission counts back what was released, once', () => {
  const admission = createAdmission(10);
  const large = admission.admit(50);
  expect(() => admission.admit(1)).toThrow('50 messages');
  large();
  large();
  expect(admission.inHand).toBe(0);
  const releases = [admission.admit(4), admission.admit(6)];
  expect(() => admission.admit(1)).toThrow();
  for (const release of releases) release();
  expect(admission.inHand).toBe(0);
});
