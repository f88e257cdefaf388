import type { z } from 'zod';
import { checkRecipient } from '../../pipeline/accept/address.ts';
import { characterProblems } from '../../pipeline/accept/check.ts';
import { type ConsentState, consentStateAt } from '../../pipeline/comply/consent/consent.ts';
import type { SuppressionEntry } from '../../pipeline/comply/facts.ts';
import type { ConsentLedger, SuppressionList } from '../../pipeline/comply/ports.ts';
import type { Channel } from '../../pipeline/comply/types.ts';
import type { ConsentDesk } from '../../pipeline/ledger/desk.ts';
import { consentEntry } from '../../pipeline/ledger/entry.ts';
import { invalidRequest } from './body.ts';
import { channelOf } from './classify.ts';
import { ProblemError } from './problem.ts';
import type { ConsentRequest, SuppressionFilter, SuppressionRequest } from './schemas.ts';

const iso = (ms: number): string => new Date(ms).toISOString();

/** The address as messages have it, or consent would be kept under a name that no message has. */
export function addressOf(recipient: string, channel: Channel | 'any' | undefined): string {
  const odd = characterProblems('/recipient', recipient, 'forbidden');
  if (odd.length > 0) throw invalidRequest(odd);
  const by = channel === undefined || channel === 'any' ? channelOf(recipient) : channel;
  const checked = checkRecipient(by, recipient);
  if (checked.ok) return checked.address;
  throw invalidRequest([{ field: '/recipient', code: checked.code, message: checked.message }]);
}

/** Records what someone said about being contacted. Resolves when it is durable. */
export async function recordConsent(
  desk: Pick<ConsentDesk, 'record'>,
  ledger: ConsentLedger,
  tenant: string,
  request: z.infer<typeof ConsentRequest>,
  nowMs: number,
  newId: () => string,
) {
  const made = consentEntry(request, nowMs, newId);
  if (!made.ok) throw invalidRequest(made.problems);
  const { recipient, event } = made.entry;
  await desk.record(tenant, [made.entry]);
  const state = consentStateAt(await ledger.events(tenant, recipient), Math.max(nowMs, event.atMs));
  return { recipient, eventId: event.id, state: state.map(viewState) };
}

/** Every consent of one recipient as it now stands. */
export async function consentOf(ledger: ConsentLedger, tenant: string, address: string, nowMs: number) {
  const recipient = addressOf(address, undefined);
  const events = await ledger.events(tenant, recipient);
  return { recipient, state: consentStateAt(events, nowMs).map(viewState) };
}

function viewState({ sinceMs, expiresAtMs, ...state }: ConsentState) {
  return {
    ...state,
    since: iso(sinceMs),
    ...(expiresAtMs === undefined ? {} : { expiresAt: iso(expiresAtMs) }),
  };
}

/** Stops messages to an address, from now on. */
export async function suppress(
  list: SuppressionList,
  tenant: string,
  request: z.infer<typeof SuppressionRequest>,
  nowMs: number,
) {
  const recipient = addressOf(request.recipient, request.channel);
  const { purpose, channel, brand, reason, until } = request;
  const untilMs = until === undefined ? undefined : Date.parse(until);
  if (untilMs !== undefined && untilMs <= nowMs) {
    throw invalidRequest([{ field: '/until', code: 'IN_PAST', message: 'lies in the past' }]);
  }
  await list.add(tenant, recipient, {
    purpose,
    channel,
    reason,
    sinceMs: nowMs,
    ...(brand === undefined ? {} : { brand }),
    ...(untilMs === undefined ? {} : { untilMs }),
  });
  return suppressionsOf(list, tenant, recipient);
}

/** Ends entries that are in force and match; they stay on record with the instant they ended. */
export async function unsuppress(
  list: SuppressionList,
  tenant: string,
  filter: z.infer<typeof SuppressionFilter>,
  nowMs: number,
) {
  const recipient = addressOf(filter.recipient, filter.channel);
  const matches = (entry: SuppressionEntry): boolean =>
    (entry.untilMs === undefined || entry.untilMs > nowMs) &&
    (['purpose', 'channel', 'brand', 'reason'] as const).every(
      (name) => filter[name] === undefined || filter[name] === entry[name],
    );
  const ending = (await list.entries(tenant, recipient)).filter(matches);
  if (ending.length === 0) {
    throw new ProblemError('NOT_FOUND', 'No suppression in force matches.', {
      fix: 'See what is in force with GET /v1/suppressions?recipient=...',
    });
  }
  for (const entry of ending) await list.add(tenant, recipient, { ...entry, untilMs: nowMs });
  return { ...(await suppressionsOf(list, tenant, recipient)), ended: ending.length };
}

/** Every entry of one recipient, whether in force or not. */
export async function suppressionsOf(list: SuppressionList, tenant: string, address: string) {
  const recipient = addressOf(address, undefined);
  const entries = await list.entries(tenant, recipient);
  return {
    recipient,
    entries: entries.map(({ sinceMs, untilMs, ...entry }) => ({
      ...entry,
      since: iso(sinceMs),
      ...(untilMs === undefined ? {} : { until: iso(untilMs) }),
    })),
  };
}
