import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { canonicalJson } from '../../models/base/json.ts';
import type { ConsentEvent } from '../comply/consent/consent.ts';
import type { RegistryAnswer, SuppressionEntry } from '../comply/facts.ts';
import type { SuppressionList } from '../comply/ports.ts';
import { tellHeld } from './held.ts';
import { recordset } from './recordset.ts';
import type { Db } from './schema.ts';

/** What the store knows of one recipient that rules may ask for. */
export interface Contact {
  readonly consentEvents: readonly ConsentEvent[];
  readonly suppression: readonly SuppressionEntry[];
  /** By registry name; a registry that was never loaded is absent. */
  readonly registries: Readonly<Record<string, RegistryAnswer>>;
  /** Entries that were added by hand to registries whose copies are not rows of the store, by registry name. */
  readonly added: Readonly<Record<string, RegistryAnswer>>;
  /** The last entries that were read: a step that was decided on them is not taken once there are later ones. */
  readonly mark: ContactMark;
}

/** Sequence numbers of the last consent event and suppression of a recipient; 0: none. */
export interface ContactMark {
  readonly consent: number;
  readonly suppression: number;
}

/** A registry's copy as the store knows it. */
export interface RegistrySnapshot {
  readonly name: string;
  readonly asOfMs: number;
  readonly kind: 'store' | 'file' | 'http';
  readonly file?: string;
  /** JSON of an HTTP registry's settings. */
  readonly settings?: string;
}

/** What was read of many recipients together. */
export interface Contacts {
  contact(tenant: string, recipient: string): Contact;
  snapshots(tenant: string): readonly RegistrySnapshot[];
  /** Version of the tenant's denylist; 0: it has none. */
  denylist(tenant: string): number;
}

const keyOf = (tenant: string, recipient: string): string => JSON.stringify([tenant, recipient]);

interface Found {
  readonly kind: 'consent' | 'suppression' | 'listed' | 'snapshot' | 'denylist';
  readonly tenant: string;
  readonly recipient: string;
  readonly name: string | null;
  readonly at_ms: number | null;
  readonly json: string | null;
  readonly seq: number;
}

interface Gathered {
  readonly consent: ConsentEvent[];
  readonly suppression: SuppressionEntry[];
  readonly listed: Map<string, number | null>;
  consentSeq: number;
  suppressionSeq: number;
}

/** Contacts of many recipients in one statement; the answer is asked by tenant and recipient. */
export async function loadContacts(
  db: Db,
  recipients: readonly { readonly tenant: string; readonly recipient: string }[],
): Promise<Contacts> {
  const found = await sql<Found>`
    with x as materialized (
      select distinct tenant, recipient from ${recordset({ tenant: 'text', recipient: 'text' }, recipients)}
    )
    (select 'consent' as kind, c.tenant, c.recipient, null as name, c.at_ms, c.event as json, c.seq
      from x join consent_events c on c.tenant = x.tenant and c.recipient = x.recipient order by c.seq)
    union all
    (select 'suppression', s.tenant, s.recipient, null, s.since_ms, s.entry, s.seq
      from x join suppressions s on s.tenant = x.tenant and s.recipient = x.recipient order by s.seq)
    union all
    select 'listed', e.tenant, e.recipient, e.registry, e.listed_since_ms, null, 0
      from x join registry_entries e on e.tenant = x.tenant and e.recipient = x.recipient
    union all
    select 'snapshot', r.tenant, '', r.registry, r.as_of_ms,
      json_build_object('kind', r.kind, 'file', r.file, 'settings', r.settings)::text, 0
      from registry_snapshots r where r.tenant in (select tenant from x)
    union all
    select 'denylist', d.tenant, '', null, null, null, d.version
      from denylist_versions d where d.tenant in (select tenant from x)`.execute(db);
  const byContact = new Map<string, Gathered>();
  const snapshots = new Map<string, RegistrySnapshot[]>();
  const denylists = new Map<string, number>();
  const gathered = (row: Found): Gathered => {
    const key = keyOf(row.tenant, row.recipient);
    let there = byContact.get(key);
    if (!there) {
      there = { consent: [], suppression: [], listed: new Map(), consentSeq: 0, suppressionSeq: 0 };
      byContact.set(key, there);
    }
    return there;
  };
  for (const row of found.rows) {
    switch (row.kind) {
      case 'consent': {
        const there = gathered(row);
        there.consent.push(JSON.parse(row.json!) as ConsentEvent);
        there.consentSeq = row.seq;
        break;
      }
      case 'suppression': {
        const there = gathered(row);
        there.suppression.push(JSON.parse(row.json!) as SuppressionEntry);
        there.suppressionSeq = row.seq;
        break;
      }
      case 'listed':
        gathered(row).listed.set(row.name!, row.at_ms);
        break;
      case 'snapshot': {
        const of = snapshots.get(row.tenant) ?? [];
        of.push(snapshotOf(row));
        snapshots.set(row.tenant, of);
        break;
      }
      case 'denylist':
        denylists.set(row.tenant, row.seq);
        break;
    }
  }
  const snapshotsOf = (tenant: string): readonly RegistrySnapshot[] => snapshots.get(tenant) ?? [];
  return {
    snapshots: snapshotsOf,
    denylist: (tenant) => denylists.get(tenant) ?? 0,
    contact(tenant, recipient) {
      const there = byContact.get(keyOf(tenant, recipient));
      const registries: Record<string, RegistryAnswer> = {};
      const added: Record<string, RegistryAnswer> = {};
      for (const { name, asOfMs, kind } of snapshotsOf(tenant)) {
        const since = there?.listed.get(name);
        if (kind !== 'store' && since === undefined) continue;
        (kind === 'store' ? registries : added)[name] = {
          listed: since !== undefined,
          ...(since ? { listedSinceMs: since } : {}),
          checkedAtMs: asOfMs,
        };
      }
      return {
        consentEvents: there?.consent ?? [],
        suppression: there?.suppression ?? [],
        registries,
        added,
        mark: { consent: there?.consentSeq ?? 0, suppression: there?.suppressionSeq ?? 0 },
      };
    },
  };
}

function snapshotOf(row: Found): RegistrySnapshot {
  const { kind, file, settings } = JSON.parse(row.json!) as {
    readonly kind: RegistrySnapshot['kind'];
    readonly file: string | null;
    readonly settings: string | null;
  };
  return {
    name: row.name!,
    asOfMs: row.at_ms!,
    kind,
    ...(file === null ? {} : { file }),
    ...(settings === null ? {} : { settings }),
  };
}

export function createSuppressionList(db: Db): SuppressionList {
  return {
    async add(tenant, recipient, entry) {
      const { sinceMs, untilMs: _, exceptMessage: __, ...what } = entry;
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
            .doUpdateSet({ since_ms: sinceMs, entry: canonicalJson(entry), seq: sql`default` }),
        )
        .execute();
      await tellHeld(db, [{ tenant, recipient }]);
    },
    async entries(tenant, recipient) {
      return (await loadContacts(db, [{ tenant, recipient }])).contact(tenant, recipient).suppression;
    },
  };
}
