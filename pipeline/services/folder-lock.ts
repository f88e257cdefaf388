import { randomUUID } from 'node:crypto';
import {
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { type Clock, systemClock } from '../../models/base/clock.ts';
import { LanewayError } from '../../models/base/errors.ts';

/** Who holds a folder: enough to name it to a person and to know a dead holder from a living one. */
interface Holder {
  readonly pid: number;
  /** Start time of the process in clock ticks since boot (`/proc/PID/stat` field 22): pids are reused. */
  readonly startTicks: string;
  readonly host: string;
  readonly token: string;
  readonly since: string;
}

export interface FolderLock {
  readonly path: string;
  /** Gives the folder back; harmless when called twice. */
  release(): void;
}

const HEARTBEAT_MS = 5_000;
/** A holder on another host (a container that is gone, say) counts as dead after this silence. */
const FOREIGN_SILENCE_MS = 20_000;

function startTicksOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie has ended already: it holds no file and no memory, its parent just has not looked yet.
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

function pidAnswers(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function isAlive(holder: Holder, path: string, now: number): boolean {
  if (holder.host !== hostname()) {
    try {
      return now - statSync(path).mtimeMs < FOREIGN_SILENCE_MS;
    } catch {
      return false;
    }
  }
  if (!pidAnswers(holder.pid)) return false;
  if (holder.startTicks === '') return true;
  return startTicksOf(holder.pid) === holder.startTicks;
}

function readHolder(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Holder;
  } catch {
    return undefined;
  }
}

function held(dir: string, holder: Holder): LanewayError {
  return new LanewayError(
    'FOLDER_IN_USE',
    `${dir} is in use by process ${holder.pid} on ${holder.host} since ${holder.since}`,
    {
      where: dir,
      fix: 'Stop that process (Ctrl-C, or kill with its pid), or give this one another data folder with LANEWAY_HOME.',
    },
  );
}

/**
 * Makes this process the only one that may use `dir`. The lock file appears complete or not at all (hard link
 * of a finished file); one left behind by `kill -9` is recognised by pid and start time and taken over by
 * exactly one of those who try.
 *
 * @throws LanewayError `FOLDER_IN_USE`, naming the holder
 */
export function lockFolder(dir: string, clock: Clock = systemClock): FolderLock {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const path = join(dir, 'laneway.lock');
  const mine: Holder = {
    pid: process.pid,
    startTicks: startTicksOf(process.pid) ?? '',
    host: hostname(),
    token: randomUUID(),
    since: new Date(clock()).toISOString(),
  };
  const draft = join(dir, `laneway.lock.${mine.token}`);
  writeFileSync(draft, JSON.stringify(mine), { mode: 0o600 });
  try {
    take(dir, path, draft, mine, clock);
  } finally {
    rmSync(draft, { force: true });
  }
  const heartbeat = setInterval(() => {
    try {
      const now = clock() / 1000;
      utimesSync(path, now, now);
    } catch {
      // The folder was removed under us; the store itself will say so.
    }
  }, HEARTBEAT_MS);
  heartbeat.unref();
  return {
    path,
    release() {
      clearInterval(heartbeat);
      if (readHolder(path)?.token === mine.token) rmSync(path, { force: true });
    },
  };
}

function take(dir: string, path: string, draft: string, mine: Holder, clock: Clock): void {
  for (let round = 0; round < 20; round++) {
    try {
      linkSync(draft, path);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = readHolder(path);
    if (holder && isAlive(holder, path, clock())) throw held(dir, holder);
    // One successor per dead holder: the claim is a file named after the token of the dead.
    const claim = join(dir, `laneway.lock.after-${holder?.token ?? 'unreadable'}`);
    try {
      linkSync(draft, claim);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const rival = readHolder(claim);
      if (rival && isAlive(rival, claim, clock())) throw held(dir, rival);
      rmSync(claim, { force: true });
      continue;
    }
    if (readHolder(path)?.token === holder?.token) renameSync(claim, path);
    else unlinkSync(claim);
    if (readHolder(path)?.token === mine.token) return;
  }
  throw new LanewayError(
    'FOLDER_LOCK_CONTENDED',
    `could not lock ${dir}: too many processes want it at once`,
    {
      where: dir,
      fix: 'Start one Laneway at a time on a data folder.',
    },
  );
}
