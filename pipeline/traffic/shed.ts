import type { Clock } from '../../models/base/clock.ts';
import type { Lane } from '../store/schema.ts';

/** When messages are refused at the door because too many wait behind it. */
export interface ShedPolicy {
  /** Promotional ones, from so many waiting commits of the store on, 1 to 1,000,000. */
  readonly promotionalAbove: number;
  /** Transactional ones: always later than promotional. */
  readonly transactionalAbove: number;
}

export const DEFAULT_SHED: ShedPolicy = { promotionalAbove: 20_000, transactionalAbove: 60_000 };

/** Keeps the door's memory bounded: what waits to be stored, by lane. */
export interface Shedder {
  /** May one more of this lane come in? If so it counts until `done`. */
  enter(lane: Lane): boolean;
  done(): void;
  readonly waiting: number;
  /** Refused since start, by lane. */
  readonly shed: Readonly<Record<Lane, number>>;
}

const AFTER_MS = 1_000;

/**
 * Promotional messages are refused first and for a second longer than needed: as long as any of them was taken in the
 * last second, no transactional one is refused. @param clock one that does not jump
 */
export function createShedder(clock: Clock, policy: ShedPolicy = DEFAULT_SHED): Shedder {
  let waiting = 0;
  let promotionalTakenMs = Number.NEGATIVE_INFINITY;
  let promotionalShedMs = Number.NEGATIVE_INFINITY;
  const shed: Record<Lane, number> = { transactional: 0, promotional: 0 };
  return {
    enter(lane) {
      const nowMs = clock();
      if (lane === 'promotional') {
        if (waiting >= policy.promotionalAbove) promotionalShedMs = nowMs;
        if (nowMs - promotionalShedMs < AFTER_MS) {
          shed.promotional++;
          return false;
        }
        promotionalTakenMs = nowMs;
      } else if (waiting >= policy.transactionalAbove && nowMs - promotionalTakenMs >= AFTER_MS) {
        shed.transactional++;
        return false;
      }
      waiting++;
      return true;
    },
    done() {
      waiting--;
    },
    get waiting() {
      return waiting;
    },
    shed,
  };
}
