import { createHash } from 'node:crypto';
import { createMemo, type Memo } from '../../models/base/memo.ts';
import type { CacheKeys, CacheScope } from '../../models/cache-key.ts';
import type { Classifier, ClassifyInput, ClassifyOptions, Verdict } from '../../models/verdict.ts';
import { createRemoteTier, type RemoteCache } from './remote-tier.ts';
import { type BoundedCache, createS3Fifo } from './s3-fifo.ts';

/**
 * All that a verdict depends on besides the model. A plain function's keys count as keys of the classifier's model
 * version. Keys must be equal only for inputs that get the same verdict; undefined: do not cache.
 */
export type CacheKeySource = CacheKeys | ((input: ClassifyInput) => string | undefined);

export interface InferenceCacheOptions {
  readonly classifier: Classifier;
  readonly cacheKey: CacheKeySource;
  /** Templates in memory, 1 to 10,000,000, default 200,000. */
  readonly maxEntries?: number;
  /** Memory for templates, bytes, default 64 MiB. */
  readonly maxBytes?: number;
  /** Texts whose template is remembered word for word, 0 to 10,000,000, default 20,000. */
  readonly maxTexts?: number;
  readonly remote?: RemoteCache;
  /** Life of a remote entry, ms, default 24 h. */
  readonly ttlMs?: number;
  /** Longest wait for the remote tier, ms, default 5; then the model answers. */
  readonly remoteTimeoutMs?: number;
  /** Longest wait for another process that computes the same template, ms, default 20. */
  readonly fleetWaitMs?: number;
}

/** Messages by who answered them, and faults, since start. */
export interface CacheStats {
  /** Of `l1Hits`: the very same text had been seen, so it was not even read. */
  readonly exactHits: number;
  readonly l1Hits: number;
  readonly l2Hits: number;
  /** Answered by a computation that was already under way for another message. */
  readonly joined: number;
  readonly misses: number;
  /** Of `misses`: degraded, so not kept. */
  readonly negative: number;
  /** Of `misses`: messages that no cache may hold. */
  readonly unkeyed: number;
  /** Calls to the remote tier that failed, came late or brought garbage. */
  readonly remoteFaults: number;
  /** Of `remoteFaults`: garbage, or entries of another model or key. */
  readonly poisoned: number;
  /** Templates that another process was computing. */
  readonly fleetWaits: number;
  /** Templates in memory, and what they take. */
  readonly entries: number;
  readonly bytes: number;
}

export interface CachedClassifier extends Classifier {
  stats(): CacheStats;
}

/** What L1 keeps of a template: the answer as it is given, with reasons and without. */
interface Kept {
  full: Verdict | undefined;
  bare: Verdict | undefined;
}

/** Everything of one model; dropped whole when another takes over. */
interface Tier {
  readonly scope: CacheScope;
  readonly templates: BoundedCache<Kept>;
  /** Without metadata: text to template. */
  readonly texts: Memo<Kept>;
  /** Computations under way, by template: those that are urgent, and others. */
  readonly underWay: Record<'full' | 'bare', { readonly urgent: Flights; readonly others: Flights }>;
}

type Flights = Map<string, Promise<ReadonlyMap<string, Verdict>>>;

const DEFAULTS = { maxEntries: 200_000, maxBytes: 64 * 1_048_576, maxTexts: 20_000 };
const LONGEST_TEXT = 1_000;
/** A verdict's numbers, names and the map's own entry; reasons come on top. */
const BYTES_A_VERDICT = 400;
const BYTES_A_REASON = 250;

const costOf = (entry: string, { full, bare }: Kept): number =>
  2 * entry.length +
  (bare ? BYTES_A_VERDICT : 0) +
  (full ? BYTES_A_VERDICT + full.reasons.length * BYTES_A_REASON : 0);

function keysOf(source: CacheKeySource, classifier: Classifier): CacheKeys {
  if (typeof source !== 'function') return source;
  let scope: CacheScope = { modelVersion: '', id: '', digest: '' };
  return {
    get scope() {
      const { modelVersion } = classifier;
      if (modelVersion !== scope.modelVersion) {
        const digest = createHash('sha256').update(modelVersion).digest('base64url').slice(0, 16);
        scope = Object.freeze({ modelVersion, id: modelVersion, digest });
      }
      return scope;
    },
    entriesOf: (inputs) => inputs.map(source),
  };
}

/**
 * The same classifier, remembered: memory first, then the remote tier, then the model. Verdicts are the same bytes
 * either way but for `stage`. Degraded verdicts are never kept. A template is computed once at a time, in this process
 * and, where the remote tier is shared, in the fleet. Whatever the remote tier says must prove whose it is; a fault of
 * it costs at most `remoteTimeoutMs`, another process that does not finish at most `fleetWaitMs`. When another model
 * takes over, everything kept is out of reach at once.
 */
export function createCachedClassifier(options: InferenceCacheOptions): CachedClassifier {
  const { classifier } = options;
  const limits = { ...DEFAULTS, ...options };
  const keys = keysOf(options.cacheKey, classifier);
  const remote = options.remote
    ? createRemoteTier({
        remote: options.remote,
        ttlMs: options.ttlMs ?? 86_400_000,
        timeoutMs: options.remoteTimeoutMs ?? 5,
        fleetWaitMs: options.fleetWaitMs ?? 20,
      })
    : undefined;
  const stats = { exactHits: 0, l1Hits: 0, l2Hits: 0, joined: 0, misses: 0, negative: 0, unkeyed: 0 };
  let tier: Tier | undefined;

  function currentTier(): Tier {
    const { scope } = keys;
    if (tier?.scope.id === scope.id) return tier;
    tier = {
      scope,
      templates: createS3Fifo<Kept>(limits.maxEntries, limits.maxBytes),
      texts: createMemo<Kept>(limits.maxTexts, limits.maxTexts > 0 ? LONGEST_TEXT : -1),
      underWay: {
        full: { urgent: new Map(), others: new Map() },
        bare: { urgent: new Map(), others: new Map() },
      },
    };
    return tier;
  }

  function keep({ templates }: Tier, entry: string, verdict: Verdict, reasons: boolean): void {
    const kept = templates.get(entry) ?? { full: undefined, bare: undefined };
    const answer = Object.freeze({ ...verdict, stage: 'cache-l1' as const });
    if (reasons) kept.full = answer;
    else kept.bare = answer;
    templates.set(entry, kept, costOf(entry, kept));
  }

  function fromModel(
    inputs: readonly ClassifyInput[],
    classifyOptions: ClassifyOptions | undefined,
  ): Promise<Verdict[]> {
    return inputs.length === 0 ? Promise.resolve([]) : classifier.classify(inputs, classifyOptions);
  }

  /** Asks the remote tier and then the model about templates that nobody is computing, and remembers. */
  async function compute(
    here: Tier,
    wanted: ReadonlyMap<string, ClassifyInput>,
    classifyOptions: ClassifyOptions | undefined,
  ): Promise<ReadonlyMap<string, Verdict>> {
    const reasons = classifyOptions?.reasons ?? true;
    const answers = new Map<string, Verdict>();
    const found = await remote?.find(here.scope, [...wanted.keys()], reasons);
    for (const [entry, verdict] of found ?? []) {
      keep(here, entry, verdict, reasons);
      answers.set(entry, { ...verdict, stage: 'cache-l2' });
    }
    const missing = [...wanted].filter(([entry]) => !answers.has(entry));
    const verdicts = await fromModel(
      missing.map(([, input]) => input),
      classifyOptions,
    );
    const fresh = new Map<string, Verdict>();
    missing.forEach(([entry], at) => {
      const verdict = verdicts[at]!;
      answers.set(entry, verdict);
      // A model that took over while the question was on its way must not answer under the name of the one before.
      if (verdict.modelVersion !== here.scope.modelVersion) return;
      fresh.set(entry, verdict);
      if (verdict.degraded === undefined) keep(here, entry, verdict, reasons);
      else stats.negative++;
    });
    remote?.store(here.scope, fresh, reasons);
    return answers;
  }

  /** {@link compute}, under the eyes of whoever asks for the same meanwhile. */
  async function computeOnce(
    here: Tier,
    wanted: ReadonlyMap<string, ClassifyInput>,
    classifyOptions: ClassifyOptions | undefined,
  ): Promise<ReadonlyMap<string, Verdict>> {
    const underWay = here.underWay[(classifyOptions?.reasons ?? true) ? 'full' : 'bare'];
    const flights = classifyOptions?.urgent ? underWay.urgent : underWay.others;
    const flight = compute(here, wanted, classifyOptions);
    for (const entry of wanted.keys()) flights.set(entry, flight);
    try {
      return await flight;
    } finally {
      for (const entry of wanted.keys()) flights.delete(entry);
    }
  }

  function recall(here: Tier, { text, metadata }: ClassifyInput, reasons: boolean): Verdict | undefined {
    if (metadata !== undefined) return undefined;
    const kept = here.texts.get(text);
    return kept && answerOf(kept, reasons);
  }

  /** Answers all that memory knows; what it does not is left open, by entry. */
  async function classify(
    inputs: readonly ClassifyInput[],
    classifyOptions?: ClassifyOptions,
  ): Promise<Verdict[]> {
    const reasons = classifyOptions?.reasons ?? true;
    const here = currentTier();
    const answers = new Array<Verdict>(inputs.length);
    const open: { readonly at: number; readonly entry: string }[] = [];
    const unkeyed: number[] = [];
    const unread: number[] = [];
    for (let at = 0; at < inputs.length; at++) {
      const exact = recall(here, inputs[at]!, reasons);
      if (exact) {
        stats.exactHits++;
        stats.l1Hits++;
        answers[at] = exact;
      } else unread.push(at);
    }
    const entries = unread.length > 0 ? keys.entriesOf(unread.map((at) => inputs[at]!)) : [];
    for (let i = 0; i < unread.length; i++) {
      const at = unread[i]!;
      const input = inputs[at]!;
      const entry = entries[i];
      if (entry === undefined) {
        unkeyed.push(at);
        continue;
      }
      const kept = here.templates.get(entry);
      const hit = kept && answerOf(kept, reasons);
      if (hit) {
        stats.l1Hits++;
        answers[at] = hit;
        if (input.metadata === undefined) here.texts.set(input.text, kept);
      } else open.push({ at, entry });
    }
    if (open.length > 0 || unkeyed.length > 0)
      await answerRest(here, inputs, open, unkeyed, answers, classifyOptions);
    return answers;
  }

  async function answerRest(
    here: Tier,
    inputs: readonly ClassifyInput[],
    open: readonly { readonly at: number; readonly entry: string }[],
    unkeyed: readonly number[],
    answers: Verdict[],
    classifyOptions: ClassifyOptions | undefined,
  ): Promise<void> {
    const underWay = here.underWay[(classifyOptions?.reasons ?? true) ? 'full' : 'bare'];
    const ours = new Map<string, ClassifyInput>();
    const joined = new Map<string, Promise<ReadonlyMap<string, Verdict>>>();
    for (const { at, entry } of open) {
      // Whoever is in a hurry does not wait for one who is not: the same is computed twice rather.
      const flight =
        underWay.urgent.get(entry) ?? (classifyOptions?.urgent ? undefined : underWay.others.get(entry));
      if (flight) joined.set(entry, flight);
      else ours.set(entry, inputs[at]!);
    }
    const [mine, rest, ...others] = await Promise.all([
      ours.size > 0 ? computeOnce(here, ours, classifyOptions) : undefined,
      fromModel(
        unkeyed.map((at) => inputs[at]!),
        classifyOptions,
      ),
      // Whoever computes may fail for a reason of its own: then we ask ourselves.
      ...[...joined.values()].map((flight) => flight.catch(() => undefined)),
    ]);
    const shared = new Map([...joined.keys()].map((entry, at) => [entry, others[at]?.get(entry)]));
    const forsaken = new Map(
      open.flatMap(({ at, entry }) =>
        joined.has(entry) && shared.get(entry) === undefined ? [[entry, inputs[at]!] as const] : [],
      ),
    );
    const again = forsaken.size > 0 ? await compute(here, forsaken, classifyOptions) : undefined;
    const counted = new Set<string>();
    for (const { at, entry } of open) {
      const verdict = (mine?.get(entry) ?? shared.get(entry) ?? again?.get(entry))!;
      answers[at] = verdict;
      if (counted.has(entry) || shared.get(entry)) stats.joined++;
      else if (verdict.stage === 'cache-l2') stats.l2Hits++;
      else stats.misses++;
      counted.add(entry);
    }
    unkeyed.forEach((at, i) => {
      answers[at] = rest[i]!;
    });
    stats.misses += unkeyed.length;
    stats.unkeyed += unkeyed.length;
  }

  return {
    get modelVersion() {
      return classifier.modelVersion;
    },
    classify,
    stats() {
      const { faults = 0, poisoned = 0, waited = 0 } = remote?.stats() ?? {};
      return {
        ...stats,
        remoteFaults: faults + poisoned,
        poisoned,
        fleetWaits: waited,
        entries: tier?.templates.entries ?? 0,
        bytes: tier?.templates.bytes ?? 0,
      };
    },
    close: () => classifier.close(),
  };
}

/** An answer with reasons serves those who want none as well. */
function answerOf(kept: Kept, reasons: boolean): Verdict | undefined {
  if (reasons) return kept.full;
  if (kept.bare === undefined && kept.full !== undefined)
    kept.bare = Object.freeze({ ...kept.full, reasons: [] });
  return kept.bare;
}
