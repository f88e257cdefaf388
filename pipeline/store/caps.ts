import { sql } from 'kysely';
import { recordset } from './recordset.ts';
import type { Db } from './schema.ts';

export interface CapQuestion {
  readonly tenant: string;
  readonly key: string;
  readonly sinceMs: number;
}

const keyOf = (tenant: string, key: string): string => JSON.stringify([tenant, key]);

/** Instants counted under many keys in one statement; ascending, reservations in flight included. */
export async function capTimes(
  db: Db,
  questions: readonly CapQuestion[],
): Promise<(tenant: string, key: string, sinceMs: number) => number[]> {
  if (questions.length === 0) return () => [];
  const rows = questions.map((asked) => ({ tenant: asked.tenant, key: asked.key, since: asked.sinceMs }));
  const found = await sql<{ tenant: string; key: string; at_ms: number }>`
    with x as materialized (
      select tenant, key, min(since) as since
      from ${recordset({ tenant: 'text', key: 'text', since: 'bigint' }, rows)} group by tenant, key
    )
    select c.tenant, c.key, c.at_ms from x
    join cap_reservations c on c.tenant = x.tenant and c.key = x.key and c.at_ms >= x.since
    order by c.at_ms`.execute(db);
  const byKey = new Map<string, number[]>();
  for (const row of found.rows) {
    const key = keyOf(row.tenant, row.key);
    const times = byKey.get(key);
    if (times) times.push(row.at_ms);
    else byKey.set(key, [row.at_ms]);
  }
  return (tenant, key, sinceMs) => (byKey.get(keyOf(tenant, key)) ?? []).filter((at) => at >= sinceMs);
}
