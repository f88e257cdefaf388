import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { LanewayError, messageOf } from '../models/base/errors.ts';
import { makeSecret, readSecret } from '../pipeline/keys/secret-file.ts';

/** 32 random bytes, base64url, with a prefix that secret scanners can know. */
const KEY = /^lw_[A-Za-z0-9_-]{43}$/;

/**
 * The API key of a data folder: read from `<home>/api-key`, made there (mode 600) at first start.
 *
 * @throws LanewayError `API_KEY_UNREADABLE`
 */
export function openApiKey(home: string): { readonly file: string; readonly key: string } {
  const file = join(home, 'api-key');
  try {
    mkdirSync(home, { recursive: true, mode: 0o700 });
    const text = readSecret(file) ?? makeSecret(file, `lw_${randomBytes(32).toString('base64url')}`);
    return { file, key: checked(file, text) };
  } catch (error) {
    if (error instanceof LanewayError) throw error;
    throw unreadable(file, messageOf(error), error);
  }
}

function checked(file: string, text: string): string {
  if (!KEY.test(text)) throw unreadable(file, 'it does not hold a key of the form lw_...');
  return text;
}

function unreadable(file: string, why: string, cause?: unknown): LanewayError {
  return new LanewayError('API_KEY_UNREADABLE', `the API key cannot be used: ${why}`, {
    where: file,
    fix: 'Remove the file and start again to get a new key.',
    ...(cause === undefined ? {} : { cause }),
  });
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** @returns a check of an `Authorization` header whose time does not depend on where a wrong key differs */
export function createKeyCheck(key: string): (authorization: string | undefined) => boolean {
  const expected = digest(key);
  return (authorization) => {
    const given = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1] ?? '';
    return timingSafeEqual(digest(given), expected);
  };
}
