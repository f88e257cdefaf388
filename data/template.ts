import { LanewayError } from '../models/base/errors.ts';
import type { Random } from '../models/base/random.ts';

/** A message with slots: literal text, a named slot, or a choice between wordings (which may hold slots). */
export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'slot'; readonly name: string }
  | { readonly kind: 'choice'; readonly options: readonly (readonly Piece[])[] };

export interface Template {
  /** As written in the corpus file. */
  readonly source: string;
  readonly pieces: readonly Piece[];
}

/** Gives the value of a slot; the same name within one message gives the same value. */
export type SlotFiller = (name: string) => string;

/**
 * Parses `{slot}`, `{wording|wording with {slot}}` and the escape `\n`.
 *
 * @throws LanewayError `TEMPLATE_SYNTAX`
 */
export function parseTemplate(source: string): Template {
  const cursor = { at: 0 };
  const pieces = parsePieces(source, cursor, 0);
  if (cursor.at < source.length)
    throw new LanewayError('TEMPLATE_SYNTAX', `a "}" without "{" at column ${cursor.at + 1}`);
  return { source, pieces };
}

function parsePieces(text: string, cursor: { at: number }, depth: number): Piece[] {
  const pieces: Piece[] = [];
  let literal = '';
  const flush = () => {
    if (literal !== '') pieces.push({ kind: 'text', text: literal.replaceAll('\\n', '\n') });
    literal = '';
  };
  while (cursor.at < text.length) {
    const char = text[cursor.at]!;
    if (char === '}' || (char === '|' && depth > 0)) break;
    cursor.at++;
    if (char !== '{') {
      literal += char;
      continue;
    }
    flush();
    pieces.push(parseBraces(text, cursor, depth + 1));
  }
  flush();
  return pieces;
}

function parseBraces(text: string, cursor: { at: number }, depth: number): Piece {
  const start = cursor.at;
  const options: Piece[][] = [];
  for (;;) {
    options.push(parsePieces(text, cursor, depth));
    const char = text[cursor.at++];
    if (char === '}') break;
    if (char !== '|') throw new LanewayError('TEMPLATE_SYNTAX', `the "{" at column ${start} is never closed`);
  }
  const only = options[0]!;
  if (options.length > 1 && depth > 1)
    throw new LanewayError('TEMPLATE_SYNTAX', `a choice inside a choice at column ${start}`);
  if (options.length > 1) return { kind: 'choice', options };
  const name = only.length === 1 && only[0]!.kind === 'text' ? only[0]!.text : '';
  if (!/^[a-z]+$/.test(name))
    throw new LanewayError('TEMPLATE_SYNTAX', `"{${text.slice(start, cursor.at - 1)}}" is not a slot name`);
  return { kind: 'slot', name };
}

/** Renders a template: choices by `random`, slots by `fill`. */
export function renderTemplate(template: Template, fill: SlotFiller, random: Random): string {
  return renderPieces(template.pieces, fill, random);
}

function renderPieces(pieces: readonly Piece[], fill: SlotFiller, random: Random): string {
  let out = '';
  for (const piece of pieces) {
    if (piece.kind === 'text') out += piece.text;
    else if (piece.kind === 'slot') out += fill(piece.name);
    else out += renderPieces(random.pick(piece.options), fill, random);
  }
  return out;
}

/** Names of the slots of a template, in order of appearance, repeats included. */
export function slotsOf({ pieces }: Pick<Template, 'pieces'>): string[] {
  return pieces.flatMap((piece) => {
    if (piece.kind === 'slot') return [piece.name];
    return piece.kind === 'choice' ? piece.options.flatMap((option) => slotsOf({ pieces: option })) : [];
  });
}

/** The template with every slot as `#` and the first wording of every choice: for near-duplicate search. */
export function maskedTemplate(template: Template): string {
  const mask = (pieces: readonly Piece[]): string =>
    pieces
      .map((piece) =>
        piece.kind === 'text' ? piece.text : piece.kind === 'slot' ? '#' : mask(piece.options[0]!),
      )
      .join('');
  return mask(template.pieces);
}
