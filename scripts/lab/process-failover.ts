import { monotonicMs } from '../../models/base/clock.ts';
import { readLedger } from '../../pipeline/deliver/sandbox-ledger.ts';
import type { ScenarioReport } from './scenario.ts';
import { pause, settle } from './settle.ts';
import { createClient } from './traffic.ts';
import { openWorld } from './world/world.ts';

const LIMIT_MS = 10_000;
const POLL_MS = 20;

/**
 * Two sets of processes on one PostgreSQL and one Redis. All of the set that leads die at once with messages in their
 * hands: how long until the others take messages in, deliver them, and have delivered what the dead left.
 */
export async function processesLost(messages: number): Promise<ScenarioReport> {
  const set = { api: 1, worker: 1, scheduler: 1 };
  const world = await openWorld({ seed: 13, zones: [set, set] });
  try {
    const before = createClient(world.nodes, 'before');
    const sending = before.send(messages, { batch: 25, promotional: 0.5 });
    while (before.acknowledged.length < messages / 2) await pause(POLL_MS);
    const inHand = before.acknowledged.map(({ id }) => id);
    const diedMs = monotonicMs();
    for (const node of world.nodes) if (node.zone === 0) node.kill();
    const since = (): number => monotonicMs() - diedMs;

    // A caller that comes after, one message at a time.
    const after = createClient(world.nodes, 'after');
    await after.send(1, { batch: 1, promotional: 0 });
    const acceptingMs = since();
    const probe = after.acknowledged[0]!.id;
    const delivered = async (): Promise<number> => {
      const there = (): boolean =>
        readLedger(world.ledgerFile).some((line) => line.kind === 'delivered' && line.messageId === probe);
      while (!there()) await pause(POLL_MS);
      return since();
    };
    const [deliveringMs, left] = await Promise.all([delivered(), settle(world, inHand)]);
    const settledMs = since();
    await sending;
    const all = [...before.acknowledged, ...after.acknowledged].map(({ id }) => id);
    const { lost, twice } = await settle(world, all);
    return {
      name: 'all processes of one machine killed',
      clean: lost + twice + left.lost === 0 && Math.max(acceptingMs, deliveringMs) < LIMIT_MS,
      figures: {
        'acknowledged when they died': inHand.length,
        'accepting again after, s': (acceptingMs / 1_000).toFixed(1),
        'delivering new ones after, s': (deliveringMs / 1_000).toFixed(1),
        'all that they left settled after, s': (settledMs / 1_000).toFixed(1),
        lost,
        'delivered twice': twice,
      },
    };
  } finally {
    await world.close();
  }
}
