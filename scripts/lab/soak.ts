import { monotonicMs } from '../../models/base/clock.ts';
import type { ScenarioReport } from './scenario.ts';
import { pause, settle } from './settle.ts';
import { createClient } from './traffic.ts';
import { openWorld } from './world/world.ts';

/** Memory of one process at one moment. */
export interface MemorySample {
  readonly minute: number;
  readonly mb: number;
}

export interface Trend {
  /** Mean of the samples, MB. */
  readonly level: number;
  /** Of the straight line through them, MB an hour. */
  readonly perHour: number;
  /** Half of the 95% interval of that, MB an hour. */
  readonly uncertainty: number;
}

/** Least squares through the samples. */
export function trendOf(samples: readonly MemorySample[]): Trend {
  const n = samples.length;
  const mean = (of: (one: MemorySample) => number): number =>
    samples.reduce((sum, one) => sum + of(one), 0) / Math.max(1, n);
  const [x, level] = [mean((one) => one.minute), mean((one) => one.mb)];
  const spread = samples.reduce((sum, one) => sum + (one.minute - x) ** 2, 0);
  if (n < 3 || spread === 0) return { level, perHour: 0, uncertainty: Number.POSITIVE_INFINITY };
  const slope = samples.reduce((sum, one) => sum + (one.minute - x) * (one.mb - level), 0) / spread;
  const rest = samples.reduce((sum, one) => sum + (one.mb - level - slope * (one.minute - x)) ** 2, 0);
  const error = Math.sqrt(rest / (n - 2) / spread);
  return { level, perHour: slope * 60, uncertainty: 1.96 * error * 60 };
}

/** Memory grows when the line surely rises, and by more than a twentieth of what is held, in an hour. */
export const grows = ({ level, perHour, uncertainty }: Trend): boolean =>
  perHour - uncertainty > 0 && perHour > level / 20;

const WARM_UP_SHARE = 0.25;
const SAMPLES = 240;

/** Steady traffic without faults: what processes hold after a collection of garbage, and every fault they report. */
export async function soak(
  minutes: number,
  perSecond: number,
  note: (line: string) => void,
): Promise<ScenarioReport> {
  const world = await openWorld({ seed: 17, collectable: true });
  try {
    const client = createClient(world.nodes, 'soak');
    const startedMs = monotonicMs();
    const endMs = startedMs + minutes * 60_000;
    const heap = world.nodes.map((): MemorySample[] => []);
    const rss = world.nodes.map((): MemorySample[] => []);
    let faults = 0;
    const traffic = client.send(Math.ceil(minutes * 60 * perSecond), {
      batch: 10,
      perSecond,
      promotional: 0.5,
    });
    const everyMs = Math.max(2_000, (minutes * 60_000) / SAMPLES);
    let ended = false;
    const done = traffic.finally(() => {
      ended = true;
    });
    for (let nextMs = startedMs; !ended && monotonicMs() < endMs; nextMs += everyMs) {
      await pause(Math.max(0, nextMs - monotonicMs()));
      const states = await Promise.all(world.nodes.map((node) => node.state()));
      const minute = (monotonicMs() - startedMs) / 60_000;
      for (const [i, state] of states.entries()) {
        heap[i]!.push({ minute, mb: state.heapMb });
        rss[i]!.push({ minute, mb: state.rssMb });
      }
      faults = states.reduce((sum, state) => sum + state.faults.length, 0);
    }
    await done;
    const states = await Promise.all(world.nodes.map((node) => node.state()));
    for (const { faults: told } of states) for (const fault of told.slice(0, 5)) note(fault);
    faults = states.reduce((sum, state) => sum + state.faults.length, 0);
    const after = await settle(
      world,
      client.acknowledged.map(({ id }) => id),
    );
    const warm = (samples: readonly MemorySample[]): Trend =>
      trendOf(samples.filter(({ minute }) => minute >= minutes * WARM_UP_SHARE));
    const trends = world.nodes.map((node, i) => ({
      kind: node.kind,
      heap: warm(heap[i]!),
      rss: warm(rss[i]!),
    }));
    const words = ({ level, perHour, uncertainty }: Trend): string =>
      `${level.toFixed(0)} MB, ${perHour >= 0 ? '+' : ''}${perHour.toFixed(1)} ± ${uncertainty.toFixed(1)} MB an hour`;
    return {
      name: `soak of ${minutes} minutes at ${perSecond} messages a second`,
      clean:
        after.lost + after.twice + faults + client.repeats === 0 &&
        !trends.some((trend) => grows(trend.heap)),
      figures: {
        acknowledged: client.acknowledged.length,
        lost: after.lost,
        'delivered twice': after.twice,
        'faults reported': faults,
        'batches repeated by the caller': client.repeats,
        ...Object.fromEntries(
          trends.flatMap(({ kind, heap: held, rss: whole }, i) => [
            [`${kind} ${i + 1}, heap after collection`, words(held)],
            [`${kind} ${i + 1}, resident`, words(whole)],
          ]),
        ),
      },
    };
  } finally {
    await world.close();
  }
}
