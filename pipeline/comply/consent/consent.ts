import type { Channel } from '../channel.ts';

/** How strong a permission is. */
export const CONSENT_LEVELS = [
  'implied',
  'inferred',
  'express',
  'express-evidenced',
  'express-written',
  'explicit',
  'explicit-digital',
  'gdpr',
  'parental',
  'verifiable-parental',
  'hipaa-authorization',
] as const;
export type ConsentLevel = (typeof CONSENT_LEVELS)[number];

/**
 * What a level also counts as: a signed permission is express, but a digital register entry is not signed. `gdpr` is
 * free, specific, informed and unambiguous consent (art. 4(11)), which is express; `explicit` (art. 9) is that and
 * more. A parent's permission and a health authorization are of their own kind.
 */
const COVERS: Readonly<Record<ConsentLevel, readonly ConsentLevel[]>> = {
  implied: ['implied'],
  inferred: ['implied', 'inferred'],
  express: ['implied', 'inferred', 'express'],
  'express-evidenced': ['implied', 'inferred', 'express', 'express-evidenced'],
  'express-written': ['implied', 'inferred', 'express', 'express-evidenced', 'express-written'],
  explicit: ['implied', 'inferred', 'express', 'express-evidenced', 'gdpr', 'explicit'],
  'explicit-digital': ['implied', 'inferred', 'express', 'express-evidenced', 'explicit-digital'],
  gdpr: ['implied', 'inferred', 'express', 'express-evidenced', 'gdpr'],
  parental: ['implied', 'parental'],
  'verifiable-parental': ['implied', 'parental', 'verifiable-parental'],
  'hipaa-authorization': ['hipaa-authorization'],
};

/** Does a permission of level `held` satisfy a rule that asks for `needed`? */
export const levelCovers = (held: ConsentLevel, needed: ConsentLevel): boolean =>
  COVERS[held].includes(needed);

/** `marketing` and `informational` are the usual ones; rules may name others, e.g. `calls-outside-hours`. */
export type ConsentPurpose = string;

/**
 * One event in the consent ledger. Events are never changed or removed; a correction is another event.
 * `confirmed` renews or strengthens what was granted (double opt-in); `expired` records that someone ended it.
 */
export interface ConsentEvent extends ConsentEvidence {
  /** Unique within the tenant; the same id twice is one event. */
  readonly id: string;
  readonly kind: 'granted' | 'confirmed' | 'revoked' | 'expired';
  readonly atMs: number;
  /** `any`: said for all channels. */
  readonly channel: Channel | 'any';
  /** `any`: said for all purposes (a plain STOP does not: see `optOutOf`). */
  readonly purpose: ConsentPurpose;
  /** Absent: all brands of the tenant. */
  readonly brand?: string;
  /** Only for `granted` and `confirmed`; absent means `implied`. */
  readonly level?: ConsentLevel;
  /** Until when it holds by the terms or by law, epoch ms, exclusive. */
  readonly expiresAtMs?: number;
  /** The law that set `expiresAtMs`; absent: the terms did. */
  readonly expiresBy?: string;
  /** How it was given: `web-form`, `paper`, `sms-keyword`, `import`, ... */
  readonly method?: string;
  /** Version of the wording that the person saw. */
  readonly wordingVersion?: string;
}

/** What the record of a permission proves beside its terms. */
export interface ConsentEvidence {
  /** Names of what it proves, e.g. `signature`, `seller-name`, `not-condition-of-purchase`. */
  readonly evidence?: readonly string[];
  /** What an implied permission rests on, e.g. `purchase`, `inquiry`, `conspicuous-publication`. */
  readonly basis?: string;
  /** Where the permission came from, e.g. `own-form`, `purchased`, `lead-affiliate`. */
  readonly source?: string;
  /** The campaign or programme that it was given for. */
  readonly campaign?: string;
  /** Where the proof is kept: a file, a screenshot, a recording. */
  readonly proof?: string;
  /** Under whose law it was given, ISO 3166. */
  readonly jurisdiction?: string;
  /** The import that brought it, and the line of its file: `<import>#<line>`. */
  readonly imported?: string;
}

/** The standing of one (channel, purpose, brand) at an instant, with the evidence that rules ask about. */
export interface ConsentState extends ConsentEvidence {
  readonly channel: Channel | 'any';
  readonly purpose: ConsentPurpose;
  readonly brand?: string;
  readonly status: 'granted' | 'confirmed' | 'revoked' | 'expired';
  readonly level: ConsentLevel;
  /** When this status began. */
  readonly sinceMs: number;
  /** Exclusive; the state is `expired` from here on. */
  readonly expiresAtMs?: number;
  readonly expiresBy?: string;
  /** Of a permission for `any` purpose: purposes that were taken back since. */
  readonly exceptPurposes?: readonly string[];
  readonly method?: string;
  readonly wordingVersion?: string;
}

const scopeKey = (event: { channel: string; purpose: string; brand?: string }): string =>
  JSON.stringify([event.channel, event.purpose, event.brand ?? null]);

const sharesPlace = (revocation: ConsentEvent, state: ConsentState): boolean =>
  (revocation.channel === 'any' || state.channel === 'any' || revocation.channel === state.channel) &&
  (revocation.brand === undefined || state.brand === undefined || revocation.brand === state.brand);

/** A wider revocation ends every narrower permission: `any` channel, `any` purpose, no brand. */
const reaches = (revocation: ConsentEvent, state: ConsentState): boolean =>
  sharesPlace(revocation, state) && (revocation.purpose === 'any' || revocation.purpose === state.purpose);

/** A permission for every purpose loses the one that is taken back and keeps the others. */
const narrows = (revocation: ConsentEvent, state: ConsentState): boolean =>
  state.purpose === 'any' && revocation.purpose !== 'any' && sharesPlace(revocation, state);

/** Does a state speak for this purpose? */
export const coversPurpose = (state: ConsentState, purpose: ConsentPurpose): boolean =>
  state.purpose === purpose || (state.purpose === 'any' && state.exceptPurposes?.includes(purpose) !== true);

/**
 * State of every consent at an instant, from the events up to and including it. Order of equal instants is the
 * order of the list, but a revocation beats a grant at the same instant. Doubled ids count once. Clocks that ran
 * backwards do no harm: events are taken by their own time.
 *
 * A revocation that touches a wider permission (given for `any` channel or all brands) ends the whole of it: which
 * part the person meant to keep is not known, so nothing is kept. Purposes are kept apart: a permission for `any`
 * purpose loses the one that is revoked (`exceptPurposes`) and keeps the others.
 * @returns sorted by channel, purpose and brand: same events, same bytes
 */
export function consentStateAt(events: readonly ConsentEvent[], atMs: number): ConsentState[] {
  const seen = new Set<string>();
  const due = events.filter((event) => {
    if (seen.has(event.id)) return false;
    seen.add(event.id);
    return event.atMs <= atMs;
  });
  const ends = (event: ConsentEvent): number => (event.kind === 'revoked' ? 1 : 0);
  due.sort((a, b) => a.atMs - b.atMs || ends(a) - ends(b));

  const states = new Map<string, ConsentState>();
  for (const event of due) applyEvent(states, event);
  return [...states.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, state]) =>
      isOver(state, atMs) ? { ...state, status: 'expired', sinceMs: state.expiresAtMs! } : state,
    );
}

/**
 * Events as they bind a message now: a revocation that lies ahead was made before the clock went back, and counts at
 * once; a permission that lies ahead waits for its time.
 */
export const bindingAt = (events: readonly ConsentEvent[], nowMs: number): readonly ConsentEvent[] =>
  events.some(({ kind, atMs }) => kind === 'revoked' && atMs > nowMs)
    ? events.map((event) =>
        event.kind === 'revoked' && event.atMs > nowMs ? { ...event, atMs: nowMs } : event,
      )
    : events;

const isOver = (state: ConsentState, atMs: number): boolean =>
  state.status !== 'revoked' && state.status !== 'expired' && (state.expiresAtMs ?? Infinity) <= atMs;

const EVIDENCE = ['evidence', 'basis', 'source', 'campaign', 'proof', 'jurisdiction', 'imported'] as const;

/** What the event proves; a confirmation keeps what the grant proved. */
function evidenceOf(event: ConsentEvent, before: ConsentState | undefined): ConsentEvidence {
  const found: Record<string, unknown> = {};
  for (const name of EVIDENCE) {
    const value = event[name] ?? (event.kind === 'confirmed' ? before?.[name] : undefined);
    if (value !== undefined) found[name] = value;
  }
  return found;
}

function applyEvent(states: Map<string, ConsentState>, event: ConsentEvent): void {
  const key = scopeKey(event);
  const before = states.get(key);
  switch (event.kind) {
    case 'granted':
    case 'confirmed': {
      const expiresAtMs = event.expiresAtMs ?? (event.kind === 'confirmed' ? before?.expiresAtMs : undefined);
      const expiresBy =
        event.expiresAtMs === undefined && event.kind === 'confirmed' ? before?.expiresBy : event.expiresBy;
      const except = event.kind === 'confirmed' ? before?.exceptPurposes : undefined;
      const method = event.method ?? before?.method;
      const wordingVersion = event.wordingVersion ?? before?.wordingVersion;
      // A confirmation of something revoked, lapsed or never granted cannot bring it to life.
      const dead = before === undefined || before.status === 'revoked' || before.status === 'expired';
      if (event.kind === 'confirmed' && (dead || isOver(before, event.atMs))) return;
      states.set(key, {
        channel: event.channel,
        purpose: event.purpose,
        ...(event.brand === undefined ? {} : { brand: event.brand }),
        status: event.kind,
        level: event.level ?? (event.kind === 'confirmed' ? before!.level : 'implied'),
        sinceMs: event.atMs,
        ...(expiresAtMs === undefined ? {} : { expiresAtMs }),
        ...(expiresBy === undefined ? {} : { expiresBy }),
        ...(except === undefined ? {} : { exceptPurposes: except }),
        ...(method === undefined ? {} : { method }),
        ...(wordingVersion === undefined ? {} : { wordingVersion }),
        ...evidenceOf(event, before),
      });
      return;
    }
    case 'revoked':
    case 'expired': {
      let touched = false;
      for (const [other, state] of states) {
        if (narrows(event, state)) {
          const except = new Set([...(state.exceptPurposes ?? []), event.purpose]);
          states.set(other, { ...state, exceptPurposes: [...except].sort() });
        }
        if (other !== key && !reaches(event, state)) continue;
        touched ||= other === key;
        states.set(other, { ...state, status: event.kind, sinceMs: event.atMs });
      }
      if (touched) return;
      states.set(key, {
        channel: event.channel,
        purpose: event.purpose,
        ...(event.brand === undefined ? {} : { brand: event.brand }),
        status: event.kind,
        level: 'implied',
        sinceMs: event.atMs,
      });
      return;
    }
  }
}
