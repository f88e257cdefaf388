import { createHash } from 'node:crypto';
import type { Reason, Verdict } from '../../models/verdict.ts';

/** What the remote tier says of a key. */
export type Stored =
  | { readonly kind: 'verdict'; readonly verdict: Verdict }
  /** Somebody tried and could not answer soundly: nobody need wait for them. */
  | { readonly kind: 'negative' }
  /** Of another version, another key, or no such thing at all. */
  | { readonly kind: 'garbage' };

const MAGIC = 0x4c;
const FORMAT = 1;
const CHECKSUM_BYTES = 8;
/** Magic, format, flags; probability and risk in millionths; fingerprint; number of reasons. */
const HEAD_BYTES = 3 + 4 + 4 + 16 + 2;
const FLAG = { promotional: 1, sure: 2, semantic: 4, negative: 8 } as const;
const MILLION = 1_000_000;
const FINGERPRINT = /^[0-9a-f]{32}$/;

/** Covers scope and key too: a value under another key or of another model fails it. */
function checksum(scope: string, key: string, payload: Uint8Array): Buffer {
  return createHash('sha256')
    .update(`${scope}\u0000${key}\u0000`)
    .update(payload)
    .digest()
    .subarray(0, CHECKSUM_BYTES);
}

function seal(scope: string, key: string, payload: Buffer): Buffer {
  return Buffer.concat([checksum(scope, key, payload), payload]);
}

/**
 * A verdict as bytes: checksum, head, reasons as length-prefixed UTF-8 and Float64. Little-endian.
 *
 * @param scope what the model and its circumstances are; part of the checksum, not of the bytes
 * @returns undefined for a verdict that the format does not hold to the last bit
 */
export function encodeVerdict(scope: string, key: string, verdict: Verdict): Buffer | undefined {
  const { probability, risk, fingerprint, reasons, stage } = verdict;
  const [p, r] = [Math.round(probability * MILLION), Math.round(risk * MILLION)];
  if (p / MILLION !== probability || r / MILLION !== risk || !FINGERPRINT.test(fingerprint)) return undefined;
  if (stage !== 'lexical' && stage !== 'semantic') return undefined;
  if (verdict.degraded !== undefined || reasons.length > 0xffff) return undefined;
  const head = Buffer.alloc(HEAD_BYTES);
  head[0] = MAGIC;
  head[1] = FORMAT;
  head[2] =
    (verdict.class === 'promotional' ? FLAG.promotional : 0) |
    (verdict.band === 'sure' ? FLAG.sure : 0) |
    (stage === 'semantic' ? FLAG.semantic : 0);
  head.writeUInt32LE(p, 3);
  head.writeUInt32LE(r, 7);
  head.write(fingerprint, 11, 'hex');
  head.writeUInt16LE(reasons.length, 27);
  const parts: Buffer[] = [head];
  for (const { feature, text, contribution } of reasons) {
    const [name, phrase] = [Buffer.from(feature, 'utf8'), Buffer.from(text, 'utf8')];
    if (name.length > 0xffff || phrase.length > 0xffff) return undefined;
    const lengths = Buffer.alloc(12);
    lengths.writeDoubleLE(contribution, 0);
    lengths.writeUInt16LE(name.length, 8);
    lengths.writeUInt16LE(phrase.length, 10);
    parts.push(lengths, name, phrase);
  }
  return seal(scope, key, Buffer.concat(parts));
}

/** The bytes that say: tried, and no sound answer. */
export function encodeNegative(scope: string, key: string): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head[0] = MAGIC;
  head[1] = FORMAT;
  head[2] = FLAG.negative;
  return seal(scope, key, head);
}

/**
 * Reads what {@link encodeVerdict} wrote under the same scope and key. Never throws: whatever the bytes are, they are
 * a verdict, a negative entry, or garbage.
 */
export function decodeStored(scope: string, key: string, modelVersion: string, bytes: Uint8Array): Stored {
  const garbage: Stored = { kind: 'garbage' };
  if (bytes.length < CHECKSUM_BYTES + HEAD_BYTES) return garbage;
  const sealed = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const payload = sealed.subarray(CHECKSUM_BYTES);
  if (payload[0] !== MAGIC || payload[1] !== FORMAT) return garbage;
  if (!checksum(scope, key, payload).equals(sealed.subarray(0, CHECKSUM_BYTES))) return garbage;
  const flags = payload[2]!;
  if ((flags & FLAG.negative) !== 0) return { kind: 'negative' };
  const reasons: Reason[] = [];
  let at = HEAD_BYTES;
  for (let left = payload.readUInt16LE(27); left > 0; left--) {
    const nameAt = at + 12;
    if (nameAt > payload.length) return garbage;
    const phraseAt = nameAt + payload.readUInt16LE(at + 8);
    const end = phraseAt + payload.readUInt16LE(at + 10);
    if (end > payload.length) return garbage;
    reasons.push({
      feature: payload.toString('utf8', nameAt, phraseAt),
      text: payload.toString('utf8', phraseAt, end),
      contribution: payload.readDoubleLE(at),
    });
    at = end;
  }
  if (at !== payload.length) return garbage;
  return {
    kind: 'verdict',
    verdict: {
      class: flags & FLAG.promotional ? 'promotional' : 'transactional',
      band: flags & FLAG.sure ? 'sure' : 'unsure',
      probability: payload.readUInt32LE(3) / MILLION,
      risk: payload.readUInt32LE(7) / MILLION,
      reasons,
      modelVersion,
      fingerprint: payload.toString('hex', 11, 27),
      stage: flags & FLAG.semantic ? 'semantic' : 'lexical',
    },
  };
}
