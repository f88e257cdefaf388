import type { Clock } from '../../models/base/clock.ts';
import { createLoop, type Loop } from '../process/loop.ts';
import type { Transport } from '../queue/transport.ts';
import type { Lane } from '../store/schema.ts';
import { createScaler, DEFAULT_SCALE } from './scale.ts';

const EVERY_MS = 2_000;
const LANES: readonly Lane[] = ['transactional', 'promotional'];
/** Jobs wait in envelopes of many: fewer of them are a backlog. */
const WAITING_JOBS = 50;
/** One process has only so many cores; more of them are the parent's to start. */
const MOST_TIMES = 4;

export interface ConcurrencyOptions {
  readonly transport: Pick<Transport, 'depths' | 'ready' | 'setConcurrency'>;
  readonly least: Readonly<Record<Lane, number>>;
  readonly shards: number;
  readonly monotonicMs: Clock;
  readonly report: (error: unknown, doing: string) => void;
}

export interface Concurrency extends Loop {
  /** The same work, counted while it is done. */
  counted<T>(lane: Lane, work: (job: T) => Promise<void>): (job: T) => Promise<void>;
}

/** Lets a worker process take more jobs at a time while it is busy and more wait, up to four times as many. */
export function createConcurrency(options: ConcurrencyOptions): Concurrency {
  const { least, transport } = options;
  const active: Record<Lane, number> = { transactional: 0, promotional: 0 };
  const now: Record<Lane, number> = { ...least };
  const scalers = Object.fromEntries(
    LANES.map((lane) => [
      lane,
      createScaler({
        ...DEFAULT_SCALE,
        waitingAbove: WAITING_JOBS,
        min: least[lane],
        max: Math.min(256, MOST_TIMES * least[lane]),
      }),
    ]),
  );
  const loop = createLoop('scaling concurrency', options.report, async () => {
    if (!transport.ready) return EVERY_MS;
    const depths = await transport.depths();
    for (const lane of LANES) {
      const mine = depths.filter((one) => one.queue.startsWith(`${lane}-`));
      const waiting = mine.reduce((sum, one) => sum + one.waiting, 0);
      // Idle hands need no helpers, whatever waits elsewhere.
      const busy = Math.min(1, active[lane] / (now[lane] * options.shards));
      const load = { busy, waiting: busy > DEFAULT_SCALE.idleBelow ? waiting : 0, oldestMs: 0 };
      const { wanted } = scalers[lane]!.decide(now[lane], load, options.monotonicMs());
      if (wanted === now[lane]) continue;
      now[lane] = wanted;
      transport.setConcurrency(lane, wanted);
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
    counted: (lane, work) => async (job) => {
      active[lane]++;
      try {
        await work(job);
      } finally {
        active[lane]--;
      }
    },
  };
}
