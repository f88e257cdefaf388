import { sql } from 'kysely';
import { loadDictionaries } from '../keys/dictionaries.ts';
import type { Keyring } from '../keys/keyring.ts';
import { type Dictionary, openText, ridOf } from '../keys/sealed.ts';
import { decisionContext } from '../record/decision-entry.ts';
import type { AuditEntriesTable, Db } from '../store/schema.ts';
import { eventContext } from './trail.ts';

export interface ExportSpan {
  readonly tenant: string;
  /** Inclusive, epoch ms. */
  readonly fromMs: number;
  /** Exclusive. */
  readonly toMs: number;
}

const PAGE = 500;

type Row = AuditEntriesTable & { readonly record: string | null };

/**
 * Entries of a span with their contents opened as far as they can be, then the links and signed checkpoints, one JSON
 * object each: `{"type":"entry"|"block"|"checkpoint", ...}`. In the order of the chains.
 */
export async function* exportAudit(
  keyring: Keyring,
  db: Db,
  { tenant, fromMs, toMs }: ExportSpan,
): AsyncGenerator<object> {
  let after = { writer: '', block: 0, ord: 0 };
  for (;;) {
    const { rows } = await sql<Row>`
      select e.*, d.record from audit_entries e
      left join decisions d on e.kind = 'decision' and d.tenant = e.tenant and d.message_id = e.subject and d.seq = e.seq
      where e.tenant in (${tenant}, '*') and e.at_ms >= ${fromMs} and e.at_ms < ${toMs}
        and (e.writer, e.block, e.ord) > (${after.writer}::text, ${after.block}::bigint, ${after.ord}::integer)
      order by e.writer, e.block, e.ord limit ${PAGE}`.execute(db);
    const rids = rows.flatMap((row) => ridOf(row.body ?? row.record ?? '') ?? []);
    const keys = await keyring.byId(db, rids);
    const dictionaries = await loadDictionaries(
      db,
      rows.flatMap((row) => row.body ?? row.record ?? []),
    );
    for (const { record, body, ...entry } of rows) {
      yield { type: 'entry', ...entry, content: contentOf(entry, body ?? record, keys, dictionaries) };
    }
    const last = rows.at(-1);
    if (!last || rows.length < PAGE) break;
    after = last;
  }
  yield* rowsOf(db, 'block', fromMs, toMs);
  yield* rowsOf(db, 'checkpoint', fromMs, toMs);
}

/** The content as JSON, or a word for why there is none. */
function contentOf(
  entry: Omit<AuditEntriesTable, 'body'>,
  stored: string | null,
  keys: Awaited<ReturnType<Keyring['byId']>>,
  dictionaries: ReadonlyMap<string, Dictionary>,
): unknown {
  if (stored === null) return 'dropped';
  const rid = ridOf(stored);
  if (rid === undefined) return JSON.parse(stored) as unknown;
  const key = keys.get(rid) ?? 'unknown';
  if (key === 'erased') return 'erased';
  if (key === 'unknown') return 'unreadable';
  const context =
    entry.kind === 'decision' ? decisionContext(entry.tenant, entry.subject, entry.seq) : eventContext(entry);
  try {
    return JSON.parse(openText(key, context, stored, dictionaries)) as unknown;
  } catch {
    return 'unreadable';
  }
}

async function* rowsOf(
  db: Db,
  type: 'block' | 'checkpoint',
  fromMs: number,
  toMs: number,
): AsyncGenerator<object> {
  if (type === 'checkpoint') {
    const rows = await db
      .selectFrom('audit_checkpoints')
      .selectAll()
      .where('at_ms', '>=', fromMs)
      .where('at_ms', '<', toMs)
      .orderBy('seq')
      .execute();
    for (const row of rows) yield { type, ...row };
    return;
  }
  let after = { writer: '', block: 0 };
  for (;;) {
    const { rows } = await sql<{ writer: string; block: number }>`
      select * from audit_blocks where at_ms >= ${fromMs} and at_ms < ${toMs}
        and (writer, block) > (${after.writer}::text, ${after.block}::bigint)
      order by writer, block limit ${PAGE}`.execute(db);
    for (const row of rows) yield { type, ...row };
    const last = rows.at(-1);
    if (!last || rows.length < PAGE) return;
    after = last;
  }
}
