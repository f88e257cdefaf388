import { folded } from '../comply/content/wording.ts';
import { matcher, whyUnsafe } from '../comply/predicates/pattern.ts';

/** `sender`: exactly this one, case aside; `sender-pattern` and `content-pattern`: RE2 expressions. */
export const DENY_KINDS = ['sender', 'sender-pattern', 'content-pattern'] as const;
export type DenyKind = (typeof DENY_KINDS)[number];

/** A sender or a content that is not let through, whatever else is allowed. */
export interface DenylistEntry {
  /** Unique within the tenant. */
  readonly id: string;
  readonly kind: DenyKind;
  readonly pattern: string;
  readonly reason: string;
  /** Who or what put it on the list. */
  readonly source: string;
  readonly createdAtMs: number;
  /** Exclusive; absent: until it is removed. */
  readonly untilMs?: number;
}

/** What rules ask (`detectorClear`); absent: the list could not be asked. */
export interface DeniedFacts {
  readonly 'denied-sender'?: boolean;
  readonly 'denied-content'?: boolean;
}

/** A tenant's list, compiled. */
export interface Denylist {
  ask(message: DenylistQuestion, nowMs: number): Required<DeniedFacts>;
  /** Entries that say no, for a person who asks why. */
  matches(message: DenylistQuestion, nowMs: number): readonly DenylistEntry[];
}

export interface DenylistQuestion {
  readonly sender: string;
  readonly subject?: string | null;
  readonly body: string;
}

export const EMPTY_DENYLIST: Denylist = compileDenylist([]);

/** Text read of one message: more is no message that a person reads. */
const LONGEST = 100_000;

/** Why an entry is refused; `undefined` when it is taken. Expressions are of RE2's language: linear in the text. */
export function whyRefused(kind: DenyKind, pattern: string): string | undefined {
  if (kind === 'sender') return undefined;
  const why = whyUnsafe(pattern, true);
  if (why !== undefined) return why;
  return matcher(pattern, { ignoreCase: true })('')
    ? 'pattern matches an empty text, so it would stop every message'
    : undefined;
}

/**
 * Compiles a list once for many messages. Contents are asked as they are written and folded (accents, dotted letters),
 * so that a disguise of letters does not get by.
 */
export function compileDenylist(entries: readonly DenylistEntry[]): Denylist {
  const senders = new Map<string, DenylistEntry[]>();
  const patterns: { readonly entry: DenylistEntry; readonly test: (text: string) => boolean }[] = [];
  for (const entry of entries) {
    if (entry.kind !== 'sender') {
      patterns.push({ entry, test: matcher(entry.pattern, { ignoreCase: true }) });
      continue;
    }
    const key = entry.pattern.toLowerCase();
    senders.set(key, [...(senders.get(key) ?? []), entry]);
  }
  const inForce = ({ untilMs }: DenylistEntry, nowMs: number): boolean => nowMs < (untilMs ?? Infinity);
  const matches = (message: DenylistQuestion, nowMs: number): DenylistEntry[] => {
    const found = (senders.get(message.sender.toLowerCase()) ?? []).filter((entry) => inForce(entry, nowMs));
    if (patterns.length === 0) return found;
    const written = `${message.subject ?? ''}\n${message.body}`.slice(0, LONGEST);
    const plain = folded(written);
    for (const { entry, test } of patterns) {
      if (!inForce(entry, nowMs)) continue;
      const isHit = entry.kind === 'sender-pattern' ? test(message.sender) : test(written) || test(plain);
      if (isHit) found.push(entry);
    }
    return found;
  };
  return Object.freeze({
    matches,
    ask(message: DenylistQuestion, nowMs: number) {
      const found = matches(message, nowMs);
      return {
        'denied-sender': found.some(({ kind }) => kind !== 'content-pattern'),
        'denied-content': found.some(({ kind }) => kind === 'content-pattern'),
      };
    },
  });
}
