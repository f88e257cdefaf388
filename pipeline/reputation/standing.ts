/** What lowers a sender's standing, and by how many incidents it counts. */
export const INCIDENT_WEIGHTS = {
  /** The carrier could not deliver: lists that were bought or are old. */
  undelivered: 0.1,
  'opt-out': 1,
  /** A person says that a message called otherwise was advertising. */
  mislabelled: 2,
  complaint: 5,
  /** A person says that it was scam or phishing. */
  scam: 10,
} as const;
export type IncidentKind = keyof typeof INCIDENT_WEIGHTS;

/** Counts are halved in this time. */
export const HALF_LIFE_MS = 30 * 86_400_000;
/** Until a sender's messages have reached so many, or so many incidents are known, nothing is known of it. */
export const LEAST_REACHED = 50;
export const LEAST_INCIDENTS = 3;
/** Incidents in a hundred that were reached that halve the standing. */
const HALF_AT = 0.02;

/** Counts of one sender, as of an instant. */
export interface Standing {
  /** Delivered messages, by the carrier's word. */
  readonly reached: number;
  /** Weights of incidents. */
  readonly incidents: number;
  /** Each incident divided by what had been reached when it came: later sending does not make it smaller. */
  readonly penalty: number;
  readonly atMs: number;
}

const decay = (standing: Standing, atMs: number): number =>
  0.5 ** (Math.max(0, atMs - standing.atMs) / HALF_LIFE_MS);

/** The counts at a later instant. */
export function decayed(standing: Standing, atMs: number): Standing {
  const factor = decay(standing, atMs);
  const { reached, incidents, penalty } = standing;
  return {
    reached: reached * factor,
    incidents: incidents * factor,
    penalty: penalty * factor,
    atMs: Math.max(atMs, standing.atMs),
  };
}

/** The counts after news; what `store.ts` does in SQL. */
export function withNews(
  standing: Standing,
  news: { readonly reached?: number; readonly incidents?: number; readonly atMs: number },
): Standing {
  const now = decayed(standing, news.atMs);
  const weight = news.incidents ?? 0;
  return {
    reached: now.reached + (news.reached ?? 0),
    incidents: now.incidents + weight,
    penalty: now.penalty + weight / Math.max(now.reached, LEAST_REACHED),
    atMs: now.atMs,
  };
}

/**
 * Reputation of a sender, 0 (bad) to 1 (good); `undefined`: not known. It falls with each incident and comes back with
 * time alone: nothing that a sender can do, such as sending more or calling its messages something else, raises it.
 */
export function reputationOf(standing: Standing, atMs: number): number | undefined {
  const { reached, incidents, penalty } = decayed(standing, atMs);
  if (reached < LEAST_REACHED && incidents < LEAST_INCIDENTS) return undefined;
  return 1 / (1 + penalty / HALF_AT);
}
