import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { monotonicMs } from '../../models/base/clock.ts';
import { LanewayError } from '../../models/base/errors.ts';

export interface HttpBenchOptions {
  /** Folder of the built encoder. */
  readonly encoderDir: string;
  /** Messages of known templates. */
  readonly traffic: readonly string[];
  /** Never-seen messages of which each needs the encoder. */
  readonly asked: readonly string[];
  /** Timed runs; medians are reported. */
  readonly runs: number;
}

export interface HttpBenchRow {
  readonly what: string;
  readonly messagesPerSecond?: number;
  readonly p50Ms?: number;
  readonly p95Ms?: number;
  readonly p99Ms?: number;
  readonly seconds?: number;
  /** Requests that were not answered with 200. */
  readonly refused?: number;
  /** Resident memory of the server, MiB. */
  readonly memoryMiB?: number;
}

const COMMAND = fileURLToPath(new URL('../laneway.mjs', import.meta.url));
const PER_SECOND = 200;
const BATCH = 1_000;
const BATCHES_AT_ONCE = 4;
const BATCHES = 30;
const START_LIMIT_MS = 300_000;

interface Running {
  readonly child: ChildProcess;
  readonly secondsToFirstAnswer: number;
  ask(path: string, body: string): Promise<number>;
  memoryMiB(): number;
  stop(): Promise<void>;
}

/**
 * `laneway serve` as a user starts it, on a data folder that was served before, and a client on the same machine that
 * keeps its connections. Single messages come at a fixed rate whether or not those before are answered; their time
 * counts from the sending to the last byte of the answer.
 */
export async function benchHttp(options: HttpBenchOptions): Promise<HttpBenchRow[]> {
  const { traffic, runs } = options;
  const home = mkdtempSync(join(tmpdir(), 'laneway-bench-'));
  try {
    symlinkSync(options.encoderDir, join(home, 'encoder'));
    await (await start(home)).stop();
    const starts: number[] = [];
    for (let run = 1; run < Math.min(runs, 3); run++) {
      const one = await start(home);
      starts.push(one.secondsToFirstAnswer);
      await one.stop();
    }
    const server = await start(home);
    starts.push(server.secondsToFirstAnswer);
    try {
      const half = traffic.length >> 1;
      await batches(server, traffic.slice(0, half));
      const batched = await medianOf(runs, () => batches(server, traffic.slice(half)));
      const known = traffic.slice(0, Math.min(500, half));
      const cached = await medianOf(runs, () => paced(server, known));
      const asked = [...options.asked];
      const each = Math.min(500, Math.floor(asked.length / runs));
      const semantic = await medianOf(runs, () => paced(server, asked.splice(0, each)));
      const memoryMiB = server.memoryMiB();
      return [
        { what: 'start to first answer, data folder as it was left', seconds: round(middle(starts)) },
        { what: `cached, ${PER_SECOND} requests/s`, ...cached },
        { what: `needs the encoder, ${PER_SECOND} requests/s`, ...semantic },
        { what: `batches of 1,000, ${BATCHES_AT_ONCE} at a time, known templates`, ...batched, memoryMiB },
      ];
    } finally {
      await server.stop();
    }
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

const round = (value: number): number => Math.round(value * 1_000) / 1_000;
const middle = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

/** Each figure's median over the runs. */
async function medianOf(
  runs: number,
  run: () => Promise<Record<string, number>>,
): Promise<Record<string, number>> {
  const all: Record<string, number>[] = [];
  for (let i = 0; i < runs; i++) all.push(await run());
  return Object.fromEntries(
    Object.keys(all[0]!).map((figure) => [figure, round(middle(all.map((one) => one[figure]!)))]),
  );
}

/** One message a request, sent on time whatever becomes of those before. */
async function paced(server: Running, texts: readonly string[]): Promise<Record<string, number>> {
  const times: number[] = [];
  let refused = 0;
  const startMs = monotonicMs();
  const one = async (text: string): Promise<void> => {
    const fromMs = monotonicMs();
    if ((await server.ask('/v1/classify', JSON.stringify({ text }))) === 200)
      times.push(monotonicMs() - fromMs);
    else refused++;
  };
  const sent: Promise<void>[] = [];
  for (const [at, text] of texts.entries()) {
    const waitMs = startMs + (at * 1_000) / PER_SECOND - monotonicMs();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    sent.push(one(text));
  }
  await Promise.all(sent);
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.floor(share * (times.length - 1))] ?? 0;
  return { p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99), refused };
}

async function batches(server: Running, texts: readonly string[]): Promise<Record<string, number>> {
  const bodies: string[] = [];
  for (let from = 0; from + BATCH <= texts.length; from += BATCH)
    bodies.push(JSON.stringify({ messages: texts.slice(from, from + BATCH).map((text) => ({ text })) }));
  let next = 0;
  let refused = 0;
  const startMs = monotonicMs();
  await Promise.all(
    Array.from({ length: BATCHES_AT_ONCE }, async () => {
      while (next < BATCHES)
        if ((await server.ask('/v1/classify/batch', bodies[next++ % bodies.length]!)) !== 200) refused++;
    }),
  );
  const seconds = (monotonicMs() - startMs) / 1_000;
  return { messagesPerSecond: Math.round(((BATCHES - refused) * BATCH) / seconds), refused };
}

/** Resolves with the first answer to a request for a verdict. */
async function start(home: string): Promise<Running> {
  const fromMs = monotonicMs();
  const child = spawn(process.execPath, [COMMAND, 'serve'], {
    env: { ...process.env, LANEWAY_HOME: home, PORT: '0', LANEWAY_LOG_LEVEL: 'error' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const stop = async (): Promise<void> => {
    agent.destroy();
    child.kill('SIGTERM');
    await ended;
  };
  try {
    const { url, keyFile } = await printed(child);
    const headers = {
      Authorization: `Bearer ${readFileSync(keyFile, 'utf8').trim()}`,
      'Content-Type': 'application/json',
    };
    const ask = (path: string, body: string): Promise<number> =>
      new Promise((resolve, reject) => {
        const asked = request(url + path, { method: 'POST', agent, headers }, (response) => {
          response.on('data', () => undefined);
          response.on('end', () => resolve(response.statusCode ?? 0));
          response.on('error', reject);
        });
        asked.on('error', reject);
        asked.end(body);
      });
    const status = await ask('/v1/classify', '{"text":"Your code is 482913. Do not share it."}');
    if (status !== 200) throw new LanewayError('BENCH_FAILED', `serve answered its first message ${status}`);
    return {
      child,
      secondsToFirstAnswer: (monotonicMs() - fromMs) / 1_000,
      ask,
      memoryMiB: () => residentMiB(child.pid!),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What the server says when it is ready. */
function printed(child: ChildProcess): Promise<{ readonly url: string; readonly keyFile: string }> {
  return new Promise((resolve, reject) => {
    const said: string[] = [];
    const fail = (why: string) =>
      reject(new LanewayError('BENCH_FAILED', `serve ${why}: ${said.join(' / ')}`));
    const late = setTimeout(() => fail('did not start'), START_LIMIT_MS);
    child.once('exit', (code) => fail(`ended with ${code}`));
    child.stderr!.on('data', (chunk: Buffer) => {
      said.push(chunk.toString('utf8').trim());
      if (said.length > 5) said.shift();
    });
    let url = '';
    createInterface({ input: child.stdout! }).on('line', (line) => {
      const [, name, value] = /^(Laneway|key file) +(\S+)/.exec(line) ?? [];
      if (name === 'Laneway') url = value!;
      if (name !== 'key file') return;
      clearTimeout(late);
      resolve({ url, keyFile: value! });
    });
  });
}

/** Where the system has no such file, 0. */
function residentMiB(pid: number): number {
  try {
    const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Math.round(Number(kilobytes ?? 0) / 1_024);
  } catch {
    return 0;
  }
}
