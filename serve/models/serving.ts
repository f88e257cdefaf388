import { join } from 'node:path';
import { createRegistry, type OpenedModel } from '../../models/artifact/registry.ts';
import type { Clock } from '../../models/base/clock.ts';
import { type LanewayError, messageOf } from '../../models/base/errors.ts';
import { type CacheKeys, createCacheKeys } from '../../models/cache-key.ts';
import { createClassifier } from '../../models/classify.ts';
import {
  alarmsOf,
  createDriftMonitor,
  type DriftMonitor,
  type DriftReport,
} from '../../models/drift/monitor.ts';
import { unseenShare } from '../../models/drift/reference.ts';
import type { Encoder } from '../../models/encoder/encoder.ts';
import type { Model } from '../../models/model.ts';
import { canonicalise } from '../../models/text/canonical.ts';
import type { Classifier } from '../../models/verdict.ts';
import type { ServeConfig } from '../config.ts';
import { type OpenedEncoder, openEncoderFor } from '../encoder.ts';
import { startChallenger } from '../shadow/challenger.ts';
import {
  createShadow,
  type Disagreement,
  type Shadow,
  type ShadowSeen,
  type ShadowStats,
} from '../shadow/shadow.ts';
import { createAside } from './aside.ts';
import { createBudget } from './budget.ts';

/** A message and what was said of it. */
export interface Seen extends ShadowSeen {
  readonly sender?: string;
}

/** The models of a serving process: the one that decides, the one that watches, and how well the first still fits. */
export interface ServingModels {
  /** Always the champion of the moment; each call is answered by one model from beginning to end. */
  readonly classifier: Classifier;
  readonly cacheKey: CacheKeys;
  readonly version: string;
  readonly encoder: string;
  /** Models that should have answered and were refused, when the process started. */
  readonly refused: readonly LanewayError[];
  /** What is not as it should be, in words: encoder, refusals, drift. */
  degraded(): string[];
  /** Returns at once; never throws. */
  observe(seen: Seen): void;
  /** Messages that were answered and not looked at: too many at once, or too long. */
  readonly unobserved: number;
  drift(tenant?: string): DriftReport[];
  challenger():
    | { readonly version: string; readonly state: string; readonly stats?: ShadowStats }
    | undefined;
  disagreements(tenant: string, limit: number): Disagreement[];
  /** Takes what the registry names now, if that is another; resolves when it is in place. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

export interface ServingOptions {
  readonly config: Pick<ServeConfig, 'home' | 'model' | 'encoder' | 'encoderThreads'>;
  readonly clock: Clock;
  /** What the registry gave for `config.model` a moment ago; default: it is asked. */
  readonly opened?: OpenedModel | undefined;
  /** How often the registry is looked at, ms; default 2,000. */
  readonly lookEveryMs?: number;
  readonly report: (error: unknown, doing: string) => void;
  readonly onChange?: (version: string, before: string) => void;
}

/** One model in service. Its encoder is shared with the next one where that was trained with the same. */
interface Generation {
  readonly model: Model;
  readonly opened: OpenedEncoder;
  readonly classifier: Classifier;
  readonly cacheKey: CacheKeys;
  readonly drift: DriftMonitor;
}

const LOOK_EVERY_MS = 2_000;
/** New texts whose terms are looked up, each second: about a hundredth of one core. */
const MEASURED_PER_SECOND = 50;
/** Answered messages that may wait to be looked at, and the longest text among them: memory stays bounded. */
const WAITING = 2_000;
const LONGEST_OBSERVED = 20_000;

/** @throws LanewayError what opening the model throws */
export async function openServingModels(options: ServingOptions): Promise<ServingModels> {
  const { config, clock, report } = options;
  const registry = createRegistry(config.home);
  const followsChampion = config.model === 'champion';
  const { model: first, refused } = options.opened ?? registry.open(config.model);
  const openEncoder = (model: Model) =>
    openEncoderFor(model, config.encoder, {
      home: config.home,
      ...(config.encoderThreads === undefined ? {} : { threads: config.encoderThreads }),
    });

  let current = generationOf(first, await openEncoder(first), clock);
  /** Calls in the making, by model. */
  const inHand = new Map<Generation, Set<Promise<unknown>>>();
  let shadow: Shadow | undefined;
  /** The challenger's version that was last tried, and what came of it. */
  let challenging: { readonly version: string; readonly against: string; state: string } | undefined;
  let championTried = registry.aliases().champion;
  let championFault: string | undefined;
  let working: Promise<void> = Promise.resolve();
  let closed = false;

  const classifier: Classifier = {
    get modelVersion() {
      return current.model.manifest.version;
    },
    async classify(inputs, classifyOptions) {
      const generation = current;
      const calls = inHand.get(generation) ?? new Set();
      inHand.set(generation, calls);
      const call = generation.classifier.classify(inputs, classifyOptions);
      calls.add(call);
      try {
        return await call;
      } finally {
        calls.delete(call);
      }
    },
    close: async () => undefined,
  };

  async function takeChampion(): Promise<void> {
    const { champion, previous } = registry.aliases();
    // Rolling back to the shipped model leaves a previous one; where both are gone the file is damaged or missing.
    const lost = champion === undefined && previous === undefined;
    if (champion === championTried || lost) return;
    championTried = champion;
    championFault = undefined;
    try {
      const { model } = registry.open(champion ?? 'shipped');
      const before = current;
      if (model.manifest.version === before.model.manifest.version) return;
      const shares = model.manifest.encoderId === before.model.manifest.encoderId;
      current = generationOf(model, shares ? before.opened : await openEncoder(model), clock);
      options.onChange?.(model.manifest.version, before.model.manifest.version);
      await Promise.allSettled([...(inHand.get(before) ?? [])]);
      inHand.delete(before);
      if (!shares) await before.opened.encoder?.close();
    } catch (error) {
      championFault = `${champion} was promoted and cannot be opened: ${messageOf(error)}`;
      report(error, 'taking the new champion');
    }
  }

  async function takeChallenger(): Promise<void> {
    const wanted = registry.aliases().challenger;
    const against = current.model.manifest.version;
    if (wanted === challenging?.version && (wanted === undefined || against === challenging?.against)) return;
    const before = shadow;
    shadow = undefined;
    challenging = wanted === undefined ? undefined : { version: wanted, against, state: 'starting' };
    await before?.close();
    if (!challenging) return;
    try {
      const dir = join(config.home, 'models', challenging.version);
      const challenger = await startChallenger(challenging.version, {
        dir,
        home: config.home,
        encoder: config.encoder,
      });
      shadow = createShadow({ challenger, championVersion: against, clock, report });
      challenging.state = 'in shadow';
    } catch (error) {
      challenging.state = `refused: ${messageOf(error)}`;
      report(error, 'starting the challenger');
    }
  }

  function refresh(): Promise<void> {
    working = working.then(async () => {
      if (closed) return;
      if (followsChampion) await takeChampion();
      await takeChallenger();
    });
    return working;
  }

  const look = setInterval(() => void refresh(), options.lookEveryMs ?? LOOK_EVERY_MS);
  look.unref();
  void refresh();

  const aside = createAside<Seen>(
    (seen) => {
      try {
        current.drift.observe(seen);
        shadow?.observe(seen);
      } catch (error) {
        report(error, 'observing');
      }
    },
    { capacity: WAITING, slice: 8 },
  );
  let tooLong = 0;

  const drift = (tenant?: string): DriftReport[] =>
    current.drift.report().filter((one) => tenant === undefined || one.tenant === tenant);

  return {
    classifier,
    cacheKey: {
      get scope() {
        return current.cacheKey.scope;
      },
      entriesOf: (inputs) => current.cacheKey.entriesOf(inputs),
    },
    get version() {
      return current.model.manifest.version;
    },
    get encoder() {
      return current.opened.state;
    },
    refused,
    degraded: () => [
      ...refused.map(
        (error) => `a model was refused: ${error.message}${error.where ? ` (${error.where})` : ''}`,
      ),
      ...(championFault === undefined ? [] : [championFault]),
      ...(current.opened.standIn === undefined ? [] : [`encoder: ${current.opened.standIn}`]),
      ...threadsLost(current.opened.encoder),
      ...(current.opened.missing
        ? [`no encoder, the lexical forest answers alone: ${current.opened.missing}`]
        : []),
      ...(challenging?.state.startsWith('refused')
        ? [`challenger ${challenging.version} ${challenging.state}`]
        : []),
      ...alarmsOf(current.drift.report()),
    ],
    observe(seen) {
      if (seen.text.length > LONGEST_OBSERVED) tooLong++;
      else aside.push(seen);
    },
    get unobserved() {
      return aside.dropped + tooLong;
    },
    drift,
    challenger: () =>
      challenging && {
        version: challenging.version,
        state: challenging.state,
        ...(shadow ? { stats: shadow.stats() } : {}),
      },
    disagreements: (tenant, limit) => shadow?.disagreements(tenant, limit) ?? [],
    refresh,
    async close() {
      closed = true;
      clearInterval(look);
      aside.close();
      await working;
      await shadow?.close();
      await Promise.allSettled([...(inHand.get(current) ?? [])]);
      await current.opened.encoder?.close();
    },
  };
}

function threadsLost(encoder: Encoder | undefined): string[] {
  const state = encoder?.state?.();
  if (state === 'degraded') return ['the encoder lost a thread; the others go on'];
  return state === 'failed' ? ['the encoder lost all its threads, the lexical forest answers alone'] : [];
}

function generationOf(model: Model, opened: OpenedEncoder, clock: Clock): Generation {
  const { version, reference } = model.manifest;
  const mayMeasure = createBudget(clock, MEASURED_PER_SECOND);
  return {
    model,
    opened,
    classifier: createClassifier(model, opened.encoder && lent(opened.encoder)),
    cacheKey: createCacheKeys({ modelVersion: version, encoderId: opened.encoder?.id ?? 'none' }),
    drift: createDriftMonitor({
      modelVersion: version,
      ...(reference ? { reference } : {}),
      unseenShareOf: (text) => (mayMeasure() ? unseenShare(model.words, canonicalise(text)) : undefined),
    }),
  };
}

/** An encoder that whoever uses it does not close: the next model may go on with it. */
const lent = (encoder: Encoder): Encoder => ({
  id: encoder.id,
  dimensions: encoder.dimensions,
  encode: (texts, options) => encoder.encode(texts, options),
  close: async () => undefined,
});
