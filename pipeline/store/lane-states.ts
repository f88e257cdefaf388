import type { Db, Lane } from './schema.ts';

/**
 * `paused`: nothing is taken out of the lane; what comes in waits. `draining`: what is in it goes out, and new messages
 * that come in by it are refused.
 */
export type LaneState = 'running' | 'paused' | 'draining';

export interface LaneStanding {
  readonly state: LaneState;
  readonly reason: string | null;
  /** Who said so. */
  readonly actor: string;
  readonly sinceMs: number;
}

/** Lanes belong to the installation, not to a tenant. */
const ALL = '*';

/** What was last said of each lane; one of which nothing was said is absent, and runs. */
export async function laneStandings(db: Db): Promise<ReadonlyMap<Lane, LaneStanding>> {
  const rows = await db.selectFrom('lane_states').selectAll().where('tenant', '=', ALL).execute();
  return new Map(
    rows.map(({ lane, state, reason, actor, since_ms }) => [
      lane,
      { state, reason, actor, sinceMs: since_ms },
    ]),
  );
}

export async function setLaneState(db: Db, lane: Lane, standing: LaneStanding): Promise<void> {
  const { state, reason, actor, sinceMs } = standing;
  const values = { state, reason, actor, since_ms: sinceMs };
  await db
    .insertInto('lane_states')
    .values({ tenant: ALL, lane, ...values })
    .onConflict((oc) => oc.columns(['tenant', 'lane']).doUpdateSet(values))
    .execute();
}
