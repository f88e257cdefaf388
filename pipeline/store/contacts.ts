import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { canonicalJson } from '../../models/base/json.ts';
import type { ConsentEvent } from '../comply/consent/consent.ts';
import type { RegistryAnswer, SuppressionEntry } from '../comply/facts.ts';
import type { ConsentLedger, Registry, SuppressionList } from '../comply/ports.ts';
import { recordset } from './recordset.ts';
import type { Db } from './schema.ts';

/** What the store knows of one recipient that rules may ask for. */
export interface Contact {
  readonly consentEvents: readonly ConsentEvent[];
  readonly suppression: readonly SuppressionEntry[];
  /** By registry name; a registry that was never loaded is absent. */
  readonly registries: Readonly<Record<string, RegistryAnswer>>;
}

const keyOf = (tenant: string, recipient: string): string => JSON.stringify([tenant, recipient]);

interface Found {
  readonly kind: 'consent' | 'suppression' | 'listed' | 'snapshot';
  readonly tenant: string;
  readonly recipient: string;
  readonly name: string | null;
  readonly at_ms: number | null;
  readonly json: string | null;
}

/** Contacts of many recipients in one statement; the answer is asked by tenant and recipient. */
export async function loadContacts(
  db: Db,
  recipients: readonly { readonly tenant: string; readonly recipient: string }[],
): Promise<(tenant: string, recipient: string) => Contact> {
  const found = await sql<Found>`
    with x as materialized (
      select distinct tenant, recipient from ${recordset({ tenant: 'text', recipient: 'text' }, recipients)}
    )
    (select 'consent' as kind, c.tenant, c.recipient, null as name, c.at_ms, c.event as json
      from x join consent_events c on c.tenant = x.tenant and c.recipient = x.recipient order by c.seq)
    union all
    (select 'suppression', s.tenant, s.recipient, null, s.since_ms, s.entry
      from x join suppressions s on s.tenant = x.tenant and s.recipient = x.recipient order by s.seq)
    union all
    select 'listed', e.tenant, e.recipient, e.registry, e.listed_since_ms, null
      from x join registry_entries e on e.tenant = x.tenant and e.recipient = x.recipient
    union all
    select 'snapshot', r.tenant, '', r.registry, r.as_of_ms, null
      from registry_snapshots r where r.tenant in (select tenant from x)`.execute(db);
  const byContact = new Map<string, { consent: ConsentEvent[]; suppression: SuppressionEntry[] }>();
  const listed = new Map<string, number | null>();
  const snapshots = new Map<string, Array<{ name: string; asOfMs: number }>>();
  const contact = (row: Found) => {
    const key = keyOf(row.tenant, row.recipient);
    const there = byContact.get(key) ?? { consent: [], suppression: [] };
    byContact.set(key, there);
    return there;
  };
  for (const row of found.rows) {
    if (row.kind === 'consent') contact(row).consent.push(JSON.parse(row.json!) as ConsentEvent);
    else if (row.kind === 'suppression')
      contact(row).suppression.push(JSON.parse(row.json!) as SuppressionEntry);
    else if (row.kind === 'listed')
      listed.set(JSON.stringify([row.tenant, row.recipient, row.name]), row.at_ms);
    else {
      const of = snapshots.get(row.tenant) ?? [];
      of.push({ name: row.name!, asOfMs: row.at_ms! });
      snapshots.set(row.tenant, of);
    }
  }
  return (tenant, recipient) => {
    const there = byContact.get(keyOf(tenant, recipient));
    const registries: Record<string, RegistryAnswer> = {};
    for (const { name, asOfMs } of snapshots.get(tenant) ?? []) {
      const since = listed.get(JSON.stringify([tenant, recipient, name]));
      registries[name] = {
        listed: since !== undefined,
        ...(since ? { listedSinceMs: since } : {}),
        checkedAtMs: asOfMs,
      };
    }
    return { consentEvents: there?.consent ?? [], suppression: there?.suppression ?? [], registries };
  };
}

export function createConsentLedger(db: Db): ConsentLedger {
  return {
    async append(tenant, recipient, events) {
      if (events.length === 0) return;
      const rows = events.map((event) => ({
        tenant,
        recipient,
        event_id: event.id,
        at_ms: event.atMs,
        event: canonicalJson(event),
      }));
      await db
        .insertInto('consent_events')
        .values(rows)
        .onConflict((oc) => oc.columns(['tenant', 'recipient', 'event_id']).doNothing())
        .execute();
    },
    async events(tenant, recipient) {
      const rows = await db
        .selectFrom('consent_events')
        .select('event')
        .where('tenant', '=', tenant)
        .where('recipient', '=', recipient)
        .orderBy('seq')
        .execute();
      return rows.map((row) => JSON.parse(row.event) as ConsentEvent);
    },
  };
}

export function createSuppressionList(db: Db): SuppressionList {
  return {
    async add(tenant, recipient, entry) {
      const { sinceMs, untilMs: _, ...what } = entry;
      await db
        .insertInto('suppressions')
        .values({
          tenant,
          recipient,
          entry_key: createHash('sha256').update(canonicalJson(what)).digest('hex').slice(0, 32),
          since_ms: sinceMs,
          entry: canonicalJson(entry),
        })
        .onConflict((oc) =>
          oc
            .columns(['tenant', 'recipient', 'entry_key'])
            .doUpdateSet({ since_ms: sinceMs, entry: canonicalJson(entry) }),
        )
        .execute();
    },
    async entries(tenant, recipient) {
      return (await loadContacts(db, [{ tenant, recipient }]))(tenant, recipient).suppression;
    },
  };
}

/** A register answered from a loaded copy; without a copy there is no answer. */
export function createStoredRegistry(db: Db, name: string): Registry {
  return {
    name,
    async lookup(tenant, recipient) {
      return (await loadContacts(db, [{ tenant, recipient }]))(tenant, recipient).registries[name];
    },
  };
}

/** Replaces the copy of a register by a new one, in one transaction. */
export async function loadRegistry(
  db: Db,
  tenant: string,
  registry: string,
  asOfMs: number,
  entries: readonly { readonly recipient: string; readonly listedSinceMs?: number }[],
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await tx
      .deleteFrom('registry_entries')
      .where('tenant', '=', tenant)
      .where('registry', '=', registry)
      .execute();
    const rows = entries.map((entry) => ({
      tenant,
      registry,
      recipient: entry.recipient,
      since: entry.listedSinceMs,
    }));
    await sql`insert into registry_entries (tenant, registry, recipient, listed_since_ms)
      select distinct on (recipient) tenant, registry, recipient, since
      from ${recordset({ tenant: 'text', registry: 'text', recipient: 'text', since: 'bigint' }, rows)}`.execute(
      tx,
    );
    await tx
      .insertInto('registry_snapshots')
      .values({ tenant, registry, as_of_ms: asOfMs, entries: entries.length })
      .onConflict((oc) =>
        oc.columns(['tenant', 'registry']).doUpdateSet({ as_of_ms: asOfMs, entries: entries.length }),
      )
      .execute();
  });
}
