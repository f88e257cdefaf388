import {
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  CountBreaker,
  circuitBreaker,
  handleWhenResult,
  type IBreaker,
  IterableBackoff,
} from 'cockatiel';
import type { Clock } from '../../models/base/clock.ts';
import type { BreakerPolicy } from './policy.ts';
import type { DeliveryOutcome } from './provider.ts';

const WINDOW = 20;
const LEAST = 5;
/** A claimed trial call that was never made is given to another after so long. */
const CLAIM_MS = 10_000;
const LEAST_SHARE = 0.1;
const DOUBLINGS = [1, 2, 4, 8];
/** The breaker keeps its own time; a trial is never a moment early for it. */
const MARGIN_MS = 5;

export type Circuit = 'closed' | 'open' | 'half-open';

/** What is known of a provider's health in this process. */
export interface Health {
  readonly circuit: Circuit;
  /** Calls are in hand that are overdue, and none has answered since they were made. */
  readonly suspect: boolean;
  /** Share of its traffic that a provider which has come back may have, 0.1 to 1. */
  readonly share: number;
  /** When it can be asked again: now or earlier while the circuit is closed. */
  readonly readyAtMs: number;
  /** May a call be made? While the circuit is open, one may when its time has come: whoever claims it makes it. */
  claim(): boolean;
  /** Makes the call and learns from it; never judges the outcomes. */
  watch(call: () => Promise<readonly DeliveryOutcome[]>): Promise<readonly DeliveryOutcome[]>;
}

/** Opens when either of two would. */
function either(a: IBreaker, b: IBreaker): IBreaker {
  return {
    get state() {
      return [a.state, b.state];
    },
    set state([ofA, ofB]) {
      a.state = ofA;
      b.state = ofB;
    },
    success(state) {
      a.success(state);
      b.success(state);
    },
    failure(state) {
      const [first, second] = [a.failure(state), b.failure(state)];
      return first || second;
    },
  };
}

const isFault = (outcome: DeliveryOutcome): boolean =>
  outcome.kind === 'ambiguous' || (outcome.kind === 'retry' && (outcome.cause ?? 'provider') === 'provider');

/** A call failed when at least half of its messages met a fault of the provider. */
function failed(outcomes: readonly DeliveryOutcome[]): boolean {
  return 2 * outcomes.filter(isFault).length >= Math.max(1, outcomes.length);
}

/** @param onChange told of each change of the circuit */
export function createHealth(
  policy: BreakerPolicy,
  clock: Clock,
  onChange: (circuit: Circuit) => void = () => undefined,
): Health {
  const breaker: CircuitBreakerPolicy = circuitBreaker(
    handleWhenResult((result) => result === 'failed'),
    {
      halfOpenAfter: new IterableBackoff(DOUBLINGS.map((times) => times * policy.openMs)),
      breaker: either(
        new ConsecutiveBreaker(policy.consecutive),
        new CountBreaker({
          threshold: Math.min(0.999, policy.failedShare),
          size: WINDOW,
          minimumNumberOfCalls: LEAST,
        }),
      ),
    },
  );
  let openings = 0;
  let readyAtMs = 0;
  let claimedAtMs = Number.NEGATIVE_INFINITY;
  let backSinceMs = Number.NEGATIVE_INFINITY;
  let pausedUntilMs = 0;
  let lastAnswerMs = Number.NEGATIVE_INFINITY;
  const inHand = new Set<{ readonly sinceMs: number }>();

  breaker.onBreak(() => {
    readyAtMs = clock() + policy.openMs * (DOUBLINGS[openings] ?? DOUBLINGS.at(-1)!) + MARGIN_MS;
    openings++;
    claimedAtMs = Number.NEGATIVE_INFINITY;
    onChange('open');
  });
  breaker.onReset(() => {
    openings = 0;
    backSinceMs = clock();
    onChange('closed');
  });

  function learn(outcomes: readonly DeliveryOutcome[]): void {
    const waits = outcomes.flatMap((one) =>
      one.kind === 'retry' && one.cause === 'rate' ? [one.retryAfterMs ?? 1_000] : [],
    );
    if (waits.length > 0) pausedUntilMs = Math.max(pausedUntilMs, clock() + Math.max(...waits));
  }

  /** Tells the breaker how the call ended, or that it is slow, whichever comes first. */
  async function judgeBy(answer: Promise<readonly DeliveryOutcome[]>): Promise<void> {
    const judged = answer.then(
      (outcomes) => (failed(outcomes) ? 'failed' : 'well'),
      () => 'failed',
    );
    let timer: NodeJS.Timeout | undefined;
    const slow = new Promise<string>((resolve) => {
      timer = setTimeout(() => resolve('failed'), policy.slowMs);
    });
    try {
      await breaker.execute(() => Promise.race([judged, slow]));
    } catch {
      // The circuit is open already.
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    get circuit() {
      if (breaker.state === CircuitState.Closed) return 'closed';
      return breaker.state === CircuitState.HalfOpen ? 'half-open' : 'open';
    },
    get suspect() {
      const overdueMs = clock() - policy.slowMs;
      for (const { sinceMs } of inHand) {
        if (sinceMs > overdueMs) return false;
        if (sinceMs >= lastAnswerMs) return true;
      }
      return false;
    },
    get share() {
      const backMs = clock() - backSinceMs;
      if (backMs >= policy.returnMs) return 1;
      return LEAST_SHARE + (1 - LEAST_SHARE) * Math.max(0, backMs / policy.returnMs);
    },
    get readyAtMs() {
      return Math.max(pausedUntilMs, breaker.state === CircuitState.Closed ? 0 : readyAtMs);
    },
    claim() {
      const nowMs = clock();
      if (nowMs < pausedUntilMs) return false;
      if (breaker.state === CircuitState.Closed) return true;
      if (breaker.state === CircuitState.HalfOpen || nowMs < readyAtMs) return false;
      if (nowMs - claimedAtMs < CLAIM_MS) return false;
      claimedAtMs = nowMs;
      return true;
    },
    async watch(call) {
      const one = { sinceMs: clock() };
      inHand.add(one);
      const answer = call();
      // While another call is the trial, this one was let out before the circuit opened: it tells nothing new.
      const learned = breaker.state === CircuitState.HalfOpen ? undefined : judgeBy(answer);
      try {
        const outcomes = await answer;
        learn(outcomes);
        await learned;
        return outcomes;
      } finally {
        inHand.delete(one);
        lastAnswerMs = clock();
      }
    },
  };
}
