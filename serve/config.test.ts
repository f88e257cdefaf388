import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LanewayError } from '../models/base/errors.ts';
import { loadConfig } from './config.ts';

function refusal(env: Record<string, string>): LanewayError {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof LanewayError) return error;
  }
  throw new Error('was not refused');
}

describe('settings', () => {
  test('have defaults that need nothing', () => {
    expect(loadConfig({})).toEqual({
      home: resolve('.laneway'),
      role: 'all',
      retentionDays: 0,
      deadLetterDays: 4,
      host: '127.0.0.1',
      port: 8_787,
      model: 'champion',
      encoder: 'auto',
      shards: 1,
      logLevel: 'info',
    });
  });

  test('come from the environment; the folder given goes before LANEWAY_HOME; empty is absent', () => {
    const env = {
      LANEWAY_HOME: '/a',
      PORT: '0',
      REDIS_URL: 'redis://h:1/2',
      DATABASE_URL: 'postgres://u:p@h/d',
      LANEWAY_SHARDS: '',
    };
    expect(loadConfig(env)).toMatchObject({
      home: '/a',
      port: 0,
      redisUrl: 'redis://h:1/2',
      databaseUrl: 'postgres://u:p@h/d',
      shards: 1,
    });
    expect(loadConfig(env, '/b').home).toBe('/b');
  });

  test('that are wrong are listed all at once, without their values', () => {
    const error = refusal({
      PORT: '99999',
      REDIS_URL: 'http://user:hunter2@h',
      DATABASE_URL: 'hunter2',
      LANEWAY_ENCODER: 'bert',
      LANEWAY_SHARDS: '1.5',
      LANEWAY_LOG_LEVEL: 'loud',
    });
    expect(error.code).toBe('INVALID_SETTINGS');
    for (const name of [
      'PORT',
      'REDIS_URL',
      'DATABASE_URL',
      'LANEWAY_ENCODER',
      'LANEWAY_SHARDS',
      'LANEWAY_LOG_LEVEL',
    ]) {
      expect(error.message).toContain(name);
    }
    expect(error.message).not.toContain('hunter2');
  });

  test('tell how many processes a parent keeps, and where a cluster is', () => {
    const cluster = 'redis+cluster://a:1,b:2';
    expect(loadConfig({ LANEWAY_WORKERS: '2-6', REDIS_URL: cluster })).toMatchObject({
      redisUrl: cluster,
      fleet: { api: 2, workers: { min: 2, max: 6 } },
    });
    expect(loadConfig({ LANEWAY_ROLE: 'worker', LANEWAY_WORKERS: '2' })).not.toHaveProperty('fleet');
    expect(refusal({ LANEWAY_WORKERS: '6-2' }).where).toBe('LANEWAY_WORKERS');
    expect(refusal({ LANEWAY_ROLE: 'king' }).where).toBe('LANEWAY_ROLE');
  });

  test.each(['-1', '65536', '80 80', 'x', '1e3'])('PORT=%s is refused', (PORT) => {
    expect(refusal({ PORT }).where).toBe('PORT');
  });
});
