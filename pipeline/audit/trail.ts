import { type Kysely, sql } from 'kysely';
import { canonicalJson } from '../../models/base/json.ts';
import { sha256 } from '../../models/base/sha256.ts';
import type { Keyring, RecipientRef } from '../keys/keyring.ts';
import { type RecipientKey, sealText } from '../keys/sealed.ts';
import { recordset } from '../store/recordset.ts';
import type { Database, Db } from '../store/schema.ts';
import { type AuditEntry, type AuditKind, entryHash } from './entry.ts';
import { APPEND_COLUMNS, appendFrom, type Writers } from './writers.ts';

/** Something that happened and must be provable later. */
export interface AuditEvent {
  readonly kind: Exclude<AuditKind, 'decision'>;
  readonly tenant: string;
  readonly atMs: number;
  /** What was done: `granted`, `rules.activate`, `dead-letters.redrive`. Stays readable: no address, no name. */
  readonly subject: string;
  /** Address; the payload is then sealed under this recipient's key, and the entry bears only the key's id. */
  readonly recipient?: string;
  readonly outcome?: string;
  readonly channel?: string;
  readonly ruleset?: string;
  /** JSON object: who, what, on what proof. */
  readonly payload: object;
  /** From when on the payload may be dropped; default never. */
  readonly keepUntilMs?: number;
}

/** Appends events to the chain, in the transaction that it was given with. */
export type Append = (events: readonly AuditEvent[]) => Promise<void>;

/** The way into the audit trail for everything but decisions, which go in with their message's step. */
export interface AuditTrail {
  /**
   * Runs work in one transaction; what it appends is committed with what it does, or neither is.
   *
   * @param recipients of events to come; their keys are made before the transaction begins, so that it holds no locks
   *   on them
   */
  transact<T>(
    db: Kysely<Database>,
    recipients: readonly RecipientRef[],
    work: (tx: Db, append: Append) => Promise<T>,
  ): Promise<T>;
  /** Appends events that stand alone. Resolves when they are durable. */
  append(db: Kysely<Database>, events: readonly AuditEvent[]): Promise<void>;
}

/** Where a sealed event stands. */
export const eventContext = (event: Pick<AuditEntry, 'tenant' | 'kind' | 'subject' | 'at_ms'>): string =>
  [event.tenant, event.kind, event.subject, event.at_ms].join('|');

function entryOf(event: AuditEvent, key: RecipientKey | undefined): AuditEntry {
  const { tenant, kind, subject } = event;
  const text = canonicalJson(event.payload);
  const at_ms = event.atMs;
  const body = key === undefined ? text : sealText(key, eventContext({ tenant, kind, subject, at_ms }), text);
  return {
    tenant,
    kind,
    at_ms,
    subject,
    seq: 0,
    recipient: key?.rid ?? null,
    outcome: event.outcome ?? null,
    channel: event.channel ?? null,
    lane: null,
    class: null,
    place: null,
    ruleset: event.ruleset ?? null,
    rules: null,
    keep_until_ms: event.keepUntilMs ?? null,
    content_hash: sha256(body),
    body,
  };
}

export function createAuditTrail(keyring: Keyring, writers: Writers): AuditTrail {
  async function write(db: Db, writer: string, events: readonly AuditEvent[]): Promise<void> {
    if (events.length === 0) return;
    const named = events.flatMap(({ tenant, recipient }) =>
      recipient === undefined ? [] : [{ tenant, recipient }],
    );
    const keyOf = await keyring.keysOf(db, named);
    const rows = events.map((event, ord) => {
      const { tenant, recipient } = event;
      const entry = entryOf(event, recipient === undefined ? undefined : keyOf({ tenant, recipient }));
      return { ...entry, ord, entry_hash: entryHash(entry) };
    });
    const source = sql`(select * from ${recordset(APPEND_COLUMNS, rows)})`;
    await sql`with ${appendFrom(writer, source)} select entries from link`.execute(db);
  }

  return {
    async transact(db, recipients, work) {
      await keyring.keysOf(db, recipients);
      return writers.with((writer) =>
        db.transaction().execute((tx) => work(tx, (events) => write(tx, writer, events))),
      );
    },
    append: (db, events) => writers.with((writer) => write(db, writer, events)),
  };
}
