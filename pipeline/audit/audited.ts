import type { Clock } from '../../models/base/clock.ts';
import type { SuppressionList } from '../comply/ports.ts';
import { createSuppressionList } from '../store/contacts.ts';
import { createDenylistStore, type DenylistStore } from '../store/denylist.ts';
import type { Store } from '../store/open.ts';
import type { AuditTrail } from './trail.ts';

type Urgent = Store['urgent'];

/** The suppression list with each change in the audit trail, in one transaction. The address is sealed. */
export function auditedSuppressions(db: Urgent, trail: AuditTrail, clock: Clock): SuppressionList {
  return {
    add: (tenant, recipient, entry) =>
      trail.transact(db, [{ tenant, recipient }], async (tx, append) => {
        await createSuppressionList(tx).add(tenant, recipient, entry);
        const atMs = clock();
        const ends = entry.untilMs !== undefined && entry.untilMs <= atMs;
        await append([
          {
            kind: 'admin',
            tenant,
            atMs,
            subject: ends ? 'suppressions.end' : 'suppressions.add',
            recipient,
            outcome: entry.purpose,
            channel: entry.channel,
            payload: entry,
          },
        ]);
      }),
    entries: createSuppressionList(db).entries,
  };
}

/** The denylist with each change in the audit trail, in one transaction. */
export function auditedDenylist(db: Urgent, trail: AuditTrail, clock: Clock): DenylistStore {
  return {
    add: (tenant, entry) =>
      trail.transact(db, [], async (tx, append) => {
        const added = await createDenylistStore(tx).add(tenant, entry);
        if (added)
          await append([
            {
              kind: 'admin',
              tenant,
              atMs: clock(),
              subject: 'denylist.add',
              outcome: entry.kind,
              payload: entry,
            },
          ]);
        return added;
      }),
    remove: (tenant, id, atMs) =>
      trail.transact(db, [], async (tx, append) => {
        const removed = await createDenylistStore(tx).remove(tenant, id, atMs);
        if (removed)
          await append([{ kind: 'admin', tenant, atMs, subject: 'denylist.remove', payload: { id } }]);
        return removed;
      }),
    entries: createDenylistStore(db).entries,
  };
}
