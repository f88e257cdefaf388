import type { Pipeline } from '../../pipeline/compose.ts';
import type { LaneView } from '../../pipeline/process/lane-control.ts';
import { IN_LINE_STATES, type Lane, type MessageState } from '../../pipeline/store/schema.ts';
import { BODY_REFUSALS, checkShape, readJson } from './body.ts';
import * as schemas from './dead-letter-schemas.ts';
import type { Door } from './door.ts';
import { ProblemError } from './problem.ts';

export interface LanePorts {
  readonly pipeline: Pick<Pipeline, 'lanes' | 'laneCounts'>;
}

const LANES: readonly string[] = ['transactional', 'promotional'] satisfies Lane[];
const WAITING_FOR_A_TIME: ReadonlySet<MessageState> = new Set(['scheduled', 'deferred', 'retrying']);
const ON_ITS_WAY: ReadonlySet<MessageState> = new Set(
  IN_LINE_STATES.filter((state) => !WAITING_FOR_A_TIME.has(state)),
);

/** Pause, drain and resume a lane. */
export function laneDoors({ pipeline }: LanePorts): Door[] {
  async function withCounts(views: readonly LaneView[]) {
    const counts = await pipeline.laneCounts();
    const sum = (lane: Lane, states: ReadonlySet<MessageState>): number =>
      counts.reduce((total, one) => total + (one.lane === lane && states.has(one.state) ? one.n : 0), 0);
    return views.map(({ lane, state, reason, actor, sinceMs }) => ({
      lane,
      state,
      reason,
      actor,
      since: sinceMs === 0 ? null : new Date(sinceMs).toISOString(),
      open: sum(lane, ON_ITS_WAY),
      due: sum(lane, WAITING_FOR_A_TIME),
    }));
  }
  return [
    {
      method: 'get',
      path: '/v1/lanes',
      summary: 'The lanes, how they stand and what is in them',
      answer: { status: 200, description: 'Both lanes', schema: schemas.Lanes },
      async handle(c) {
        return c.json({ lanes: await withCounts(await pipeline.lanes.list()) });
      },
    },
    {
      method: 'post',
      path: '/v1/lanes/{lane}',
      summary: 'Pause, drain or resume a lane',
      description:
        'In force on every process within a second. Paused: what comes in is stored and waits. Draining: new messages of the lane are refused with `LANE_DRAINING`, what is in it goes out. On the audit trail.',
      body: { schema: schemas.LaneRequest, example: { state: 'paused', reason: 'wrong campaign' } },
      answer: { status: 200, description: 'As it stands now', schema: schemas.LaneView },
      refusals: [...BODY_REFUSALS, 'NOT_FOUND'],
      async handle(c) {
        const lane = c.req.param('lane')!;
        if (!LANES.includes(lane)) {
          throw new ProblemError('NOT_FOUND', 'There is no such lane.', {
            fix: 'Name transactional or promotional.',
          });
        }
        const { state, reason, actor } = checkShape(schemas.LaneRequest, await readJson(c.req.raw));
        const set = await pipeline.lanes.set(c.var.tenant, lane as Lane, state, actor, reason);
        return c.json((await withCounts([set]))[0]);
      },
    },
  ];
}
