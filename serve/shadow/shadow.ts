import { LRUCache } from 'lru-cache';
import type { Clock } from '../../models/base/clock.ts';
import type { ClassifyInput, Verdict } from '../../models/verdict.ts';

/** What is compared of an answer. */
export type ShadowAnswer = Pick<Verdict, 'class' | 'band' | 'probability' | 'risk'>;

/** A model that is asked and decides nothing. */
export interface Challenger {
  readonly version: string;
  /** In the order of the inputs. */
  classify(inputs: readonly ClassifyInput[]): Promise<ShadowAnswer[]>;
  close(): Promise<void>;
}

/** A message that the champion has answered. */
export interface ShadowSeen extends ClassifyInput {
  readonly tenant: string;
  readonly verdict: Verdict;
}

/** Champion and challenger said different things of one text. Never holds the text. */
export interface Disagreement {
  readonly fingerprint: string;
  /** `class`: other class; `treatment`: same class, but one would treat it as promotional and the other not. */
  readonly kind: 'class' | 'treatment';
  readonly champion: ShadowAnswer;
  readonly challenger: ShadowAnswer;
  /** Messages of this text since the challenger began. */
  readonly count: number;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
}

export interface ShadowStats {
  readonly championVersion: string;
  readonly challengerVersion: string;
  /** Messages both have answered. */
  readonly compared: number;
  readonly disagreed: Readonly<Record<Disagreement['kind'], number>>;
  /** Messages the challenger was not asked about, because it was behind. */
  readonly dropped: number;
  /** Messages it could not answer. */
  readonly failed: number;
  readonly waiting: number;
}

export interface Shadow {
  /** Returns at once; never throws. */
  observe(seen: ShadowSeen): void;
  stats(): ShadowStats;
  /** Of one tenant, the most frequent first. */
  disagreements(tenant: string, limit: number): Disagreement[];
  /** Resolves when nothing waits any more. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

export interface ShadowOptions {
  readonly challenger: Challenger;
  readonly championVersion: string;
  readonly clock: Clock;
  /** Messages that may wait for the challenger, default 1,000; more are dropped and counted. */
  readonly capacity?: number;
  /** Messages per call of the challenger, default 16. */
  readonly batch?: number;
  /** Disagreements remembered, those seen last, default 1,000. */
  readonly remembered?: number;
  readonly report?: (error: unknown, doing: string) => void;
}

/** Would the message be treated as transactional? */
const isLetThrough = ({ class: named, band }: ShadowAnswer): boolean =>
  named === 'transactional' && band === 'sure';

/** How two answers differ, or undefined. */
export function kindOf(champion: ShadowAnswer, challenger: ShadowAnswer): Disagreement['kind'] | undefined {
  if (champion.class !== challenger.class) return 'class';
  return isLetThrough(champion) === isLetThrough(challenger) ? undefined : 'treatment';
}

const answerOf = ({ class: named, band, probability, risk }: ShadowAnswer): ShadowAnswer => ({
  class: named,
  band,
  probability,
  risk,
});

/** Asks a challenger about what the champion has answered, behind a bounded queue, one call at a time. */
export function createShadow(options: ShadowOptions): Shadow {
  const { challenger, championVersion, clock, capacity = 1_000, batch = 16 } = options;
  const waiting: ShadowSeen[] = [];
  const found = new LRUCache<string, Disagreement & { readonly tenant: string }>({
    max: options.remembered ?? 1_000,
  });
  const counts = { compared: 0, dropped: 0, failed: 0 };
  const disagreed = { class: 0, treatment: 0 };
  let working: Promise<void> | undefined;
  let closed = false;

  function compare({ tenant, verdict }: ShadowSeen, answer: ShadowAnswer): void {
    counts.compared++;
    const kind = kindOf(verdict, answer);
    if (!kind) return;
    disagreed[kind]++;
    const key = JSON.stringify([tenant, verdict.fingerprint]);
    const before = found.get(key);
    const nowMs = clock();
    found.set(key, {
      tenant,
      fingerprint: verdict.fingerprint,
      kind,
      champion: answerOf(verdict),
      challenger: answerOf(answer),
      count: (before?.count ?? 0) + 1,
      firstAtMs: before?.firstAtMs ?? nowMs,
      lastAtMs: nowMs,
    });
  }

  async function work(): Promise<void> {
    while (waiting.length > 0 && !closed) {
      const taken = waiting.splice(0, batch);
      try {
        const inputs = taken.map(({ text, metadata }) => ({ text, ...(metadata ? { metadata } : {}) }));
        const answers = await challenger.classify(inputs);
        for (const [i, seen] of taken.entries()) compare(seen, answers[i]!);
      } catch (error) {
        counts.failed += taken.length;
        options.report?.(error, 'asking the challenger');
      }
    }
    working = undefined;
  }

  return {
    observe(seen) {
      // What another champion said is no comparison; a degraded answer says nothing of the model.
      if (closed || seen.verdict.modelVersion !== championVersion || seen.verdict.degraded !== undefined)
        return;
      if (waiting.length >= capacity) {
        counts.dropped++;
        return;
      }
      waiting.push(seen);
      working ??= work();
    },
    stats: () => ({
      championVersion,
      challengerVersion: challenger.version,
      ...counts,
      disagreed: { ...disagreed },
      waiting: waiting.length,
    }),
    disagreements: (tenant, limit) =>
      [...found.values()]
        .filter((one) => one.tenant === tenant)
        .sort((a, b) => b.count - a.count || b.lastAtMs - a.lastAtMs)
        .slice(0, limit)
        .map(({ tenant: _, ...one }) => one),
    async idle() {
      await working;
    },
    async close() {
      closed = true;
      waiting.length = 0;
      await challenger.close();
      await working;
    },
  };
}
