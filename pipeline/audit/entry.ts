import { sha256 } from '../../models/base/sha256.ts';

/** SHA-256 of a text's UTF-8 bytes, lower-case hex. */

/**
 * What an entry of the audit trail is about. `decision`: its content is the record in `decisions`; all others carry
 * theirs in `body`.
 */
export const AUDIT_KINDS = [
  'decision',
  'consent',
  'suppression',
  'registry',
  'rules',
  'admin',
  'access',
  'erasure',
  'retention',
] as const;
export type AuditKind = (typeof AUDIT_KINDS)[number];

/** One entry as it is hashed: every column but its place in the chain, which its block commits to. */
export interface AuditEntry {
  readonly tenant: string;
  readonly kind: AuditKind;
  /** Epoch ms. */
  readonly at_ms: number;
  /** Message id; elsewhere what was done, e.g. `granted`, `rules.activate`. */
  readonly subject: string;
  /** Which decision of the message, from 1; elsewhere 0. */
  readonly seq: number;
  /** Random id of the recipient's key (`recipient_keys.rid`); after erasure it leads nowhere. */
  readonly recipient: string | null;
  readonly outcome: string | null;
  readonly channel: string | null;
  readonly lane: string | null;
  readonly class: string | null;
  /** First jurisdiction, e.g. `US-FL`. */
  readonly place: string | null;
  readonly ruleset: string | null;
  /** Ids of the rules that decided, joined by commas. */
  readonly rules: string | null;
  /** From when on the content may be dropped; null: never. */
  readonly keep_until_ms: number | null;
  /** SHA-256, hex, of the content as it is stored. */
  readonly content_hash: string;
  /** The content; null where it stands elsewhere, or was dropped. Not hashed itself: `content_hash` is. */
  readonly body: string | null;
}

/** Columns of an entry in the order of its hash, with their SQL types. */
export const ENTRY_COLUMNS = {
  tenant: 'text',
  kind: 'text',
  at_ms: 'bigint',
  subject: 'text',
  seq: 'integer',
  recipient: 'text',
  outcome: 'text',
  channel: 'text',
  lane: 'text',
  class: 'text',
  place: 'text',
  ruleset: 'text',
  rules: 'text',
  keep_until_ms: 'bigint',
  content_hash: 'text',
} as const satisfies Partial<Record<keyof AuditEntry, string>>;

const HASHED = Object.keys(ENTRY_COLUMNS) as readonly (keyof typeof ENTRY_COLUMNS)[];

/** SHA-256 over every hashed column, as one JSON list. */
export const entryHash = (entry: Omit<AuditEntry, 'body'>): string =>
  sha256(JSON.stringify(HASHED.map((name) => entry[name])));

/** Hash that the first block of a chain goes on from. */
export const GENESIS = '0'.repeat(64);

/** A link of a chain: what the one before was, and the hashes of its entries in their order. */
export function blockHash(
  block: {
    readonly writer: string;
    readonly block: number;
    readonly at_ms: number;
    readonly prev_hash: string;
  },
  entryHashes: readonly string[],
): string {
  const { writer, at_ms, prev_hash } = block;
  return sha256([writer, block.block, at_ms, entryHashes.length, prev_hash, ...entryHashes].join('|'));
}
