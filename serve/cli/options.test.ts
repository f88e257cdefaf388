import { expect, it } from 'vitest';
import { LanewayError } from '../../models/base/errors.ts';
import { collectPairs, collectWhere, labelledOptions, share, wholeNumber } from './options.ts';
import { lineProgress } from './progress.ts';
import { curlLine } from './serve.ts';

it('collects pairs over several options', () => {
  expect(collectPairs('c=d', collectPairs('a=b,x=y=z'))).toEqual({ a: 'b', x: 'y=z', c: 'd' });
  expect(() => collectPairs('a')).toThrow('"a" is not name=value');
  expect(collectWhere('lang=hi', collectWhere('lang=en,tier=A|B'))).toEqual({
    lang: ['en', 'hi'],
    tier: ['A', 'B'],
  });
});

it('refuses a meaning that no label can have', () => {
  expect(() => labelledOptions({ map: { scam: 'bad' } })).toThrow(LanewayError);
  expect(labelledOptions({ map: { scam: 'risk' }, maxBad: 0.1 })).toEqual({
    map: { scam: 'risk' },
    maxBad: 0.1,
  });
});

it.each(['', ' ', 'x', '1.5', '0', '11', '1e1'])('refuses "%s" as a whole number from 1 to 10', (value) => {
  expect(() => wholeNumber(1, 10)(value)).toThrow('from 1 to 10');
});

it.each(['', 'NaN', '-0.1', '1.1'])('refuses "%s" as a share', (value) => {
  expect(() => share(value)).toThrow('from 0 to 1');
});

it('says what is left, at most every ten seconds', () => {
  const lines: string[] = [];
  let nowMs = 0;
  const progress = lineProgress(
    (line) => lines.push(line),
    () => nowMs,
  );
  progress.show('heads', 0, 10);
  nowMs = 5_000;
  progress.show('heads', 2, 10);
  nowMs = 12_000;
  progress.show('heads', 4, 10);
  nowMs = 20_000;
  progress.show('forest', 0, 1);
  progress.end();
  expect(lines).toEqual([
    'heads ...',
    'heads: 4 of 10, about 18 s left',
    'heads: done in 20 s',
    'forest ...',
    'forest: done in 0 s',
  ]);
});

it('lets the shell read the key, in a path with spaces too', () => {
  expect(curlLine('http://127.0.0.1:1', '/a b/api-key')).toContain(`$(cat '/a b/api-key')`);
  expect(curlLine('http://127.0.0.1:1', '/home/me/.laneway/api-key')).toContain(
    '$(cat /home/me/.laneway/api-key)',
  );
});
