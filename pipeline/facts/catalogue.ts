import type { z } from 'zod';
import type { JsonValue } from '../../models/base/json.ts';
import { nearest, SAID_FIELDS } from '../comply/fields.ts';
import type { RuleSet } from '../comply/types.ts';
import { asStated, FIELD_VALUES, SECTION_VALUES, type SectionName } from './values.ts';

export const FACT_SCOPES = ['tenant', 'sender', 'recipient'] as const;
/** Whom a fact is about; a recipient's goes before the sender's, that before the tenant's. */
export type FactScope = (typeof FACT_SCOPES)[number];

/** One kind of fact that may be stated. */
export interface FactKind {
  readonly path: string;
  readonly scopes: readonly FactScope[];
  /** What it may hold, in words. */
  readonly form: string;
  readonly value: z.ZodType;
}

/** The kinds of facts that may be stated, by path. */
export type FactCatalogue = ReadonlyMap<string, FactKind>;

/** Laneway finds these out itself. */
const FOUND_OUT: ReadonlySet<string> = new Set(['events.opt-out']);

const HIGH: readonly FactScope[] = ['tenant', 'sender'];
const OF_PERSON: readonly FactScope[] = ['recipient'];
/** What is so of one person is said of that person; what is so of a sender is not said of one. */
const SCOPES: Readonly<Record<string, readonly FactScope[]>> = {
  recipient: OF_PERSON,
  relationship: OF_PERSON,
  device: OF_PERSON,
  events: OF_PERSON,
  sender: FACT_SCOPES,
  record: FACT_SCOPES,
  duties: FACT_SCOPES,
  preferences: FACT_SCOPES,
};
/** What is said of messages comes with each of them; only this is a sender's standing wish. */
const STANDING_OF_MESSAGES: ReadonlySet<string> = new Set(['message.autoInsert']);

const sectionOf = (path: string): string => path.slice(0, path.indexOf('.'));
const isSection = (name: string): name is SectionName => name in SECTION_VALUES;

const FIELD_KINDS = Object.entries(SAID_FIELDS).flatMap(([path, type]): FactKind[] => {
  const section = sectionOf(path);
  if (section === 'message' && !STANDING_OF_MESSAGES.has(path)) return [];
  return [{ path, scopes: SCOPES[section] ?? HIGH, ...FIELD_VALUES[type] }];
});

const catalogues = new WeakMap<RuleSet, FactCatalogue>();

/**
 * What may be stated: single values by `fields.ts`, and every registration, list, event, duty, feed, preference, kept
 * record and rate that a rule of the set names. `replies` has a member for any keyword, which is not listed.
 */
export function factCatalogue(ruleset: RuleSet): FactCatalogue {
  const there = catalogues.get(ruleset);
  if (there) return there;
  const named = new Set(ruleset.rules.flatMap(({ reads }) => reads));
  const catalogue = new Map(FIELD_KINDS.map((kind) => [kind.path, kind]));
  for (const path of [...named].sort()) {
    if (isSection(sectionOf(path)) && !FOUND_OUT.has(path)) catalogue.set(path, sectionKind(path));
  }
  catalogues.set(ruleset, catalogue);
  return catalogue;
}

function sectionKind(path: string): FactKind {
  const section = sectionOf(path) as SectionName;
  return { path, scopes: SCOPES[section] ?? HIGH, ...SECTION_VALUES[section] };
}

const KEYWORD = /^replies\.[A-Z0-9]{1,32}$/;
const kindOf = (catalogue: FactCatalogue, path: string): FactKind | undefined =>
  catalogue.get(path) ?? (KEYWORD.test(path) ? sectionKind(path) : undefined);

/** What is wrong with a stated fact, and in which member. */
export interface FactProblem {
  readonly member: 'path' | 'value';
  readonly code: 'UNKNOWN_FACT' | 'WRONG_SCOPE' | 'INVALID_TYPE';
  readonly message: string;
}

/** A value as rules read it, or what is wrong. Instants come as ISO 8601 and are epoch ms inside. */
export function checkFact(
  catalogue: FactCatalogue,
  scope: FactScope,
  path: string,
  value: unknown,
): { readonly ok: true; readonly value: JsonValue } | { readonly ok: false; readonly problem: FactProblem } {
  const wrong = (member: 'path' | 'value', code: FactProblem['code'], message: string) =>
    ({ ok: false, problem: { member, code, message } }) as const;
  const kind = kindOf(catalogue, path);
  if (kind === undefined) return wrong('path', 'UNKNOWN_FACT', unknownPath(catalogue, path));
  if (!kind.scopes.includes(scope)) {
    return wrong('path', 'WRONG_SCOPE', `${path} is stated of a ${kind.scopes.join(' or ')}, not a ${scope}`);
  }
  const checked = kind.value.safeParse(value);
  if (checked.success) return { ok: true, value: checked.data as JsonValue };
  const [issue] = checked.error.issues;
  const at = issue!.path.length === 0 ? '' : ` (${issue!.path.join('.')}: ${issue!.message})`;
  return wrong('value', 'INVALID_TYPE', `${path} is ${kind.form}${at}`);
}

function unknownPath(catalogue: FactCatalogue, path: string): string {
  if (FOUND_OUT.has(path)) return `${path} is found out by Laneway and cannot be stated`;
  if (path in SAID_FIELDS) return `${path} is said with each message, in its metadata`;
  const near = nearest(path, catalogue.keys());
  return `no rule asks for "${path}"${near === undefined ? '' : `; did you mean ${near}?`}`;
}

/** A stored value as it was stated. */
export const viewValue = (path: string, value: JsonValue): JsonValue =>
  typeof value === 'number' && (sectionOf(path) === 'events' || SAID_FIELDS[path] === 'instant')
    ? new Date(value).toISOString()
    : asStated(value);
