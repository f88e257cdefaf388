import { monotonicMs } from '../../models/base/clock.ts';
import { readLedger } from '../../pipeline/deliver/sandbox-ledger.ts';
import type { World } from './world/world.ts';

/** Longest wait for messages to settle, ms. */
export const PATIENCE_MS = 600_000;

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** One question on a connection of its own. */
export async function sqlOn<T extends object>(
  url: string,
  text: string,
  values: readonly unknown[] = [],
): Promise<T[]> {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<T>(text, [...values])).rows;
  } finally {
    await client.end();
  }
}

/** Waits until all of these are settled, then holds the store against the carrier's book. */
export async function settle(
  world: World,
  ids: readonly string[],
): Promise<{ readonly lost: number; readonly twice: number; readonly longestMs: number }> {
  const deadline = monotonicMs() + PATIENCE_MS;
  const open = async (): Promise<number> => {
    const rows = await sqlOn<{ n: number }>(
      world.databaseUrl,
      `select count(*)::integer as n from messages where tenant = 'lab' and id = any($1)
        and state not in ('accepted', 'queued', 'waiting', 'sending', 'retrying', 'deferred', 'scheduled')`,
      [ids],
    ).catch(() => [{ n: 0 }]);
    return ids.length - (rows[0]?.n ?? 0);
  };
  let left = await open();
  while (left > 0 && monotonicMs() < deadline) {
    await pause(200);
    left = await open();
  }
  const wanted = new Set(ids);
  const times = new Map<string, number>();
  for (const line of readLedger(world.ledgerFile)) {
    if (line.kind === 'delivered' && wanted.has(line.messageId))
      times.set(line.messageId, (times.get(line.messageId) ?? 0) + 1);
  }
  const failed = await sqlOn<{ n: number }>(
    world.databaseUrl,
    `select count(*)::integer as n from messages where tenant = 'lab' and id = any($1) and state = 'failed'`,
    [ids],
  );
  const waits = await waitsOf(world, ids);
  return {
    // No fault of the lab is a message's own: one that was given up is lost.
    lost: left + (failed[0]?.n ?? 0),
    twice: [...times.values()].filter((n) => n > 1).length,
    longestMs: waits.reduce((most, one) => Math.max(most, one), 0),
  };
}

async function waitsOf(world: World, ids: readonly string[]): Promise<number[]> {
  const rows = await sqlOn<{ id: string; at: string }>(
    world.databaseUrl,
    `select id, accepted_at_ms as at from messages where tenant = 'lab' and id = any($1)`,
    [ids],
  );
  const acceptedMs = new Map(rows.map((row) => [row.id, Number(row.at)]));
  return readLedger(world.ledgerFile).flatMap((line) => {
    if (line.kind !== 'delivered') return [];
    const fromMs = acceptedMs.get(line.messageId);
    return fromMs === undefined ? [] : [line.atMs - fromMs];
  });
}

/** Percentiles of the time from acceptance to the carrier's book, ms. */
export async function handOvers(
  world: World,
  ids: readonly string[],
): Promise<{ readonly p50: number; readonly p95: number; readonly p99: number }> {
  const sorted = (await waitsOf(world, ids)).sort((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}
