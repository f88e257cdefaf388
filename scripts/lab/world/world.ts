import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import type { Role } from '../../../pipeline/fleet/role.ts';
import { type EmbeddedRedis, startEmbeddedRedis } from '../../../pipeline/services/redis.ts';
import { freePort } from '../../../pipeline/store/server.fixture.ts';
import { askCarrier, type CarrierMood } from './carrier.ts';
import type { NodeSettings, NodeState } from './node-process.ts';
import { type LabPostgres, labUrl, makePostgres } from './postgres.ts';
import { openProxy, type Wire } from './proxy.ts';

export type NodeKind = Exclude<Role, 'all'>;

/** A process of Laneway that is started again whenever it ends. */
export interface LabNode {
  readonly kind: NodeKind;
  readonly zone: number;
  /** Undefined while it is not serving. */
  readonly port: number | undefined;
  /** kill -9; it comes back after `backMs`, or not before `revive` where that is undefined. */
  kill(backMs?: number): void;
  revive(): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  setClockAhead(ms: number): void;
  /** Asks a process that serves how it is. */
  state(): Promise<NodeState>;
}

/** Servers, carrier, wires and processes of one lab. */
export interface World {
  readonly postgres: LabPostgres;
  readonly redisPort: number;
  readonly nodes: readonly LabNode[];
  /** All processes of one zone reach PostgreSQL and Redis by wires of their own. */
  readonly wires: readonly { readonly postgres: Wire; readonly redis: Wire }[];
  readonly ledgerFile: string;
  readonly databaseUrl: string;
  readonly dir: string;
  redis(): Redis;
  killRedis(): Promise<void>;
  startRedis(): Promise<void>;
  mood(mood: CarrierMood): Promise<void>;
  close(): Promise<void>;
}

export interface WorldOptions {
  readonly seed: number;
  readonly honoursKeys?: boolean;
  /** Processes of each role in each zone, default 1 api, 2 worker, 1 scheduler in one zone. */
  readonly zones?: readonly Readonly<Record<NodeKind, number>>[];
  /** Where PostgreSQL keeps its data; default in the lab's folder. */
  readonly postgresDir?: string;
  readonly postgresSettings?: readonly string[];
  /** Processes can be told to collect their garbage, so that their memory can be compared. */
  readonly collectable?: boolean;
}

const ONE_ZONE = [{ api: 1, worker: 2, scheduler: 1 }];
const tsx = ['--import', import.meta.resolve('tsx')];
const at = (file: string): URL => new URL(file, import.meta.url);

async function portOf(child: ChildProcess): Promise<number> {
  const told = once(child, 'message').then(([letter]) => (letter as { port: number }).port);
  const ended = once(child, 'exit').then(() => {
    throw new Error('a process of the lab ended at its start');
  });
  return Promise.race([told, ended]);
}

/** Starts all of it; `close` ends all of it. */
export async function openWorld(options: WorldOptions): Promise<World> {
  const dir = mkdtempSync(join(tmpdir(), 'laneway-lab-'));
  chmodSync(dir, 0o755);
  const honoursKeys = options.honoursKeys ?? true;
  const ledgerFile = join(dir, 'carrier', 'ledger.jsonl');
  const postgres = await makePostgres(options.postgresDir ?? join(dir, 'postgres'), options.postgresSettings);
  await postgres.start();
  const redisPort = await freePort();
  let server: EmbeddedRedis | undefined;
  const startRedis = async (): Promise<void> => {
    server = await startEmbeddedRedis({
      dir: join(dir, 'redis'),
      use: 'queue',
      address: { host: '127.0.0.1', port: redisPort },
    });
  };
  await startRedis();
  const control = new Redis({
    host: '127.0.0.1',
    port: redisPort,
    maxRetriesPerRequest: 1,
    lazyConnect: true,
  });
  control.on('error', () => undefined);
  const carrier = fork(
    at('./carrier-process.ts'),
    [ledgerFile, honoursKeys ? 'keys' : 'no-keys', `${options.seed}`],
    {
      execArgv: tsx,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    },
  );
  const carrierPort = await portOf(carrier);
  const zones = options.zones ?? ONE_ZONE;
  const wires = await Promise.all(
    zones.map(async () => ({ postgres: await openProxy(postgres.port), redis: await openProxy(redisPort) })),
  );
  let closing = false;
  const nodes = zones.flatMap((sizes, zone) =>
    (['scheduler', 'api', 'worker'] as const).flatMap((kind) =>
      Array.from({ length: sizes[kind] }, () =>
        createNode(kind, zone, {
          role: kind,
          dataDir: join(dir, 'data'),
          databaseUrl: labUrl(wires[zone]!.postgres.port),
          redisUrl: `redis://127.0.0.1:${wires[zone]!.redis.port}`,
          carrierPort,
          honoursKeys,
        }),
      ),
    ),
  );
  const world: World = {
    postgres,
    redisPort,
    nodes,
    wires,
    ledgerFile,
    databaseUrl: labUrl(postgres.port),
    dir,
    redis: () => control,
    async killRedis() {
      if (server) process.kill(server.pid, 'SIGKILL');
    },
    startRedis,
    mood: (mood) => askCarrier(carrierPort, '/mood', mood),
    async close() {
      closing = true;
      for (const node of nodes) node.signal('SIGKILL');
      carrier.kill('SIGKILL');
      control.disconnect();
      await server?.stop().catch(() => undefined);
      await postgres.kill();
      await Promise.all(wires.flatMap((wire) => [wire.postgres.close(), wire.redis.close()]));
      rmSync(dir, { recursive: true, force: true });
    },
  };
  try {
    // One first: it brings the schema up to date and makes the keys.
    await nodes[0]!.revive();
    await Promise.all(nodes.slice(1).map((node) => node.revive()));
    return world;
  } catch (error) {
    await world.close();
    throw error;
  }

  function createNode(kind: NodeKind, zone: number, settings: NodeSettings): LabNode {
    let child: ChildProcess | undefined;
    let port: number | undefined;
    let stayDown = false;
    let backMs = 0;
    let aheadMs = 0;
    let asks = 0;
    async function start(): Promise<void> {
      const mine = fork(at('./node-process.ts'), [JSON.stringify(settings)], {
        execArgv: options.collectable ? ['--expose-gc', ...tsx] : tsx,
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      });
      child = mine;
      mine.on('exit', () => {
        port = undefined;
        if (closing || stayDown || child !== mine) return;
        const again = setTimeout(() => void start().catch(() => undefined), backMs || 300);
        again.unref();
      });
      port = await portOf(mine);
      if (aheadMs !== 0) mine.send({ aheadMs });
    }
    return {
      kind,
      zone,
      get port() {
        return port;
      },
      kill(after) {
        stayDown = after === undefined;
        backMs = after ?? 0;
        port = undefined;
        child?.kill('SIGKILL');
      },
      async revive() {
        stayDown = false;
        // A process that could not start (its store was away) is started again by its own end.
        await start().catch(() => undefined);
        while (port === undefined && !closing) await new Promise((resolve) => setTimeout(resolve, 50));
      },
      signal: (signal) => void child?.kill(signal),
      state() {
        const asked = child;
        if (!asked?.connected) return Promise.reject(new Error(`a process of role ${kind} is not there`));
        const number = ++asks;
        return new Promise((resolve, reject) => {
          const died = (): void => reject(new Error(`a process of role ${kind} died when it was asked`));
          const hear = (letter: { readonly answer?: number; readonly state?: NodeState }): void => {
            if (letter.answer !== number || !letter.state) return;
            asked.off('message', hear).off('exit', died);
            resolve(letter.state);
          };
          asked.on('message', hear).once('exit', died);
          asked.send({ ask: number });
        });
      },
      setClockAhead(ms) {
        aheadMs = ms;
        if (child?.connected) child.send({ aheadMs: ms });
      },
    };
  }
}
