import { LRUCache } from 'lru-cache';
import type { Verdict } from '../verdict.ts';
import { type DriftReference, SCORE_BINS, scoreBin, UNSEEN_BINS, unseenBin } from './reference.ts';
import { createSenderWatch, type SenderShift, type SenderWatch, type SenderWatchOptions } from './senders.ts';
import { stabilityIndex } from './stability.ts';
import { createWindow, type SlidingWindow } from './window.ts';

/** What is watched: each has a value, a threshold and an alarm. */
export const MONITORS = ['score', 'sure-share', 'unseen-terms', 'senders'] as const;
export type MonitorName = (typeof MONITORS)[number];

/** From which value on each monitor alarms. */
export interface DriftThresholds {
  /** Population stability index of P(promotional); default 0.25, the usual bound of a significant shift. */
  readonly score: number;
  /** Change of the share of sure answers, 0 to 1; default 0.15. */
  readonly sureShare: number;
  /** Population stability index of the share of unseen terms; default 0.25. */
  readonly unseenTerms: number;
  /** Change of one sender's mean probability, 0 to 1; default 0.3. */
  readonly senders: number;
}

export const DRIFT_THRESHOLDS: DriftThresholds = {
  score: 0.25,
  sureShare: 0.15,
  unseenTerms: 0.25,
  senders: 0.3,
};

export interface DriftOptions {
  readonly modelVersion: string;
  /** Without one only senders are watched. */
  readonly reference?: DriftReference;
  /**
   * Share of a text's terms that the model does not know; see `unseenShare`. Asked until it is answered for each recent
   * fingerprint; undefined: not now, it would cost too much.
   */
  readonly unseenShareOf?: (text: string) => number | undefined;
  /** Answers in the sliding window of each tenant; default 2,000. */
  readonly window?: number;
  /** No alarm below so many answers; default 500. */
  readonly enough?: number;
  readonly thresholds?: Partial<DriftThresholds>;
  readonly senders?: Omit<SenderWatchOptions, 'threshold'>;
  /** Tenants watched, those heard of last; default 100. */
  readonly maxTenants?: number;
}

/** One answer to a message. */
export interface Observed {
  readonly tenant: string;
  readonly sender?: string;
  readonly text: string;
  readonly verdict: Pick<Verdict, 'probability' | 'band' | 'fingerprint' | 'modelVersion'>;
}

export interface MonitorReading {
  readonly monitor: MonitorName;
  readonly value: number;
  readonly threshold: number;
  readonly alarm: boolean;
}

/** How one tenant's latest messages compare with what the model was trained on. */
export interface DriftReport {
  readonly modelVersion: string;
  readonly tenant: string;
  /** Answers in the window. */
  readonly messages: number;
  /** `learning`: too few answers to judge by; `no-reference`: the model carries none, so only senders are watched. */
  readonly state: 'watching' | 'learning' | 'no-reference';
  readonly readings: readonly MonitorReading[];
  readonly shiftedSenders: readonly SenderShift[];
}

export interface DriftMonitor {
  /** Constant time and memory; answers of another model version are left out. */
  observe(seen: Observed): void;
  report(): DriftReport[];
}

interface Watched {
  readonly window: SlidingWindow;
  readonly senders: SenderWatch;
}

const REMEMBERED_TEXTS = 5_000;
const SHOWN_SENDERS = 20;

/** Watches the answers of one model version, each tenant apart. */
export function createDriftMonitor(options: DriftOptions): DriftMonitor {
  const { modelVersion, reference, unseenShareOf, window = 2_000, enough = 500 } = options;
  const thresholds = { ...DRIFT_THRESHOLDS, ...options.thresholds };
  const tenants = new LRUCache<string, Watched>({ max: options.maxTenants ?? 100 });
  const unseenOf = new LRUCache<string, number>({ max: REMEMBERED_TEXTS });

  const watchedOf = (tenant: string): Watched => {
    let held = tenants.get(tenant);
    if (!held) {
      held = {
        window: createWindow(window, SCORE_BINS, UNSEEN_BINS),
        senders: createSenderWatch({ ...options.senders, threshold: thresholds.senders }),
      };
      tenants.set(tenant, held);
    }
    return held;
  };
  const unseenBinOf = (fingerprint: string, text: string): number | undefined => {
    if (!unseenShareOf) return undefined;
    const known = unseenOf.get(fingerprint);
    if (known !== undefined) return known;
    const share = unseenShareOf(text);
    if (share === undefined) return undefined;
    const bin = unseenBin(share);
    unseenOf.set(fingerprint, bin);
    return bin;
  };

  const readingsOf = ({ window: seen, senders }: Watched): MonitorReading[] => {
    const reading = (monitor: MonitorName, value: number, threshold: number, judged: boolean) => ({
      monitor,
      value,
      threshold,
      alarm: judged && value >= threshold,
    });
    const largest = reading('senders', senders.largest(), thresholds.senders, true);
    if (!reference || seen.size === 0) return [largest];
    const judged = seen.size >= enough;
    const trained = reference.scores.reduce((sum, count) => sum + count, 0);
    const sureChange = Math.abs(seen.sure / seen.size - reference.sure / trained);
    return [
      reading('score', stabilityIndex(reference.scores, seen.scores), thresholds.score, judged),
      reading('sure-share', sureChange, thresholds.sureShare, judged),
      ...(seen.measured === 0
        ? []
        : [
            reading(
              'unseen-terms',
              stabilityIndex(reference.unseen, seen.unseen),
              thresholds.unseenTerms,
              seen.measured >= enough,
            ),
          ]),
      largest,
    ];
  };

  return {
    observe({ tenant, sender, text, verdict }) {
      if (verdict.modelVersion !== modelVersion) return;
      const watched = watchedOf(tenant);
      const unseen = unseenBinOf(verdict.fingerprint, text);
      watched.window.add(scoreBin(verdict.probability), verdict.band === 'sure', unseen);
      if (sender !== undefined) watched.senders.observe(sender, verdict.probability);
    },
    report: () =>
      [...tenants.entries()].map(([tenant, watched]) => ({
        modelVersion,
        tenant,
        messages: watched.window.size,
        state: !reference ? 'no-reference' : watched.window.size < enough ? 'learning' : 'watching',
        readings: readingsOf(watched),
        shiftedSenders: watched.senders.shifted().slice(0, SHOWN_SENDERS),
      })),
  };
}

/** The alarms of a report in words, for people on call. */
export function alarmsOf(reports: readonly DriftReport[]): string[] {
  return reports.flatMap(({ tenant, modelVersion, readings }) =>
    readings
      .filter(({ alarm }) => alarm)
      .map(
        ({ monitor, value, threshold }) =>
          `drift of ${monitor}: ${value.toFixed(3)} (alarm from ${threshold}), tenant ${tenant}, model ${modelVersion}`,
      ),
  );
}
