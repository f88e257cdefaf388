import { sql } from 'kysely';
import type { DenylistEntry } from '../suppress/denylist.ts';
import type { Db } from './schema.ts';

/** Senders and contents that are not let through, by tenant. What was removed stays on record. */
export interface DenylistStore {
  /** @returns false when the id is taken */
  add(tenant: string, entry: DenylistEntry): Promise<boolean>;
  /** @returns false when there is no such entry in force */
  remove(tenant: string, id: string, atMs: number): Promise<boolean>;
  /** Entries that were not removed, in order of arrival. */
  entries(tenant: string): Promise<DenylistEntry[]>;
}

const MOVE_ON = sql`
  insert into denylist_versions (tenant, version) select tenant, 1 from changed limit 1
  on conflict (tenant) do update set version = denylist_versions.version + 1`;

export function createDenylistStore(db: Db): DenylistStore {
  return {
    async add(tenant, { id, kind, pattern, reason, source, createdAtMs, untilMs }) {
      const added = await sql<{ id: string }>`
        with changed as (
          insert into denylist_entries (tenant, id, kind, pattern, reason, source, created_at_ms, until_ms)
          values (${tenant}, ${id}, ${kind}, ${pattern}, ${reason}, ${source}, ${createdAtMs}, ${untilMs ?? null})
          on conflict (tenant, id) do nothing returning tenant, id
        ), moved as (${MOVE_ON})
        select id from changed`.execute(db);
      return added.rows.length > 0;
    },
    async remove(tenant, id, atMs) {
      const ended = await sql<{ id: string }>`
        with changed as (
          update denylist_entries set ended_at_ms = ${atMs}
          where tenant = ${tenant} and id = ${id} and ended_at_ms is null returning tenant, id
        ), moved as (${MOVE_ON})
        select id from changed`.execute(db);
      return ended.rows.length > 0;
    },
    async entries(tenant) {
      const rows = await db
        .selectFrom('denylist_entries')
        .selectAll()
        .where('tenant', '=', tenant)
        .where('ended_at_ms', 'is', null)
        .orderBy('seq')
        .execute();
      return rows.map(
        (row): DenylistEntry => ({
          id: row.id,
          kind: row.kind,
          pattern: row.pattern,
          reason: row.reason,
          source: row.source,
          createdAtMs: row.created_at_ms,
          ...(row.until_ms === null ? {} : { untilMs: row.until_ms }),
        }),
      );
    },
  };
}
