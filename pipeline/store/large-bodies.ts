import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { sha256 } from '../../models/base/sha256.ts';
import type { Keyring } from '../keys/keyring.ts';
import type { MasterKey } from '../keys/master-key.ts';
import { openText, sealText } from '../keys/sealed.ts';
import { recordset } from './recordset.ts';
import type { Db } from './schema.ts';

/** A body larger than this, in bytes of UTF-8, is stored beside its message. */
export const LARGE_BODY_BYTES = 262_144;

export const isLarge = (body: string): boolean =>
  // No character takes more than three bytes a code unit: most need not be counted.
  body.length * 3 > LARGE_BODY_BYTES && Buffer.byteLength(body) > LARGE_BODY_BYTES;

/** A message that may keep its text elsewhere. */
interface WithBody {
  readonly tenant: string;
  readonly body: string;
  readonly body_ref: string | null;
}

/** Large texts: each stored once a tenant whatever the number of its messages, sealed, and gone with the last of them. */
export interface LargeBodies {
  /** What a message says of its text: the keyed hash of it. */
  refOf(tenant: string, body: string): string;
  /** Stores a text, in the transaction that stores its message. */
  keep(tx: Db, tenant: string, body: string): Promise<void>;
  /** Messages with their texts; one whose text is gone keeps an empty one. */
  fill<M extends WithBody>(db: Db, messages: readonly M[]): Promise<M[]>;
  /** Deletes texts that no message refers to. @returns how many */
  sweep(db: Db): Promise<number>;
}

const contextOf = (tenant: string, ref: string): string => `body|${tenant}|${ref}`;

export function createLargeBodies(master: MasterKey, keyring: Pick<Keyring, 'tagOf'>): LargeBodies {
  const refOf = (tenant: string, body: string): string =>
    keyring.tagOf({ tenant, recipient: `\0body\0${sha256(body)}` });

  async function open(row: {
    tenant: string;
    ref: string;
    wrapped: string;
    sealed: string;
  }): Promise<string> {
    const context = contextOf(row.tenant, row.ref);
    return openText(await master.unwrap(row.wrapped, context), context, row.sealed);
  }

  return {
    refOf,
    async keep(tx, tenant, body) {
      const ref = refOf(tenant, body);
      const context = contextOf(tenant, ref);
      // Whoever deletes unused texts looks at `uses` again after this transaction: it takes no text from under it.
      const there = await sql`update large_bodies set uses = uses + 1
        where tenant = ${tenant} and ref = ${ref} returning ref`.execute(tx);
      if (there.rows.length > 0) return;
      const key = randomBytes(32);
      const sealed = sealText({ rid: randomBytes(16).toString('base64url'), key }, context, body);
      await sql`insert into large_bodies (tenant, ref, characters, wrapped, sealed)
        values (${tenant}, ${ref}, ${body.length}, ${await master.wrap(key, context)}, ${sealed})
        on conflict (tenant, ref) do update set uses = large_bodies.uses + 1`.execute(tx);
    },
    async fill(db, messages) {
      const wanted = messages.flatMap(({ tenant, body_ref: ref }) => (ref === null ? [] : [{ tenant, ref }]));
      if (wanted.length === 0) return [...messages];
      const found = await sql<{ tenant: string; ref: string; wrapped: string; sealed: string }>`
        select distinct b.tenant, b.ref, b.wrapped, b.sealed from ${recordset({ tenant: 'text', ref: 'text' }, wanted)}
        join large_bodies b on b.tenant = x.tenant and b.ref = x.ref`.execute(db);
      const texts = new Map<string, string>();
      for (const row of found.rows) texts.set(contextOf(row.tenant, row.ref), await open(row));
      return messages.map((message) =>
        message.body_ref === null
          ? message
          : { ...message, body: texts.get(contextOf(message.tenant, message.body_ref)) ?? '' },
      );
    },
    sweep: (db) => dropUnused(db),
  };
}

/**
 * Deletes texts that no message refers to.
 *
 * @param refs only these
 */
export async function dropUnused(db: Db, refs?: readonly string[]): Promise<number> {
  const chosen =
    refs === undefined
      ? sql`true`
      : sql`b.ref in (select json_array_elements_text(${JSON.stringify(refs)}::json))`;
  const gone = await sql`
    with unused as materialized (
      select b.tenant, b.ref, b.uses from large_bodies b
      where ${chosen} and not exists (select from messages m where m.tenant = b.tenant and m.body_ref = b.ref)
    )
    delete from large_bodies b using unused u
    where b.tenant = u.tenant and b.ref = u.ref and b.uses = u.uses`.execute(db);
  return Number(gone.numAffectedRows ?? 0);
}

/** Is this a message whose large text is gone? */
export const lacksBody = ({ body, body_ref: ref }: WithBody): boolean => ref !== null && body === '';
