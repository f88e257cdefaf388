import type { Clock } from '../../models/base/clock.ts';

/** Crockford's base 32: no I, L, O, U. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

export type RandomBytes = (size: number) => Uint8Array;

/** ULIDs: 48 bits of time, 80 bits of chance, 26 characters that sort by time and cannot be guessed. */
export function createIdSource(clock: Clock, randomBytes: RandomBytes): () => string {
  return () => {
    let time = clock();
    const head: string[] = [];
    for (let i = 0; i < 10; i++) {
      head.unshift(ALPHABET[time % 32]!);
      time = Math.floor(time / 32);
    }
    let tail = '';
    for (const byte of randomBytes(16)) tail += ALPHABET[byte & 31];
    return head.join('') + tail;
  };
}
