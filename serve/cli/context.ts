import { resolve } from 'node:path';
import type { Readable } from 'node:stream';
import type { Progress } from './progress.ts';
import { createProgress } from './progress.ts';

/** What every command works with. */
export interface CliContext {
  /** Data folder, absolute. */
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  readonly progress: Progress;
  /** What a person types. */
  readonly input: Readable;
  /** A line of the command's result, on standard output. */
  print(line: string): void;
  /** A line about the work, on standard error. */
  note(line: string): void;
}

export function createContext(env: NodeJS.ProcessEnv = process.env): CliContext {
  return {
    home: resolve(env['LANEWAY_HOME'] || '.laneway'),
    env,
    progress: createProgress(),
    input: process.stdin,
    print: (line) => process.stdout.write(`${line}\n`),
    note: (line) => process.stderr.write(`${line}\n`),
  };
}
