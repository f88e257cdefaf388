import { LanewayError } from '../../models/base/errors.ts';
import type { AuditTrail } from '../audit/trail.ts';
import {
  type DeadLetter,
  type DeadLetterFilter,
  deathsOf,
  discard,
  listDeadLetters,
  MAX_VISIBILITY_MS,
  receiveDeadLetters,
  redrive,
  tenantsWithDeadLetters,
} from '../store/dead-letters.ts';
import { createLoop, type Loop } from './loop.ts';
import type { Workshop } from './ports.ts';

export interface RedriveRequest extends DeadLetterFilter {
  /** Messages a second, 1 to 1,000, default 50. */
  readonly perSecond?: number;
  /** At most so many, 1 to 100,000, default 10,000. */
  readonly limit?: number;
}

/** What may be done about messages that failed for good; all of it is on the audit trail. */
export interface DeadLetters {
  /** Those that stand, newest first. */
  list(tenant: string, options?: DeadLetterFilter & { readonly limit?: number }): Promise<DeadLetter[]>;
  /** Every death of one message, oldest first; empty when it never died. */
  deaths(tenant: string, id: string): Promise<DeadLetter[]>;
  /**
   * Hands out letters, oldest first, and hides them from the next one who asks.
   * @param options.visibilityMs how long they are hidden, 1,000 to 12 hours
   * @throws LanewayError `INVALID_VISIBILITY`
   */
  receive(
    tenant: string,
    options: DeadLetterFilter & { readonly limit: number; readonly visibilityMs: number },
  ): Promise<DeadLetter[]>;
  /**
   * Sends them through the pipeline once more at a bounded rate. During an outage of their provider they wait for it and
   * use up no attempt.
   * @returns ids of those that go
   */
  redrive(tenant: string, request: RedriveRequest, actor: string): Promise<string[]>;
  /** Takes them off the list for good. @returns their ids */
  discard(tenant: string, filter: DeadLetterFilter, reason: string, actor: string): Promise<string[]>;
}

export interface DeadLetterDesk extends DeadLetters {
  /** Keeps the list no longer than settings say, and takes up what a recovered provider had failed. */
  readonly loop: Loop;
  /** A provider answers again after an outage: messages that used up their attempts at it go once more. */
  recovered(provider: string): void;
}

const DEFAULT_PER_SECOND = 50;
const DEFAULT_LIMIT = 10_000;
const SWEEP_EVERY_MS = 60_000;
const SELF = 'laneway';

export function createDeadLetterDesk(
  shop: Pick<Workshop, 'store' | 'clock' | 'report'>,
  trail: AuditTrail,
  options: { readonly keepMs: number; readonly poke: () => void },
): DeadLetterDesk {
  const { urgent, bulk } = shop.store;
  const back = new Set<string>();

  /** Changes letters in one transaction with what the trail says of it; nothing is said where nothing changed. */
  async function change(
    tenant: string,
    what: 'redrive' | 'discard',
    about: object,
    work: (db: Parameters<typeof redrive>[0]) => Promise<string[]>,
  ): Promise<string[]> {
    return trail.transact(bulk, [], async (tx, append) => {
      const ids = await work(tx);
      if (ids.length === 0) return ids;
      const payload = { ...about, ids };
      await append([{ kind: 'admin', tenant, atMs: shop.clock(), subject: `dead-letters.${what}`, payload }]);
      return ids;
    });
  }

  async function send(tenant: string, request: RedriveRequest, actor: string): Promise<string[]> {
    const { perSecond = DEFAULT_PER_SECOND, limit = DEFAULT_LIMIT, ...filter } = request;
    const ids = await change(tenant, 'redrive', { actor, perSecond, filter }, (tx) =>
      redrive(tx, tenant, filter, { nowMs: shop.clock(), perSecond, limit }),
    );
    if (ids.length > 0) options.poke();
    return ids;
  }

  async function drop(
    tenant: string,
    filter: DeadLetterFilter,
    reason: string,
    actor: string,
  ): Promise<string[]> {
    return change(tenant, 'discard', { actor, reason, filter }, (tx) =>
      discard(tx, tenant, filter, reason, shop.clock()),
    );
  }

  const loop = createLoop('keeping dead letters', shop.report, async () => {
    const providers = [...back];
    for (const tenant of await tenantsWithDeadLetters(bulk)) {
      await drop(tenant, { beforeMs: shop.clock() - options.keepMs }, 'retention', SELF);
      for (const provider of providers) await send(tenant, { provider, transient: true }, SELF);
    }
    for (const provider of providers) back.delete(provider);
    return SWEEP_EVERY_MS;
  });

  return {
    list: (tenant, chosen) => listDeadLetters(urgent, tenant, chosen),
    deaths: (tenant, id) => deathsOf(urgent, tenant, id),
    async receive(tenant, chosen) {
      if (chosen.visibilityMs < 1_000 || chosen.visibilityMs > MAX_VISIBILITY_MS) {
        throw new LanewayError(
          'INVALID_VISIBILITY',
          `${chosen.visibilityMs} ms is no time to hide letters for`,
          {
            fix: 'Hide them for 1 second to 12 hours.',
          },
        );
      }
      return receiveDeadLetters(bulk, tenant, chosen, shop.clock());
    },
    redrive: send,
    discard: drop,
    loop,
    recovered(provider) {
      back.add(provider);
      loop.poke();
    },
  };
}
