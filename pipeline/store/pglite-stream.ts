import { once } from 'node:events';
import { Duplex } from 'node:stream';
import type { Worker } from 'node:worker_threads';
import { messageOf } from '../../models/base/errors.ts';
import { startWorker } from '../../models/base/worker.ts';
import type { ThreadReply, ThreadRequest } from './pglite-thread.ts';

/**
 * The embedded database in a thread of its own, as a connection: what is written to it is PostgreSQL's wire protocol,
 * what is read are the answers. One driver so speaks to both kinds of store, and statements take nothing from the
 * thread that serves requests.
 */
export class PgliteStream extends Duplex {
  readonly #worker: Worker;
  #answered: ((error?: Error) => void) | undefined;

  private constructor(worker: Worker) {
    super();
    this.#worker = worker;
    worker.on('message', (reply: ThreadReply) => {
      if (reply.kind !== 'answer') return;
      const answered = this.#answered;
      this.#answered = undefined;
      const { buffer, byteOffset, byteLength } = reply.bytes;
      if (byteLength > 0) this.push(Buffer.from(buffer, byteOffset, byteLength));
      answered?.();
    });
    worker.on('error', (error) => this.destroy(error));
    worker.on('exit', (code) => {
      if (!this.writableEnded) this.destroy(new Error(`the database's thread ended with code ${code}`));
    });
  }

  /** Opens the database in `dataDir`; rejects with what is wrong with it. */
  static async open(dataDir: string): Promise<PgliteStream> {
    const worker = startWorker(new URL('./pglite-thread.ts', import.meta.url), {
      workerData: { dataDir },
      name: 'store',
    });
    const reply = await new Promise<ThreadReply>((resolve) => {
      worker.once('message', resolve);
      worker.once('error', (error) => resolve({ kind: 'failed', message: messageOf(error) }));
      worker.once('exit', (code) => resolve({ kind: 'failed', message: `its thread ended (${code})` }));
    });
    if (reply.kind === 'ready') return new PgliteStream(worker);
    await worker.terminate();
    throw new Error(reply.kind === 'failed' ? reply.message : 'the database did not start');
  }

  // What the driver asks of a socket.
  connect(): this {
    queueMicrotask(() => this.emit('connect'));
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  ref(): this {
    this.#worker.ref();
    return this;
  }
  unref(): this {
    this.#worker.unref();
    return this;
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#ask([chunk], done);
  }

  /** All that stands before one answer goes in one letter. */
  override _writev(chunks: Array<{ chunk: Buffer }>, done: (error?: Error | null) => void): void {
    this.#ask(
      chunks.map(({ chunk }) => chunk),
      done,
    );
  }

  #ask(chunks: readonly Buffer[], done: (error?: Error | null) => void): void {
    const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0));
    let at = 0;
    for (const chunk of chunks) {
      bytes.set(chunk, at);
      at += chunk.byteLength;
    }
    this.#answered = done;
    this.#worker.postMessage({ kind: 'ask', bytes } satisfies ThreadRequest, [bytes.buffer]);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#answered?.(error ?? undefined);
    this.#answered = undefined;
    done(error);
  }

  /** Shuts the database down, whole; resolves when its thread has ended. */
  async close(): Promise<void> {
    if (this.destroyed) {
      await this.#worker.terminate();
      return;
    }
    const ended = once(this.#worker, 'exit');
    this.end();
    this.#worker.postMessage({ kind: 'close' } satisfies ThreadRequest);
    await ended;
    this.push(null);
  }
}
