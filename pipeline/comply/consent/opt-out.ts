import type { SuppressionEntry } from '../facts.ts';
import type { Channel } from '../types.ts';
import type { ConsentEvent } from './consent.ts';

/**
 * What an inbound text asks for. `stop` with `all`: every message; otherwise marketing only, so that receipts still
 * arrive. `help` never changes state.
 */
export type InboundWish =
  | { readonly kind: 'stop'; readonly scope: 'marketing' | 'all'; readonly by: 'keyword' | 'free-text' }
  | { readonly kind: 'start' }
  | { readonly kind: 'help' }
  | { readonly kind: 'none' };

/** Keywords of 47 CFR 64.1200(a)(10) and CTIA, and those of the languages of neighbouring markets. */
const STOP = new Set(
  'stop,quit,end,revoke,optout,cancel,unsubscribe,unsub,remove,stopp,alto,parar,baja,arret,arreter,para,fin'.split(
    ',',
  ),
);
const STOP_ALL = new Set(['stopall', 'stop all', 'unsubscribe all', 'end all']);
const START = new Set(['start', 'unstop', 'subscribe', 'optin', 'yes start']);
const HELP = new Set(['help', 'info', 'aide', 'ayuda']);

/** Requests in a person's own words. Each is tested on lower-case text without accents and apostrophes. */
const FREE_TEXT = [
  /\b(?:stop|quit|cease) (?:text|texting|txt|messag|contact|call|send|spam|email|bother|sms)/,
  /\b(?:dont|do not|never|please no) (?:ever )?(?:text|txt|message|contact|call|email|send|sms|bother)\b/,
  /\b(?:remove|take|get|delete) (?:me|my number|my email|this number)\b.{0,20}\b(?:off|from|list|database)\b/,
  /\bremove me\b|\bunsubscribe me\b|\bopt me out\b|\bleave me alone\b/,
  /\bno more (?:texts?|messages?|sms|emails?|ads?|offers?|calls?|spam)\b/,
  /\bi (?:want|would like|wish|d like) (?:to )?(?:stop|opt out|unsubscribe|be removed)\b/,
  /\b(?:opt out|opting out|unsubscribe)\b.{0,15}\b(?:please|pls|now|asap)\b|\b(?:please|pls) (?:stop|unsubscribe|opt out|cancel)\b/,
  /\bi (?:revoke|withdraw) (?:my )?consent\b|\bwithdraw my consent\b/,
];
const EVERYTHING =
  /\b(?:anything|everything|all (?:messages|texts|contact|communication)|any (?:messages|texts))\b/;
/** "Please don't stop", "never stop": asks for the contrary. */
const NOT_A_STOP =
  /\b(?:dont|do not|never|cant|wont|not) (?:ever )?(?:stop|unsubscribe|quit|cancel|opt out)\b/;
const LONGEST = 1_000;

function plain(text: string): string {
  return text
    .slice(0, LONGEST)
    .normalize('NFKD')
    .replaceAll(/[\u0300-\u036f'’`]/g, '')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

/** Reads an inbound text. Any reasonable wording counts (47 CFR 64.1200(a)(10)): the strict reading wins. */
export function inboundWish(text: string): InboundWish {
  const words = plain(text);
  const joined = words.replaceAll(' ', '');
  if (STOP_ALL.has(words)) return { kind: 'stop', scope: 'all', by: 'keyword' };
  if (STOP.has(joined)) return { kind: 'stop', scope: 'marketing', by: 'keyword' };
  if (HELP.has(words)) return { kind: 'help' };
  if (START.has(words) || START.has(joined)) return { kind: 'start' };
  if (NOT_A_STOP.test(words)) return { kind: 'none' };
  if (FREE_TEXT.some((pattern) => pattern.test(words))) {
    return { kind: 'stop', scope: EVERYTHING.test(words) ? 'all' : 'marketing', by: 'free-text' };
  }
  return { kind: 'none' };
}

/** What a stop changes: an event for the ledger and an entry for the suppression list, both in force at once. */
export function stopConsequences(
  wish: Extract<InboundWish, { kind: 'stop' }>,
  inbound: {
    /** Of the inbound message; makes a repeated delivery harmless. */
    readonly id: string;
    readonly atMs: number;
    readonly channel: Channel;
    readonly brand?: string | undefined;
  },
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
      reason: wish.by === 'keyword' ? 'stop-keyword' : 'stop-free-text',
    },
  };
}
