import { expect, test } from 'vitest';
import { LanewayError } from '../../models/base/errors.ts';
import { parseRedisUrl } from './redis-place.ts';

test('one server, with and without login, port and database', () => {
  expect(parseRedisUrl('redis://h', 1)).toEqual({
    kind: 'server',
    options: { host: 'h', port: 6_379, db: 1 },
  });
  expect(parseRedisUrl('rediss://us%40er:p%3Aw@[::1]:7000/3', 0)).toEqual({
    kind: 'server',
    options: { host: '::1', port: 7_000, db: 3, username: 'us@er', password: 'p:w', tls: {} },
  });
});

test('a cluster and what sentinels watch', () => {
  expect(parseRedisUrl('redis+cluster://:secret@a:7001,b:7002', 1)).toEqual({
    kind: 'cluster',
    nodes: [
      { host: 'a', port: 7_001 },
      { host: 'b', port: 7_002 },
    ],
    options: { password: 'secret' },
  });
  expect(parseRedisUrl('redis+sentinel://a,b:5000/main/2', 0)).toEqual({
    kind: 'server',
    options: {
      sentinels: [
        { host: 'a', port: 26_379 },
        { host: 'b', port: 5_000 },
      ],
      name: 'main',
      db: 2,
    },
  });
});

test.each([
  ['http://h', /begins with http/],
  ['nonsense', /not a URL/],
  ['redis://a,b', /several hosts/],
  ['redis://u:hunter2@h/x', /not a database number/],
  ['redis+cluster://a:1/2', /one database/],
  ['redis+sentinel://a:1', /name of what the sentinels watch/],
])('%s is refused without showing a password', (url, why) => {
  try {
    parseRedisUrl(url, 0);
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(LanewayError);
    expect((error as LanewayError).message).toMatch(why);
    expect(JSON.stringify(error)).not.toContain('hunter2');
  }
});
