import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { sql } from 'kysely';
import { monotonicMs } from '../../models/base/clock.ts';
import { createRandom } from '../../models/base/random.ts';
import { openStore } from '../../pipeline/store/open.ts';

export interface StoreKillReport {
  readonly kills: number;
  /** Kills that came after at least one acknowledged commit of that child. */
  readonly killsAmidCommits: number;
  readonly acknowledged: number;
  readonly lost: number;
  /** Groups of which only a part came back: a torn transaction. */
  readonly messagesWithoutKey: number;
  readonly failedOpens: number;
  readonly stored: number;
  readonly tookMs: number;
}

async function killInTheMiddle(dir: string, ackFile: string, afterMs: number): Promise<void> {
  const child: ChildProcess = fork(new URL('./store-kill-child.ts', import.meta.url), [dir, ackFile], {
    execArgv: ['--import', import.meta.resolve('tsx')],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  const opened = await Promise.race([once(child, 'message').then(() => true), ended.then(() => false)]);
  if (!opened) throw new Error(`the store did not open again (exit ${child.exitCode})`);
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  child.kill('SIGKILL');
  await ended;
}

/**
 * Kills a writing process again and again on one folder, then compares what it acknowledged with what is
 * stored.
 *
 * @param kills how often, 1 to 1000
 * @param checkEvery open and compare in this process after so many kills (and at the end)
 */
export async function storeKill(kills: number, checkEvery = 10, seed = 1): Promise<StoreKillReport> {
  const home = mkdtempSync(join(tmpdir(), 'laneway-store-kill-'));
  const dir = join(home, 'store');
  const ackFile = join(home, 'acknowledged');
  const random = createRandom(seed);
  const startedMs = monotonicMs();
  let failedOpens = 0;
  let killsAmidCommits = 0;
  let lost = 0;
  let stored = 0;
  let withoutKey = 0;
  const acknowledged = (): string[] =>
    existsSync(ackFile)
      ? readFileSync(ackFile, 'utf8')
          .split('\n')
          .filter((line) => line.length === 36)
      : [];
  try {
    let before = 0;
    for (let kill = 1; kill <= kills; kill++) {
      try {
        await killInTheMiddle(dir, ackFile, 5 + random.below(600));
      } catch (error) {
        failedOpens++;
        console.error(`kill ${kill}:`, error);
        break;
      }
      const now = acknowledged().length;
      if (now > before) killsAmidCommits++;
      before = now;
      if (kill % checkEvery !== 0 && kill !== kills) continue;
      const store = await openStore({ kind: 'pglite', dir });
      const rows = await store.bulk.selectFrom('messages').select('id').execute();
      const keys = await sql<{ n: number }>`select count(*)::integer as n from messages m
        where not exists (select 1 from idempotency_keys k where k.tenant = m.tenant and k.message_id = m.id)
           or not exists (select 1 from events e where e.tenant = m.tenant and e.message_id = m.id)`.execute(
        store.bulk,
      );
      const ids = new Set(rows.map((row) => row.id));
      lost = acknowledged().filter((id) => !ids.has(id)).length;
      stored = ids.size;
      withoutKey = keys.rows[0]!.n;
      await store.close();
      console.log(`kill ${kill}: ${before} acknowledged, ${stored} stored, ${lost} lost, ${withoutKey} torn`);
    }
    return {
      kills,
      killsAmidCommits,
      acknowledged: acknowledged().length,
      lost,
      messagesWithoutKey: withoutKey,
      failedOpens,
      stored,
      tookMs: Math.round(monotonicMs() - startedMs),
    };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const report = await storeKill(Number(process.argv[2] ?? 100));
  console.log(JSON.stringify(report));
  if (report.lost + report.failedOpens + report.messagesWithoutKey > 0) process.exitCode = 1;
}
