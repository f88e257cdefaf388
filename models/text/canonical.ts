import { createMemo } from '../base/memo.ts';
import { foldBlanks, foldCharacters, MAX_CHARACTERS } from './characters.ts';
import { foldSignedWords, joinSpacedLetters } from './disguise.ts';
import { mouldOf } from './mould.ts';
import { MAX_PLACEHOLDER_LENGTH, mapPlaceholders, symbol, writeSymbols } from './placeholders.ts';
import { IDENTIFIER_RULES, TAIL_RULES } from './shapes/identifiers.ts';
import { LINK_RULES } from './shapes/links.ts';
import { MONEY_RULES } from './shapes/money.ts';
import { applyRules, type ShapeRule } from './shapes/rule.ts';
import { TIME_RULES } from './shapes/times.ts';
import { WORD_RULES } from './shapes/words.ts';

/** Part of every fingerprint and cache key: raised whenever any text could get another canonical form. */
export const CANONICAL_VERSION = 1;

/** All shaping rules, in the order they are applied. */
export const SHAPE_RULES: readonly ShapeRule[] = Object.freeze([
  ...LINK_RULES,
  ...TAIL_RULES,
  ...MONEY_RULES,
  ...TIME_RULES,
  ...IDENTIFIER_RULES,
  ...WORD_RULES,
]);

const SUBJECT = symbol('subject');
const SUBJECT_LINE = /^subject:[ \n]*/i;
const REPEATED = /([^\d\n])\1{3,}/gu;
const TRIED_FORMS = 8;
/** Forms remembered, twice as many moulds, and the longest; at most 80 MB, 10 of ordinary messages. */
const SETTLED_FORMS = 16_384;
const LONGEST_SETTLED = 500;
const MAX_WRITTEN = MAX_CHARACTERS * MAX_PLACEHOLDER_LENGTH;

function pass(text: string): string {
  // Wide gaps tell spaced-out words apart, so letters are joined before blanks are folded, and once more after.
  const joined = joinSpacedLetters(foldCharacters(text, MAX_WRITTEN));
  let shaped = foldBlanks(joined);
  if (shaped !== joined) shaped = joinSpacedLetters(shaped);
  shaped = shaped.replace(SUBJECT_LINE, `${SUBJECT} `);
  shaped = foldSignedWords(applyRules(shaped, SHAPE_RULES));
  if (hasLongRun(shaped)) shaped = shaped.replace(REPEATED, '$1$1$1');
  return writeSymbols(foldBlanks(shaped));
}

/** Whether any character but a digit stands four times in a row; much cheaper than asking the pattern. */
function hasLongRun(text: string): boolean {
  for (let i = 3; i < text.length; i += 2) {
    const unit = text.charCodeAt(i);
    if (unit !== text.charCodeAt(i - 2)) continue;
    if (unit === text.charCodeAt(i - 1) || unit >= 0xd800) return true;
  }
  return false;
}

/**
 * The form of a message that everything learned sees: characters folded (NFKC, look-alikes, invisible ones),
 * disguised words read, and whatever differs from recipient to recipient (codes, amounts, dates, links, ...)
 * replaced by shaped placeholders such as `<code6>`. Case is kept; it is evidence.
 *
 * Pure, idempotent, linear in the length of the text. Of a text longer than {@link MAX_CHARACTERS} the
 * first 16,000 and the last 4,000 characters are read. Never throws; lone surrogates become U+FFFD.
 *
 * @example canonicalise('482156 is your code. Ref AB12345') // '<code6> is your code. Ref <ref>'
 */
export function canonicalise(text: string): string {
  if (text.length > LONGEST_SETTLED) return canonicaliseUnremembered(text);
  const mould = mouldOf(text);
  const known = moulds.get(mould);
  if (known !== undefined) return known;
  const form = canonicaliseUnremembered(text);
  moulds.set(mould, form);
  return form;
}

const moulds = createMemo<string>(2 * SETTLED_FORMS, LONGEST_SETTLED);

/** {@link canonicalise} without its memory of moulds: the same answer, ten times slower on templates that were seen. */
export function canonicaliseUnremembered(text: string): string {
  const first = pass(text);
  // Texts of one template meet here: what follows is the same for all of them.
  const known = settled.get(first);
  if (known !== undefined) return known;
  const form = settle(first);
  settled.set(first, form);
  return form;
}

const settled = createMemo<string>(SETTLED_FORMS, LONGEST_SETTLED);

function settle(first: string): string {
  let form = first;
  // One form may open the way for another rule, so it is taken to the fixed point, which two passes reach
  // in all but contrived cases.
  for (let tried = 1; tried < TRIED_FORMS; tried++) {
    const next = pass(form);
    if (next === form) return form;
    form = next;
  }
  return form;
}

/**
 * What a text encoder trained on ordinary prose is given: every placeholder replaced by a typical plain
 * value, so equal canonical texts still get equal vectors.
 *
 * @param canonical the result of {@link canonicalise}
 */
export function encoderText(canonical: string): string {
  return mapPlaceholders(canonical, (placeholder) => placeholder.plain).trim();
}
