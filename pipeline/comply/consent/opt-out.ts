import type { Channel } from '../channel.ts';
import type { SuppressionEntry } from '../facts.ts';
import { type ConsentEvent, type ConsentLevel, levelCovers } from './consent.ts';
import { freeTextStop } from './free-text.ts';
import { keywordOf, plainWords } from './keywords.ts';

/**
 * What an inbound text asks for. `stop` with `all`: every message; otherwise marketing only, so that receipts still
 * arrive. `help` never changes state. The language is the one that the wish was recognised in.
 */
export type InboundWish =
  | {
      readonly kind: 'stop';
      readonly scope: 'marketing' | 'all';
      /** `complaint`: a report as spam, by a button or by the carrier. `one-click`: the link in a mail (RFC 8058). */
      readonly by: 'keyword' | 'free-text' | 'complaint' | 'one-click';
      readonly language?: string;
    }
  | { readonly kind: 'start'; readonly language?: string }
  | { readonly kind: 'help'; readonly language?: string }
  | { readonly kind: 'none' };

/** What a report as spam asks for, whatever is written in it. */
export const COMPLAINT: InboundWish = { kind: 'stop', scope: 'marketing', by: 'complaint' };

/** What the unsubscription link of a mail asks for. */
export const ONE_CLICK: InboundWish = { kind: 'stop', scope: 'marketing', by: 'one-click' };

const REASON_OF = {
  keyword: 'stop-keyword',
  'free-text': 'stop-free-text',
  complaint: 'complaint',
  'one-click': 'unsubscribe',
} as const;

/** Reads an inbound text. Any reasonable wording counts (47 CFR 64.1200(a)(10)): the strict reading wins. */
export function inboundWish(text: string): InboundWish {
  const words = plainWords(text);
  const keyword = keywordOf(words);
  switch (keyword?.kind) {
    case 'stopAll':
      return { kind: 'stop', scope: 'all', by: 'keyword', language: keyword.language };
    case 'stop':
      return { kind: 'stop', scope: 'marketing', by: 'keyword', language: keyword.language };
    case 'start':
    case 'help':
      return { kind: keyword.kind, language: keyword.language };
    case undefined: {
      const asked = freeTextStop(words);
      if (asked === undefined) return { kind: 'none' };
      const scope = asked.all ? 'all' : 'marketing';
      return { kind: 'stop', scope, by: 'free-text', language: asked.language };
    }
  }
}

/** An inbound message, as far as consequences ask. */
export interface InboundOrigin {
  /** Of the inbound message; makes a repeated delivery harmless. */
  readonly id: string;
  readonly atMs: number;
  readonly channel: Channel;
  readonly brand?: string | undefined;
}

/** Reasons of suppression entries by which a person, or someone on their behalf, refused. */
export const OPT_OUT_REASONS: ReadonlySet<string> = new Set([
  'stop-keyword',
  'stop-free-text',
  'unsubscribe',
  'carrier-stop',
  'objection',
  'complaint',
]);
/** Of those, the ones that the person can take back alone; a carrier's stop, a complaint or an objection stays. */
const OWN_STOPS: ReadonlySet<string> = new Set(['stop-keyword', 'stop-free-text', 'unsubscribe']);

/** What a stop changes: an event for the ledger and an entry for the suppression list, both in force at once. */
export function stopConsequences(
  wish: Extract<InboundWish, { kind: 'stop' }>,
  inbound: InboundOrigin,
): { readonly event: ConsentEvent; readonly suppression: SuppressionEntry } {
  const { id, atMs, channel } = inbound;
  const brand = inbound.brand === undefined ? {} : { brand: inbound.brand };
  return {
    event: {
      id: `stop:${id}`,
      kind: 'revoked',
      atMs,
      channel,
      purpose: wish.scope === 'all' ? 'any' : 'marketing',
      ...brand,
      method: wish.by,
    },
    suppression: {
      purpose: wish.scope,
      channel,
      ...brand,
      sinceMs: atMs,
      reason: REASON_OF[wish.by],
    },
  };
}

/** What a fresh opt-in by keyword adds to the ledger: express, for marketing on the channel that it came by. */
export function startConsequences({ id, atMs, channel, brand }: InboundOrigin): ConsentEvent {
  return {
    id: `start:${id}`,
    kind: 'granted',
    atMs,
    channel,
    purpose: 'marketing',
    ...(brand === undefined ? {} : { brand }),
    level: 'express',
    method: 'inbound-keyword',
    proof: `inbound:${id}`,
  };
}

const PROVEN: ConsentLevel = 'express';

/**
 * Entries in force that an opt-in ends: the person's own stops of the same channel and brand that came before it, by an
 * opt-in that can be proved (express, with how it was given and either the wording or the proof). What a carrier, a
 * complaint, an objection or an operator put there stays.
 */
export function liftedBy(event: ConsentEvent, entries: readonly SuppressionEntry[]): SuppressionEntry[] {
  const isProven =
    event.kind === 'granted' &&
    levelCovers(event.level ?? 'implied', PROVEN) &&
    event.method !== undefined &&
    (event.proof !== undefined || event.wordingVersion !== undefined);
  if (!isProven || (event.purpose !== 'marketing' && event.purpose !== 'any')) return [];
  return entries.filter(
    (entry) =>
      OWN_STOPS.has(entry.reason) &&
      entry.sinceMs < event.atMs &&
      (entry.untilMs === undefined || entry.untilMs > event.atMs) &&
      (event.channel === 'any' || entry.channel === event.channel) &&
      (event.brand === undefined || entry.brand === event.brand),
  );
}
