import { createMemo, type Memo } from '../base/memo.ts';
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
/** Forms remembered, twice as many moulds; at most 100 MB a thread, 10 of ordinary messages. */
const SETTLED_FORMS = 16_384;
/** Longer texts are not remembered, nor are forms that became much longer: digits by the hundred. */
const LONGEST_SETTLED = 500;
const LONGEST_FORM = 750;
const MAX_WRITTEN = MAX_CHARACTERS * MAX_PLACEHOLDER_LENGTH;

/** One form of each text; step by step, each step of all texts before the next. */
function pass(texts: readonly string[]): string[] {
  const plain = texts.map((text) => {
    // Wide gaps tell spaced-out words apart, so letters are joined before blanks are folded, and once more after.
    const joined = joinSpacedLetters(foldCharacters(text, MAX_WRITTEN));
    const folded = foldBlanks(joined);
    return (folded === joined ? joined : joinSpacedLetters(folded)).replace(SUBJECT_LINE, `${SUBJECT} `);
  });
  return applyRules(plain, SHAPE_RULES).map((shaped) => {
    const read = foldSignedWords(shaped);
    return writeSymbols(foldBlanks(hasLongRun(read) ? read.replace(REPEATED, '$1$1$1') : read));
  });
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
  return canonicaliseAll([text])[0]!;
}

/** {@link canonicalise} of many texts, in their order: new ones cost less together than one by one. */
export function canonicaliseAll(texts: readonly string[]): string[] {
  const forms = new Array<string>(texts.length);
  const open: number[] = [];
  const openMoulds: (string | undefined)[] = [];
  texts.forEach((text, at) => {
    const mould = text.length > LONGEST_SETTLED ? undefined : mouldOf(text);
    const known = mould === undefined ? undefined : moulds.get(mould);
    if (known === undefined) {
      open.push(at);
      openMoulds.push(mould);
    } else forms[at] = known;
  });
  if (open.length === 0) return forms;
  canonicaliseUnremembered(open.map((at) => texts[at]!)).forEach((form, i) => {
    forms[open[i]!] = form;
    remember(moulds, openMoulds[i], form);
  });
  return forms;
}

const moulds = createMemo<string>(2 * SETTLED_FORMS, LONGEST_SETTLED);

/** {@link canonicaliseAll} without its memory of moulds: the same, ten times slower on templates that were seen. */
export function canonicaliseUnremembered(texts: readonly string[]): string[] {
  const forms = pass(texts);
  // Texts of one template meet here: what follows is the same for all of them.
  const open: number[] = [];
  const firsts: string[] = [];
  forms.forEach((first, at) => {
    const known = settled.get(first);
    if (known === undefined) {
      open.push(at);
      firsts.push(first);
    } else forms[at] = known;
  });
  settle(firsts).forEach((form, i) => {
    forms[open[i]!] = form;
    remember(settled, firsts[i], form);
  });
  return forms;
}

const settled = createMemo<string>(SETTLED_FORMS, LONGEST_SETTLED);

function remember(memo: Memo<string>, text: string | undefined, form: string): void {
  if (text !== undefined && form.length <= LONGEST_FORM) memo.set(text, form);
}

function settle(firsts: readonly string[]): string[] {
  const forms = [...firsts];
  let open = [...firsts.keys()];
  // One form may open the way for another rule, so it is taken to the fixed point, which two passes reach
  // in all but contrived cases.
  for (let tried = 1; tried < TRIED_FORMS && open.length > 0; tried++) {
    const next = pass(open.map((at) => forms[at]!));
    const moved: number[] = [];
    open.forEach((at, i) => {
      if (next[i] === forms[at]) return;
      forms[at] = next[i]!;
      moved.push(at);
    });
    open = moved;
  }
  return forms;
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
