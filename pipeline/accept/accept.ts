import pLimit from 'p-limit';
import type { Clock } from '../../models/base/clock.ts';
import { LanewayError, messageOf } from '../../models/base/errors.ts';
import { canonicalJson } from '../../models/base/json.ts';
import { sha256 } from '../../models/base/sha256.ts';
import { claimsPromotional } from '../classify/treatment.ts';
import { enqueue } from '../process/enqueue.ts';
import type { ProcessSettings } from '../process/ports.ts';
import type { Pressure } from '../queue/pressure.ts';
import type { Transport } from '../queue/transport.ts';
import { type AcceptOutcome, type NewMessage, storeAccepted } from '../store/accept.ts';
import { dropUnused, isLarge, type LargeBodies } from '../store/large-bodies.ts';
import type { Store } from '../store/open.ts';
import { orderKeyOf } from '../store/order-key.ts';
import type { Lane } from '../store/schema.ts';
import type { Shedder } from '../traffic/shed.ts';
import { type CheckedRequest, checkRequest, type FieldProblem } from './check.ts';
import { createGroupCommit, type GroupCommit } from './group-commit.ts';

/** One message as it came in. */
export interface AcceptItem {
  /** Parsed JSON, unchecked. */
  readonly request: unknown;
  /** 1 to 255 printable ASCII characters; the same key and request get the same answer. */
  readonly idempotencyKey?: string;
}

export type AcceptResult =
  | {
      readonly kind: 'accepted';
      readonly id: string;
      readonly state: 'accepted' | 'scheduled';
      /** True when the idempotency key had been used with this same request. */
      readonly repeated: boolean;
    }
  | {
      readonly kind: 'rejected';
      /** `INVALID_MESSAGE`, `INVALID_IDEMPOTENCY_KEY`, `IDEMPOTENCY_KEY_REUSED`, `LANE_DRAINING`. */
      readonly error: LanewayError;
      readonly problems: readonly FieldProblem[];
    };

export interface Acceptor {
  /**
   * Checks, stores and queues messages; resolves when all that were accepted survive `kill -9`. One result an
   * item, in order: a bad item does not hold up the others.
   *
   * @throws LanewayError `STORE_UNAVAILABLE`, `SHUTTING_DOWN`: nothing may be assumed to be stored; repeat
   *   with the same idempotency keys
   */
  accept(tenant: string, items: readonly AcceptItem[]): Promise<AcceptResult[]>;
  /** Takes no more and finishes what is being stored. */
  stop(): Promise<void>;
}

export interface AcceptorOptions {
  readonly store: Store;
  readonly transport: Transport;
  readonly pressure: Pressure;
  readonly clock: Clock;
  readonly newId: () => string;
  /** Other processes work the queues: nothing here hears of a message once it is queued. */
  readonly worksElsewhere?: boolean;
  /** Refuses at the door when too many wait to be stored; absent: never. */
  readonly shedder?: Shedder;
  readonly settings: Pick<ProcessSettings, 'envelope' | 'bulkSlice'>;
  /** Where texts go that are too large for a row. */
  readonly bodies: LargeBodies;
  readonly report: (error: unknown, doing: string) => void;
  /** Takes this lane new messages? Default: both do. */
  readonly takes?: (lane: Lane) => boolean;
}

/** Unclaimed messages in larger batches than this are taken for a campaign until they are classified. */
const MAX_UNCLAIMED_URGENT = 20;
/** Large messages being stored at a time: what they hold in memory is bounded. */
const LARGE_AT_ONCE = 4;
const KEY = /^[\x21-\x7e]{1,255}$/;
const TENANT = /^[a-z0-9][a-z0-9_-]{0,63}$/;

interface Stored {
  readonly outcome: AcceptOutcome;
  /** Resolves when the message is queued, or left to the reconciler. */
  readonly queued: Promise<void>;
}

export function createAcceptor(options: AcceptorOptions): Acceptor {
  const { store, pressure, clock, settings } = options;
  let stopping = false;
  const lines: Record<Lane, GroupCommit<NewMessage, Stored>> = {
    transactional: createGroupCommit({ flush: (group) => flush(store.urgent, group), maxGroup: () => 250 }),
    promotional: createGroupCommit({
      flush: (group) => flush(store.bulk, group),
      maxGroup: () =>
        pressure.quiet ? Math.max(settings.bulkSlice, settings.envelope.promotional) : settings.bulkSlice,
      before: () => pressure.pass(),
    }),
  };

  const largeAtOnce = pLimit(LARGE_AT_ONCE);

  /** A large text and its message in one transaction, without company: the group would wait for it. */
  async function storeLarge(message: NewMessage): Promise<Stored> {
    const db = message.lane === 'transactional' ? store.urgent : store.bulk;
    const outcomes = await db.transaction().execute(async (tx) => {
      await options.bodies.keep(tx, message.tenant, message.body);
      const body_ref = options.bodies.refOf(message.tenant, message.body);
      const stored = await storeAccepted(tx, [{ ...message, body: '', body_ref }]);
      if (stored[0]!.kind !== 'stored') await dropUnused(tx, [body_ref]);
      return stored;
    });
    return sendOn([message], outcomes)[0]!;
  }

  async function flush(db: Store['urgent'], group: readonly NewMessage[]): Promise<Stored[]> {
    return sendOn(group, await storeAccepted(db, group));
  }

  function sendOn(group: readonly NewMessage[], outcomes: readonly AcceptOutcome[]): Stored[] {
    const fresh = group.filter(
      (message, i) => outcomes[i]!.kind === 'stored' && message.state === 'accepted',
    );
    const queued = enqueue(options.transport, settings, fresh).catch((error: unknown) =>
      options.report(error, 'queueing accepted messages'),
    );
    return outcomes.map((outcome) => ({ outcome, queued }));
  }

  async function acceptOne(tenant: string, item: AcceptItem, inBatch: number): Promise<AcceptResult> {
    const { idempotencyKey } = item;
    if (idempotencyKey !== undefined && !KEY.test(idempotencyKey)) return rejectedKey();
    const nowMs = clock();
    const checked = checkRequest(item.request, nowMs);
    if (!checked.ok) return rejected(checked.problems);
    const message = newMessage(tenant, options.newId(), checked.request, idempotencyKey, inBatch, nowMs);
    if (options.takes?.(message.lane) === false) return draining(message.lane);
    if (options.shedder?.enter(message.lane) === false) return overloaded(message.lane);
    if (message.lane === 'transactional' && message.state === 'accepted') pressure.enter(message.id);
    try {
      const { outcome, queued } = isLarge(message.body)
        ? await largeAtOnce(() => storeLarge(message))
        : await lines[message.lane].add(message);
      await queued;
      if (options.worksElsewhere) pressure.leave(message.id);
      if (outcome.kind === 'stored') {
        return { kind: 'accepted', id: message.id, state: message.state, repeated: false };
      }
      pressure.leave(message.id);
      return outcome.bodyHash === message.body_hash
        ? { kind: 'accepted', id: outcome.messageId, state: outcome.acceptedAs, repeated: true }
        : reused(outcome.messageId);
    } catch (error) {
      pressure.leave(message.id);
      throw new LanewayError('STORE_UNAVAILABLE', `the message could not be stored: ${messageOf(error)}`, {
        cause: error,
        fix: 'Send it again with the same Idempotency-Key. If it persists, see /readyz and free disk space.',
      });
    } finally {
      options.shedder?.done();
    }
  }

  return {
    async accept(tenant, items) {
      if (stopping) {
        throw new LanewayError('SHUTTING_DOWN', 'Laneway is stopping and takes no new messages', {
          fix: 'Send it again in a moment, with the same Idempotency-Key.',
        });
      }
      if (!TENANT.test(tenant)) {
        throw new LanewayError('INVALID_TENANT', `"${tenant}" is not a tenant name`, {
          fix: 'Use 1 to 64 lower-case letters, digits, _ and -.',
        });
      }
      return Promise.all(items.map((item) => acceptOne(tenant, item, items.length)));
    },
    async stop() {
      stopping = true;
      await Promise.all([lines.transactional.drained(), lines.promotional.drained()]);
      while (largeAtOnce.activeCount + largeAtOnce.pendingCount > 0) await largeAtOnce(async () => undefined);
    },
  };
}

/** Where a message waits for its classification: what says of itself that it is no hurry, or comes in bulk, is none. */
function provisionalLane(claim: string | undefined, inBatch: number): Lane {
  if (claimsPromotional(claim)) return 'promotional';
  if (claim !== undefined) return 'transactional';
  return inBatch <= MAX_UNCLAIMED_URGENT ? 'transactional' : 'promotional';
}

/**
 * What a repeat is recognised by: the caller's key, else, where it asks for that, what the message says to whom. Its
 * text is compared as it is: canonical text has no digits, and would make one of two login codes.
 */
function keyOf(
  tenant: string,
  request: CheckedRequest,
  idempotencyKey: string | undefined,
  nowMs: number,
): Pick<NewMessage, 'idempotency_key' | 'body_hash' | 'key_expires_at_ms'> {
  if (idempotencyKey !== undefined) {
    return { idempotency_key: idempotencyKey, body_hash: sha256(canonicalJson(request.original)) };
  }
  const { from, to, channel, subject = null, body, dedupSeconds } = request;
  if (dedupSeconds === undefined) return { idempotency_key: null, body_hash: '' };
  // A control character: no key of a caller begins so.
  const content = sha256(JSON.stringify([tenant, from, to, channel, subject, body]));
  return {
    idempotency_key: `\u0001dedup/${content}`,
    body_hash: '',
    key_expires_at_ms: nowMs + dedupSeconds * 1_000,
  };
}

function newMessage(
  tenant: string,
  id: string,
  request: CheckedRequest,
  idempotencyKey: string | undefined,
  inBatch: number,
  nowMs: number,
): NewMessage {
  const sendAtMs = request.sendAtMs !== undefined && request.sendAtMs > nowMs ? request.sendAtMs : null;
  const key = keyOf(tenant, request, idempotencyKey, nowMs);
  const ttlMs = request.ttlSeconds === undefined ? null : request.ttlSeconds * 1_000;
  return {
    tenant,
    id,
    state: sendAtMs === null ? 'accepted' : 'scheduled',
    lane: provisionalLane(request.category, inBatch),
    order_key: orderKeyOf(tenant, request.from, request.to),
    channel: request.channel,
    sender: request.from,
    recipient: request.to,
    subject: request.subject ?? null,
    body: request.body,
    claim: request.category ?? null,
    metadata: request.metadata === undefined ? null : JSON.stringify(request.metadata),
    accepted_at_ms: nowMs,
    send_at_ms: sendAtMs,
    // Time to live runs from when the message may first go.
    expires_at_ms: ttlMs === null ? null : (sendAtMs ?? nowMs) + ttlMs,
    ...key,
  };
}

function rejected(problems: readonly FieldProblem[]): AcceptResult {
  const first = problems[0]!;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  const error = new LanewayError(
    'INVALID_MESSAGE',
    `${first.field || 'the message'} ${first.message}${more}`,
    {
      where: first.field,
      fix: 'Correct the fields named in "problems" and send it again.',
    },
  );
  return { kind: 'rejected', error, problems };
}

function rejectedKey(): AcceptResult {
  const message = 'must be 1 to 255 printable ASCII characters';
  return {
    kind: 'rejected',
    error: new LanewayError('INVALID_IDEMPOTENCY_KEY', `the idempotency key ${message}`, {
      where: 'Idempotency-Key',
      fix: 'Use a UUID, say.',
    }),
    problems: [{ field: 'Idempotency-Key', code: 'INVALID_VALUE', message }],
  };
}

function draining(lane: Lane): AcceptResult {
  return {
    kind: 'rejected',
    error: new LanewayError('LANE_DRAINING', `the ${lane} lane takes no new messages while it drains`, {
      fix: 'Send it again with the same Idempotency-Key when the lane runs: GET /v1/lanes.',
    }),
    problems: [],
  };
}

function overloaded(lane: Lane): AcceptResult {
  const message = `too many messages wait to be stored; ${lane} ones are refused for a moment`;
  return {
    kind: 'rejected',
    error: new LanewayError('OVERLOADED', message, {
      fix: 'Send it again in a second, with the same Idempotency-Key.',
    }),
    problems: [{ field: '', code: 'OVERLOADED', message }],
  };
}

function reused(messageId: string): AcceptResult {
  const message = `was used for message ${messageId} with another body`;
  return {
    kind: 'rejected',
    error: new LanewayError('IDEMPOTENCY_KEY_REUSED', `the idempotency key ${message}`, {
      where: 'Idempotency-Key',
      fix: 'Use a new key for a new message; repeat a key only with the same body.',
    }),
    problems: [{ field: 'Idempotency-Key', code: 'IDEMPOTENCY_KEY_REUSED', message }],
  };
}
