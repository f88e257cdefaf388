import { LanewayError } from '../../models/base/errors.ts';
import { canonicalJson } from '../../models/base/json.ts';
import { isSignedBy, type SigningKey, type TrustedKeys } from '../keys/signing-key.ts';

/**
 * `activate`: in force from `effectiveAtMs` on. `rollback`: back to what was in force before. `shadow`: asked beside
 * those in force, deciding nothing; `unshadow`: no longer.
 */
export const ORDER_KINDS = ['activate', 'rollback', 'shadow', 'unshadow'] as const;
export type OrderKind = (typeof ORDER_KINDS)[number];

/** What somebody who may say so wants done with a release. */
export interface RulesOrder {
  readonly format: 1;
  /** Place among all orders, from 1: an order is good for one place, so an old one cannot be said again. */
  readonly seq: number;
  readonly kind: OrderKind;
  readonly version: string;
  /** Of the release: the order is for these bytes. */
  readonly digest: string;
  /** Epoch ms. */
  readonly effectiveAtMs: number;
  readonly issuedAtMs: number;
  readonly author: string;
  readonly reason: string;
}

export interface SignedOrder {
  readonly order: RulesOrder;
  readonly keyId: string;
  /** Ed25519 over {@link orderText}, hex. */
  readonly signature: string;
}

/** The text that is signed. */
export const orderText = (order: RulesOrder): string => `laneway rules order ${canonicalJson(order)}`;

export const signOrder = (key: SigningKey, order: RulesOrder): SignedOrder => ({
  order,
  keyId: key.keyId,
  signature: key.sign(orderText(order)),
});

/** @throws LanewayError `RULES_UNSIGNED`, `RULES_SIGNATURE_INVALID` */
export function checkSignature({ order, keyId, signature }: SignedOrder, trusted: TrustedKeys): void {
  const key = trusted.get(keyId);
  if (key === undefined) {
    throw new LanewayError(
      'RULES_UNSIGNED',
      `order ${order.seq} is signed by key ${keyId || '(none)'}, which is not trusted here`,
      { fix: 'Sign with a trusted key, or put its public half (*.pub) into keys/trusted-rules.' },
    );
  }
  if (!isSignedBy(key, orderText(order), signature)) {
    throw new LanewayError(
      'RULES_SIGNATURE_INVALID',
      `the signature of order ${order.seq} is not of this order`,
      { fix: 'Sign the order as it is sent; nothing was changed.' },
    );
  }
}

/** What is in force, and since or from when. */
export interface InForce {
  readonly version: string;
  readonly fromMs: number;
  /** 0: what came with Laneway. */
  readonly seq: number;
}

/**
 * Versions in the order in which they take over: of two orders the one that takes effect later counts from then on,
 * of two at one instant the later order.
 */
export function timelineOf(orders: readonly RulesOrder[], shipped: string): readonly InForce[] {
  const taking = orders
    .filter(({ kind }) => kind === 'activate' || kind === 'rollback')
    .map(({ version, effectiveAtMs, seq }) => ({ version, fromMs: effectiveAtMs, seq }))
    .sort((a, b) => a.fromMs - b.fromMs || a.seq - b.seq);
  return [{ version: shipped, fromMs: -Infinity, seq: 0 }, ...taking];
}

/** The entry of a timeline that counts at an instant. */
export function inForceAt(timeline: readonly InForce[], atMs: number): InForce {
  let found = timeline[0]!;
  for (const one of timeline) if (one.fromMs <= atMs) found = one;
  return found;
}

/** What was in force before that, with another version; undefined: nothing. */
export function beforeThat(timeline: readonly InForce[], atMs: number): InForce | undefined {
  const now = inForceAt(timeline, atMs);
  return timeline.slice(0, timeline.indexOf(now)).findLast(({ version }) => version !== now.version);
}

/** Version asked beside those in force, if any. */
export function shadowOf(orders: readonly RulesOrder[]): RulesOrder | undefined {
  const last = orders.findLast(({ kind }) => kind === 'shadow' || kind === 'unshadow');
  return last?.kind === 'shadow' ? last : undefined;
}
