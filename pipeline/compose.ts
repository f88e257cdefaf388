import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { monotonicMs, systemClock } from '../models/base/clock.ts';
import { messageOf } from '../models/base/errors.ts';
import { createRandom } from '../models/base/random.ts';
import type { ClassifyInput, ClassifyOptions, Verdict } from '../models/verdict.ts';
import { type AcceptItem, type Acceptor, type AcceptResult, createAcceptor } from './accept/accept.ts';
import { createIdSource } from './accept/ids.ts';
import { createArchiver } from './archive/archiver.ts';
import { auditedDenylist, auditedSuppressions } from './audit/audited.ts';
import { type CachedClassifier, type CacheStats, createCachedClassifier } from './cache/inference-cache.ts';
import { createRedisCache } from './cache/redis-cache.ts';
import { createRuleBook } from './comply/compliance.ts';
import type { ConsentLedger, SuppressionList } from './comply/ports.ts';
import { type CheckedSettings, checkSettings, type PipelineConfig } from './config.ts';
import type { Provider, WebhookRequest } from './deliver/provider.ts';
import { createProviderRegistry, type ProviderStatus } from './deliver/registry.ts';
import { createSandboxProvider } from './deliver/sandbox.ts';
import { createFactDesk, type FactDesk } from './facts/desk.ts';
import { createFactSource } from './facts/source.ts';
import { createMembership, createSoleMembership, type Membership } from './fleet/membership.ts';
import { schedules, works } from './fleet/role.ts';
import { type Governance, openGovernance } from './govern.ts';
import { createInboundDesk, type InboundDesk } from './inbound/inbound.ts';
import { listenForInbound } from './inbound/listen.ts';
import { createUnsubscribeDesk, type UnsubscribeDesk } from './inbound/unsubscribe.ts';
import { randomBytesOf } from './keys/random.ts';
import { type ConsentDesk, createConsentDesk } from './ledger/desk.ts';
import { createAsker } from './process/asker.ts';
import { createDeadLetterDesk, type DeadLetters } from './process/dead-letters.ts';
import { type DryRunResult, storeLookups, tryDecision } from './process/decide.ts';
import { enqueue } from './process/enqueue.ts';
import { createLaneWorker } from './process/lane.ts';
import { createLaneControl, type LaneControl } from './process/lane-control.ts';
import { createQuarantine, isolate } from './process/poison.ts';
import type { Line, Workshop } from './process/ports.ts';
import { createReceiptDesk } from './process/receipts.ts';
import { createReconciler } from './process/reconciler.ts';
import { createReleaser } from './process/releaser.ts';
import { createWebhookDesk, type WebhookAnswer, type WebhookCounts } from './process/webhooks.ts';
import { createPressure } from './queue/pressure.ts';
import { createTransport, type QueueDepth } from './queue/transport.ts';
import { type Replay, replayKnown } from './record/replay.ts';
import { connectRedis, type RedisConnections } from './services/connections.ts';
import { openRedis, type RedisClient, type RedisPlace } from './services/redis-place.ts';
import { createConsentLedger } from './store/consent.ts';
import type { DenylistStore } from './store/denylist.ts';
import { createFeedbackLedger, type FeedbackLedger } from './store/feedback.ts';
import type { LargeBodies } from './store/large-bodies.ts';
import { countByState, type MessageRef } from './store/messages.ts';
import { openStore, type Store } from './store/open.ts';
import type { Lane, MessageState } from './store/schema.ts';
import { createContactSource } from './suppress/contact-source.ts';
import { createRegistryDesk, type RegistryDesk } from './suppress/registry-desk.ts';
import { type Concurrency, createConcurrency } from './traffic/concurrency.ts';
import { createTraffic } from './traffic/controller.ts';
import { createShedder } from './traffic/shed.ts';
import { signalsFromFile } from './traffic/signals.ts';
import { type DecisionView, type MessageView, viewDecisions, viewMessage } from './view.ts';

export interface PipelineStats {
  readonly messages: readonly { readonly lane: Lane; readonly state: MessageState; readonly n: number }[];
  /** Undefined while Redis is away. */
  readonly queues: readonly QueueDepth[] | undefined;
  readonly cache: CacheStats | undefined;
  readonly urgentInFlight: number;
  /** Envelopes that Redis did not take since start; their messages were or will be brought back. */
  readonly missedEnvelopes: number;
  readonly unknownReceipts: number;
  readonly providers: readonly ProviderStatus[];
  readonly webhooks: readonly WebhookCounts[];
}

export interface PipelineHealth {
  /** Can take messages: the store answers. */
  readonly ready: boolean;
  readonly store: string;
  readonly redis: string;
  readonly providers: Readonly<Record<string, string>>;
  /** What is not as it should be, in words; empty when all is well. */
  readonly degraded: readonly string[];
}

export interface Pipeline {
  accept(tenant: string, items: readonly AcceptItem[]): Promise<AcceptResult[]>;
  /** The same classifier and cache as the lanes use. */
  classify(inputs: readonly ClassifyInput[], options?: ClassifyOptions): Promise<Verdict[]>;
  get(tenant: string, id: string): Promise<MessageView | undefined>;
  decision(tenant: string, id: string): Promise<DecisionView[]>;
  /** Every decision on a message taken again from its record; `same` when every byte agrees. */
  replay(tenant: string, id: string): Promise<Replay[]>;
  /** What would be decided about a message at an instant; reads only, nothing is stored or sent. */
  decide(tenant: string, request: unknown, atMs: number): Promise<DryRunResult>;
  readonly consent: ConsentLedger;
  /** Where consent is recorded, with its audit entry; `consent` appends by it too. */
  readonly consentDesk: ConsentDesk;
  readonly suppressions: SuppressionList;
  /** What people write to us. */
  readonly inbound: InboundDesk;
  /** Links by which people leave marketing mail. */
  readonly unsubscribe: UnsubscribeDesk;
  readonly registries: RegistryDesk;
  readonly denylist: DenylistStore;
  /** Facts from outside that rules ask for: registrations, lists, preferences, what senders say of themselves. */
  readonly facts: FactDesk;
  readonly feedback: FeedbackLedger;
  /** A provider's call to us: receipts, under the signature that its configuration names. */
  receive(provider: string, request: WebhookRequest): Promise<WebhookAnswer>;
  readonly deadLetters: DeadLetters;
  /** Pause, drain and resume. */
  readonly lanes: Pick<LaneControl, 'list' | 'set'>;
  /** How many messages stand where. */
  laneCounts(): Promise<PipelineStats['messages']>;
  stats(): Promise<PipelineStats>;
  health(): Promise<PipelineHealth>;
  /** Rules that change without stopping, the audit trail, keys and erasure. */
  readonly governance: Pick<Governance, 'rules' | 'audit' | 'erase' | 'trail'>;
  readonly store: Store;
  /** Texts too large for a row of messages. */
  readonly bodies: LargeBodies;
  /** Takes up what a predecessor left, then works. */
  start(): Promise<void>;
  /** Takes no more messages, finishes the work in hand, ends what it started. */
  close(): Promise<void>;
}

/** How long start waits for Redis before it goes on without; the reconciler takes over then. */
const REDIS_PATIENCE_MS = 3_000;
/** Among several processes a job of one that is gone goes to another within about this time and a quarter of it. */
const SHARED_LOCK_MS = 6_000;
const LANES: readonly Lane[] = ['transactional', 'promotional'];

/**
 * Wires a pipeline. Nothing works until `start`, but messages are accepted (stored, queued) from here on.
 *
 * @throws LanewayError `INVALID_SETTINGS`, `FOLDER_IN_USE`, `STORE_*`, `REDIS_*`, `INVALID_REDIS_URL`, `MASTER_KEY_*`, `SIGNING_KEY_UNREADABLE`, `RULES_*`
 */
export async function createPipeline(config: PipelineConfig): Promise<Pipeline> {
  const settings = checkSettings(config);
  const clock = config.clock ?? systemClock;
  const report = config.report ?? (() => undefined);
  const processId = `${settings.role}-${randomBytes(6).toString('hex')}`;
  // The database's thread and Redis come up while this thread reads the rules.
  const openingStore = openStore(
    config.databaseUrl === undefined
      ? { kind: 'pglite', dir: join(config.dataDir, 'store') }
      : { kind: 'postgres', url: config.databaseUrl, processId },
    clock,
  );
  const openingRedis = connectRedis({
    dataDir: config.dataDir,
    redisUrl: config.redisUrl,
    redisCacheUrl: config.redisCacheUrl,
    report,
  });
  // Looked at when the store is open; until then its failure is nobody's.
  openingRedis.catch(() => undefined);
  const pressure = createPressure({ clock });
  let store: Store;
  let governance: Governance;
  let redis: RedisConnections;
  try {
    const shipped = config.compliance ?? createRuleBook();
    store = await openingStore;
    governance = await openGovernance({
      store,
      dataDir: config.dataDir,
      clock,
      shipped,
      masterKey: config.masterKey,
      report,
      pause: () => pressure.pass(),
    });
    redis = await openingRedis;
  } catch (error) {
    await Promise.allSettled([
      openingRedis.then((opened) => opened.stop()),
      openingStore.then((opened) => opened.close()),
    ]);
    throw error;
  }
  const transport = createTransport({
    redis: redis.queue,
    shards: settings.shards,
    ...(store.exclusive ? {} : { lockMs: SHARED_LOCK_MS }),
    onError: (error) => report(error, 'talking to Redis'),
    // Back after it was away: perhaps empty, perhaps an older copy of itself.
    onReady: () => reconciler.hurry(),
  });
  const remote = config.cacheKey ? createRedisCache(redis.cache, { shared: !redis.embedded }) : undefined;
  const cached: CachedClassifier | undefined = config.cacheKey
    ? createCachedClassifier({
        classifier: config.classifier,
        cacheKey: config.cacheKey,
        ...(remote ? { remote } : {}),
      })
    : undefined;
  const classifier = cached ?? config.classifier;
  const limits = Object.values(config.policies ?? {}).some(({ rate }) => rate !== undefined)
    ? openLimits(redis.queue, report)
    : undefined;
  const random = createRandom(config.seed ?? 1);
  let onRecovered: (provider: string) => void = () => undefined;
  const providers = createProviderRegistry(config.providers ?? [sandboxOf(config, clock)], {
    clock,
    random,
    ...(config.policies ? { policies: config.policies } : {}),
    ...(limits ? { redis: limits } : {}),
    onCircuit: (name, circuit) => {
      if (circuit === 'open')
        report(new Error(`provider ${name} fails: it is left alone`), 'watching providers');
      if (circuit === 'closed') onRecovered(name);
    },
  });
  const { keyring, bodies, rules: compliance, trail: audit } = governance;
  const contacts = createContactSource({ dataDir: config.dataDir, clock, report });
  const facts = createFactSource(keyring);
  const shop: Workshop = {
    store,
    transport,
    bodies,
    classifier,
    compliance,
    contacts,
    facts,
    providers,
    pressure,
    line: createLine(store.exclusive),
    audit: governance,
    clock,
    random,
    settings,
    report,
    ...(config.onHandOver ? { onHandOver: config.onHandOver } : {}),
    ...(config.onClassified ? { onClassified: config.onClassified } : {}),
  };
  const newId = createIdSource(clock, randomBytesOf);
  const lanes = createLaneControl(shop, audit);
  const acceptor: Acceptor = createAcceptor({
    store,
    transport,
    pressure,
    clock,
    newId,
    worksElsewhere: !works(settings.role),
    shedder: createShedder(monotonicMs),
    settings,
    bodies,
    report,
    takes: lanes.takes,
  });
  const membership: Membership = store.exclusive
    ? createSoleMembership()
    : createMembership({
        db: store.urgent,
        id: processId,
        role: settings.role,
        report,
        onGone(ids, orphans) {
          report(
            new Error(
              `processes gone: ${ids.join(', ') || 'none listed'}; ${orphans} messages in their hands`,
            ),
            'watching the fleet',
          );
          reconciler.hurry();
        },
      });
  const reconciler = createReconciler(shop, membership.leads);
  const releaser = createReleaser(shop, membership.leads);
  const asker = createAsker(shop, membership.leads);
  const inbound = createInboundDesk({
    store,
    clock,
    newId,
    trail: audit,
    onward: (message) =>
      enqueue(transport, settings, [{ ...message, state: 'queued' }]).catch((error: unknown) =>
        report(error, 'queueing a confirmation'),
      ),
  });
  const suppressions = auditedSuppressions(store.urgent, audit, clock);
  const unsubscribe = createUnsubscribeDesk({ providers, inbound, suppressions, clock });
  listenForInbound(providers.providers, inbound, config.inboundTenant ?? 'default', report);
  const consentDesk = createConsentDesk(store, clock, audit);
  const receipts = createReceiptDesk(shop);
  const webhooks = createWebhookDesk(providers, receipts);
  const deadLetters = createDeadLetterDesk(shop, audit, {
    keepMs: settings.deadLetterDays * 86_400_000,
    poke: () => releaser.poke(),
  });
  onRecovered = deadLetters.recovered;
  const archiver =
    settings.retentionDays === 0
      ? undefined
      : createArchiver(shop, {
          dir: join(config.dataDir, 'archive'),
          keepMs: settings.retentionDays * 86_400_000,
          leads: membership.leads,
        });
  const concurrency = createConcurrency({
    transport,
    least: settings.concurrency,
    shards: settings.shards,
    monotonicMs,
    report,
  });
  const traffic =
    config.traffic &&
    createTraffic({
      db: store.bulk,
      transport,
      clock,
      monotonicMs,
      leads: membership.leads,
      workers: config.traffic.workers,
      jobsPerWorker: settings.shards * LANES.reduce((sum, lane) => sum + settings.concurrency[lane], 0),
      ...(config.traffic.signalsFile ? { signals: signalsFromFile(config.traffic.signalsFile, report) } : {}),
      report,
      onWanted: config.traffic.onWanted,
    });
  const loops = [
    ...(works(settings.role) ? [concurrency] : []),
    membership,
    receipts,
    lanes.loop,
    deadLetters.loop,
    governance.loop,
    ...(schedules(settings.role) ? [...(traffic ? [traffic] : []), reconciler, releaser, asker] : []),
    ...(archiver && schedules(settings.role) ? [archiver.loop] : []),
  ];
  let closing: Promise<void> | undefined;

  async function start(): Promise<void> {
    await untilReady(() => transport.ready, REDIS_PATIENCE_MS);
    if (transport.ready && store.exclusive) await reconciler.recover();
    if (works(settings.role)) startWorkers(shop, settings, concurrency.counted);
    await lanes.list();
    for (const loop of loops) loop.start();
  }

  async function closeAll(): Promise<void> {
    await acceptor.stop();
    await transport.stopWorkers();
    // Providers first: a receipt that came after the desk had closed would be lost.
    await Promise.all(providers.providers.map((provider) => provider.close()));
    await Promise.all(loops.map((loop) => loop.stop()));
    await governance.close().catch((error: unknown) => report(error, 'signing the last checkpoint'));
    await transport.close();
    remote?.close();
    limits?.disconnect();
    await store.close();
    await redis.stop();
  }

  return {
    accept: acceptor.accept,
    classify: (inputs, options) => classifier.classify(inputs, options),
    get: (tenant, id) => viewMessage(store.urgent, tenant, id),
    decision: (tenant, id) => viewDecisions(keyring, store.urgent, tenant, id),
    async replay(tenant, id) {
      const decisions = await viewDecisions(keyring, store.urgent, tenant, id);
      return Promise.all(decisions.map((decision) => replayKnown(decision, compliance)));
    },
    decide: (tenant, request, atMs) =>
      tryDecision(shop, storeLookups(store.bulk, contacts, facts), tenant, request, atMs),
    consent: {
      ...createConsentLedger(store.urgent),
      append: async (tenant, recipient, events) => {
        await consentDesk.record(
          tenant,
          events.map((event) => ({ recipient, event })),
        );
      },
      appendMany: consentDesk.record,
    },
    consentDesk,
    suppressions,
    inbound,
    unsubscribe,
    registries: createRegistryDesk(store, contacts, config.dataDir, clock, audit),
    denylist: auditedDenylist(store.urgent, audit, clock),
    facts: createFactDesk({
      db: store.urgent,
      trail: audit,
      keyring,
      clock,
      ruleset: () => compliance.ruleset(),
    }),
    feedback: createFeedbackLedger(store.bulk),
    receive: webhooks.receive,
    deadLetters,
    lanes,
    laneCounts: () => countByState(store.bulk),
    async stats() {
      return {
        messages: await countByState(store.bulk),
        queues: await transport.depths().catch(() => undefined),
        cache: cached?.stats(),
        urgentInFlight: pressure.urgentInFlight,
        missedEnvelopes: transport.missed,
        unknownReceipts: receipts.unknown,
        providers: providers.status(),
        webhooks: webhooks.counts(),
      };
    },
    async health() {
      const [storeSays, redisUp, carriers] = await Promise.all([
        wordOf(store.ping()),
        transport.ping(),
        Promise.all(providers.providers.map(async (one) => [one.name, await wordOf(one.ping())] as const)),
      ]);
      const { refused } = compliance.state();
      const faults = loops.flatMap((loop) => (loop.fault === undefined ? [] : [loop.fault]));
      return {
        ready: storeSays === 'ok',
        store: storeSays,
        redis: redisUp ? 'ok' : 'away: messages are stored and wait for it',
        providers: Object.fromEntries(carriers),
        degraded: [
          ...(storeSays === 'ok' ? [] : [`store: ${storeSays}`]),
          ...(redisUp ? [] : ['redis is away: accepted messages wait in the store']),
          ...providers
            .status()
            .filter(({ circuit }) => circuit !== 'closed')
            .map(({ name }) => `provider ${name}: its calls failed, it is tried again from time to time`),
          ...carriers.filter(([, word]) => word !== 'ok').map(([name, word]) => `provider ${name}: ${word}`),
          ...faults,
          ...(refused === undefined ? [] : [`rules: an order is not followed: ${refused}`]),
        ],
      };
    },
    governance,
    store,
    bodies,
    start,
    close: () => {
      closing ??= closeAll();
      return closing;
    },
  };
}

/** Rate limits answer at once or not at all: while Redis is away each process keeps its own. */
function openLimits(place: RedisPlace, report: (error: unknown, doing: string) => void): RedisClient {
  const connection = openRedis(place, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: 500,
    retryStrategy: (times) => Math.min(100 * times, 2_000),
  });
  connection.on('error', (error) => report(error, 'keeping rate limits'));
  return connection;
}

function sandboxOf(config: PipelineConfig, clock: NonNullable<PipelineConfig['clock']>): Provider {
  return createSandboxProvider({
    ...config.sandbox,
    clock,
    ledgerFile: join(config.dataDir, 'sandbox', 'ledger.jsonl'),
  });
}

/** Among several processes another's messages may wait unseen, and at start a predecessor's may: then always look. */
function createLine(exclusive: boolean): Line {
  let mayWait = !exclusive;
  return {
    mayWait: () => mayWait,
    waits() {
      mayWait = true;
    },
  };
}

/** Where another process accepts, urgent work is known of from when a worker takes it up. */
function hurrying(
  { pressure }: Workshop,
  work: (refs: MessageRef[]) => Promise<void>,
): (refs: MessageRef[]) => Promise<void> {
  return async (refs) => {
    for (const { id } of refs) pressure.enter(id);
    try {
      await work(refs);
    } finally {
      for (const { id } of refs) pressure.leave(id);
    }
  };
}

function startWorkers(shop: Workshop, settings: CheckedSettings, counted: Concurrency['counted']): void {
  const { transport } = shop;
  const apart = (lane: Lane, work: (refs: MessageRef[]) => Promise<void>) =>
    lane === 'transactional' && settings.role === 'worker' ? hurrying(shop, work) : work;
  for (const lane of LANES) {
    const worker = counted(lane, apart(lane, createLaneWorker(shop, lane)));
    const suspects = createQuarantine(shop, worker);
    const stalled = (refs: MessageRef[]): Promise<void> => isolate(shop, refs);
    for (let shard = 0; shard < settings.shards; shard++) {
      transport.work(`${lane}-${shard}`, settings.concurrency[lane], { handle: worker, stalled, suspects });
    }
  }
}

async function wordOf(asked: Promise<void>): Promise<string> {
  try {
    await asked;
    return 'ok';
  } catch (error) {
    return messageOf(error);
  }
}

async function untilReady(ready: () => boolean, patienceMs: number): Promise<void> {
  for (let waited = 0; !ready() && waited < patienceMs; waited += 20) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
