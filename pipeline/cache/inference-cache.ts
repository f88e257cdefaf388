import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { Classifier, ClassifyInput, ClassifyOptions, Verdict } from '../../models/verdict.ts';

/** A second tier that may be slow, wrong or away. */
export interface RemoteCache {
  /** In the order of the keys; null for what it has not. */
  getMany(keys: readonly string[]): Promise<(string | null)[]>;
  /** Best effort. */
  setMany(entries: readonly (readonly [key: string, value: string])[], ttlMs: number): Promise<void>;
}

export interface InferenceCacheOptions {
  readonly classifier: Classifier;
  /**
   * All that a verdict depends on besides the model version, as one string; undefined: do not cache. Must be
   * equal only for inputs that get the same verdict: canonical text, metadata bins, encoder and CPU kind.
   */
  readonly cacheKey: (input: ClassifyInput) => string | undefined;
  /** Entries in memory, 1 to 10,000,000, default 50,000. */
  readonly maxEntries?: number;
  readonly remote?: RemoteCache;
  /** Life of a remote entry, default 24 h. */
  readonly ttlMs?: number;
  /** Longest wait for the remote tier, ms, default 5; then the model answers. */
  readonly remoteTimeoutMs?: number;
}

export interface CacheStats {
  readonly l1Hits: number;
  readonly l2Hits: number;
  readonly misses: number;
  /** Calls to the remote tier that failed, came late or brought garbage. */
  readonly remoteFaults: number;
}

export interface CachedClassifier extends Classifier {
  stats(): CacheStats;
}

const StoredVerdict = z.strictObject({
  class: z.enum(['transactional', 'promotional']),
  band: z.enum(['sure', 'unsure']),
  probability: z.number().min(0).max(1),
  risk: z.number().min(0).max(1),
  reasons: z.array(z.strictObject({ feature: z.string(), text: z.string(), contribution: z.number() })),
  modelVersion: z.string(),
  fingerprint: z.string(),
  stage: z.enum(['lexical', 'semantic']),
});

/** After this many faults in a row the remote tier is left alone for a while. */
const FAULTS_TO_REST = 3;
const REST_CALLS = 200;

/**
 * The same classifier, remembered: memory first, then the remote tier, then the model. Verdicts are the same
 * bytes either way but for `stage`. Degraded verdicts are never kept. Whatever the remote tier says is
 * validated; a fault of it costs at most `remoteTimeoutMs`.
 */
export function createCachedClassifier(options: InferenceCacheOptions): CachedClassifier {
  const { classifier, cacheKey, remote, ttlMs = 86_400_000, remoteTimeoutMs = 5 } = options;
  const memory = new LRUCache<string, Verdict>({ max: options.maxEntries ?? 50_000 });
  const stats = { l1Hits: 0, l2Hits: 0, misses: 0, remoteFaults: 0 };
  let faultsInARow = 0;
  let resting = 0;

  const keyOf = (input: ClassifyInput, reasons: boolean): string | undefined => {
    const key = cacheKey(input);
    return key === undefined
      ? undefined
      : `${classifier.modelVersion}\u0000${reasons ? 'r' : ''}\u0000${key}`;
  };
  const remoteKey = (key: string): string => `v:${createHash('sha256').update(key).digest('base64url')}`;

  async function guarded<T>(work: () => Promise<T>): Promise<T | undefined> {
    if (resting > 0) {
      resting--;
      return undefined;
    }
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('late')), remoteTimeoutMs);
    });
    try {
      const done = await Promise.race([work(), late]);
      faultsInARow = 0;
      return done;
    } catch {
      stats.remoteFaults++;
      if (++faultsInARow >= FAULTS_TO_REST) {
        faultsInARow = 0;
        resting = REST_CALLS;
      }
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  }

  function parse(text: string | null | undefined): Verdict | undefined {
    if (text === null || text === undefined) return undefined;
    try {
      const stored = StoredVerdict.parse(JSON.parse(text));
      if (stored.modelVersion === classifier.modelVersion) return stored;
    } catch {
      // Counted below: garbage is as good as nothing.
    }
    stats.remoteFaults++;
    return undefined;
  }

  async function fromRemote(keys: readonly string[]): Promise<Map<string, Verdict>> {
    const found = new Map<string, Verdict>();
    if (!remote || keys.length === 0) return found;
    const texts = await guarded(() => remote.getMany(keys.map(remoteKey)));
    for (const [i, key] of keys.entries()) {
      const verdict = parse(texts?.[i]);
      if (!verdict) continue;
      memory.set(key, verdict);
      found.set(key, verdict);
    }
    return found;
  }

  /** Asks the model once for each different key, and remembers. */
  async function fromModel(
    missing: ReadonlyMap<string, ClassifyInput>,
    classifyOptions: ClassifyOptions | undefined,
  ): Promise<Map<string, Verdict>> {
    const keys = [...missing.keys()];
    if (keys.length === 0) return new Map();
    const verdicts = await classifier.classify([...missing.values()], classifyOptions);
    const fresh = keys.flatMap((key, i) =>
      // A model that took over while the question was on its way must not answer under the name of the one before.
      verdicts[i]!.degraded === undefined && key.startsWith(`${verdicts[i]!.modelVersion}\u0000`)
        ? [[key, verdicts[i]!] as const]
        : [],
    );
    for (const [key, verdict] of fresh) memory.set(key, verdict);
    if (remote && fresh.length > 0) {
      const entries = fresh.map(([key, verdict]) => [remoteKey(key), JSON.stringify(verdict)] as const);
      void guarded(() => remote.setMany(entries, ttlMs));
    }
    stats.misses += keys.length;
    return new Map(keys.map((key, i) => [key, verdicts[i]!]));
  }

  return {
    get modelVersion() {
      return classifier.modelVersion;
    },
    async classify(inputs, classifyOptions) {
      const reasons = classifyOptions?.reasons ?? true;
      // Inputs that must not be cached get a key of their own, which never reaches either tier.
      const keys = inputs.map((input, i) => keyOf(input, reasons) ?? `#${i}`);
      const answers = new Map<string, Verdict>();
      const wanted = new Map<string, ClassifyInput>();
      for (const [i, key] of keys.entries()) {
        if (answers.has(key) || wanted.has(key)) continue;
        const kept = memory.get(key);
        if (kept) {
          stats.l1Hits++;
          answers.set(key, { ...kept, stage: 'cache-l1' });
        } else {
          wanted.set(key, inputs[i]!);
        }
      }
      const remembered = await fromRemote([...wanted.keys()].filter((key) => !key.startsWith('#')));
      for (const [key, verdict] of remembered) {
        stats.l2Hits++;
        wanted.delete(key);
        answers.set(key, { ...verdict, stage: 'cache-l2' });
      }
      const fresh = await fromModel(wanted, classifyOptions);
      return keys.map((key) => answers.get(key) ?? fresh.get(key)!);
    },
    stats: () => ({ ...stats }),
    close: () => classifier.close(),
  };
}
