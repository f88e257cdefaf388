import { describe, expect, it } from 'vitest';
import { contentOf } from './content.ts';

const elements = (text: string, channel: 'sms' | 'email' = 'sms') => contentOf(text, channel).elements;

describe('opt-out wording', () => {
  it.each([
    'Big sale today! Reply STOP to end',
    'Text STOP to 12345 to opt out',
    'STOP2END',
    'Deals await. To opt out visit https://a.example/o',
    'Soldes! STOP au 36111',
    'Offers for you. Txt STOP',
    'To unsubscribe reply NO',
  ])('%s', (text) => {
    expect(elements(text)).toContain('opt-out-instruction');
  });

  it.each(['Your bus stop moved', 'Do not reply. Your order stops at the depot', 'The sale ends on Sunday'])(
    'none in: %s',
    (text) => {
      expect(elements(text)).not.toContain('opt-out-instruction');
    },
  );
});

describe('e-mail', () => {
  it('finds the header in any case, one-click and plain', () => {
    const headers = {
      'list-unsubscribe': '<https://acme.example/u?t=1>',
      'LIST-UNSUBSCRIBE-POST': 'List-Unsubscribe=One-Click',
    };
    expect(contentOf('hi', 'email', { headers }).elements).toEqual([
      'list-unsubscribe',
      'list-unsubscribe-one-click',
    ]);
    const mail = contentOf('hi', 'email', { headers: { 'List-Unsubscribe': '<mailto:u@acme.example>' } });
    expect(mail.elements).toEqual(['list-unsubscribe']);
    expect(contentOf('hi', 'email', { headers: { 'List-Unsubscribe': 'none' } }).elements).toEqual([]);
  });

  it('finds a link in the text and a postal address', () => {
    const text = 'Acme Inc, 500 Market Street, San Francisco CA 94105. Unsubscribe: https://acme.example/u';
    expect(elements(text, 'email')).toEqual(['opt-out-instruction', 'postal-address', 'unsubscribe-link']);
    expect(elements('Acme Ltd, 10 High Street, London SW1A 1AA', 'email')).toEqual(['postal-address']);
    expect(elements('P.O. Box 12, Springfield, IL 62701', 'email')).toEqual(['postal-address']);
    expect(elements('Meet me at 5 on the street', 'email')).toEqual([]);
  });
});

describe('detectors', () => {
  it.each([
    ['Card 4111 1111 1111 1111 was charged', true],
    ['Card 4111-1111-1111-1112 was charged', false],
    ['Order 1234567890123456 shipped', false],
    ['Card number: 5555555555554444', true],
    ['Amex 3782 822463 10005 declined', true],
    ['Order PP4111111111111111 is ready', false],
    ['Received. TxnId: 4111111111111111', false],
    ['https://a.example/?o=4111111111111111', false],
    ['Ref 4000000000000', false],
  ])('card number in "%s": %s', (text, found) => {
    expect(contentOf(text, 'sms').detectors['pan-luhn']).toBe(found);
  });

  it.each([
    ['Your code is 123456. Get 20% off with code SAVE20', true],
    ['Paid $12.40 at Acme. Shop now for deals', true],
    ['Flat Rs 100 off on your next ride', true],
    ['Your OTP is 445566. Do not share it.', false],
    ['Your order 7782 ships today and arrives tomorrow', false],
    ['Battery at 20%. Enter code 4411 to unlock', false],
  ])('advertising in "%s": %s', (text, found) => {
    expect(contentOf(text, 'sms').detectors['promotional-content']).toBe(found);
  });
});

describe('links and names', () => {
  it('lists hosts once, lower-case, with bare shorteners', () => {
    const { urlHosts } = contentOf(
      'https://Shop.Example.com/a bit.ly/x1 www.a.example https://shop.example.com',
      'sms',
    );
    expect(urlHosts).toEqual(['a.example', 'bit.ly', 'shop.example.com']);
  });

  it('finds the brand in the text', () => {
    expect(contentOf('ACME: hello', 'sms', { brand: 'Acme' }).elements).toEqual(['sender-name']);
    expect(contentOf('hello', 'sms', { brand: 'Acme' }).elements).toEqual([]);
  });

  it('reads a megabyte of nonsense in no time', () => {
    const nasty = 'reply stop '.repeat(5) + '1'.repeat(60_000) + 'a '.repeat(500_000);
    expect(contentOf(nasty, 'email', { subject: '(' }).elements).toContain('opt-out-instruction');
  });
});
