import type { z } from 'zod';
import { checkRecipient } from '../accept/address.ts';
import { characterProblems } from '../accept/check.ts';
import { PAST_TOLERANCE_MS } from '../accept/request.ts';
import type { ConsentEvent } from '../comply/consent/consent.ts';
import { ConsentStatement } from '../comply/consent/statement.ts';
import { withLegalEnd } from '../comply/consent/terms.ts';
import { candidateZones } from '../comply/place/zones.ts';
import type { ConsentEntry } from '../comply/ports.ts';
import type { Channel } from '../comply/types.ts';

export interface StatementProblem {
  readonly field: string;
  readonly code: string;
  readonly message: string;
}
export type CheckedEntry =
  | { readonly ok: true; readonly entry: ConsentEntry }
  | { readonly ok: false; readonly problems: readonly StatementProblem[] };

/** How an address is read when the statement is for any channel. */
const channelOf = (recipient: string): Channel =>
  recipient.startsWith('+')
    ? 'sms'
    : recipient.includes('@')
      ? 'email'
      : /\d{6}/.test(recipient)
        ? 'sms'
        : 'push';

/**
 * A ledger entry of a statement: address as messages have it, the end that the law sets.
 * @param newId for a statement without one
 */
export function consentEntry(statement: ConsentStatement, nowMs: number, newId: () => string): CheckedEntry {
  const { recipient, kind, channel, purpose, at, expiresAt, id, jurisdiction, ...more } = statement;
  const odd = characterProblems('/recipient', recipient, 'forbidden');
  if (odd.length > 0) return { ok: false, problems: odd };
  const checked = checkRecipient(channel === 'any' ? channelOf(recipient) : channel, recipient);
  if (!checked.ok) {
    return { ok: false, problems: [{ field: '/recipient', code: checked.code, message: checked.message }] };
  }
  const atMs = at === undefined ? nowMs : Date.parse(at);
  if (atMs > nowMs + PAST_TOLERANCE_MS) {
    return { ok: false, problems: [{ field: '/at', code: 'IN_FUTURE', message: 'lies in the future' }] };
  }
  const { level, brand, method, wordingVersion, basis, source, campaign, evidence, proof } = more;
  const event: ConsentEvent = {
    id: id ?? newId(),
    kind,
    atMs,
    channel,
    purpose,
    ...(brand === undefined ? {} : { brand }),
    ...(level === undefined ? {} : { level }),
    ...(expiresAt === undefined ? {} : { expiresAtMs: Date.parse(expiresAt) }),
    ...(method === undefined ? {} : { method }),
    ...(wordingVersion === undefined ? {} : { wordingVersion }),
    ...(basis === undefined ? {} : { basis }),
    ...(source === undefined ? {} : { source }),
    ...(campaign === undefined ? {} : { campaign }),
    ...(evidence === undefined ? {} : { evidence }),
    ...(proof === undefined ? {} : { proof }),
    ...(jurisdiction === undefined ? {} : { jurisdiction }),
  };
  const places =
    jurisdiction === undefined ? candidateZones({ to: checked.address }).jurisdictions : [jurisdiction];
  return { ok: true, entry: { recipient: checked.address, event: withLegalEnd(event, places) } };
}

/** Columns of an import file; those with a star must be there. */
export const IMPORT_COLUMNS = Object.keys(ConsentStatement.shape);
export const REQUIRED_COLUMNS = ['recipient', 'at'] as const;

/** An entry of a row of an import file: `at` must be said, what is empty is absent, evidence is parted by `;`. */
export function importEntry(
  importId: string,
  line: number,
  row: Readonly<Record<string, string>>,
  nowMs: number,
): CheckedEntry {
  const given = Object.fromEntries(
    Object.entries(row).flatMap(([name, value]) => {
      const text = value.trim();
      if (text === '') return [];
      const isList = name === 'evidence';
      return [
        [
          name,
          isList
            ? text
                .split(';')
                .map((part) => part.trim())
                .filter(Boolean)
            : text,
        ],
      ];
    }),
  );
  for (const name of REQUIRED_COLUMNS) {
    if (given[name] === undefined)
      return { ok: false, problems: [{ field: `/${name}`, code: 'MISSING', message: 'is empty' }] };
  }
  const shaped = ConsentStatement.safeParse({ kind: 'granted', method: 'import', ...given });
  if (!shaped.success) return { ok: false, problems: shaped.error.issues.map(problemOf) };
  const made = consentEntry(shaped.data, nowMs, () => `${importId}:${line}`);
  if (!made.ok) return made;
  const { recipient, event } = made.entry;
  return { ok: true, entry: { recipient, event: { ...event, imported: `${importId}#${line}` } } };
}

const problemOf = (issue: z.core.$ZodIssue): StatementProblem => ({
  field: `/${issue.path.join('/')}`,
  code: issue.code === 'unrecognized_keys' ? 'UNKNOWN_FIELD' : 'INVALID_VALUE',
  message: issue.message,
});
