import type { Pdu } from 'smpp';
import { expect, test } from 'vitest';
import { createInboundTexts, WAIT_MS } from './inbound.ts';

const part = (reference: number, total: number, at: number, text: string): Pdu =>
  ({
    command: 'deliver_sm',
    source_addr: '12125550123',
    source_addr_ton: 1,
    destination_addr: '12345',
    short_message: { message: text, udh: [Uint8Array.of(0x00, 3, reference, total, at)] },
  }) as unknown as Pdu;

test('a text whose last part never comes is passed on as far as it came, once', () => {
  const texts = createInboundTexts();
  expect(texts.add(part(1, 3, 1, 'STOP '), 0)).toBeUndefined();
  expect(texts.add(part(1, 3, 2, 'now'), 5)).toBeUndefined();
  expect(texts.overdue(WAIT_MS)).toEqual([]);
  // Until it is on record it is asked for again.
  for (let n = 0; n < 2; n++) {
    expect(texts.overdue(WAIT_MS + 1)).toMatchObject([
      { from: '+12125550123', to: '12345', text: 'STOP now' },
    ]);
  }
  texts.overdue(WAIT_MS + 1)[0]!.done();
  expect(texts.overdue(Infinity)).toEqual([]);
});

test('a late part makes a text whole, and it is passed on once', () => {
  const texts = createInboundTexts();
  texts.add(part(1, 2, 1, 'one '), 0);
  const whole = texts.add(part(1, 2, 2, 'text'), WAIT_MS * 2);
  expect(whole?.text).toBe('one text');
  whole!.done();
  expect(texts.overdue(Infinity)).toEqual([]);
});

test('the oldest waits no longer when too many do, and is not lost', () => {
  const texts = createInboundTexts(2);
  for (const reference of [1, 2, 3]) texts.add(part(reference, 2, 1, `text ${reference}`), reference);
  expect(texts.overdue(10).map(({ text }) => text)).toEqual(['text 1']);
  expect(texts.overdue(Infinity).map(({ text }) => text)).toEqual(['text 2', 'text 3']);
});
