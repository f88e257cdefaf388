import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { monotonicMs } from '../../models/base/clock.ts';
import { LanewayError } from '../../models/base/errors.ts';
import { createRuleBook } from '../../pipeline/comply/compliance.ts';
import { keywordClassifier } from '../../pipeline/compose.fixture.ts';
import { createPipeline } from '../../pipeline/compose.ts';
import type { PipelineConfig } from '../../pipeline/config.ts';
import { IN_LINE_STATES } from '../../pipeline/store/schema.ts';
import { startTestServer } from '../../pipeline/store/server.fixture.ts';
import { benchBareQueue } from './bare-queue.ts';
import { consented, NOON_MS, sale } from './campaign.ts';
import { cpuBetween, cpuByPart } from './cpu.ts';

export interface EndToEndOptions {
  readonly messages: number;
  readonly store: 'pglite' | 'postgres';
  /** Messages a job; default as the pipeline has it. */
  readonly envelope?: number;
}

export interface EndToEnd {
  readonly messagesPerSecond: number;
  /** Stored and answered. */
  readonly acceptsPerSecond: number;
  /** CPU time of the process, all its threads, and of Redis and PostgreSQL, us a message. */
  readonly cpuUs: number;
  /** The same by thread and process. */
  readonly cpuParts: Readonly<Record<string, number>>;
  /** By part, us a message: `sql ...` is the time from a statement's start to its answer; the others block the process. */
  readonly parts: Readonly<Record<string, number>>;
}

const FIRST_N = 500;
const OPEN: ReadonlySet<string> = new Set(IN_LINE_STATES);

/** What a statement is for. */
function purposeOf(text: string): string {
  if (text.includes('insert into messages')) return 'sql accept';
  if (text.includes('as behind')) return 'sql load';
  if (text.includes('update messages m set state = x.to')) {
    return text.includes('insert into decisions') ? 'sql decide and send' : 'sql record outcome';
  }
  if (text.includes('insert into receipts')) return 'sql receipts';
  if (text.includes('recipient_keys')) return 'sql recipient keys';
  if (text.includes('consent_events') || text.includes('suppressions')) return 'sql contacts';
  if (text.includes('left join sender_standing')) return 'sql reputation';
  if (text.includes('cap_keys')) return 'sql counters';
  if (text.includes('count(*)::integer as n')) return 'sql count';
  if (/\bfacts\b/.test(text)) return 'sql facts';
  return 'sql other';
}

/** Adds up what statements of this process take, until the returned function is called. */
function watchStatements(add: (part: string, ms: number) => void): () => void {
  const { prototype } = pg.Client;
  const plain = prototype.query;
  const watched = function (this: pg.Client, ...args: unknown[]) {
    const started = monotonicMs();
    const answer = (plain as (...given: unknown[]) => unknown).apply(this, args);
    const [first] = args as [string | { readonly text?: string }];
    const text = typeof first === 'string' ? first : (first?.text ?? '');
    if (answer instanceof Promise) {
      const done = () => add(purposeOf(text), monotonicMs() - started);
      answer.then(done, done);
    }
    return answer;
  };
  prototype.query = watched as typeof plain;
  return () => {
    prototype.query = plain;
  };
}

/** A campaign from the first accept to the last outcome on record: stored, classified, complied, delivered, recorded. */
export async function benchEndToEnd(options: EndToEndOptions): Promise<EndToEnd> {
  const { messages: n, envelope } = options;
  const dataDir = mkdtempSync(join(tmpdir(), 'laneway-bench-'));
  const server = options.store === 'postgres' ? await startTestServer() : undefined;
  if (typeof server === 'string') throw new LanewayError('BENCH_NO_POSTGRES', server);
  const totals = new Map<string, number>();
  const add = (part: string, ms: number): void => {
    totals.set(part, (totals.get(part) ?? 0) + ms);
  };
  const timed =
    <A extends unknown[], R>(part: string, work: (...args: A) => R) =>
    (...args: A): R => {
      const started = monotonicMs();
      try {
        return work(...args);
      } finally {
        add(part, monotonicMs() - started);
      }
    };
  const rules = createRuleBook();
  const startedMs = monotonicMs();
  const config: PipelineConfig = {
    dataDir,
    clock: () => Math.floor(NOON_MS + monotonicMs() - startedMs),
    classifier: keywordClassifier(),
    cacheKey: (input) => input.text,
    compliance: {
      ...rules,
      evaluate: timed('rules', rules.evaluate),
      contentOf: timed('content', rules.contentOf),
    },
    ...(envelope === undefined ? {} : { envelope: { promotional: envelope } }),
    ...(server ? { databaseUrl: server.url } : {}),
  };
  const pipeline = await createPipeline(config);
  const unwatch = watchStatements(add);
  try {
    await pipeline.start();
    await consented(pipeline, 0, n + FIRST_N);
    const campaign = async (from: number, count: number): Promise<void> => {
      for (let i = 0; i < count; i += 500) {
        const size = Math.min(500, count - i);
        await pipeline.accept(
          'bench',
          Array.from({ length: size }, (_, k) => sale(from + i + k)),
        );
      }
    };
    const drained = async (): Promise<void> => {
      for (;;) {
        const counts = await pipeline.laneCounts();
        if (!counts.some(({ state, n: left }) => left > 0 && OPEN.has(state))) return;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    };
    // Code that has not run yet is slow: the first messages do not count.
    await campaign(n, FIRST_N);
    await drained();
    totals.clear();
    const cpu = cpuByPart();
    const fromMs = monotonicMs();
    await campaign(0, n);
    const acceptedMs = monotonicMs() - fromMs;
    await drained();
    const tookMs = monotonicMs() - fromMs;
    const cpuParts = cpuBetween(cpu, cpuByPart(), n);
    const parts = [...totals].map(([part, ms]) => [part, Math.round((ms * 1_000) / n)] as const);
    return {
      messagesPerSecond: Math.round((n * 1_000) / tookMs),
      acceptsPerSecond: Math.round((n * 1_000) / acceptedMs),
      cpuUs: Object.values(cpuParts).reduce((sum, us) => sum + us, 0),
      cpuParts,
      parts: Object.fromEntries(parts.sort((a, b) => b[1] - a[1])),
    };
  } finally {
    unwatch();
    await pipeline.close();
    await server?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const messages = Number(process.argv[2] ?? 10_000);
  const bare = await benchBareQueue(messages);
  console.log(`bare BullMQ job a message: ${bare.endToEndPerSecond}/s`);
  for (const store of ['pglite', 'postgres'] as const) {
    const ours = await benchEndToEnd({ messages, store });
    const single = await benchEndToEnd({ messages: Math.ceil(messages / 10), store, envelope: 1 });
    const ratio = (a: number, b: number) => (a / b).toFixed(2);
    console.log(
      `${store}: ${ours.messagesPerSecond}/s, ${ratio(ours.messagesPerSecond, bare.endToEndPerSecond)} of bare; one message a job ${single.messagesPerSecond}/s, envelopes ${ratio(ours.messagesPerSecond, single.messagesPerSecond)} times that`,
    );
    console.log(`  cpu ${ours.cpuUs} us a message: ${JSON.stringify(ours.cpuParts)}`);
    console.log(`  of it and of waiting, by part: ${JSON.stringify(ours.parts)}`);
  }
}
