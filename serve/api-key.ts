import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LanewayError, messageOf } from '../models/base/errors.ts';

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
    return { file, key: read(file) ?? make(file) };
  } catch (error) {
    if (error instanceof LanewayError) throw error;
    throw unreadable(file, messageOf(error), error);
  }
}

function read(file: string): string | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  if (!KEY.test(text)) throw unreadable(file, 'it does not hold a key of the form lw_...');
  chmodSync(file, 0o600);
  return text;
}

/** The file appears complete or not at all; of two that make it at once one wins and both use its key. */
function make(file: string): string {
  const key = `lw_${randomBytes(32).toString('base64url')}`;
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  writeFileSync(draft, `${key}\n`, { mode: 0o600, flag: 'wx' });
  try {
    linkSync(draft, file);
    return key;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return read(file)!;
  } finally {
    rmSync(draft, { force: true });
  }
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
