import { sql } from 'kysely';
import { canonicalJson } from '../../models/base/json.ts';
import type { RegistryAnswer } from '../comply/facts.ts';
import type { HttpRegistrySettings } from '../suppress/http-registry.ts';
import { recordset } from './recordset.ts';
import type { Db } from './schema.ts';

/** A registry as it is in force. */
export interface RegistryStatus {
  readonly name: string;
  readonly kind: 'store' | 'file' | 'http';
  /** Where it came from, in words. */
  readonly source: string | null;
  /** Date of the copy, or of the last answer, epoch ms; age counts from here. */
  readonly asOfMs: number;
  readonly entries: number;
  readonly file: string | null;
  readonly loadedAtMs: number | null;
}

type Snapshot = {
  as_of_ms: number;
  entries: number;
  kind: 'store' | 'file' | 'http';
  file: string | null;
  settings: string | null;
  source: string | null;
  loaded_at_ms: number | null;
};

async function putSnapshot(db: Db, tenant: string, registry: string, snapshot: Snapshot): Promise<void> {
  await db
    .insertInto('registry_snapshots')
    .values({ tenant, registry, ...snapshot })
    .onConflict((oc) => oc.columns(['tenant', 'registry']).doUpdateSet(snapshot))
    .execute();
}

/** Adds single entries to a registry, beside its copy: they count at once, until the next whole copy is loaded. */
export async function addEntries(
  db: Db,
  tenant: string,
  registry: string,
  entries: readonly { readonly recipient: string; readonly listedSinceMs?: number }[],
): Promise<void> {
  const rows = entries.map(({ recipient, listedSinceMs }) => ({ recipient, since: listedSinceMs }));
  await sql`insert into registry_entries (tenant, registry, recipient, listed_since_ms)
    select distinct on (recipient) ${tenant}, ${registry}, recipient, since
    from ${recordset({ recipient: 'text', since: 'bigint' }, rows)} order by recipient, since nulls first
    on conflict (tenant, registry, recipient) do update set
      listed_since_ms = least(registry_entries.listed_since_ms, excluded.listed_since_ms)`.execute(db);
}

/**
 * A registry of which nobody has a copy is one of the store's own from its first entry on; one that is there stays.
 *
 * @returns whether it was not there
 */
export async function openOwnRegistry(
  db: Db,
  tenant: string,
  registry: string,
  nowMs: number,
): Promise<boolean> {
  const opened = await db
    .insertInto('registry_snapshots')
    .values({
      tenant,
      registry,
      as_of_ms: nowMs,
      entries: 0,
      kind: 'store',
      file: null,
      settings: null,
      source: null,
      loaded_at_ms: nowMs,
    })
    .onConflict((oc) => oc.columns(['tenant', 'registry']).doNothing())
    .returning('registry')
    .executeTakeFirst();
  return opened !== undefined;
}

/** Puts a file in force, in the caller's transaction; single entries that were added to the copy before are in the new one, or gone. */
export async function activateFile(
  db: Db,
  tenant: string,
  registry: string,
  file: {
    readonly name: string;
    readonly asOfMs: number;
    readonly entries: number;
    readonly source: string;
    readonly loadedAtMs: number;
  },
): Promise<void> {
  await db
    .deleteFrom('registry_entries')
    .where('tenant', '=', tenant)
    .where('registry', '=', registry)
    .execute();
  await putSnapshot(db, tenant, registry, {
    as_of_ms: file.asOfMs,
    entries: file.entries,
    kind: 'file',
    file: file.name,
    settings: null,
    source: file.source,
    loaded_at_ms: file.loadedAtMs,
  });
}

/** Makes a registry one that is asked over HTTP. */
export async function configureHttp(
  db: Db,
  tenant: string,
  registry: string,
  settings: HttpRegistrySettings,
  nowMs: number,
): Promise<void> {
  await putSnapshot(db, tenant, registry, {
    as_of_ms: nowMs,
    entries: 0,
    kind: 'http',
    file: null,
    settings: canonicalJson(settings),
    source: new URL(settings.url).host,
    loaded_at_ms: nowMs,
  });
}

/** Registries of a tenant, by name. */
export async function listRegistries(db: Db, tenant: string): Promise<RegistryStatus[]> {
  const rows = await db
    .selectFrom('registry_snapshots')
    .selectAll()
    .where('tenant', '=', tenant)
    .orderBy('registry')
    .execute();
  return rows.map((row) => ({
    name: row.registry,
    kind: row.kind,
    source: row.source,
    asOfMs: row.as_of_ms,
    entries: row.entries,
    file: row.file,
    loadedAtMs: row.loaded_at_ms,
  }));
}

/** Kept answers of a registry that is asked, by address. */
export async function keptAnswers(
  db: Db,
  tenant: string,
  registry: string,
  recipients: readonly string[],
): Promise<Map<string, RegistryAnswer>> {
  const found = await sql<{ recipient: string; answer: string }>`
    select a.recipient, a.answer from ${recordset(
      { recipient: 'text' },
      recipients.map((recipient) => ({ recipient })),
    )}
    join registry_answers a on a.tenant = ${tenant} and a.registry = ${registry} and a.recipient = x.recipient`.execute(
    db,
  );
  return new Map(found.rows.map((row) => [row.recipient, JSON.parse(row.answer) as RegistryAnswer]));
}

export async function keepAnswers(
  db: Db,
  tenant: string,
  registry: string,
  answers: ReadonlyMap<string, RegistryAnswer>,
): Promise<void> {
  if (answers.size === 0) return;
  const rows = [...answers].map(([recipient, answer]) => ({
    recipient,
    answer: canonicalJson(answer),
    checked: answer.checkedAtMs,
  }));
  await sql`insert into registry_answers (tenant, registry, recipient, answer, checked_at_ms)
    select ${tenant}, ${registry}, recipient, answer, checked
    from ${recordset({ recipient: 'text', answer: 'text', checked: 'bigint' }, rows)}
    on conflict (tenant, registry, recipient) do update set answer = excluded.answer,
      checked_at_ms = excluded.checked_at_ms
    where registry_answers.checked_at_ms <= excluded.checked_at_ms`.execute(db);
}
