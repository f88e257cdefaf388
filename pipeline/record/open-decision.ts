import { sha256 } from '../../models/base/sha256.ts';
import { loadDictionaries } from '../keys/dictionaries.ts';
import type { Keyring } from '../keys/keyring.ts';
import { openText, ridOf } from '../keys/sealed.ts';
import type { Db, DecisionsTable } from '../store/schema.ts';
import { decisionContext } from './decision-entry.ts';

/** A stored decision as far as it can still be read. */
export type OpenedDecision =
  | {
      readonly kind: 'open';
      /** SHA-256 of `bytes`. */
      readonly hash: string;
      /** Canonical JSON of the decision record. */
      readonly bytes: string;
    }
  /** The recipient's key was destroyed. */
  | { readonly kind: 'erased' }
  /** Its packs' retention is over. */
  | { readonly kind: 'dropped' }
  /** Its key is not in this store, or its bytes are not those that were written. */
  | { readonly kind: 'unreadable'; readonly why: string };

export type DecisionRow = Pick<DecisionsTable, 'tenant' | 'message_id' | 'seq' | 'record'>;

/** Opens stored decisions, their keys looked up together. */
export async function openDecisions(
  keyring: Keyring,
  db: Db,
  rows: readonly DecisionRow[],
): Promise<OpenedDecision[]> {
  const rids = rows.flatMap(({ record }) => (record === null ? [] : (ridOf(record) ?? [])));
  const keys = await keyring.byId(db, rids);
  const dictionaries = await loadDictionaries(
    db,
    rows.flatMap(({ record }) => record ?? []),
  );
  return rows.map(({ tenant, message_id, seq, record }): OpenedDecision => {
    if (record === null) return { kind: 'dropped' };
    const key = keys.get(ridOf(record) ?? '') ?? 'unknown';
    if (key === 'erased') return { kind: 'erased' };
    if (key === 'unknown') return { kind: 'unreadable', why: 'its key is not in this store' };
    try {
      const bytes = openText(key, decisionContext(tenant, message_id, seq), record, dictionaries);
      return { kind: 'open', hash: sha256(bytes), bytes };
    } catch {
      return { kind: 'unreadable', why: 'it was changed' };
    }
  });
}
