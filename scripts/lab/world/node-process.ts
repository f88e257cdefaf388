import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '../../../models/base/clock.ts';
import { messageOf } from '../../../models/base/errors.ts';
import type { AcceptItem } from '../../../pipeline/accept/accept.ts';
import { keywordClassifier, openCompliance } from '../../../pipeline/compose.fixture.ts';
import { createPipeline } from '../../../pipeline/compose.ts';
import type { Role } from '../../../pipeline/fleet/role.ts';
import { createRemoteCarrier } from './carrier.ts';

/** One process of Laneway: the real pipeline in one role. The first argument is JSON of this. */
export interface NodeSettings {
  readonly role: Role;
  readonly dataDir: string;
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly carrierPort: number;
  readonly honoursKeys: boolean;
}

/** How a process is, as it tells the lab. */
export interface NodeState {
  /** After a collection of garbage, where that may be asked for. */
  readonly heapMb: number;
  readonly rssMb: number;
  /** What it reported since its start, each with what it was doing; the first hundred. */
  readonly faults: readonly string[];
}

const MEGABYTE = 1_048_576;
const faults: string[] = [];
const settings = JSON.parse(process.argv[2]!) as NodeSettings;
let aheadMs = 0;
const pipeline = await createPipeline({
  role: settings.role,
  dataDir: settings.dataDir,
  databaseUrl: settings.databaseUrl,
  redisUrl: settings.redisUrl,
  classifier: keywordClassifier(),
  compliance: openCompliance(),
  providers: [createRemoteCarrier(settings.carrierPort, settings.honoursKeys)],
  policies: { carrier: { breaker: { openMs: 500, returnMs: 500 } } },
  retry: { baseMs: 100, capMs: 2_000, maxAttempts: 60 },
  providerTimeoutMs: 5_000,
  clock: () => systemClock() + aheadMs,
  report: (error, doing) => {
    if (faults.length < 100) faults.push(`${settings.role}: ${doing}: ${messageOf(error)}`);
    if (process.env['LANEWAY_LAB_VERBOSE'])
      console.error(settings.role, process.pid, doing, messageOf(error));
  },
});

const server = createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => {
    const items = JSON.parse(Buffer.concat(parts).toString()) as AcceptItem[];
    pipeline.accept('lab', items).then(
      (results) =>
        response.end(
          JSON.stringify(results.map((one) => (one.kind === 'accepted' ? one.id : one.error.message))),
        ),
      (error: unknown) => response.writeHead(503).end(messageOf(error)),
    );
  });
}).listen(0, '127.0.0.1', () => {
  void pipeline.start().then(() => {
    process.send?.({ port: (server.address() as AddressInfo).port });
  });
});

process.on('message', (letter: { readonly aheadMs?: number; readonly ask?: number }) => {
  aheadMs = letter.aheadMs ?? aheadMs;
  if (letter.ask === undefined) return;
  globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  const state: NodeState = { heapMb: (heapUsed + external) / MEGABYTE, rssMb: rss / MEGABYTE, faults };
  process.send?.({ answer: letter.ask, state });
});
async function stop(): Promise<void> {
  server.close();
  await pipeline.close();
  process.exit(0);
}
process.on('SIGTERM', () => void stop());
process.on('disconnect', () => process.exit(0));
