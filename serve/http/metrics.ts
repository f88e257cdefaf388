import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { monotonicMs } from '../../models/base/clock.ts';
import type { Classifier, Verdict } from '../../models/verdict.ts';
import type { PipelineStats } from '../../pipeline/compose.ts';
import type { Lane } from '../../pipeline/store/schema.ts';

const FAST_SECONDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1];
const WAIT_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 3_600];

/** What Prometheus reads at `/metrics`. */
export interface Metrics {
  readonly contentType: string;
  /** For parts that add metrics of their own. */
  readonly registry: Registry;
  requestDone(method: string, route: string, status: number, seconds: number): void;
  classified(stage: Verdict['stage'], seconds: number): void;
  handedOver(lane: Lane, sinceAcceptedMs: number): void;
  fault(doing: string): void;
  /** The same classifier, with every call of the model itself measured. */
  metered(classifier: Classifier): Classifier;
  /** Asks the pipeline where it stands and writes all as text. */
  text(stats: () => Promise<PipelineStats>): Promise<string>;
  close(): void;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'laneway_' });
  const registers = [registry];
  const requests = new Histogram({
    name: 'laneway_http_request_seconds',
    help: 'Time to answer a request',
    labelNames: ['method', 'route', 'status'],
    buckets: FAST_SECONDS,
    registers,
  });
  const classify = new Histogram({
    name: 'laneway_classify_seconds',
    help: 'Time of a single classification at the door, by who answered',
    labelNames: ['stage'],
    buckets: FAST_SECONDS,
    registers,
  });
  const model = new Histogram({
    name: 'laneway_model_batch_seconds',
    help: 'Time of one call of the model, cache misses only',
    buckets: FAST_SECONDS,
    registers,
  });
  const verdicts = new Counter({
    name: 'laneway_model_verdicts_total',
    help: 'Answers of the model, cache misses only',
    labelNames: ['stage', 'class', 'band', 'degraded'],
    registers,
  });
  const handOver = new Histogram({
    name: 'laneway_hand_over_seconds',
    help: 'From acceptance to the call of the provider',
    labelNames: ['lane'],
    buckets: WAIT_SECONDS,
    registers,
  });
  const faults = new Counter({
    name: 'laneway_faults_total',
    help: 'Faults of infrastructure',
    labelNames: ['doing'],
    registers,
  });
  const cache = new Counter({
    name: 'laneway_cache_answers_total',
    help: 'Messages by who answered: text (seen word for word), l1 (template in memory), l2 (Redis), joined (under way), miss',
    labelNames: ['tier'],
    registers,
  });
  const cacheFaults = new Counter({
    name: 'laneway_cache_faults_total',
    help: 'Calls of the remote cache that failed or came late, and entries that were garbage or of another model',
    labelNames: ['kind'],
    registers,
  });
  const cacheWaits = new Counter({
    name: 'laneway_cache_fleet_waits_total',
    help: 'Templates that another process was computing',
    registers,
  });
  const cacheEntries = new Gauge({ name: 'laneway_cache_entries', help: 'Templates in memory', registers });
  const cacheBytes = new Gauge({ name: 'laneway_cache_bytes', help: 'Memory of those templates', registers });
  const queues = new Gauge({
    name: 'laneway_queue_jobs',
    help: 'Jobs in a queue; absent while Redis is away',
    labelNames: ['queue', 'state'],
    registers,
  });
  const messages = new Gauge({
    name: 'laneway_messages',
    help: 'Messages in the store',
    labelNames: ['lane', 'state'],
    registers,
  });
  const urgent = new Gauge({
    name: 'laneway_urgent_in_flight',
    help: 'Transactional messages accepted and not yet handed over',
    registers,
  });
  const missed = new Gauge({
    name: 'laneway_missed_envelopes',
    help: 'Envelopes that Redis did not take since start',
    registers,
  });
  const receipts = new Gauge({
    name: 'laneway_unknown_receipts',
    help: 'Receipts that no attempt matches',
    registers,
  });

  const outcomes = new Counter({
    name: 'laneway_provider_outcomes_total',
    help: 'What providers said of messages: taken, retry, refused, ambiguous',
    labelNames: ['provider', 'outcome'],
    registers,
  });
  const circuits = new Gauge({
    name: 'laneway_provider_open',
    help: '1 while a provider fails and is left alone',
    labelNames: ['provider'],
    registers,
  });
  const webhooks = new Counter({
    name: 'laneway_webhook_receipts_total',
    help: 'Receipts that providers called in: receipts, ignored (not final), forged, malformed calls',
    labelNames: ['provider', 'result'],
    registers,
  });

  function snapshot(stats: PipelineStats): void {
    messages.reset();
    for (const { lane, state, n } of stats.messages) messages.set({ lane, state }, n);
    queues.reset();
    for (const { queue, waiting, active } of stats.queues ?? []) {
      queues.set({ queue, state: 'waiting' }, waiting);
      queues.set({ queue, state: 'active' }, active);
    }
    cache.reset();
    const held = stats.cache;
    cache.inc({ tier: 'text' }, held?.exactHits ?? 0);
    cache.inc({ tier: 'l1' }, (held?.l1Hits ?? 0) - (held?.exactHits ?? 0));
    cache.inc({ tier: 'l2' }, held?.l2Hits ?? 0);
    cache.inc({ tier: 'joined' }, held?.joined ?? 0);
    cache.inc({ tier: 'miss' }, held?.misses ?? 0);
    cacheFaults.reset();
    cacheFaults.inc({ kind: 'call' }, (held?.remoteFaults ?? 0) - (held?.poisoned ?? 0));
    cacheFaults.inc({ kind: 'poisoned' }, held?.poisoned ?? 0);
    cacheWaits.reset();
    cacheWaits.inc(held?.fleetWaits ?? 0);
    cacheEntries.set(held?.entries ?? 0);
    cacheBytes.set(held?.bytes ?? 0);
    urgent.set(stats.urgentInFlight);
    missed.set(stats.missedEnvelopes);
    receipts.set(stats.unknownReceipts);
    outcomes.reset();
    circuits.reset();
    for (const { name: provider, circuit, outcomes: counts } of stats.providers) {
      circuits.set({ provider }, circuit === 'closed' ? 0 : 1);
      for (const [outcome, n] of Object.entries(counts)) outcomes.inc({ provider, outcome }, n);
    }
    webhooks.reset();
    for (const { provider, ...counts } of stats.webhooks) {
      for (const [result, n] of Object.entries(counts)) webhooks.inc({ provider, result }, n);
    }
  }

  return {
    contentType: registry.contentType,
    registry,
    requestDone: (method, route, status, seconds) =>
      requests.observe({ method, route, status: String(status) }, seconds),
    classified: (stage, seconds) => classify.observe({ stage }, seconds),
    handedOver: (lane, sinceAcceptedMs) => handOver.observe({ lane }, sinceAcceptedMs / 1_000),
    fault: (doing) => faults.inc({ doing }),
    metered: (classifier) => ({
      get modelVersion() {
        return classifier.modelVersion;
      },
      async classify(inputs, options) {
        const started = monotonicMs();
        const answers = await classifier.classify(inputs, options);
        model.observe((monotonicMs() - started) / 1_000);
        for (const { stage, class: named, band, degraded } of answers) {
          verdicts.inc({ stage, class: named, band, degraded: String(degraded !== undefined) });
        }
        return answers;
      },
      close: () => classifier.close(),
    }),
    async text(stats) {
      snapshot(await stats());
      return registry.metrics();
    },
    close: () => registry.clear(),
  };
}
