import type { ConsentEvent } from './consent.ts';

/**
 * A slow oracle for the state of consent: each question is answered by itself, from the law's words and by looking
 * backwards from the instant, and shares no code with `consentStateAt`.
 */
export interface Scope {
  readonly channel: string;
  readonly purpose: string;
  readonly brand?: string;
}

const same = (event: ConsentEvent, scope: Scope): boolean =>
  event.channel === scope.channel && event.purpose === scope.purpose && event.brand === scope.brand;

const overlaps = (event: ConsentEvent, scope: Scope): boolean => {
  const channels = event.channel === scope.channel || [event.channel, scope.channel].includes('any');
  const brands = event.brand === scope.brand || event.brand === undefined || scope.brand === undefined;
  return channels && brands;
};

/** Standing of one scope after the first `n` events of a line; undefined: nobody ever spoke of it. */
function standing(
  line: readonly ConsentEvent[],
  n: number,
  scope: Scope,
): { status: string; endsMs: number } | undefined {
  for (let i = n - 1; i >= 0; i--) {
    const event = line[i]!;
    const own = same(event, scope);
    if (event.kind === 'granted') {
      if (own) return { status: 'granted', endsMs: event.expiresAtMs ?? Infinity };
    } else if (event.kind === 'confirmed') {
      if (!own) continue;
      const before = standing(line, i, scope);
      const alive = before && ['granted', 'confirmed'].includes(before.status) && event.atMs < before.endsMs;
      if (alive) return { status: 'confirmed', endsMs: event.expiresAtMs ?? before.endsMs };
    } else {
      const wide = overlaps(event, scope) && ['any', scope.purpose].includes(event.purpose);
      if (own || (wide && standing(line, i, scope) !== undefined))
        return { status: event.kind, endsMs: Infinity };
    }
  }
  return undefined;
}

/** `granted`, `confirmed`, `revoked`, `expired`; undefined: no record. */
export function oracleStatus(
  events: readonly ConsentEvent[],
  scope: Scope,
  atMs: number,
): string | undefined {
  const once = events.filter((event, i) => events.findIndex(({ id }) => id === event.id) === i);
  const line: ConsentEvent[] = [];
  for (let ms = 0; ms <= atMs; ms++) {
    const now = once.filter((event) => event.atMs === ms);
    line.push(
      ...now.filter(({ kind }) => kind !== 'revoked'),
      ...now.filter(({ kind }) => kind === 'revoked'),
    );
  }
  const found = standing(line, line.length, scope);
  return found && (found.endsMs <= atMs ? 'expired' : found.status);
}

/** May one send for the purpose, by channel and brand, at the instant? Some permission stands and covers it. */
export function oraclePermits(
  events: readonly ConsentEvent[],
  wanted: { readonly channel: string; readonly purpose: string; readonly brand?: string },
  atMs: number,
): boolean {
  const scopes = events.map(({ channel, purpose, brand }): Scope => {
    return { channel, purpose, ...(brand === undefined ? {} : { brand }) };
  });
  return scopes.some((scope) => {
    const fits =
      [wanted.channel, 'any'].includes(scope.channel) &&
      [wanted.purpose, 'any'].includes(scope.purpose) &&
      (scope.brand === undefined || scope.brand === wanted.brand);
    if (!fits || !['granted', 'confirmed'].includes(oracleStatus(events, scope, atMs) ?? '')) return false;
    if (scope.purpose !== 'any') return true;
    // A permission for everything: was this purpose taken out of it since it was last granted?
    const once = events.filter((event, i) => events.findIndex(({ id }) => id === event.id) === i);
    const grants = once.filter(
      (event) => event.kind === 'granted' && same(event, scope) && event.atMs <= atMs,
    );
    const last = Math.max(...grants.map((event) => event.atMs));
    return !once.some(
      (event) =>
        ['revoked', 'expired'].includes(event.kind) &&
        event.purpose === wanted.purpose &&
        overlaps(event, scope) &&
        event.atMs <= atMs &&
        (event.atMs > last ||
          (event.atMs === last &&
            (event.kind === 'revoked' ||
              once.indexOf(event) > once.indexOf(grants.findLast((g) => g.atMs === last)!)))),
    );
  });
}
