import { findPhrases } from './features/phrases.ts';
import { type Counted, SIGNALS } from './features/signals.ts';
import { canonicalise } from './text/canonical.ts';
import { placeholderOf } from './text/placeholders.ts';
import { tokenise } from './text/tokenize.ts';
import type { Reason } from './verdict.ts';

/** A stretch of a text as it was written, and what its words and signs said. */
export interface Highlight {
  /** First UTF-16 unit; never inside a surrogate pair. */
  readonly start: number;
  /** One past the last unit. */
  readonly end: number;
  /** Contributions of the reasons that name it, added; above 0 they speak for promotional. */
  readonly contribution: number;
  /** Features of those reasons, the strongest first. */
  readonly features: readonly string[];
}

/** A token of the canonical text and where its original stands. */
interface Place {
  readonly token: string;
  readonly start: number;
  readonly end: number;
}

/** Texts are read for highlights up to here; reasons of longer ones are given without places for the rest. */
const READ_CHARACTERS = 20_000;
/** An amount, a date or a spaced-out word may be written in so many pieces. */
const WIDEST = 8;
/** How far ahead the next known token is looked for where a piece reads otherwise by itself. */
const LOOK_AHEAD = 12;

/**
 * Finds what reasons name in the text as it was written: words, pairs of words, and whatever a signal counts (links,
 * amounts, capitals, phrases). Look-alike letters, amounts and links are found by what the model reads in them.
 *
 * @param text the original, not the canonical text
 * @param reasons of that text's verdict
 * @returns ascending stretches that do not overlap; a word named by several reasons has the sum of them
 */
export function highlight(text: string, reasons: readonly Reason[]): Highlight[] {
  const read = text.length > READ_CHARACTERS ? text.slice(0, READ_CHARACTERS) : text;
  const places = locateTokens(read);
  const marks: { start: number; end: number; reason: Reason }[] = [];
  for (const reason of reasons) {
    for (const [start, end] of rangesOf(reason.feature, places, read)) marks.push({ start, end, reason });
  }
  return flatten(marks);
}

/** The stretches of {@link highlight} and what lies between them, in order; together they are the text. */
export function splitAtHighlights(
  text: string,
  highlights: readonly Highlight[],
): { readonly text: string; readonly highlight?: Highlight }[] {
  const parts: { text: string; highlight?: Highlight }[] = [];
  let at = 0;
  for (const one of highlights) {
    if (one.start > at) parts.push({ text: text.slice(at, one.start) });
    parts.push({ text: text.slice(one.start, one.end), highlight: one });
    at = one.end;
  }
  if (at < text.length) parts.push({ text: text.slice(at) });
  return parts;
}

/** Tokens of the canonical text with their places: each is found in the piece, or run of pieces, that reads as it. */
function locateTokens(text: string): Place[] {
  const wanted = tokenise(canonicalise(text), { punctuation: true });
  const pieces = [...text.matchAll(/\S+/g)].map(({ 0: piece, index }) => ({
    start: index,
    end: index + piece.length,
  }));
  const readAs = (from: number, width: number): string[] =>
    tokenise(canonicalise(text.slice(pieces[from]!.start, pieces[from + width - 1]!.end)), {
      punctuation: true,
    });
  const places: Place[] = [];
  let next = 0;
  for (let piece = 0; piece < pieces.length; ) {
    const alone = readAs(piece, 1);
    let width = 1;
    let tokens = alone;
    while (!startsWith(wanted, next, tokens) && width < WIDEST && piece + width < pieces.length) {
      tokens = readAs(piece, ++width);
    }
    if (startsWith(wanted, next, tokens)) {
      next += tokens.length;
    } else {
      [tokens, width] = [alone, 1];
      const found = Array.from({ length: LOOK_AHEAD }, (_, ahead) => next + ahead).find((at) =>
        startsWith(wanted, at, alone),
      );
      if (alone.length > 0 && found !== undefined) next = found + alone.length;
    }
    const start = pieces[piece]!.start;
    places.push(...narrow(text, start, pieces[piece + width - 1]!.end, tokens));
    piece += width;
  }
  return places;
}

const startsWith = (tokens: readonly string[], at: number, part: readonly string[]): boolean =>
  part.every((token, index) => tokens[at + index] === token);

/** A token that stands in its piece letter by letter is found there; any other has the whole piece. */
function narrow(text: string, start: number, end: number, tokens: readonly string[]): Place[] {
  const piece = text.slice(start, end).toLowerCase();
  const exact = piece.length === end - start;
  let from = 0;
  return tokens.map((token) => {
    const at = exact ? piece.indexOf(token, from) : -1;
    if (at < 0) return { token, start, end };
    from = at + token.length;
    return { token, start: start + at, end: start + from };
  });
}

type Range = readonly [start: number, end: number];

const SIGNAL_COUNTS: ReadonlyMap<string, Counted> = new Map(
  SIGNALS.flatMap(({ name, counted }) => (counted ? [[`signal:${name}`, counted] as const] : [])),
);

function rangesOf(feature: string, places: readonly Place[], text: string): Range[] {
  if (feature.startsWith('word:') || feature.startsWith('term:')) {
    const terms = feature.slice('word:'.length).split(' ');
    return places.flatMap((_, at): Range[] =>
      terms.every((term, index) => says(places[at + index], term, terms.length > 1))
        ? [[places[at]!.start, places[at + terms.length - 1]!.end]]
        : [],
    );
  }
  const counted = SIGNAL_COUNTS.get(feature);
  return counted ? rangesCounted(counted, places, text) : [];
}

/** Pairs name placeholders by their family, single terms by their shape. */
function says(place: Place | undefined, term: string, coarse: boolean): boolean {
  if (place === undefined) return false;
  if (place.token === term) return true;
  const placeholder = coarse ? placeholderOf(place.token) : undefined;
  return placeholder !== undefined && `<${placeholder.family}>` === term;
}

function rangesCounted(counted: Counted, places: readonly Place[], text: string): Range[] {
  const where = (wanted: (place: Place) => boolean): Range[] =>
    places.filter(wanted).map(({ start, end }) => [start, end]);
  switch (counted.kind) {
    case 'phrases': {
      const words = places.filter(({ token }) => /[\p{L}\p{N}<]/u.test(token));
      const found = findPhrases(
        words.map(({ token }) => token),
        counted.group,
      );
      return found.map(([from, to]) => [words[from]!.start, words[to - 1]!.end]);
    }
    case 'family':
      return where(({ token }) => placeholderOf(token)?.family === counted.family);
    case 'shapes':
      return where(({ token }) => counted.shapes.includes(placeholderOf(token)?.name ?? ''));
    case 'sign':
      return where(({ token }) => token.startsWith(counted.sign));
    case 'emoji':
      return where(({ token }) => /^\p{Extended_Pictographic}/u.test(token));
    case 'shouted':
      return where(({ start, end }) => /^[A-Z]{3,}$/.test(text.slice(start, end)));
  }
}

/** Marks may overlap; what comes out does not. Each reason counts once in a stretch. */
function flatten(marks: readonly { start: number; end: number; reason: Reason }[]): Highlight[] {
  const cuts = [...new Set(marks.flatMap(({ start, end }) => [start, end]))].sort((a, b) => a - b);
  const ordered = [...marks].sort((a, b) => a.start - b.start);
  const out: Highlight[] = [];
  let open: typeof ordered = [];
  let next = 0;
  cuts.slice(0, -1).forEach((start, index) => {
    const end = cuts[index + 1]!;
    open = open.filter((mark) => mark.end > start);
    while (next < ordered.length && ordered[next]!.start <= start) open.push(ordered[next++]!);
    const reasons = [...new Set(open.map(({ reason }) => reason))].sort(
      (a, b) => Math.abs(b.contribution) - Math.abs(a.contribution),
    );
    if (reasons.length === 0) return;
    const contribution = reasons.reduce((sum, reason) => sum + reason.contribution, 0);
    const features = reasons.map(({ feature }) => feature);
    const before = out.at(-1);
    if (before?.end === start && before.features.join() === features.join())
      out[out.length - 1] = { ...before, end };
    else out.push({ start, end, contribution: Math.round(contribution * 1e9) / 1e9, features });
  });
  return out;
}
