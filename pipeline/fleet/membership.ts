import { hostname } from 'node:os';
import { createLoop, type Loop } from '../process/loop.ts';
import { beat, buryGone, dropLease, holdLease, leave } from '../store/processes.ts';
import type { Db } from '../store/schema.ts';
import { type Role, schedules } from './role.ts';

const BEAT_MS = 1_000;
/** Five beats: a leader that is gone is followed within this time. */
const LEASE_MS = 5_000;
const LEASE = 'scheduler';

/** This process among the others on one PostgreSQL. */
export interface Membership extends Loop {
  /** Whether this process is the one that schedules now. */
  leads(): boolean;
}

export interface MembershipOptions {
  readonly db: Db;
  /** Unique among all processes. */
  readonly id: string;
  readonly role: Role;
  readonly report: (error: unknown, doing: string) => void;
  /** Told when processes were found gone, after what they were sending was freed. */
  readonly onGone: (ids: readonly string[], orphans: number) => void;
}

/**
 * Writes this process's sign of life; a scheduler also tries to lead, and the one that leads looks for the gone.
 * Whoever leads by mistake (a lease that ran out unseen) does no harm: every step of a message is taken once.
 */
export function createMembership(options: MembershipOptions): Membership {
  const { db, id, role } = options;
  let leading = false;
  const me = { id, role, host: hostname(), pid: process.pid };
  const loop = createLoop('beating', options.report, async () => {
    try {
      await beat(db, me);
      leading = schedules(role) && (await holdLease(db, LEASE, id, LEASE_MS));
    } catch (error) {
      leading = false;
      throw error;
    }
    if (leading) {
      const { gone, orphans } = await buryGone(db);
      if (gone.length + orphans > 0) options.onGone(gone, orphans);
    }
    return BEAT_MS;
  });
  return {
    start: loop.start,
    poke: loop.poke,
    get fault() {
      return loop.fault;
    },
    leads: () => leading,
    async stop() {
      await loop.stop();
      leading = false;
      try {
        await dropLease(db, LEASE, id);
        await leave(db, id);
      } catch (error) {
        options.report(error, 'leaving the fleet');
      }
    },
  };
}

/** The only process on its store: it leads, and nobody has to know. */
export function createSoleMembership(): Membership {
  return { start() {}, poke() {}, async stop() {}, fault: undefined, leads: () => true };
}
