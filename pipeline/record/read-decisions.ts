import type { Keyring } from '../keys/keyring.ts';
import type { Db } from '../store/schema.ts';
import type { DecisionRecord } from './decision.ts';
import { openDecisions } from './open-decision.ts';

const PAGE = 500;

/**
 * Recorded decisions of a span that can still be read, by message and order, page by page.
 * @param span `fromMs` inclusive, `toMs` exclusive, by the time of recording
 */
export async function* readDecisions(
  db: Db,
  keyring: Keyring,
  tenant: string,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): AsyncGenerator<DecisionRecord> {
  let after = { id: '', seq: 0 };
  for (;;) {
    const rows = await db
      .selectFrom('decisions')
      .select(['tenant', 'message_id', 'seq', 'record'])
      .where('tenant', '=', tenant)
      .where('created_at_ms', '>=', fromMs)
      .where('created_at_ms', '<', toMs)
      .where((eb) =>
        eb.or([
          eb('message_id', '>', after.id),
          eb.and([eb('message_id', '=', after.id), eb('seq', '>', after.seq)]),
        ]),
      )
      .orderBy('message_id')
      .orderBy('seq')
      .limit(PAGE)
      .execute();
    for (const opened of await openDecisions(keyring, db, rows)) {
      if (opened.kind === 'open') yield JSON.parse(opened.bytes) as DecisionRecord;
    }
    const last = rows.at(-1);
    if (rows.length < PAGE || last === undefined) return;
    after = { id: last.message_id, seq: last.seq };
  }
}
