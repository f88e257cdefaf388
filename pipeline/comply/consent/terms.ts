import { addDuration, type Duration, durationInWords, parseDuration } from '../language/duration.ts';
import type { ConsentEvent } from './consent.ts';

/** How long a law lets a permission of some kind stand. */
interface Term {
  readonly jurisdiction: string;
  /** Only permissions of these levels; absent: all. */
  readonly levels?: readonly string[];
  /** Only permissions that rest on one of these; absent: on anything. */
  readonly bases?: readonly string[];
  readonly lasts: Duration;
  readonly law: string;
}

const term = (
  jurisdiction: string,
  lasts: string,
  law: string,
  only: Pick<Term, 'levels' | 'bases'> = {},
): Term => Object.freeze({ jurisdiction, lasts: parseDuration(lasts)!, law, ...only });

const UNSAID = ['implied', 'inferred'] as const;
const BOUGHT = ['purchase', 'lease', 'barter', 'contract', 'investment', 'membership', 'donation', 'sale'];
const ASKED = ['inquiry', 'application'];

/** Permissions that end by themselves. What depends on later dealings is asked by the packs at each release. */
const TERMS: readonly Term[] = [
  term('CA', 'P24M', 'CASL s. 10(9), (10)', { levels: UNSAID, bases: BOUGHT }),
  term('CA', 'P6M', 'CASL s. 10(9), (10)(e)', { levels: UNSAID, bases: ASKED }),
  term('US', 'P18M', '47 CFR 64.1200(f)(5)', { levels: UNSAID, bases: BOUGHT }),
  term('US', 'P3M', '47 CFR 64.1200(f)(5)', { levels: UNSAID, bases: ASKED }),
  term('IE', 'P12M', 'S.I. 336/2011 reg. 13(11)', { levels: UNSAID }),
  term('KR', 'P6M', 'Network Act art. 50(1); Enforcement Decree art. 61', { levels: UNSAID }),
  term('KR', 'P2Y', 'Network Act art. 50(8); Enforcement Decree art. 62-3'),
];

export interface LegalEnd {
  /** Exclusive, epoch ms. */
  readonly endsAtMs: number;
  readonly law: string;
}

/**
 * When a permission ends by law: the soonest end in any of the places that may bind; `undefined` where no law that is
 * known here ends it. A later confirmation begins a term of its own.
 * @param jurisdictions ISO 3166 codes, countries and subdivisions (`US`, `US-FL`)
 */
export function legalEnd(event: ConsentEvent, jurisdictions: readonly string[]): LegalEnd | undefined {
  if (event.kind !== 'granted' && event.kind !== 'confirmed') return undefined;
  const level = event.level ?? 'implied';
  const countries = new Set(jurisdictions.map((code) => code.slice(0, 2)));
  let soonest: LegalEnd | undefined;
  for (const { jurisdiction, levels, bases, lasts, law } of TERMS) {
    if (!countries.has(jurisdiction) || (levels && !levels.includes(level))) continue;
    // What an implied permission rests on may be unsaid: then it may be what ends soonest.
    if (bases && event.basis !== undefined && !bases.includes(event.basis)) continue;
    const endsAtMs = addDuration(event.atMs, lasts);
    if (soonest === undefined || endsAtMs < soonest.endsAtMs)
      soonest = { endsAtMs, law: `${law}: ${durationInWords(lasts)}` };
  }
  return soonest;
}

/** The event with the end that the law sets, where that comes before the one that it has. */
export function withLegalEnd(event: ConsentEvent, jurisdictions: readonly string[]): ConsentEvent {
  const end = legalEnd(event, jurisdictions);
  if (end === undefined || (event.expiresAtMs ?? Infinity) <= end.endsAtMs) return event;
  return { ...event, expiresAtMs: end.endsAtMs, expiresBy: end.law };
}
