import { once } from 'node:events';
import { createWriteStream, renameSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { finished, pipeline } from 'node:stream/promises';
import { createGzip, type Gzip } from 'node:zlib';

/** Where lines go: a file that appears whole at the end, or standard output. */
export interface LineOutput {
  /** Waits while the receiver is behind. False when the receiver has gone (`| head`). */
  write(text: string): Promise<boolean>;
  /** Makes a file appear under its name, replacing an older one. */
  commit(): Promise<void>;
  /** Leaves nothing behind. */
  discard(): Promise<void>;
}

/** @param path file, compressed when its name ends in `.gz`, or `-` for standard output */
export async function openOutput(path: string): Promise<LineOutput> {
  return path === '-' ? standardOutput() : fileOutput(path);
}

function standardOutput(): LineOutput {
  const { stdout } = process;
  return {
    async write(text) {
      if (stdout.destroyed) return false;
      if (!stdout.write(text)) {
        await new Promise<void>((resolve) => {
          const done = () => {
            stdout.off('drain', done).off('close', done);
            resolve();
          };
          stdout.on('drain', done).on('close', done);
        });
      }
      return !stdout.destroyed;
    },
    commit: async () => undefined,
    discard: async () => undefined,
  };
}

async function fileOutput(path: string): Promise<LineOutput> {
  await mkdir(dirname(path), { recursive: true });
  const draft = join(dirname(path), `.${basename(path)}.${process.pid}.part`);
  const file = createWriteStream(draft);
  let failure: Error | undefined;
  file.on('error', (error) => {
    failure = error;
  });
  await once(file, 'open');
  const stream = path.toLowerCase().endsWith('.gz') ? createGzip({ level: 4 }) : file;
  if (stream !== file) {
    // A full disk ends the compressor too, so that nobody waits for it to drain.
    pipeline(stream as Gzip, file).catch((error: Error) => {
      failure ??= error;
    });
  }
  return {
    async write(text) {
      if (failure) throw failure;
      if (!stream.write(text)) await once(stream, 'drain');
      return true;
    },
    async commit() {
      if (failure) throw failure;
      stream.end();
      await finished(file);
      renameSync(draft, path);
    },
    async discard() {
      stream.destroy();
      file.destroy();
      rmSync(draft, { force: true });
    },
  };
}
