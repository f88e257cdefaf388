import type { Selectable } from 'kysely';
import type { Db, RuleOrdersTable } from '../store/schema.ts';
import type { OrderKind, SignedOrder } from './order.ts';
import type { Release } from './release.ts';

export type ReleaseOrigin = 'shipped' | 'uploaded';

export interface ReleaseLine {
  readonly version: string;
  readonly digest: string;
  readonly madeAtMs: number;
  readonly origin: ReleaseOrigin;
}

/** Keeps a release; one that is there stays as it is. @returns whether it is new */
export async function saveRelease(
  db: Db,
  { version, digest, text }: Release,
  origin: ReleaseOrigin,
  atMs: number,
): Promise<boolean> {
  const made = await db
    .insertInto('rule_releases')
    .values({ version, digest, packs: text, origin, made_at_ms: atMs })
    .onConflict((oc) => oc.columns(['version', 'digest']).doNothing())
    .returning('version')
    .executeTakeFirst();
  return made !== undefined;
}

export async function holdsRelease(db: Db, version: string): Promise<boolean> {
  const query = db.selectFrom('rule_releases').select('version').where('version', '=', version).limit(1);
  return (await query.executeTakeFirst()) !== undefined;
}

/** @param digest absent: the first that was kept under the version; replay does not care for comments and lines */
export async function loadRelease(db: Db, version: string, digest?: string): Promise<Release | undefined> {
  let query = db.selectFrom('rule_releases').selectAll().where('version', '=', version);
  if (digest !== undefined) query = query.where('digest', '=', digest);
  const row = await query.orderBy('made_at_ms').limit(1).executeTakeFirst();
  return row && { version: row.version, digest: row.digest, text: row.packs };
}

/** All releases, newest first. */
export async function listReleases(db: Db): Promise<ReleaseLine[]> {
  const rows = await db
    .selectFrom('rule_releases')
    .select(['version', 'digest', 'made_at_ms', 'origin'])
    .orderBy('made_at_ms', 'desc')
    .execute();
  return rows.map(({ version, digest, made_at_ms, origin }) => ({
    version,
    digest,
    madeAtMs: made_at_ms,
    origin: origin as ReleaseOrigin,
  }));
}

const orderOf = (row: Selectable<RuleOrdersTable>): SignedOrder => ({
  order: {
    format: 1,
    seq: row.seq,
    kind: row.kind as OrderKind,
    version: row.version,
    digest: row.digest,
    effectiveAtMs: row.effective_at_ms,
    issuedAtMs: row.issued_at_ms,
    author: row.author,
    reason: row.reason,
  },
  keyId: row.key_id,
  signature: row.signature,
});

/** Orders after that one, oldest first. */
export async function ordersAfter(db: Db, seq: number): Promise<SignedOrder[]> {
  const rows = await db.selectFrom('rule_orders').selectAll().where('seq', '>', seq).orderBy('seq').execute();
  return rows.map(orderOf);
}

/** @returns false when the place is taken: somebody else gave an order meanwhile */
export async function insertOrder(db: Db, { order, keyId, signature }: SignedOrder): Promise<boolean> {
  const made = await db
    .insertInto('rule_orders')
    .values({
      seq: order.seq,
      kind: order.kind,
      version: order.version,
      digest: order.digest,
      effective_at_ms: order.effectiveAtMs,
      issued_at_ms: order.issuedAtMs,
      author: order.author,
      reason: order.reason,
      key_id: keyId,
      signature,
    })
    .onConflict((oc) => oc.column('seq').doNothing())
    .returning('seq')
    .executeTakeFirst();
  return made !== undefined;
}
