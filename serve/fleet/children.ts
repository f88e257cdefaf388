import { type ChildProcess, fork } from 'node:child_process';
import cluster from 'node:cluster';
import { fileURLToPath } from 'node:url';
import type { Role } from '../../pipeline/fleet/role.ts';

/** What a child tells its parent. */
export type ChildLetter =
  | {
      readonly kind: 'serving';
      readonly url: string;
      readonly keyFile: string;
      readonly degraded: readonly string[];
    }
  /** From the scheduler that leads: so many worker processes are wanted. */
  | { readonly kind: 'wanted'; readonly workers: number; readonly why: string };

/** A child process of the fleet's parent. */
export interface Child {
  readonly pid: number;
  /** Asks it to finish its work and end. */
  drain(): void;
  kill(): void;
  onLetter(listener: (letter: ChildLetter) => void): void;
  onExit(listener: (how: string) => void): void;
}

export type Spawn = (role: Exclude<Role, 'all'>) => Child;

const SCRIPT = fileURLToPath(new URL('../../scripts/laneway.mjs', import.meta.url));

/**
 * Real processes. Those of role api share the parent's listening socket (Node's cluster): it stays open while any of
 * them lives, whoever else comes and goes.
 *
 * @param env settings of all children
 */
export function createSpawn(env: Readonly<Record<string, string | undefined>>, script = SCRIPT): Spawn {
  cluster.setupPrimary({ exec: script, args: ['serve'], serialization: 'json' });
  return (role) => {
    // The bounds of the workers stay: the scheduler chooses between them.
    const own = { ...env, LANEWAY_ROLE: role, LANEWAY_API_PROCESSES: '' };
    return role === 'api'
      ? childOf(cluster.fork(own).process)
      : childOf(fork(script, ['serve'], { env: own }));
  };
}

function childOf(process: ChildProcess): Child {
  return {
    pid: process.pid ?? 0,
    drain: () => void process.kill('SIGTERM'),
    kill: () => void process.kill('SIGKILL'),
    onLetter: (listener) =>
      void process.on('message', (letter) => {
        if (isLetter(letter)) listener(letter);
      }),
    onExit: (listener) => void process.on('exit', (code, signal) => listener(signal ?? `code ${code}`)),
  };
}

function isLetter(letter: unknown): letter is ChildLetter {
  const kind = (letter as { kind?: unknown } | null)?.kind;
  return kind === 'serving' || kind === 'wanted';
}
