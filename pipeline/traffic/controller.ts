import type { Clock } from '../../models/base/clock.ts';
import { createLoop, type Loop } from '../process/loop.ts';
import type { Transport } from '../queue/transport.ts';
import type { Db } from '../store/schema.ts';
import { acceptedEver, backlog, dueByMinute, loadVolumes, saveVolume } from '../store/volumes.ts';
import { type Signals, WEEK } from './forecast.ts';
import { createProvision } from './provision.ts';
import { createScaler, DEFAULT_SCALE } from './scale.ts';

const EVERY_MS = 2_000;
const MINUTE_MS = 60_000;
/** New processes take a while to start and to warm up: what comes within this time is provided for now. */
const LEAD_MINUTES = 15;
const HORIZON_MINUTES = 60;
/** With less of the past than this the season is a guess, and nothing is provided for on a guess. */
const LEAST_HISTORY_MINUTES = WEEK;

export interface TrafficOptions {
  readonly db: Db;
  readonly transport: Pick<Transport, 'depths' | 'ready'>;
  readonly clock: Clock;
  /** A clock that does not jump. */
  readonly monotonicMs: Clock;
  /** Only the process that leads counts and decides. */
  readonly leads: () => boolean;
  readonly workers: { readonly min: number; readonly max: number };
  /** Jobs at a time in one worker process. */
  readonly jobsPerWorker: number;
  /** What is known of the traffic to come besides what the store holds. */
  readonly signals?: Signals;
  readonly report: (error: unknown, doing: string) => void;
  readonly onWanted: (workers: number, why: string) => void;
}

export interface Traffic extends Loop {
  /** Messages a minute to provide for in each of the next 60 minutes; empty while too little is known. */
  forecast(): readonly number[];
}

/**
 * Counts what comes in, forecasts the next hour and says how many worker processes there should be: by what waits, by
 * how long, by how busy they are, and by what is to come.
 */
export function createTraffic(options: TrafficOptions): Traffic {
  const { db, clock, workers } = options;
  const provision = createProvision({ sources: options.signals ? [options.signals] : [] });
  const scaler = createScaler({ ...DEFAULT_SCALE, ...workers });
  let now = workers.min;
  let [minute, atMinute, history] = [0, 0, 0];
  let loaded = false;
  /** Most messages a minute that one worker process has been seen to do while it was busy. */
  let perWorker = 0;
  let [backlogBefore, acceptedBefore, seenMs] = [0, 0, 0];
  let ahead: readonly number[] = [];

  async function load(): Promise<void> {
    for (const { minute: at, accepted } of await loadVolumes(db)) {
      provision.observe(at, accepted);
      history++;
    }
    loaded = true;
  }

  async function count(ever: number): Promise<void> {
    const current = Math.floor(clock() / MINUTE_MS);
    if (current === minute) return;
    if (minute > 0 && current > minute) {
      provision.observe(minute, ever - atMinute);
      history++;
      await saveVolume(db, minute, ever - atMinute);
      const due = await dueByMinute(db, current * MINUTE_MS, HORIZON_MINUTES);
      ahead =
        history < LEAST_HISTORY_MINUTES
          ? []
          : Array.from({ length: HORIZON_MINUTES }, (_, k) =>
              provision.upper(k + 1, due.get(current + k) ?? 0),
            );
    }
    minute = current;
    atMinute = ever;
  }

  const loop = createLoop('watching traffic', options.report, async () => {
    if (!options.leads() || !options.transport.ready) {
      minute = 0;
      return EVERY_MS;
    }
    if (!loaded) await load();
    const ever = await acceptedEver(db);
    await count(ever);
    const [open, depths] = await Promise.all([backlog(db), options.transport.depths()]);
    const active = depths.reduce((sum, one) => sum + one.active, 0);
    const busy = Math.min(1, active / Math.max(1, now * options.jobsPerWorker));
    const nowMs = options.monotonicMs();
    if (seenMs > 0 && open.waiting > 0 && nowMs > seenMs) {
      const done = ever - acceptedBefore - (open.waiting - backlogBefore);
      perWorker = Math.max(perWorker * 0.9999, (done * MINUTE_MS) / (nowMs - seenMs) / now);
    }
    [backlogBefore, acceptedBefore, seenMs] = [open.waiting, ever, nowMs];
    const peak = ahead.slice(0, LEAD_MINUTES).reduce((most, one) => Math.max(most, one), 0);
    const foreseen =
      perWorker > 0 && peak > 0 ? Math.ceil(peak / (perWorker * DEFAULT_SCALE.busyAbove)) : undefined;
    const { wanted, why } = scaler.decide(
      now,
      {
        busy,
        waiting: open.waiting,
        oldestMs: open.sinceMs === undefined ? 0 : Math.max(0, clock() - open.sinceMs),
        ...(foreseen === undefined ? {} : { foreseen }),
      },
      nowMs,
    );
    if (wanted !== now) {
      now = wanted;
      options.onWanted(wanted, why);
    }
    return EVERY_MS;
  });
  return {
    start: loop.start,
    stop: loop.stop,
    poke: loop.poke,
    get fault() {
      return loop.fault;
    },
    forecast: () => ahead,
  };
}
