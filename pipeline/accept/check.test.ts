import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkRequest } from './check.ts';

const NOW = Date.UTC(2026, 0, 15);
const sms = { to: '+12125550123', from: 'BANK', channel: 'sms', body: 'Your code is 482913' };
const problems = (input: unknown): string[] => {
  const checked = checkRequest(input, NOW);
  return checked.ok ? [] : checked.problems.map((one) => `${one.field} ${one.code}`);
};

describe('checking a request', () => {
  test.each([
    ['a plain one', sms, []],
    ['nothing', undefined, [' INVALID_TYPE']],
    ['a list', [], [' INVALID_TYPE']],
    ['a missing body', { ...sms, body: undefined }, ['/body INVALID_TYPE']],
    ['a number as body', { ...sms, body: 7 }, ['/body INVALID_TYPE']],
    ['an empty body', { ...sms, body: '' }, ['/body EMPTY']],
    ['a blank body', { ...sms, body: ' \n ' }, ['/body EMPTY']],
    ['a long text', { ...sms, body: 'x'.repeat(1_601) }, ['/body TOO_LONG']],
    ['a control character', { ...sms, body: 'a\u0000b' }, ['/body CONTROL_CHARACTER']],
    ['half a surrogate pair', { ...sms, body: 'a\ud800b' }, ['/body LONE_SURROGATE']],
    ['a whole pair and line ends', { ...sms, body: '👋\r\n\tb' }, []],
    ['an unknown channel', { ...sms, channel: 'fax' }, ['/channel UNKNOWN_CHANNEL']],
    ['a national number', { ...sms, to: '2125550123' }, ['/to INVALID_PHONE']],
    ['a number nobody has', { ...sms, to: '+12120000000' }, ['/to INVALID_PHONE']],
    ['a number of no country', { ...sms, to: '+9991234567' }, ['/to INVALID_PHONE']],
    ['a number of impossible length', { ...sms, to: '+1212555' }, ['/to INVALID_PHONE']],
    ['an address for SMS', { ...sms, to: 'a@b.example' }, ['/to INVALID_PHONE']],
    [
      'a bad e-mail address',
      { ...sms, channel: 'email', from: 'a@b.example', to: 'a..b@c' },
      ['/to INVALID_EMAIL'],
    ],
    ['a long sender name', { ...sms, from: 'A name of 17 chars' }, ['/from INVALID_SENDER']],
    ['a subject on SMS', { ...sms, subject: 'Hi' }, ['/subject NOT_FOR_CHANNEL']],
    [
      'a line break in a subject',
      { ...sms, channel: 'email', from: 'a@b.example', to: 'c@d.example', subject: 'a\nBcc: x' },
      ['/subject CONTROL_CHARACTER'],
    ],
    ['unknown fields', { ...sms, colour: 1, 'a/b': 2 }, ['/colour UNKNOWN_FIELD', '/a~1b UNKNOWN_FIELD']],
    ['a time to live of nothing', { ...sms, ttlSeconds: 0 }, ['/ttlSeconds TOO_SMALL']],
    ['the past', { ...sms, sendAt: '2026-01-14T00:00:00Z' }, ['/sendAt SEND_AT_IN_PAST']],
    ['ten years ahead', { ...sms, sendAt: '2036-01-14T00:00:00Z' }, ['/sendAt SEND_AT_TOO_FAR']],
    ['a time without zone', { ...sms, sendAt: '2026-01-16T00:00:00' }, ['/sendAt INVALID_VALUE']],
    [
      'a zone that does not exist',
      { ...sms, metadata: { timezone: 'Mars/Olympus' } },
      ['/metadata/timezone UNKNOWN_TIME_ZONE'],
    ],
    [
      'an offset for a zone',
      { ...sms, metadata: { deviceZone: '+05:30' } },
      ['/metadata/deviceZone UNKNOWN_TIME_ZONE'],
    ],
    ['large metadata', { ...sms, metadata: { a: 'x'.repeat(9_000) } }, ['/metadata TOO_LONG']],
    ['several things', { ...sms, to: '1', from: '', body: 'x\u0007' }, ['/from EMPTY']],
  ])('%s', (_name, input, expected) => {
    expect(problems(input)).toEqual(expected);
  });

  test('addresses come out in one form', () => {
    const checked = checkRequest(
      { ...sms, channel: 'email', from: 'A@B.Example', to: 'Jo@EXAMPLE.org' },
      NOW,
    );
    expect(checked).toMatchObject({ ok: true, request: { to: 'Jo@example.org', from: 'A@b.example' } });
    expect(checkRequest({ ...sms, to: '+1 (212) 555-0123' }, NOW)).toMatchObject({
      request: { to: '+12125550123' },
    });
  });

  const nearly = fc
    .tuple(fc.string(), fc.string({ unit: 'binary' }))
    .map(([to, body]) => ({ ...sms, to, body }));

  test('whatever comes in, the answer is a request or a list of problems', () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), nearly), (input) => {
        const checked = checkRequest(input, NOW);
        if (!checked.ok) expect(checked.problems.length).toBeGreaterThan(0);
      }),
      { seed: 7, numRuns: 300 },
    );
  });
});
