import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { LanewayError } from '../../models/base/errors.ts';

/** A recipient's data key (AES-256) and the random id that stands for it. */
export interface RecipientKey {
  readonly rid: string;
  readonly key: Buffer;
}

const SEALED = /^s1\.([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]+)$/;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Closes a text under a recipient's key: deflate, then AES-256-GCM with a fresh nonce.
 * @param context where the text stands; it cannot be opened as if it stood elsewhere
 * @returns `s1.RID.BASE64URL` (nonce, ciphertext, tag)
 */
export function sealText({ rid, key }: RecipientKey, context: string, text: string): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(`${rid}|${context}`));
  const packed = deflateRawSync(text, { level: 1 });
  const closed = Buffer.concat([iv, cipher.update(packed), cipher.final(), cipher.getAuthTag()]);
  return `s1.${rid}.${closed.toString('base64url')}`;
}

/** Id of the key that a text is closed under; undefined: it is not sealed. */
export const ridOf = (sealed: string): string | undefined => SEALED.exec(sealed)?.[1];

/** Opens what {@link sealText} closed. @throws LanewayError `SEAL_BROKEN`: another key, place or byte */
export function openText(key: Buffer, context: string, sealed: string): string {
  const [, rid, text] = SEALED.exec(sealed) ?? [];
  if (rid === undefined) throw broken('it is not sealed');
  const closed = Buffer.from(text!, 'base64url');
  if (closed.length < IV_BYTES + TAG_BYTES) throw broken('it is too short');
  const opener = createDecipheriv('aes-256-gcm', key, closed.subarray(0, IV_BYTES), {
    authTagLength: TAG_BYTES,
  })
    .setAAD(Buffer.from(`${rid}|${context}`))
    .setAuthTag(closed.subarray(-TAG_BYTES));
  try {
    const packed = Buffer.concat([opener.update(closed.subarray(IV_BYTES, -TAG_BYTES)), opener.final()]);
    return inflateRawSync(packed).toString('utf8');
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
