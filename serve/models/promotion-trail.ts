import { type Promotion, readPromotions } from '../../models/artifact/promotions.ts';
import type { AuditTrail } from '../../pipeline/audit/trail.ts';
import { createLoop, type Loop } from '../../pipeline/process/loop.ts';
import type { Store } from '../../pipeline/store/open.ts';

const EVERY_MS = 2_000;
const TOLD = { tenant: '*', key: 'audited-promotions' } as const;

interface Parts {
  /** The data folder, which holds the record of promotions. */
  readonly home: string;
  readonly store: Pick<Store, 'urgent'>;
  readonly trail: AuditTrail;
  readonly report: (error: unknown, doing: string) => void;
}

const subjectOf = ({ how }: Promotion): string => (how === 'rollback' ? 'models.rollback' : 'models.promote');

/**
 * Brings every change of champion into the audit trail, once, whichever process of the fleet sees it first, and also
 * those made while none ran.
 */
export function createPromotionTrail({ home, store, trail, report }: Parts): Loop {
  let known = -1;
  return createLoop('auditing promotions', report, async () => {
    const promotions = readPromotions(home);
    if (promotions.length === known) return EVERY_MS;
    await trail.transact(store.urgent, [], async (tx, append) => {
      await tx
        .insertInto('meta')
        .values({ ...TOLD, value: '0' })
        .onConflict((oc) => oc.columns(['tenant', 'key']).doNothing())
        .execute();
      const of = tx.selectFrom('meta').select('value').where('tenant', '=', TOLD.tenant);
      // Locked: another process that saw the same lines waits here, and then finds them told.
      const told = Number((await of.where('key', '=', TOLD.key).forUpdate().executeTakeFirstOrThrow()).value);
      const fresh = promotions.slice(told);
      if (fresh.length === 0) return;
      await append(
        fresh.map((promotion) => ({
          kind: 'admin',
          tenant: '*',
          atMs: Date.parse(promotion.at),
          subject: subjectOf(promotion),
          outcome: promotion.how,
          payload: promotion,
        })),
      );
      await tx
        .updateTable('meta')
        .set({ value: String(promotions.length) })
        .where('tenant', '=', TOLD.tenant)
        .where('key', '=', TOLD.key)
        .execute();
    });
    known = promotions.length;
    return EVERY_MS;
  });
}
