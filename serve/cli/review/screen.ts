import { styleText } from 'node:util';
import { highlight, splitAtHighlights } from '../../../models/highlight.ts';
import type { Reason } from '../../../models/verdict.ts';
import type { Chosen } from '../../../train/review/choose.ts';

/** How a message is laid out. */
export interface ScreenOptions {
  /** Colours and underlines; without them words that spoke stand between marks. */
  readonly styled: boolean;
  /** Characters a line. */
  readonly width: number;
}

const SHOWN_REASONS = 4;
const SHOWN_CHARACTERS = 2_000;
/** Weaker words are left as they are. */
const LEAST = 0.004;
export const KEYS = '[t]ransactional  [p]romotional  [s]cam  s[k]ip  [u]ndo  [q]uit';

/** One message with its answer and what spoke for and against, for the terminal. */
export function renderMessage(
  { text, sender, verdict, lexicalProbability }: Chosen,
  place: { readonly at: number; readonly of: number },
  { styled, width }: ScreenOptions,
): string[] {
  const { class: named, probability, band, risk, reasons } = verdict;
  const parts = [
    `${place.at}/${place.of}`,
    `${named} ${probability.toFixed(3)} ${band}`,
    ...(lexicalProbability === undefined ? [] : [`words alone ${lexicalProbability.toFixed(3)}`]),
    `risk ${risk.toFixed(3)}`,
    ...(sender === undefined ? [] : [`from ${printable(sender)}`]),
  ];
  const shown = text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)} ...` : text;
  return [
    '',
    parts.join('   '),
    '-'.repeat(Math.min(width, 78)),
    ...bodyLines(shown, reasons, styled, width),
    '-'.repeat(Math.min(width, 78)),
    ...reasonLines(reasons),
  ];
}

/** A message may hold control characters that would drive the terminal: none of them reaches it. */
const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ');

/** Line breaks, blanks and runs of other characters. */
const PIECES = /\r?\n|[^\S\n]+|\S+/g;

function bodyLines(text: string, reasons: readonly Reason[], styled: boolean, width: number): string[] {
  const lines: string[] = [];
  let [line, length, afterBlank] = ['', 0, false];
  const end = (): void => {
    lines.push(line.trimEnd());
    [line, length, afterBlank] = ['', 0, false];
  };
  for (const part of splitAtHighlights(text, highlight(text, reasons))) {
    for (const [raw] of part.text.matchAll(PIECES)) {
      if (raw.endsWith('\n')) {
        end();
        continue;
      }
      const piece = printable(raw);
      const blank = piece.trim() === '';
      if (!blank && afterBlank && length + piece.length > width) end();
      line += mark(piece, part.highlight?.contribution ?? 0, styled);
      length += piece.length;
      afterBlank = blank;
    }
  }
  end();
  return lines;
}

function mark(piece: string, contribution: number, styled: boolean): string {
  if (Math.abs(contribution) < LEAST || piece.trim() === '') return piece;
  const speaksFor = contribution > 0;
  if (styled) return styleText(speaksFor ? ['yellow', 'underline'] : ['cyan', 'underline'], piece);
  return speaksFor ? `+${piece}+` : `-${piece}-`;
}

function reasonLines(reasons: readonly Reason[]): string[] {
  const named = reasons.filter(({ feature }) => feature !== 'rest' && feature !== 'bias');
  const list = (wanted: (contribution: number) => boolean) =>
    named
      .filter(({ contribution }) => wanted(contribution))
      .slice(0, SHOWN_REASONS)
      .map(
        ({ text, contribution }) =>
          `${printable(text)} ${contribution > 0 ? '+' : ''}${contribution.toFixed(3)}`,
      )
      .join('; ');
  return [
    `for promotional:  ${list((contribution) => contribution > 0) || 'nothing'}`,
    `against it:       ${list((contribution) => contribution < 0) || 'nothing'}`,
  ];
}
