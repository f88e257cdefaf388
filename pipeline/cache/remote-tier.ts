import { createHash, randomUUID } from 'node:crypto';
import { monotonicMs } from '../../models/base/clock.ts';
import type { CacheScope } from '../../models/cache-key.ts';
import type { Verdict } from '../../models/verdict.ts';
import { decodeStored, encodeNegative, encodeVerdict } from './stored-verdict.ts';

/** A second tier that may be slow, wrong or away. */
export interface RemoteCache {
  /** In the order of the keys; null for what it has not. */
  getMany(keys: readonly string[]): Promise<(Uint8Array | null)[]>;
  /** Best effort. */
  setMany(entries: readonly (readonly [key: string, value: Uint8Array, ttlMs: number])[]): Promise<void>;
  /**
   * Claims keys for `ttlMs`, so that a fleet computes a new one once; absent where one process has the tier to itself.
   * @returns which of them are ours
   */
  claimMany?(keys: readonly string[], owner: string, ttlMs: number): Promise<boolean[]>;
}

export interface RemoteTierOptions {
  readonly remote: RemoteCache;
  /** Life of an entry, ms. */
  readonly ttlMs: number;
  /** Longest wait for one answer of the tier, ms; then the model answers. */
  readonly timeoutMs: number;
  /** Longest wait, ms, for another process that is computing the same text. */
  readonly fleetWaitMs: number;
}

export interface RemoteStats {
  /** Calls that failed or came late. */
  readonly faults: number;
  /** Values that were garbage, of another key, or of another model. */
  readonly poisoned: number;
  /** Answers that another process was computing when we asked. */
  readonly waited: number;
}

export interface RemoteTier {
  /** @param entries what L1 has not, without repeats */
  find(
    scope: CacheScope,
    entries: readonly string[],
    reasons: boolean,
  ): Promise<ReadonlyMap<string, Verdict>>;
  /** Returns at once. A degraded verdict becomes a short negative entry, which sends waiting processes on. */
  store(scope: CacheScope, verdicts: ReadonlyMap<string, Verdict>, reasons: boolean): void;
  stats(): RemoteStats;
}

/** After this many faults in a row the tier is left alone for a while. */
const FAULTS_TO_REST = 3;
const REST_CALLS = 200;
/** A claim outlives the slowest sound answer, and a crash delays nobody for longer. */
const CLAIM_MS = 1_000;
const NEGATIVE_MS = 1_000;
const POLL_MS = 4;

/** Name of one scope in the tier; everything under it is out of reach at once when another model takes over. */
function remoteKeyOf(scope: CacheScope, entry: string, reasons: boolean): string {
  const hash = createHash('sha256').update(`${scope.id}\u0000${reasons ? 'r' : ''}\u0000${entry}`);
  return `v2:${scope.digest}:${hash.digest('base64url')}`;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Everything that makes a remote cache safe to ask: a deadline on each call, rest after repeated faults, values that
 * prove whose they are, and one computation per fleet and template. Nothing here throws.
 */
export function createRemoteTier(options: RemoteTierOptions): RemoteTier {
  const { remote, ttlMs, timeoutMs, fleetWaitMs } = options;
  const owner = randomUUID();
  const stats = { faults: 0, poisoned: 0, waited: 0 };
  let faultsInARow = 0;
  let resting = 0;

  async function guarded<T>(work: () => Promise<T>, limitMs: number): Promise<T | undefined> {
    if (resting > 0) {
      resting--;
      return undefined;
    }
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('late')), limitMs);
    });
    try {
      const done = await Promise.race([work(), late]);
      faultsInARow = 0;
      return done;
    } catch {
      stats.faults++;
      if (++faultsInARow >= FAULTS_TO_REST) {
        faultsInARow = 0;
        resting = REST_CALLS;
      }
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Keys of `open` that the tier answered, moved to `found`. Returned are those not worth waiting for. */
  function take(
    scope: CacheScope,
    open: Map<string, string>,
    values: readonly (Uint8Array | null)[] | undefined,
    found: Map<string, Verdict>,
  ): Set<string> {
    const forlorn = new Set<string>();
    [...open].forEach(([key, entry], at) => {
      const bytes = values?.[at];
      if (!bytes) return;
      const stored = decodeStored(scope.id, key, scope.modelVersion, bytes);
      switch (stored.kind) {
        case 'verdict':
          found.set(entry, stored.verdict);
          open.delete(key);
          break;
        case 'negative':
          forlorn.add(key);
          break;
        case 'garbage':
          // Nobody may be at work on it: it is computed here and written over.
          stats.poisoned++;
          forlorn.add(key);
      }
    });
    return forlorn;
  }

  async function awaitOthers(
    scope: CacheScope,
    open: Map<string, string>,
    found: Map<string, Verdict>,
  ): Promise<void> {
    const claimMany = remote.claimMany?.bind(remote);
    if (!claimMany || open.size === 0) return;
    const keys = [...open.keys()];
    const ours = await guarded(() => claimMany(keys, owner, CLAIM_MS), timeoutMs);
    if (!ours) return;
    const theirs = new Map(keys.flatMap((key, at) => (ours[at] ? [] : [[key, open.get(key)!] as const])));
    stats.waited += theirs.size;
    const untilMs = monotonicMs() + fleetWaitMs;
    while (theirs.size > 0) {
      const leftMs = untilMs - monotonicMs();
      if (leftMs <= 0) return;
      await pause(Math.min(POLL_MS, leftMs));
      const patienceMs = Math.min(timeoutMs, untilMs - monotonicMs());
      if (patienceMs <= 0) return;
      const values = await guarded(() => remote.getMany([...theirs.keys()]), patienceMs);
      if (!values) return;
      for (const key of take(scope, theirs, values, found)) theirs.delete(key);
    }
  }

  return {
    async find(scope, entries, reasons) {
      const found = new Map<string, Verdict>();
      if (entries.length === 0) return found;
      const open = new Map(entries.map((entry) => [remoteKeyOf(scope, entry, reasons), entry]));
      const values = await guarded(() => remote.getMany([...open.keys()]), timeoutMs);
      if (!values) return found;
      for (const key of take(scope, open, values, found)) open.delete(key);
      await awaitOthers(scope, open, found);
      return found;
    },
    store(scope, verdicts, reasons) {
      const values = [...verdicts].flatMap(([entry, verdict]) => {
        const key = remoteKeyOf(scope, entry, reasons);
        if (verdict.degraded !== undefined)
          return [[key, encodeNegative(scope.id, key), NEGATIVE_MS] as const];
        const bytes = encodeVerdict(scope.id, key, verdict);
        return bytes ? [[key, bytes, ttlMs] as const] : [];
      });
      if (values.length > 0) void guarded(() => remote.setMany(values), Math.max(timeoutMs, 100));
    },
    stats: () => ({ ...stats }),
  };
}
