import type { Kysely } from 'kysely';
import type { Clock } from '../../models/base/clock.ts';
import { LanewayError } from '../../models/base/errors.ts';
import type { AuditTrail } from '../audit/trail.ts';
import type { RuleSet } from '../comply/types.ts';
import type { SigningKey, TrustedKeys } from '../keys/signing-key.ts';
import type { Compliance } from '../process/ports.ts';
import type { Database } from '../store/schema.ts';
import {
  beforeThat,
  checkSignature,
  type InForce,
  inForceAt,
  type RulesOrder,
  type SignedOrder,
  shadowOf,
  signOrder,
  timelineOf,
} from './order.ts';
import { compileRelease, type Release, releaseOf } from './release.ts';
import { createShadow, type Shadow } from './shadow.ts';
import {
  holdsRelease,
  insertOrder,
  listReleases,
  loadRelease,
  ordersAfter,
  type ReleaseLine,
  saveRelease,
} from './store.ts';

/** What stands, in versions. */
export interface RulesState {
  readonly inForce: InForce;
  /** Where a rollback goes. */
  readonly previous: InForce | undefined;
  readonly coming: readonly InForce[];
  readonly shadow: RulesOrder | undefined;
  /** Place of the next order. */
  readonly nextSeq: number;
  /** What came with this Laneway. */
  readonly shipped: string;
  /** Why an order that is on record is not followed here. */
  readonly refused: string | undefined;
}

/** The rules of a pipeline: which are in force when, and how that changes without stopping. */
export interface RulesDesk extends Compliance {
  state(): RulesState;
  releases(): Promise<ReleaseLine[]>;
  /** A rule set by its version, from memory or the store. */
  find(version: string): Promise<RuleSet | undefined>;
  /** Keeps and compiles packs, so that they can take over at once; nothing is in force by it. */
  upload(release: Release): Promise<void>;
  /**
   * Follows an order that is signed by a trusted key, and puts it on record for all processes.
   *
   * @throws LanewayError `RULES_UNSIGNED`, `RULES_SIGNATURE_INVALID`, `RULES_ORDER_STALE`, `RULES_ORDER_LATE`,
   *   `RULES_UNKNOWN`
   */
  give(signed: SignedOrder): Promise<RulesState>;
  /** Goes back to what was in force before, signed by this Laneway's own key. @throws LanewayError `RULES_NO_KEY`, `RULES_NOTHING_BEFORE` */
  rollback(author: string, reason: string): Promise<RulesState>;
  readonly shadow: Shadow;
  /** Takes up what other processes have put on record. */
  refresh(): Promise<void>;
}

export interface DeskParts {
  readonly db: Kysely<Database>;
  readonly trail: AuditTrail;
  readonly clock: Clock;
  /** What came with Laneway; in force until an order says otherwise. */
  readonly shipped: Compliance;
  readonly trusted: () => TrustedKeys;
  /** Signs rollbacks; absent: they come signed. */
  readonly signer: SigningKey | undefined;
  readonly report: (error: unknown, doing: string) => void;
}

/** Compiled rule sets kept beside those that the timeline names. */
const MOST_KEPT = 16;
/** An order may take effect this long before it is given, ms: clocks differ, and networks take time. */
const LATE_MS = 5 * 60_000;

/**
 * Opens the desk: verifies the orders on record and compiles what they name.
 *
 * @throws LanewayError as {@link RulesDesk.give}, when what should be in force now cannot be trusted or read: nothing
 *   may be sent by rules that nobody signed
 */
export async function openRulesDesk(parts: DeskParts): Promise<RulesDesk> {
  const { db, trail, clock, shipped, report } = parts;
  const own = shipped.ruleset();
  const orders: RulesOrder[] = [];
  const compiled = new Map<string, RuleSet>([[own.version, own]]);
  let timeline = timelineOf([], own.version);
  let refused: string | undefined;
  const shadow = createShadow({ shipped, clock, db, report });

  if (own.packs.length > 0) {
    if (!(await holdsRelease(db, own.version)))
      await saveRelease(db, releaseOf(own.packs), 'shipped', clock());
  }

  const keep = (ruleset: RuleSet): RuleSet => {
    compiled.delete(ruleset.version);
    compiled.set(ruleset.version, ruleset);
    const named = new Set([own.version, ...timeline.slice(-3).map(({ version }) => version)]);
    for (const version of compiled.keys()) {
      if (compiled.size <= MOST_KEPT) break;
      if (!named.has(version)) compiled.delete(version);
    }
    return ruleset;
  };

  async function find(version: string, digest?: string): Promise<RuleSet | undefined> {
    const there = compiled.get(version) ?? shipped.byVersion(version);
    if (there?.version === version) return there;
    const release = await loadRelease(db, version, digest);
    return release && keep(compileRelease(release, { latencyMarginMs: own.latencyMarginMs }));
  }

  /** Checks an order against what went before it; nothing is changed. */
  async function check(signed: SignedOrder, before: readonly RulesOrder[]): Promise<RuleSet | undefined> {
    const { order } = signed;
    checkSignature(signed, parts.trusted());
    if (order.seq !== (before.at(-1)?.seq ?? 0) + 1) {
      throw new LanewayError('RULES_ORDER_STALE', `order ${order.seq} is not the next one`, {
        fix: `The next is ${(before.at(-1)?.seq ?? 0) + 1}: look at what is in force, then sign again.`,
      });
    }
    if (order.kind === 'unshadow') return undefined;
    const release = await loadRelease(db, order.version, order.digest);
    const ruleset = release && (await find(order.version, order.digest));
    if (ruleset) return ruleset;
    throw new LanewayError('RULES_UNKNOWN', `there are no rules ${order.version} of digest ${order.digest}`, {
      fix: 'Upload the packs first: laneway rules upload DIR.',
    });
  }

  function follow(order: RulesOrder, ruleset: RuleSet | undefined): void {
    orders.push(order);
    timeline = timelineOf(orders, own.version);
    if (ruleset) keep(ruleset);
    const beside = shadowOf(orders);
    const other = beside && compiled.get(beside.version);
    shadow.set(other);
  }

  async function refresh(): Promise<void> {
    for (const signed of await ordersAfter(db, orders.at(-1)?.seq ?? 0)) {
      // Of two looks at once one follows it.
      if (signed.order.seq <= (orders.at(-1)?.seq ?? 0)) continue;
      const ruleset = await check(signed, orders);
      if (signed.order.seq === (orders.at(-1)?.seq ?? 0) + 1) follow(signed.order, ruleset);
    }
    refused = undefined;
  }

  await refresh();

  const state = (): RulesState => {
    const nowMs = clock();
    return {
      inForce: inForceAt(timeline, nowMs),
      previous: beforeThat(timeline, nowMs),
      coming: timeline.filter(({ fromMs }) => fromMs > nowMs),
      shadow: shadowOf(orders),
      nextSeq: (orders.at(-1)?.seq ?? 0) + 1,
      shipped: own.version,
      refused,
    };
  };

  async function give(signed: SignedOrder): Promise<RulesState> {
    await refresh();
    const { order } = signed;
    const ruleset = await check(signed, orders);
    const nowMs = clock();
    if (order.effectiveAtMs < nowMs - LATE_MS) {
      throw new LanewayError('RULES_ORDER_LATE', 'the order takes effect in the past', {
        fix: 'Sign it with an instant to come; decisions that were taken stay as they are.',
      });
    }
    await trail.transact(db, [], async (tx, append) => {
      if (!(await insertOrder(tx, signed))) {
        throw new LanewayError('RULES_ORDER_STALE', `somebody else gave order ${order.seq}`, {
          fix: 'Look at what is in force, then sign again.',
        });
      }
      await append([
        {
          kind: 'rules',
          tenant: '*',
          atMs: nowMs,
          subject: `rules.${order.kind}`,
          ruleset: order.version,
          payload: signed,
        },
      ]);
    });
    if (order.seq > (orders.at(-1)?.seq ?? 0)) follow(order, ruleset);
    return state();
  }

  return {
    evaluate: shipped.evaluate,
    contentOf: shipped.contentOf,
    ruleset(atMs = clock()) {
      const { version } = inForceAt(timeline, atMs);
      // What came with Laneway may be changed under the desk (tests, an embedding program).
      if (version === own.version) return shipped.ruleset();
      return compiled.get(version) ?? shipped.ruleset();
    },
    byVersion: (version) => compiled.get(version) ?? shipped.byVersion(version),
    observe: shadow.observe,
    state,
    releases: () => listReleases(db),
    find: (version) => find(version),
    async upload(release) {
      const ruleset = compileRelease(release, { latencyMarginMs: own.latencyMarginMs });
      await trail.transact(db, [], async (tx, append) => {
        if (!(await saveRelease(tx, release, 'uploaded', clock()))) return;
        await append([
          {
            kind: 'rules',
            tenant: '*',
            atMs: clock(),
            subject: 'rules.upload',
            ruleset: release.version,
            payload: { version: release.version, digest: release.digest },
          },
        ]);
      });
      keep(ruleset);
    },
    give,
    async rollback(author, reason) {
      await refresh();
      if (!parts.signer) {
        throw new LanewayError('RULES_NO_KEY', 'this Laneway holds no key to sign the rollback with', {
          fix: 'Sign it where the key is: laneway rules rollback --key FILE.',
        });
      }
      const { previous, nextSeq } = state();
      const release = previous && (await loadRelease(db, previous.version));
      if (!release) {
        throw new LanewayError('RULES_NOTHING_BEFORE', 'nothing was in force before', {
          fix: 'See what there is: laneway rules versions.',
        });
      }
      const nowMs = clock();
      const { version, digest } = release;
      return give(
        signOrder(parts.signer, {
          format: 1,
          seq: nextSeq,
          kind: 'rollback',
          version,
          digest,
          effectiveAtMs: nowMs,
          issuedAtMs: nowMs,
          author,
          reason,
        }),
      );
    },
    shadow,
    async refresh() {
      try {
        await refresh();
      } catch (error) {
        // What is in force stays in force; the fault is told once, not each time it is seen again.
        const why = error instanceof LanewayError ? `${error.code}: ${error.message}` : String(error);
        if (refused !== why) report(error, 'following an order about rules');
        refused = why;
      }
    },
  };
}

/** A rule set by its part or its version. @throws LanewayError `RULES_UNKNOWN` */
export async function rulesetNamed(desk: RulesDesk, name: string): Promise<RuleSet> {
  const { inForce, previous, shipped, shadow } = desk.state();
  const named: Readonly<Record<string, string | undefined>> = {
    active: inForce.version,
    previous: previous?.version,
    shipped,
    shadow: shadow?.version,
  };
  const ruleset = await desk.find(named[name] ?? name);
  if (ruleset) return ruleset;
  throw new LanewayError('RULES_UNKNOWN', `there are no rules "${name}"`, {
    fix: 'Name active, previous, shipped, shadow or a version of: laneway rules versions.',
  });
}
