import { hash } from 'node:crypto';
import { CANONICAL_VERSION } from './canonical.ts';

/**
 * Names a canonical text: the first 128 bits of SHA-256 over the canonicalisation's version and the text's
 * UTF-8 bytes, as 32 lower-case hex digits.
 *
 * @param canonical the result of `canonicalise`
 */
export function fingerprint(canonical: string): string {
  return hash('sha256', `${CANONICAL_VERSION}\n${canonical}`, 'hex').slice(0, 32);
}
