import type { Clock } from '../../models/base/clock.ts';
import { LanewayError } from '../../models/base/errors.ts';
import type { Role } from '../../pipeline/fleet/role.ts';
import type { FleetSize } from '../config.ts';
import type { Child, ChildLetter, Spawn } from './children.ts';

type Kind = Exclude<Role, 'all'>;
type Serving = Extract<ChildLetter, { kind: 'serving' }>;

export interface FleetOptions {
  readonly size: FleetSize;
  readonly spawn: Spawn;
  readonly clock: Clock;
  readonly note: (line: string) => void;
  /** Longest wait for a new child to serve, ms, default 120,000. */
  readonly startMs?: number;
  /** How long a child may take to finish its work, ms, default 40,000; then it is killed, and others take over. */
  readonly drainMs?: number;
}

/** One parent and its processes: it starts them, replaces those that end, and keeps as many as traffic wants. */
export interface Fleet {
  readonly serving: Serving;
  /** Processes now, by role. */
  count(kind: Kind): number;
  /** Every process is replaced by a new one, one after the other, each only when its successor serves. */
  restart(): Promise<void>;
  /** All finish their work: first those that take messages in, last those that deliver. */
  close(): Promise<void>;
}

interface Member {
  readonly kind: Kind;
  readonly child: Child;
  readonly ready: Promise<Serving>;
  readonly ended: Promise<void>;
  /** Told to end: its end is no fault. */
  leaving: boolean;
}

const BACKOFF_MS = 250;
const MOST_BACKOFF_MS = 10_000;
/** A process that lived this long did not fail at its start. */
const STABLE_MS = 30_000;

/**
 * Starts the fleet.
 *
 * @throws LanewayError `FLEET_START_FAILED` when a process ends before it serves
 */
export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const { size, spawn, clock, note, startMs = 120_000, drainMs = 40_000 } = options;
  const members = new Set<Member>();
  let closing: Promise<void> | undefined;
  let failures = 0;
  let wantedWorkers = size.workers.min;
  /** One change at a time: restarts and scaling do not cross. */
  let changing: Promise<void> = Promise.resolve();

  function start(kind: Kind): Member {
    const child = spawn(kind);
    const startedMs = clock();
    const member: Member = {
      kind,
      child,
      leaving: false,
      ready: new Promise((resolve, reject) => {
        const late = setTimeout(() => {
          reject(failed(kind, `did not serve within ${startMs} ms`));
          child.kill();
        }, startMs);
        child.onLetter((letter) => {
          if (letter.kind === 'wanted') return want(letter);
          clearTimeout(late);
          resolve(letter);
        });
        child.onExit((how) => {
          clearTimeout(late);
          reject(failed(kind, `ended with ${how} before it served`));
        });
      }),
      ended: new Promise((resolve) => {
        child.onExit((how) => {
          members.delete(member);
          resolve();
          if (member.leaving || closing) return;
          failures = clock() - startedMs > STABLE_MS ? 0 : failures + 1;
          const waitMs = failures === 0 ? 0 : Math.min(MOST_BACKOFF_MS, BACKOFF_MS * 2 ** (failures - 1));
          note(`${kind} ${child.pid} ended with ${how}; another starts in ${waitMs} ms`);
          setTimeout(() => {
            if (!closing && short(kind)) start(kind);
          }, waitMs);
        });
      }),
    };
    // Heard where somebody waits for it; else the end of the process says it.
    member.ready.catch(() => undefined);
    members.add(member);
    return member;
  }

  const of = (kind: Kind): Member[] =>
    [...members].filter((member) => member.kind === kind && !member.leaving);
  const target = (kind: Kind): number => (kind === 'api' ? size.api : kind === 'worker' ? wantedWorkers : 1);
  const short = (kind: Kind): boolean => of(kind).length < target(kind);

  async function end(member: Member): Promise<void> {
    member.leaving = true;
    member.child.drain();
    const impatient = setTimeout(() => {
      note(
        `${member.kind} ${member.child.pid} did not finish in ${drainMs} ms and is killed; others take over`,
      );
      member.child.kill();
    }, drainMs);
    await member.ended;
    clearTimeout(impatient);
  }

  function change(work: () => Promise<void>): Promise<void> {
    changing = changing
      .then(() => (closing ? undefined : work()))
      .catch((error: unknown) => note(String(error)));
    return changing;
  }

  function want({ workers, why }: Extract<ChildLetter, { kind: 'wanted' }>): void {
    const wanted = Math.min(size.workers.max, Math.max(size.workers.min, Math.round(workers)));
    if (wanted === wantedWorkers) return;
    note(`worker processes: ${wantedWorkers} -> ${wanted} (${why})`);
    wantedWorkers = wanted;
    void change(async () => {
      while (short('worker')) await start('worker').ready;
      for (const member of of('worker').slice(target('worker'))) await end(member);
    });
  }

  async function closeAll(): Promise<void> {
    await changing;
    for (const kind of ['api', 'scheduler', 'worker'] as const) {
      await Promise.all([...members].filter((member) => member.kind === kind).map(end));
    }
  }

  let first: Member[] = [];
  try {
    // One first: it brings the schema up to date.
    first = [start('scheduler')];
    await first[0]!.ready;
    while (short('worker')) first.push(start('worker'));
    while (short('api')) first.push(start('api'));
    await Promise.all(first.map((member) => member.ready));
  } catch (error) {
    closing = Promise.resolve();
    for (const member of members) member.child.kill();
    throw error;
  }
  const serving = await of('api')[0]!.ready;

  return {
    serving,
    count: (kind) => of(kind).length,
    restart: () =>
      change(async () => {
        for (const member of [...members]) {
          if (member.leaving) continue;
          await start(member.kind).ready;
          await end(member);
        }
        note('every process was replaced');
      }),
    close() {
      closing ??= closeAll();
      return closing;
    },
  };
}

function failed(kind: Kind, what: string): LanewayError {
  return new LanewayError('FLEET_START_FAILED', `a process of role ${kind} ${what}`, {
    fix: 'See what it said above. The processes need DATABASE_URL and REDIS_URL.',
  });
}
