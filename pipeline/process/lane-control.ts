import type { AuditTrail } from '../audit/trail.ts';
import { type LaneStanding, type LaneState, laneStandings, setLaneState } from '../store/lane-states.ts';
import type { Lane } from '../store/schema.ts';
import { createLoop, type Loop } from './loop.ts';
import type { Workshop } from './ports.ts';

/** A lane as an operator sees it. */
export interface LaneView extends LaneStanding {
  readonly lane: Lane;
}

export interface LaneControl {
  /** Both lanes, transactional first. */
  list(): Promise<LaneView[]>;
  /** Durable when it resolves, in force on every process within a second; on the audit trail. */
  set(tenant: string, lane: Lane, state: LaneState, actor: string, reason?: string): Promise<LaneView>;
  /** Takes this lane new messages? As of the last look at the store. */
  takes(lane: Lane): boolean;
  readonly loop: Loop;
}

const LANES: readonly Lane[] = ['transactional', 'promotional'];
const LOOK_EVERY_MS = 500;

/** Holds this process's workers to what the store says of their lane. */
export function createLaneControl(
  shop: Pick<Workshop, 'store' | 'transport' | 'clock' | 'report'>,
  trail: AuditTrail,
): LaneControl {
  let known: ReadonlyMap<Lane, LaneStanding> = new Map();

  async function look(): Promise<void> {
    known = await laneStandings(shop.store.urgent);
    for (const lane of LANES) shop.transport.hold(lane, known.get(lane)?.state === 'paused');
  }

  const view = (lane: Lane): LaneView => ({
    lane,
    ...(known.get(lane) ?? { state: 'running', reason: null, actor: 'laneway', sinceMs: 0 }),
  });

  return {
    async list() {
      await look();
      return LANES.map(view);
    },
    async set(tenant, lane, state, actor, reason) {
      const standing = { state, reason: reason ?? null, actor, sinceMs: shop.clock() };
      await trail.transact(shop.store.urgent, [], async (tx, append) => {
        await setLaneState(tx, lane, standing);
        const payload = { lane, state, actor, reason: standing.reason };
        await append([{ kind: 'admin', tenant, atMs: standing.sinceMs, subject: `lanes.${state}`, payload }]);
      });
      await look();
      return view(lane);
    },
    takes: (lane) => known.get(lane)?.state !== 'draining',
    loop: createLoop('watching lanes', shop.report, async () => {
      await look();
      return LOOK_EVERY_MS;
    }),
  };
}
