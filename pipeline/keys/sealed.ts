import { createCipheriv, createDecipheriv } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { compressSync, uncompressSync } from 'lz4-napi';
import { LanewayError } from '../../models/base/errors.ts';
import { randomBytesOf } from './random.ts';

/** A text that many sealed ones resemble: each is packed as what differs from it. Names no person. */
export interface Dictionary {
  /** Of its content: 22 hex digits of its SHA-256. */
  readonly id: string;
  readonly bytes: Buffer;
}

/** A recipient's data key (AES-256) and the random id that stands for it. */
export interface RecipientKey {
  readonly rid: string;
  readonly key: Buffer;
}

const SEALED = /^s([12])\.([A-Za-z0-9_-]{22})\.(?:([0-9a-f]{22})\.)?([A-Za-z0-9_-]+)$/;
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** The usual window would cost more to set up, a quarter of a megabyte for each text, than a few kilobytes to pack. */
const DEFLATE = { level: 1, windowBits: 13, memLevel: 6 } as const;

/**
 * Closes a text under a recipient's key: packed, then AES-256-GCM with a fresh nonce.
 * @param context where the text stands; it cannot be opened as if it stood elsewhere
 * @param dictionary what it resembles; only what differs is stored. It must be in the store
 * @returns `s1.RID.BASE64URL` (nonce, ciphertext of deflate, tag), or `s2.RID.DICTIONARY.BASE64URL` (of LZ4)
 */
export function sealText(
  { rid, key }: RecipientKey,
  context: string,
  text: string,
  dictionary?: Dictionary,
): string {
  const iv = randomBytesOf(IV_BYTES);
  const head = dictionary === undefined ? rid : `${rid}.${dictionary.id}`;
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(`${head}|${context}`));
  const packed =
    dictionary === undefined ? deflateRawSync(text, DEFLATE) : compressSync(text, dictionary.bytes);
  const closed = Buffer.concat([iv, cipher.update(packed), cipher.final(), cipher.getAuthTag()]);
  return `${dictionary === undefined ? 's1' : 's2'}.${head}.${closed.toString('base64url')}`;
}

/** Id of the key that a text is closed under; undefined: it is not sealed. */
export const ridOf = (sealed: string): string | undefined => SEALED.exec(sealed)?.[2];

/** Id of the dictionary that it was packed by, if it was. */
export const dictionaryIdOf = (sealed: string): string | undefined => SEALED.exec(sealed)?.[3];

/**
 * Opens what {@link sealText} closed.
 *
 * @param dictionaries those that it may have been packed by (`loadDictionaries`)
 * @throws LanewayError `SEAL_BROKEN`: another key, place or byte, or its dictionary is not there
 */
export function openText(
  key: Buffer,
  context: string,
  sealed: string,
  dictionaries?: ReadonlyMap<string, Dictionary>,
): string {
  const [, format, rid, dictionaryId, text] = SEALED.exec(sealed) ?? [];
  if (rid === undefined || (format === '2') !== (dictionaryId !== undefined))
    throw broken('it is not sealed');
  const dictionary = dictionaryId === undefined ? undefined : dictionaries?.get(dictionaryId);
  if (dictionaryId !== undefined && dictionary === undefined) throw broken('its dictionary is not there');
  const head = dictionary === undefined ? rid : `${rid}.${dictionary.id}`;
  const closed = Buffer.from(text!, 'base64url');
  if (closed.length < IV_BYTES + TAG_BYTES) throw broken('it is too short');
  const opener = createDecipheriv('aes-256-gcm', key, closed.subarray(0, IV_BYTES), {
    authTagLength: TAG_BYTES,
  })
    .setAAD(Buffer.from(`${head}|${context}`))
    .setAuthTag(closed.subarray(-TAG_BYTES));
  try {
    const packed = Buffer.concat([opener.update(closed.subarray(IV_BYTES, -TAG_BYTES)), opener.final()]);
    return (
      dictionary === undefined ? inflateRawSync(packed) : uncompressSync(packed, dictionary.bytes)
    ).toString('utf8');
  } catch (cause) {
    throw broken('it was changed, or stands in another place', cause);
  }
}

function broken(why: string, cause?: unknown): LanewayError {
  return new LanewayError('SEAL_BROKEN', `a sealed record cannot be opened: ${why}`, {
    fix: 'See which one: laneway audit verify.',
    ...(cause === undefined ? {} : { cause }),
  });
}
