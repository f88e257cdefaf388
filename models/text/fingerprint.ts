import { createHash } from 'node:crypto';
import { CANONICAL_VERSION } from './canonical.ts';

/**
 * Names a canonical text: the first 128 bits of SHA-256 over the canonicalisation's version and the text's
 * UTF-8 bytes, as 32 lower-case hex digits.
 *
 * @param canonical the result of `canonicalise`
 */
export function fingerprint(canonical: string): string {
  return createHash('sha256').update(`${CANONICAL_VERSION}\n${canonical}`, 'utf8').digest('hex').slice(0, 32);
}
