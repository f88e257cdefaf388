import { LanewayError } from '../../models/base/errors.ts';
import type { ClassifyInput, Verdict } from '../../models/verdict.ts';
import type { AcceptResult } from '../../pipeline/accept/accept.ts';
import { checkRequest } from '../../pipeline/accept/check.ts';
import { createRuleBook } from '../../pipeline/comply/compliance.ts';
import type { ConsentEvent } from '../../pipeline/comply/consent/consent.ts';
import type { SuppressionEntry } from '../../pipeline/comply/facts.ts';
import { NO_FACTS } from '../../pipeline/facts/standing.ts';
import { tryDecision } from '../../pipeline/process/decide.ts';
import type { AppOptions } from '../http/app.ts';
import { memoryFeedback } from './memory-feedback.ts';
import { memoryGovernance } from './memory-governance.ts';

export const NOW_MS = Date.UTC(2026, 6, 15, 16);

/** For tests of the doors alone: checks messages as the pipeline does, keeps nothing. */
export function memoryPipeline(packDir?: string): AppOptions['pipeline'] & {
  readonly seen: { classified: number; accepted: number };
} {
  const seen = { classified: 0, accepted: 0 };
  const consents: ConsentEvent[] = [];
  const suppressed = new Map<string, SuppressionEntry>();
  const classify = async (inputs: readonly ClassifyInput[]): Promise<Verdict[]> => {
    return inputs.map(({ text, metadata }): Verdict => {
      seen.classified++;
      return {
        class: 'transactional',
        band: 'sure',
        probability: (metadata?.localHour ?? 0) / 100,
        risk: 0,
        reasons: text.includes('sale')
          ? [{ feature: 'word:sale', text: "the word 'sale'", contribution: 0.25 }]
          : [],
        modelVersion: 'memory-1',
        fingerprint: String(text.length).padStart(32, '0'),
        stage: 'lexical',
      };
    });
  };
  return {
    seen,
    async accept(_tenant, items) {
      return items.map(({ request }): AcceptResult => {
        const checked = checkRequest(request, NOW_MS);
        if (checked.ok) {
          seen.accepted++;
          return { kind: 'accepted', id: `m${seen.accepted}`, state: 'accepted', repeated: false };
        }
        const [first] = checked.problems;
        const error = new LanewayError('INVALID_MESSAGE', `${first!.field} ${first!.message}`);
        return { kind: 'rejected', error, problems: checked.problems };
      });
    },
    classify,
    decide: (tenant, request, atMs) =>
      tryDecision(
        {
          compliance: createRuleBook(packDir === undefined ? {} : { dir: packDir }),
          classifier: { modelVersion: 'memory-1', classify, close: async () => undefined },
          report: () => undefined,
        },
        {
          contacts: async () => ({
            contact: () => ({
              consentEvents: consents,
              suppression: [...suppressed.values()],
              registries: {},
              added: {},
              mark: { consent: 0, suppression: 0 },
            }),
            denied: () => ({ 'denied-sender': false, 'denied-content': false }),
          }),
          facts: async () => ({ of: () => NO_FACTS }),
          counts: async () => () => ({ version: 0, counted: [] }),
          metadata: async () => undefined,
        },
        tenant,
        request,
        atMs,
      ),
    async get() {
      return undefined;
    },
    async decision() {
      return [];
    },
    consent: {
      async append(_tenant, _recipient, events) {
        consents.push(...events);
      },
      async appendMany(_tenant, entries) {
        consents.push(...entries.map(({ event }) => event));
        return new Set(entries.keys());
      },
      async events() {
        return consents;
      },
      async list() {
        return consents.map((event, seq) => ({ seq, recipient: '+12125550123', event }));
      },
    },
    consentDesk: {
      async record(_tenant, entries) {
        consents.push(...entries.map(({ event }) => event));
        return new Set(entries.keys());
      },
      begin: () => Promise.reject(new Error('not kept in memory')),
      rows: () => Promise.reject(new Error('not kept in memory')),
      finish: () => Promise.reject(new Error('not kept in memory')),
      imports: async () => [],
    },
    unsubscribe: { read: () => undefined, take: async () => undefined },
    inbound: { take: () => Promise.reject(new Error('not kept in memory')) },
    registries: {
      list: async () => [],
      lookup: async () => ({}),
      activate: () => Promise.reject(new Error('not kept in memory')),
      add: async () => undefined,
      configure: async () => undefined,
    },
    denylist: { add: async () => true, remove: async () => false, entries: async () => [] },
    suppressions: {
      async add(_tenant, _recipient, entry) {
        suppressed.set(JSON.stringify([entry.purpose, entry.channel, entry.brand, entry.reason]), entry);
      },
      async entries() {
        return [...suppressed.values()];
      },
    },
    facts: { set: async () => ({ kind: 'set', facts: [] }), list: async () => [] },
    feedback: memoryFeedback(),
    governance: memoryGovernance(),
    async receive(provider, { headers, body }) {
      if (provider !== 'memory') return { kind: 'no-provider' };
      if (headers['x-signature'] !== 'good')
        return { kind: 'forged', detail: 'the signature does not match' };
      if (body.length === 0) return { kind: 'malformed', detail: 'the body is not JSON' };
      return {
        kind: 'receipts',
        receipts: [{ providerRef: 'r', status: 'delivered', atMs: NOW_MS }],
        ignored: 2,
      };
    },
    deadLetters: {
      list: async () => [],
      deaths: async () => [],
      receive: async () => [],
      redrive: async (_tenant, { ids = [] }) => [...ids],
      discard: async (_tenant, { ids = [] }) => [...ids],
    },
    lanes: {
      list: async () => [
        { lane: 'promotional', state: 'running', reason: null, actor: 'laneway', sinceMs: 0 },
      ],
      set: async (_tenant, lane, state, actor, reason) => ({
        lane,
        state,
        reason: reason ?? null,
        actor,
        sinceMs: NOW_MS,
      }),
    },
    laneCounts: async () => [{ lane: 'promotional', state: 'queued', n: 7 }],
    async stats() {
      return {
        messages: [{ lane: 'promotional', state: 'queued', n: 7 }],
        queues: [{ queue: 'transactional-0', waiting: 3, active: 1 }],
        cache: {
          exactHits: 0,
          l1Hits: 5,
          l2Hits: 4,
          joined: 1,
          misses: 3,
          negative: 0,
          unkeyed: 1,
          remoteFaults: 2,
          poisoned: 1,
          fleetWaits: 0,
          entries: 6,
          bytes: 4_000,
        },
        urgentInFlight: 1,
        missedEnvelopes: 0,
        unknownReceipts: 0,
        providers: [
          {
            name: 'sandbox',
            circuit: 'open',
            suspect: false,
            share: 1,
            outcomes: { taken: 8, retry: 2, refused: 1, ambiguous: 0 },
          },
        ],
        webhooks: [{ provider: 'memory', receipts: 4, ignored: 3, forged: 2, malformed: 1 }],
      };
    },
  };
}
