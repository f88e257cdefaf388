import { afterAll, expect, test } from 'vitest';
import { postgresBinaries } from '../../pipeline/store/server.fixture.ts';
import { FAULTS } from './faults.ts';
import { isClean, runFaults } from './run.ts';
import { openWorld, type World } from './world/world.ts';

let world: World | undefined;
afterAll(() => world?.close(), 60_000);

/** A few that differ in kind; `npm run lab` draws from all. */
const CHOSEN = ['kill -9 worker', 'redis wiped', 'postgres killed and restarted', 'provider lying'];

test.skipIf(postgresBinaries() === undefined)(
  'a process, Redis and PostgreSQL die and the provider lies: nothing is lost, nothing arrives twice',
  async () => {
    world = await openWorld({ seed: 1, zones: [{ api: 1, worker: 1, scheduler: 1 }] });
    for (const [i, name] of CHOSEN.entries()) {
      const report = await runFaults(world, {
        seed: i + 1,
        messages: 400,
        faults: FAULTS.filter((fault) => fault.name === name),
        strikes: 1,
        maxStrikeMs: 1_000,
        patienceMs: 240_000,
      });
      expect(report.acknowledged).toBe(400);
      expect(isClean(report), JSON.stringify({ ...report, samples: [] })).toBe(true);
    }
  },
  1_200_000,
);
