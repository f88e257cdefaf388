import { type Kysely, sql } from 'kysely';
import { canonicalJson } from '../../models/base/json.ts';
import { sha256 } from '../../models/base/sha256.ts';
import type { SigningKey } from '../keys/signing-key.ts';
import type { AuditCheckpointsTable, Database, Db } from '../store/schema.ts';
import { GENESIS } from './entry.ts';

/** Where a chain stood: number and hash of its last block. */
export type Heads = Readonly<Record<string, readonly [block: number, hash: string]>>;

/** What a checkpoint's hash is over; its signature is over the hash. */
export const checkpointHash = ({
  seq,
  at_ms,
  heads,
  prev_hash,
  key_id,
}: Omit<AuditCheckpointsTable, 'hash' | 'signature'>): string =>
  sha256(canonicalJson([seq, at_ms, heads, prev_hash, key_id]));

/** The text that is signed. */
export const checkpointText = (hash: string): string => `laneway checkpoint ${hash}`;

/** Last block of every chain: two steps down an index for each, however long the chains are. */
async function headsNow(db: Db): Promise<Map<string, readonly [number, string]>> {
  const found = await sql<{ writer: string; block: number; hash: string }>`
    with recursive w as (
      (select writer from audit_blocks order by writer limit 1)
      union all
      select (select b.writer from audit_blocks b where b.writer > w.writer order by b.writer limit 1)
      from w where w.writer is not null
    )
    select b.writer, b.block, b.hash
    from w, lateral (select * from audit_blocks b where b.writer = w.writer order by b.block desc limit 1) b
    where w.writer is not null`.execute(db);
  return new Map(found.rows.map(({ writer, block, hash }) => [writer, [block, hash] as const]));
}

/** Signs what all chains stand at. One a store is enough; several that sign at once do no harm. */
export interface Checkpointer {
  /** @returns the number of the checkpoint, or undefined when nothing had been added since the last */
  sign(db: Kysely<Database>, atMs: number): Promise<number | undefined>;
}

/** The first checkpoint of a process names every chain, later ones those that have grown since. */
export function createCheckpointer(key: SigningKey): Checkpointer {
  let signed: ReadonlyMap<string, readonly [number, string]> = new Map();
  return {
    async sign(db, atMs) {
      const now = await headsNow(db);
      const grown = [...now].filter(([writer, [block]]) => signed.get(writer)?.[0] !== block);
      if (grown.length === 0) return undefined;
      const last = await db
        .selectFrom('audit_checkpoints')
        .select(['seq', 'hash'])
        .orderBy('seq', 'desc')
        .limit(1)
        .executeTakeFirst();
      const unsigned = {
        seq: (last?.seq ?? 0) + 1,
        at_ms: atMs,
        heads: canonicalJson(Object.fromEntries(grown)),
        prev_hash: last?.hash ?? GENESIS,
        key_id: key.keyId,
      };
      const hash = checkpointHash(unsigned);
      const made = await db
        .insertInto('audit_checkpoints')
        .values({ ...unsigned, hash, signature: key.sign(checkpointText(hash)) })
        .onConflict((oc) => oc.column('seq').doNothing())
        .returning('seq')
        .executeTakeFirst();
      // Another process was first: what has grown goes into the next one.
      if (!made) return undefined;
      signed = now;
      return made.seq;
    },
  };
}
