/** When to have more or fewer of something that works in parallel: processes, or jobs at a time in one process. */
export interface ScalePolicy {
  readonly min: number;
  readonly max: number;
  /** Busy share above which there must be more, over 0 to 1. */
  readonly busyAbove: number;
  /** Busy share below which there may be fewer. */
  readonly idleBelow: number;
  /** Messages waiting above which there must be more. */
  readonly waitingAbove: number;
  /** Age of the oldest waiting one above which there must be more, ms. */
  readonly ageAboveMs: number;
  /** After a change up nothing changes for so long: it must show first, ms. */
  readonly settleMs: number;
  /** Calm must last so long before there are fewer, ms. */
  readonly calmMs: number;
}

/** 80% of capacity and 1,000 waiting; up at once and by half, down one at a time and late. */
export const DEFAULT_SCALE: Omit<ScalePolicy, 'min' | 'max'> = {
  busyAbove: 0.8,
  idleBelow: 0.5,
  waitingAbove: 1_000,
  ageAboveMs: 5_000,
  settleMs: 10_000,
  calmMs: 120_000,
};

/** What is seen at one moment. */
export interface Load {
  /** Share of what may be worked on at a time that is, 0 to 1. */
  readonly busy: number;
  readonly waiting: number;
  readonly oldestMs: number;
  /** How many will be needed soon, by the forecast; absent: none is made. */
  readonly foreseen?: number;
}

export interface Scaling {
  readonly wanted: number;
  readonly why: string;
}

export interface Scaler {
  /** @param nowMs of a clock that does not jump */
  decide(now: number, load: Load, nowMs: number): Scaling;
}

/** A scaler with hysteresis: it goes up fast, comes down slowly, and never below what is foreseen. */
export function createScaler(policy: ScalePolicy): Scaler {
  let changedMs = Number.NEGATIVE_INFINITY;
  let calmSinceMs: number | undefined;
  const within = (n: number): number => Math.min(policy.max, Math.max(policy.min, n));

  return {
    decide(now, load, nowMs) {
      const keep = (why: string): Scaling => ({ wanted: within(now), why });
      const pressed = reasonsFor(load, policy);
      const idle = load.busy < policy.idleBelow && load.waiting <= policy.waitingAbove / 10;
      if (!idle || pressed.length > 0) calmSinceMs = undefined;
      else calmSinceMs ??= nowMs;
      const floor = within(load.foreseen ?? policy.min);
      if (floor > now) {
        changedMs = nowMs;
        return { wanted: floor, why: `${floor} foreseen` };
      }
      if (nowMs - changedMs < policy.settleMs) return keep('a change settles');
      if (pressed.length > 0) {
        const wanted = within(Math.max(now + 1, Math.ceil(now * 1.5)));
        if (wanted > now) changedMs = nowMs;
        return { wanted, why: pressed.join(', ') };
      }
      const calm = calmSinceMs !== undefined && nowMs - calmSinceMs >= policy.calmMs;
      if (!calm || now - 1 < floor) return keep('as it is');
      calmSinceMs = nowMs;
      return { wanted: within(now - 1), why: `calm for ${Math.round(policy.calmMs / 1_000)} s` };
    },
  };
}

function reasonsFor(load: Load, policy: ScalePolicy): string[] {
  const { busy, waiting, oldestMs } = load;
  return [
    ...(busy > policy.busyAbove ? [`${Math.round(busy * 100)}% busy`] : []),
    ...(waiting > policy.waitingAbove ? [`${waiting} waiting`] : []),
    ...(oldestMs > policy.ageAboveMs ? [`the oldest waits ${(oldestMs / 1_000).toFixed(1)} s`] : []),
  ];
}
