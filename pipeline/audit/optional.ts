import type { Kysely } from 'kysely';
import type { RecipientRef } from '../keys/keyring.ts';
import type { Database, Db } from '../store/schema.ts';
import type { Append, AuditTrail } from './trail.ts';

const nothing: Append = async () => undefined;

/** Work in one transaction, with its audit entries where a trail is kept. */
export const transact = <T>(
  db: Kysely<Database>,
  trail: AuditTrail | undefined,
  recipients: readonly RecipientRef[],
  work: (tx: Db, append: Append) => Promise<T>,
): Promise<T> =>
  trail === undefined
    ? db.transaction().execute((tx) => work(tx, nothing))
    : trail.transact(db, recipients, work);
