import { createHmac, randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../../models/base/clock.ts';
import { LanewayError } from '../../models/base/errors.ts';
import { recordset } from '../store/recordset.ts';
import type { Db } from '../store/schema.ts';
import type { MasterKey } from './master-key.ts';
import { randomBytesOf } from './random.ts';
import type { RecipientKey } from './sealed.ts';

export interface RecipientRef {
  readonly tenant: string;
  readonly recipient: string;
}

/** The key of one recipient: there, destroyed, or never heard of. */
export type KeyState = Buffer | 'erased' | 'unknown';

/** A data key for every recipient, found by a keyed hash of the address. */
export interface Keyring {
  /**
   * Keys of recipients, made where there are none; one statement for those not in memory. Who was erased and comes back
   * gets another key, and what was objected to before is in force again.
   */
  keysOf(db: Db, recipients: readonly RecipientRef[]): Promise<(ref: RecipientRef) => RecipientKey>;
  /** Keys by id, as the store has them now, so that what was destroyed anywhere opens nothing here. */
  byId(db: Db, rids: readonly string[]): Promise<ReadonlyMap<string, KeyState>>;
  /** Id of a recipient's key, if there is one. */
  ridOf(db: Db, ref: RecipientRef): Promise<string | undefined>;
  /** Destroys a recipient's key for good, in the caller's transaction. @returns its id, if there was one */
  destroy(db: Db, ref: RecipientRef, atMs: number): Promise<string | undefined>;
  /** Drops from memory what others have destroyed since; see `govern.ts`. */
  forget(rids: readonly string[]): void;
  /** Keyed hash of anything that must be found but not read. */
  tagOf(ref: RecipientRef): string;
}

/** Keys held in memory; about 300 bytes each. */
const MOST_IN_MEMORY = 50_000;
/** Whoever else makes a key for the same recipient commits first, and the next look sees it. */
const MOST_LOOKS = 5;
const INDEX_KEY = { tenant: '*', key: 'recipient-index-key' } as const;

interface KeyRow {
  readonly rid: string;
  readonly tenant: string;
  readonly tag: string;
  readonly wrapped: string;
}

const contextOf = ({ rid, tenant }: Pick<KeyRow, 'rid' | 'tenant'>): string => `recipient|${tenant}|${rid}`;

/** Are keys of this store already wrapped? Then a master key must be there and must not be made. */
export async function holdsKeys(db: Db): Promise<boolean> {
  return (await indexKeyRow(db)) !== undefined;
}

async function indexKeyRow(db: Db): Promise<string | undefined> {
  const { tenant, key } = INDEX_KEY;
  const row = await db
    .selectFrom('meta')
    .select('value')
    .where('tenant', '=', tenant)
    .where('key', '=', key)
    .executeTakeFirst();
  return row?.value;
}

/** The key of tags; made once a store. It is wrapped like the others, so it outlives a change of master key. */
async function openIndexKey(db: Db, master: MasterKey): Promise<Buffer> {
  const context = 'recipient-index';
  const there = await indexKeyRow(db);
  if (there !== undefined) return master.unwrap(there, context);
  const value = await master.wrap(randomBytes(32), context);
  await db
    .insertInto('meta')
    .values({ ...INDEX_KEY, value })
    .onConflict((oc) => oc.columns(['tenant', 'key']).doNothing())
    .execute();
  return master.unwrap((await indexKeyRow(db))!, context);
}

/** @throws LanewayError `MASTER_KEY_WRONG` when the store's keys belong to another master key */
export async function openKeyring(db: Db, master: MasterKey, clock: Clock): Promise<Keyring> {
  const indexKey = await openIndexKey(db, master);
  const byTag = new LRUCache<string, RecipientKey>({ max: MOST_IN_MEMORY });
  const tagByRid = new LRUCache<string, string>({ max: MOST_IN_MEMORY });

  const tags = new LRUCache<string, string>({ max: MOST_IN_MEMORY });

  const tagOf = ({ tenant, recipient }: RecipientRef): string => {
    const who = `${tenant}\0${recipient}`;
    let tag = tags.get(who);
    if (tag === undefined) {
      tag = createHmac('sha256', indexKey).update(who).digest('base64url');
      tags.set(who, tag);
    }
    return tag;
  };

  const remember = (tag: string, key: RecipientKey): void => {
    byTag.set(tag, key);
    tagByRid.set(key.rid, tag);
  };

  async function lookUp(db: Db, wanted: ReadonlyMap<string, RecipientRef>): Promise<void> {
    const fresh = new Map<string, Buffer>();
    const made = await Promise.all(
      [...wanted].map(async ([tag, { tenant, recipient }]) => {
        const rid = randomBytesOf(16).toString('base64url');
        const key = randomBytesOf(32);
        const wrapped = await master.wrap(key, contextOf({ rid, tenant }));
        fresh.set(rid, key);
        return { rid, tenant, tag, recipient, wrapped };
      }),
    );
    const columns = { rid: 'text', tenant: 'text', tag: 'text', wrapped: 'text', recipient: 'text' } as const;
    const found = await sql<KeyRow>`
      with x as materialized (select * from ${recordset(columns, made)}),
      there as (select k.* from x join recipient_keys k on k.tenant = x.tenant and k.tag = x.tag),
      made as (
        insert into recipient_keys (rid, tenant, tag, wrapped, created_at_ms)
        select x.rid, x.tenant, x.tag, x.wrapped, ${clock()}::bigint from x
        where not exists (select 1 from there where there.tag = x.tag and there.tenant = x.tenant)
        order by x.tenant, x.tag
        on conflict do nothing
        returning rid, tenant, tag, wrapped
      ),
      back as (
        insert into suppressions (tenant, recipient, entry_key, since_ms, entry)
        select o.tenant, x.recipient, o.entry_key, o.since_ms, o.entry
        from made join x on x.rid = made.rid
        join kept_objections o on o.tenant = made.tenant and o.tag = made.tag
        on conflict do nothing
      )
      select rid, tenant, tag, wrapped from there union all select rid, tenant, tag, wrapped from made`.execute(
      db,
    );
    for (const row of found.rows) {
      remember(row.tag, {
        rid: row.rid,
        key: fresh.get(row.rid) ?? (await master.unwrap(row.wrapped, contextOf(row))),
      });
    }
  }

  return {
    tagOf,
    async keysOf(db, recipients) {
      const keys = new Map<string, RecipientKey>();
      let missing = new Map<string, RecipientRef>();
      for (const ref of recipients) {
        const tag = tagOf(ref);
        const there = byTag.get(tag);
        if (there) keys.set(tag, there);
        else missing.set(tag, ref);
      }
      for (let look = 0; missing.size > 0 && look < MOST_LOOKS; look++) {
        await lookUp(db, missing);
        const still = new Map<string, RecipientRef>();
        for (const [tag, ref] of missing) {
          const there = byTag.get(tag);
          if (there) keys.set(tag, there);
          else still.set(tag, ref);
        }
        missing = still;
      }
      return (ref) => {
        const key = keys.get(tagOf(ref));
        if (key) return key;
        throw new LanewayError('RECIPIENT_KEY_MISSING', 'a recipient has no key, and none could be made', {
          fix: 'See whether the store takes writes.',
        });
      };
    },
    async byId(db, rids) {
      const states = new Map<string, KeyState>(rids.map((rid) => [rid, 'unknown']));
      if (rids.length === 0) return states;
      const found = await sql<{ rid: string; tenant: string; wrapped: string | null }>`
        select k.rid, k.tenant, k.wrapped
        from ${recordset(
          { rid: 'text' },
          [...states.keys()].map((rid) => ({ rid })),
        )}
        join recipient_keys k on k.rid = x.rid`.execute(db);
      for (const { rid, tenant, wrapped } of found.rows) {
        const held = wrapped === null ? undefined : byTag.get(tagByRid.get(rid) ?? '');
        const key = held?.rid === rid ? held.key : undefined;
        states.set(
          rid,
          wrapped === null ? 'erased' : (key ?? (await master.unwrap(wrapped, contextOf({ rid, tenant })))),
        );
      }
      return states;
    },
    async ridOf(db, ref) {
      const row = await db
        .selectFrom('recipient_keys')
        .select('rid')
        .where('tenant', '=', ref.tenant)
        .where('tag', '=', tagOf(ref))
        .executeTakeFirst();
      return row?.rid;
    },
    async destroy(db, ref, atMs) {
      const tag = tagOf(ref);
      const row = await db
        .updateTable('recipient_keys')
        .set({ tag: null, wrapped: null, erased_at_ms: atMs })
        .where('tenant', '=', ref.tenant)
        .where('tag', '=', tag)
        .returning('rid')
        .executeTakeFirst();
      byTag.delete(tag);
      return row?.rid;
    },
    forget(rids) {
      for (const rid of rids) {
        const tag = tagByRid.get(rid);
        if (tag !== undefined && byTag.peek(tag)?.rid === rid) byTag.delete(tag);
        tagByRid.delete(rid);
      }
    },
  };
}
