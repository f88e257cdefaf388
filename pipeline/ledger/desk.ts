import type { Clock } from '../../models/base/clock.ts';
import { LanewayError } from '../../models/base/errors.ts';
import { transact } from '../audit/optional.ts';
import type { AuditTrail } from '../audit/trail.ts';
import { liftedBy } from '../comply/consent/opt-out.ts';
import type { ConsentEntry } from '../comply/ports.ts';
import { storeConsent } from '../store/consent.ts';
import { createSuppressionList, loadContacts } from '../store/contacts.ts';
import type { Store } from '../store/open.ts';
import { importEntry, type StatementProblem } from './entry.ts';

export interface ImportRow {
  /** Of the file, from 1; the header has one. */
  readonly line: number;
  readonly values: Readonly<Record<string, string>>;
}
export interface BadRow extends StatementProblem {
  readonly line: number;
}
export interface ImportProgress {
  readonly recorded: number;
  /** Rows that an import before brought. */
  readonly repeated: number;
  readonly bad: readonly BadRow[];
}
export interface ImportRecord {
  readonly id: string;
  readonly fileName: string;
  /** SHA-256 of the file, hex. */
  readonly fileHash: string;
  readonly importedBy: string;
  readonly startedAtMs: number;
  readonly finishedAtMs: number | null;
  readonly recorded: number;
  readonly repeated: number;
  readonly bad: number;
}

/** Where consent is recorded: ledger, suppression list and audit trail in one transaction. */
export interface ConsentDesk {
  /**
   * Records entries. An opt-in that can be proved ends the person's own earlier stop (`liftedBy`).
   * @returns places of those that are new
   */
  record(tenant: string, entries: readonly ConsentEntry[]): Promise<ReadonlySet<number>>;
  /** Opens an import, or the one of the same file again: its rows are then recorded once all the same. */
  begin(
    tenant: string,
    about: { readonly fileName: string; readonly fileHash: string; readonly importedBy: string },
  ): Promise<ImportRecord>;
  /** @throws LanewayError `NOT_FOUND`: no such import */
  rows(tenant: string, importId: string, rows: readonly ImportRow[]): Promise<ImportProgress>;
  finish(tenant: string, importId: string): Promise<ImportRecord>;
  imports(tenant: string): Promise<ImportRecord[]>;
}

export function createConsentDesk(
  store: Pick<Store, 'urgent' | 'bulk'>,
  clock: Clock,
  trail?: AuditTrail,
): ConsentDesk {
  async function write(
    db: Store['urgent'],
    tenant: string,
    entries: readonly ConsentEntry[],
  ): Promise<ReadonlySet<number>> {
    if (entries.length === 0) return new Set();
    const people = entries.map(({ recipient }) => ({ tenant, recipient }));
    return transact(db, trail, people, async (tx, append) => {
      const fresh = await storeConsent(tx, tenant, entries);
      const news = entries.filter((_, at) => fresh.has(at));
      const grants = news.filter(({ event }) => event.kind === 'granted');
      if (grants.length > 0) {
        const contacts = await loadContacts(
          tx,
          grants.map(({ recipient }) => ({ tenant, recipient })),
        );
        const list = createSuppressionList(tx);
        for (const { recipient, event } of grants) {
          for (const entry of liftedBy(event, contacts.contact(tenant, recipient).suppression))
            await list.add(tenant, recipient, { ...entry, untilMs: event.atMs });
        }
      }
      await append(
        news.map(({ recipient, event }) => ({
          kind: 'consent' as const,
          tenant,
          atMs: event.atMs,
          subject: event.kind,
          recipient,
          channel: event.channel,
          payload: event,
        })),
      );
      return fresh;
    });
  }

  async function importOf(tenant: string, id: string): Promise<ImportRecord> {
    const found = (await imports(tenant)).find((one) => one.id === id);
    if (found) return found;
    throw new LanewayError('NOT_FOUND', 'There is no import of that id.', {
      fix: 'Begin it with POST /v1/consent/imports.',
    });
  }

  async function imports(tenant: string): Promise<ImportRecord[]> {
    const rows = await store.bulk
      .selectFrom('consent_imports')
      .selectAll()
      .where('tenant', '=', tenant)
      .orderBy('started_at_ms', 'desc')
      .limit(1_000)
      .execute();
    return rows.map((row) => ({
      id: row.id,
      fileName: row.file_name,
      fileHash: row.file_hash,
      importedBy: row.imported_by,
      startedAtMs: row.started_at_ms,
      finishedAtMs: row.finished_at_ms,
      recorded: row.recorded,
      repeated: row.repeated,
      bad: row.bad,
    }));
  }

  return {
    record: (tenant, entries) => write(store.urgent, tenant, entries),
    async begin(tenant, { fileName, fileHash, importedBy }) {
      const id = `import-${fileHash.slice(0, 16)}`;
      await store.bulk
        .insertInto('consent_imports')
        .values({
          tenant,
          id,
          file_name: fileName,
          file_hash: fileHash,
          imported_by: importedBy,
          started_at_ms: clock(),
        })
        .onConflict((oc) => oc.columns(['tenant', 'id']).doNothing())
        .execute();
      return importOf(tenant, id);
    },
    async rows(tenant, importId, rows) {
      await importOf(tenant, importId);
      const nowMs = clock();
      const entries: ConsentEntry[] = [];
      const bad: BadRow[] = [];
      for (const { line, values } of rows) {
        const made = importEntry(importId, line, values, nowMs);
        if (made.ok) entries.push(made.entry);
        else bad.push({ line, ...made.problems[0]! });
      }
      const fresh = await write(store.bulk, tenant, entries);
      const repeated = entries.length - fresh.size;
      await store.bulk
        .updateTable('consent_imports')
        .set((eb) => ({
          recorded: eb('recorded', '+', fresh.size),
          repeated: eb('repeated', '+', repeated),
          bad: eb('bad', '+', bad.length),
        }))
        .where('tenant', '=', tenant)
        .where('id', '=', importId)
        .execute();
      return { recorded: fresh.size, repeated, bad };
    },
    async finish(tenant, importId) {
      await importOf(tenant, importId);
      await store.bulk
        .updateTable('consent_imports')
        .set({ finished_at_ms: clock() })
        .where('tenant', '=', tenant)
        .where('id', '=', importId)
        .execute();
      return importOf(tenant, importId);
    },
    imports,
  };
}
