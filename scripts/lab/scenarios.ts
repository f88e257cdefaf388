import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monotonicMs } from '../../models/base/clock.ts';
import { createRandom } from '../../models/base/random.ts';
import { readLedger } from '../../pipeline/deliver/sandbox-ledger.ts';
import { diskFull } from './faults.ts';
import { processesLost } from './process-failover.ts';
import { isClean, type RunReport, runFaults } from './run.ts';
import type { Scenario, ScenarioReport, ScenarioSize } from './scenario.ts';
import { handOvers, PATIENCE_MS, pause, settle, sqlOn } from './settle.ts';
import { createClient } from './traffic.ts';
import { labUrl, makePostgres } from './world/postgres.ts';
import { openWorld, type World } from './world/world.ts';

export const SCENARIOS: readonly Scenario[] = [
  { name: 'zone', run: zoneLost },
  { name: 'disk', run: diskOfPostgresFull },
  { name: 'takeover', run: workerTakenOver },
  { name: 'failover', run: ({ messages }) => processesLost(messages) },
  { name: 'spike', run: (size) => latency('a spike of 500%', size, size.messages, 5) },
  { name: 'campaign', run: (size) => latency('logins during a campaign', size, size.campaign, 0) },
];

const plain = (world: World, messages: number, seed: number): Promise<RunReport> =>
  runFaults(world, { seed, messages, faults: [], strikes: 0, maxStrikeMs: 1, patienceMs: PATIENCE_MS });

/**
 * Two zones: the primary and half of the processes in one, a synchronous standby and the other half in the other. The
 * first dies at once, all of it; the standby is made the primary.
 */
async function zoneLost({ messages }: ScenarioSize): Promise<ScenarioReport> {
  const zone = { api: 1, worker: 1, scheduler: 1 };
  const world = await openWorld({
    seed: 9,
    zones: [zone, zone],
    postgresSettings: ['wal_level=replica', 'max_wal_senders=4', 'hot_standby=on'],
  });
  const standby = await makePostgres(join(world.dir, 'standby'), ['hot_standby=on'], world.postgres.port);
  try {
    await standby.start();
    await sqlOn(labUrl(world.postgres.port), "alter system set synchronous_standby_names = '*'");
    await sqlOn(labUrl(world.postgres.port), 'select pg_reload_conf()');
    const client = createClient(world.nodes, 'zone');
    const sending = client.send(messages, { batch: 25, promotional: 0.5 });
    while (client.acknowledged.length < messages / 4) await pause(20);
    const before = client.acknowledged.length;
    const diedMs = monotonicMs();
    for (const node of world.nodes) if (node.zone === 0) node.kill();
    await Promise.all([world.postgres.kill(), world.killRedis()]);
    // Redis held copies only: the other zone starts with an empty one.
    rmSync(join(world.dir, 'redis'), { recursive: true, force: true });
    await world.startRedis();
    await standby.promote();
    await sqlOn(labUrl(standby.port), "alter system set synchronous_standby_names = ''");
    await sqlOn(labUrl(standby.port), 'select pg_reload_conf()');
    world.wires[1]!.postgres.lead(standby.port);
    const servingAgain = async (): Promise<number> => {
      while (client.acknowledged.length <= before + 25) await pause(20);
      return monotonicMs() - diedMs;
    };
    const deliveringAgain = async (): Promise<number> => {
      const lines = readLedger(world.ledgerFile).length;
      while (readLedger(world.ledgerFile).length <= lines) await pause(100);
      return monotonicMs() - diedMs;
    };
    const [acceptingMs, deliveringMs] = await Promise.all([servingAgain(), deliveringAgain(), sending]);
    const survivors: World = { ...world, databaseUrl: labUrl(standby.port), postgres: standby };
    const after = await settle(
      survivors,
      client.acknowledged.map(({ id }) => id),
    );
    return {
      name: 'loss of a whole zone',
      clean: after.lost + after.twice === 0 && Math.max(acceptingMs, deliveringMs) < 30_000,
      figures: {
        'acknowledged in all': client.acknowledged.length,
        'acknowledged before the loss': before,
        'accepting again after, s': (acceptingMs / 1_000).toFixed(1),
        'delivering again after, s': (deliveringMs / 1_000).toFixed(1),
        lost: after.lost,
        'delivered twice': after.twice,
      },
    };
  } finally {
    await standby.kill();
    await world.close();
  }
}

/** PostgreSQL on a small file system, which is filled to the last byte. */
async function diskOfPostgresFull({
  messages,
}: ScenarioSize): Promise<ScenarioReport | { readonly skipped: string }> {
  const mount = mkdtempSync(join(tmpdir(), 'laneway-disk-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=700m,mode=0755', 'tmpfs', mount]);
  if (mounted.status !== 0) {
    rmSync(mount, { recursive: true });
    return { skipped: 'disk full: this user may not mount a small file system' };
  }
  mkdirSync(join(mount, 'postgres'), { mode: 0o755 });
  try {
    const world = await openWorld({ seed: 7, postgresDir: join(mount, 'postgres') });
    try {
      const report = await runFaults(world, {
        seed: 7,
        messages,
        faults: [diskFull(mount)],
        strikes: 1,
        maxStrikeMs: 4_000,
        patienceMs: PATIENCE_MS,
      });
      return asScenario('full disk under PostgreSQL', report);
    } finally {
      await world.close();
    }
  } finally {
    spawnSync('umount', [mount]);
    rmSync(mount, { recursive: true, force: true });
  }
}

/** One of two workers dies with messages in its hands: how long until the last of them has left the house. */
async function workerTakenOver({ messages }: ScenarioSize): Promise<ScenarioReport> {
  const world = await openWorld({ seed: 5 });
  try {
    const client = createClient(world.nodes, 'over');
    const sending = client.send(messages, { batch: 50, promotional: 0.5 });
    while (client.acknowledged.length < messages / 4) await pause(20);
    const worker = world.nodes.find((node) => node.kind === 'worker')!;
    const diedMs = monotonicMs();
    const atDeath = client.acknowledged.map(({ id }) => id);
    worker.kill();
    await sending;
    const inHand = await settle(world, atDeath);
    const tookMs = monotonicMs() - diedMs;
    const after = await settle(
      world,
      client.acknowledged.map(({ id }) => id),
    );
    return {
      name: 'a killed worker is taken over',
      clean: after.lost + after.twice === 0,
      figures: {
        'acknowledged when it died': atDeath.length,
        'all of those settled after, s': (tookMs / 1_000).toFixed(1),
        'longest wait of one of them for its hand-over, s': (inHand.longestMs / 1_000).toFixed(1),
        lost: after.lost,
        'delivered twice': after.twice,
      },
    };
  } finally {
    await world.close();
  }
}

/**
 * Codes at a steady rate, first alone, then beside `bulk` adverts, or with five times as many codes in the middle.
 * Times are from acceptance to the carrier's book.
 */
async function latency(
  name: string,
  size: ScenarioSize,
  bulk: number,
  times: number,
): Promise<ScenarioReport> {
  const world = await openWorld({ seed: 3 });
  const perSecond = 20;
  try {
    await plain(world, 200, 1);
    const alone = createClient(world.nodes, 'alone');
    await alone.send(200, { batch: 1, perSecond, promotional: 0 });
    const campaign = createClient(world.nodes, 'bulk');
    const beside = createClient(world.nodes, 'beside');
    const startedMs = monotonicMs();
    const advertising = campaign.send(times > 0 ? 0 : bulk, { batch: 250, promotional: 1 });
    await beside.send(times > 0 ? 200 * times : 400, {
      batch: 1,
      perSecond: perSecond * Math.max(1, times),
      promotional: 0,
    });
    const codesMs = monotonicMs() - startedMs;
    await advertising;
    const all = [...alone.acknowledged, ...beside.acknowledged, ...campaign.acknowledged].map(({ id }) => id);
    const after = await settle(world, all);
    const drainedMs = monotonicMs() - startedMs;
    const quiet = await handOvers(
      world,
      alone.acknowledged.map(({ id }) => id),
    );
    const loaded = await handOvers(
      world,
      beside.acknowledged.map(({ id }) => id),
    );
    return {
      name,
      clean: after.lost + after.twice === 0,
      figures: {
        'codes a second, alone': perSecond,
        'codes alone, p95 ms': quiet.p95,
        'codes under load, p50 ms': loaded.p50,
        'codes under load, p95 ms': loaded.p95,
        'codes under load, p99 ms': loaded.p99,
        'adverts beside them': campaign.acknowledged.length,
        'codes sent within, s': (codesMs / 1_000).toFixed(1),
        'backlog drained at, msg/s': Math.round((campaign.acknowledged.length * 1_000) / drainedMs),
        lost: after.lost,
        'delivered twice': after.twice,
        'messages asked for': size.messages,
      },
    };
  } finally {
    await world.close();
  }
}

function asScenario(name: string, report: RunReport): ScenarioReport {
  return {
    name,
    clean: isClean(report),
    figures: {
      acknowledged: report.acknowledged,
      lost: report.lost,
      'delivered twice': report.deliveredTwice,
      'batches repeated by the caller': report.repeats,
      'last one settled after all was whole, s': (report.settledAfterMs / 1_000).toFixed(1),
    },
  };
}

/** Seeds of the runs: the same number gives the same faults. */
export const seedsFrom = (first: number, runs: number): number[] => {
  const random = createRandom(first);
  return Array.from({ length: runs }, () => 1 + random.below(1_000_000));
};
