import { describe, expect, it } from 'vitest';
import { consentStateAt } from './consent.ts';
import { inboundWish, stopConsequences } from './opt-out.ts';

describe('inboundWish', () => {
  it.each([
    'STOP',
    ' stop. ',
    'Stop!',
    'Opt-Out',
    'opt out',
    'UNSUBSCRIBE',
    'cancel',
    'Quit',
    'END',
    'revoke',
    'Arrêt',
  ])('keyword %s', (text) => {
    expect(inboundWish(text)).toEqual({ kind: 'stop', scope: 'marketing', by: 'keyword' });
  });

  it.each([
    "Please don't text me anymore",
    'stop texting me!!',
    'take me off your list',
    'remove me from this list please',
    'No more messages',
    'I want to opt out',
    'Do not contact this number',
    'please stop',
    'leave me alone',
    'I withdraw my consent',
  ])('free text: %s', (text) => {
    expect(inboundWish(text)).toEqual({ kind: 'stop', scope: 'marketing', by: 'free-text' });
  });

  it.each([['STOP ALL'], ['stopall'], ['do not send me anything'], ['stop sending me all messages']])(
    'everything: %s',
    (text) => {
      expect(inboundWish(text)).toMatchObject({ kind: 'stop', scope: 'all' });
    },
  );

  it.each([
    ['HELP', 'help'],
    ['info', 'help'],
    ['START', 'start'],
    ['unstop', 'start'],
  ])('%s is %s', (text, kind) => {
    expect(inboundWish(text).kind).toBe(kind);
  });

  it.each([
    "Please don't stop the alerts",
    'Which bus stop is it?',
    'Thanks, see you at the end of the week',
    'Can I cancel my appointment on Monday?',
    'yes',
    '',
  ])('no wish: %s', (text) => {
    expect(inboundWish(text)).toEqual({ kind: 'none' });
  });
});

describe('stopConsequences', () => {
  const inbound = { id: 'in-1', atMs: 50, channel: 'sms' } as const;
  const granted = { id: 'g', kind: 'granted', atMs: 1, channel: 'sms', level: 'express' } as const;
  const wish = { kind: 'stop', scope: 'marketing', by: 'keyword' } as const;

  it('ends marketing at once and leaves information alone', () => {
    const { event, suppression } = stopConsequences(wish, inbound);
    const states = consentStateAt(
      [{ ...granted, purpose: 'marketing' }, { ...granted, id: 'i', purpose: 'informational' }, event],
      50,
    );
    expect(states.map(({ purpose, status }) => [purpose, status])).toEqual([
      ['informational', 'granted'],
      ['marketing', 'revoked'],
    ]);
    expect(suppression).toEqual({
      purpose: 'marketing',
      channel: 'sms',
      sinceMs: 50,
      reason: 'stop-keyword',
    });
  });

  it('ends every purpose when everything was stopped, and is the same event when delivered twice', () => {
    const first = stopConsequences({ ...wish, scope: 'all' }, inbound);
    expect(first).toEqual(stopConsequences({ ...wish, scope: 'all' }, inbound));
    const states = consentStateAt([{ ...granted, purpose: 'informational' }, first.event], 50);
    expect(states.every(({ status }) => status === 'revoked')).toBe(true);
    expect(first.suppression.purpose).toBe('all');
  });
});
