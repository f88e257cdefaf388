import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../../models/base/random.ts';
import type { CarrierMood } from './world/carrier.ts';
import type { NodeKind, World } from './world/world.ts';

/** Something that goes wrong for a while. */
export interface Fault {
  readonly name: string;
  /** Breaks it, waits `forMs`, makes it whole again. */
  strike(world: World, forMs: number, random: Random): Promise<void>;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** kill -9 of one process of a kind, which is started again. */
const killed = (kind: NodeKind): Fault => ({
  name: `kill -9 ${kind}`,
  async strike({ nodes }, forMs, random) {
    const those = nodes.filter((node) => node.kind === kind);
    those[random.below(those.length)]!.kill(forMs);
    await pause(forMs);
  },
});

const mood = (name: CarrierMood): Fault => ({
  name: `provider ${name}`,
  async strike(world, forMs) {
    await world.mood(name);
    await pause(forMs);
    await world.mood('fair');
  },
});

const configured = (name: string, how: readonly string[], back: readonly string[]): Fault => ({
  name,
  async strike(world, forMs) {
    const [command = '', ...args] = how;
    await world.redis().call(command, ...args);
    await pause(forMs);
    const [undo = '', ...undoArgs] = back;
    await world.redis().call(undo, ...undoArgs);
  },
});

const wire = (name: string, which: 'postgres' | 'redis', state: 'cut' | 'silent'): Fault => ({
  name,
  async strike({ wires }, forMs, random) {
    const one = wires[random.below(wires.length)]![which];
    one.set(state);
    await pause(forMs);
    one.set('open');
  },
});

const clockJump = (name: string, aheadMs: number): Fault => ({
  name,
  async strike({ nodes }, forMs) {
    for (const node of nodes) node.setClockAhead(aheadMs);
    await pause(forMs);
    for (const node of nodes) node.setClockAhead(0);
  },
});

/** All faults that strike at random; those of a whole zone and of a full disk are scenarios of their own. */
export const FAULTS: readonly Fault[] = [
  killed('api'),
  killed('worker'),
  killed('scheduler'),
  {
    name: 'worker stopped and gone on',
    async strike({ nodes }, forMs, random) {
      const workers = nodes.filter((node) => node.kind === 'worker');
      const one = workers[random.below(workers.length)]!;
      one.signal('SIGSTOP');
      await pause(forMs);
      one.signal('SIGCONT');
    },
  },
  {
    name: 'redis killed and restarted',
    async strike(world, forMs) {
      await world.killRedis();
      await pause(forMs);
      await world.startRedis();
    },
  },
  {
    name: 'redis wiped',
    async strike(world) {
      await world.redis().flushall();
    },
  },
  {
    name: 'redis paused',
    async strike(world, forMs) {
      // A paused server does not hear that it may go on: it is told before for how long.
      await world.redis().call('CLIENT', 'PAUSE', `${forMs}`, 'ALL');
      await pause(forMs);
    },
  },
  configured('redis out of memory', ['CONFIG', 'SET', 'maxmemory', '1'], ['CONFIG', 'SET', 'maxmemory', '0']),
  configured('redis read-only', ['REPLICAOF', '127.0.0.1', '1'], ['REPLICAOF', 'NO', 'ONE']),
  {
    name: 'postgres killed and restarted',
    async strike({ postgres }, forMs) {
      await postgres.kill();
      await pause(forMs);
      await postgres.start();
    },
  },
  mood('down'),
  mood('slow'),
  mood('hang'),
  mood('busy'),
  mood('flapping'),
  mood('lying'),
  wire('partition from postgres', 'postgres', 'cut'),
  wire('partition from redis', 'redis', 'cut'),
  wire('silence from redis', 'redis', 'silent'),
  clockJump('clock an hour ahead', 3_600_000),
  clockJump('clock an hour back', -3_600_000),
];

/** For a PostgreSQL whose data lies on a small file system of its own. */
export const diskFull = (mount: string): Fault => ({
  name: 'disk full',
  async strike({ postgres }, forMs) {
    const file = join(mount, 'filler');
    try {
      for (const mb of [64, 8, 1]) fill(file, mb);
      await pause(forMs);
    } finally {
      rmSync(file, { force: true });
      // A server that met the full disk amid its log has ended itself.
      await postgres.start();
    }
  },
});

function fill(file: string, mb: number): void {
  const block = Buffer.alloc(mb * 1_048_576);
  try {
    for (;;) writeFileSync(file, block, { flag: 'a' });
  } catch {
    // Full.
  }
}
