import { sql } from 'kysely';
import type { JsonValue } from '../../models/base/json.ts';
import { canonicalJson } from '../../models/base/json.ts';
import { recordset } from './recordset.ts';
import type { Db, FactsTable } from './schema.ts';

type Scope = FactsTable['scope'];

/** Whom a fact is about; see `FactsTable.subject`. */
export interface FactSubject {
  readonly tenant: string;
  readonly scope: Scope;
  readonly subject: string;
}

export interface StoredFact {
  readonly path: string;
  readonly value: JsonValue;
  readonly source: string;
  readonly asOfMs: number;
  readonly untilMs?: number;
}

const COLUMNS = {
  ord: 'integer',
  path: 'text',
  value: 'text',
  source: 'text',
  as_of_ms: 'bigint',
  until_ms: 'bigint',
} as const;

/** Appends facts; those of a list that are equally old count in its order. */
export async function appendFacts(
  db: Db,
  { tenant, scope, subject }: FactSubject,
  facts: readonly StoredFact[],
  nowMs: number,
): Promise<void> {
  const rows = facts.map(({ path, value, source, asOfMs, untilMs }, ord) => {
    return { ord, path, value: canonicalJson(value), source, as_of_ms: asOfMs, until_ms: untilMs ?? null };
  });
  await sql`
    insert into facts (tenant, scope, subject, path, value, source, as_of_ms, until_ms, recorded_at_ms)
    select ${tenant}::text, ${scope}::text, ${subject}::text, path, value, source, as_of_ms, until_ms, ${nowMs}::bigint
    from ${recordset(COLUMNS, rows)} order by ord`.execute(db);
}

interface Found extends Omit<FactsTable, 'seq' | 'recorded_at_ms'> {}

/**
 * The latest fact of each path of many subjects in one statement, also one that has ended. The latest counts whatever
 * the clock says now: after it went back, what was withdrawn stays so.
 */
export async function latestFacts(
  db: Db,
  subjects: readonly FactSubject[],
): Promise<(subject: FactSubject) => readonly StoredFact[]> {
  const found = await sql<Found>`
    select f.tenant, f.scope, f.subject, f.path, f.value, f.source, f.as_of_ms, f.until_ms
    from (select distinct tenant, scope, subject
      from ${recordset({ tenant: 'text', scope: 'text', subject: 'text' }, subjects)}) s
    join lateral (
      select distinct on (f.path) f.* from facts f
      where f.tenant = s.tenant and f.scope = s.scope and f.subject = s.subject
      order by f.path, f.as_of_ms desc, f.seq desc
    ) f on true`.execute(db);
  const bySubject = new Map<string, StoredFact[]>();
  for (const row of found.rows) {
    const key = keyOf(row);
    const facts = bySubject.get(key) ?? [];
    facts.push({
      path: row.path,
      value: JSON.parse(row.value) as JsonValue,
      source: row.source,
      asOfMs: row.as_of_ms,
      ...(row.until_ms === null ? {} : { untilMs: row.until_ms }),
    });
    bySubject.set(key, facts);
  }
  return (subject) => bySubject.get(keyOf(subject)) ?? [];
}

const keyOf = ({ tenant, scope, subject }: FactSubject): string => JSON.stringify([tenant, scope, subject]);
