import smpp from 'smpp';
import type { DeliveryOutcome, Receipt } from '../provider.ts';

const NAMES = new Map(Object.entries(smpp.errors).map(([name, status]) => [status, name]));
/** The carrier is well and wants us slower: throttled, queue full. */
const SLOWER = new Set(['ESME_RTHROTTLED', 'ESME_RMSGQFUL']);
/** Not this message but the carrier, the session or our account. */
const LATER = new Set([
  'ESME_RSYSERR',
  'ESME_RBINDFAIL',
  'ESME_RINVBNDSTS',
  'ESME_RALYBND',
  'ESME_RINVPASWD',
  'ESME_RINVSYSID',
  'ESME_RSUBMITFAIL',
  'ESME_RX_T_APPN',
  'ESME_RUNKNOWNERR',
  'ESME_RDELIVERYFAILURE',
]);
const SLOWER_MS = 1_000;

/** The name of a command status (SMPP 3.4, 5.1.3); those of a carrier's own keep their number. */
export function statusName(status: number): string {
  return NAMES.get(status) ?? `SMPP_0x${status.toString(16).padStart(8, '0')}`;
}

/** What a status other than 0 says of a message that was submitted. Unknown ones of a carrier's own may pass. */
export function failureOf(status: number): DeliveryOutcome {
  const code = statusName(status);
  const detail = `the carrier answered command status ${status}`;
  if (SLOWER.has(code)) return { kind: 'retry', code, detail, cause: 'rate', retryAfterMs: SLOWER_MS };
  if (LATER.has(code) || !NAMES.has(status)) return { kind: 'retry', code, detail };
  return { kind: 'refused', code, detail };
}

const WORDS: Readonly<Record<string, Receipt['status']>> = {
  DELIVRD: 'delivered',
  UNDELIV: 'undelivered',
  EXPIRED: 'undelivered',
  DELETED: 'undelivered',
  REJECTD: 'undelivered',
};
/** `message_state` (SMPP 3.4, 5.2.28). */
const STATES: Readonly<Record<number, Receipt['status']>> = {
  2: 'delivered',
  3: 'undelivered',
  4: 'undelivered',
  5: 'undelivered',
  8: 'undelivered',
};

/** A delivery receipt as its optional parameters or its text have it (SMPP 3.4, appendix B). */
export interface SmppReceipt {
  readonly id: string;
  /** Undefined: on its way, nothing final. */
  readonly status: Receipt['status'] | undefined;
  readonly detail: string;
}

/** @returns undefined where it names no message */
export function receiptOf(
  text: string,
  optional: { readonly id?: string | undefined; readonly state?: number | undefined },
): SmppReceipt | undefined {
  const field = (name: string): string | undefined =>
    new RegExp(`(?:^|\\s)${name}:\\s*([^\\s]+)`, 'i').exec(text)?.[1];
  const id = optional.id ?? field('id');
  if (id === undefined || id === '') return undefined;
  const word = field('stat')?.toUpperCase() ?? '';
  const status = optional.state === undefined ? WORDS[word] : (STATES[optional.state] ?? WORDS[word]);
  return { id, status, detail: `stat ${word || optional.state}, err ${field('err') ?? 'none'}` };
}
