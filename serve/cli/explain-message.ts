import { styleText } from 'node:util';
import { highlight, splitAtHighlights } from '../../models/highlight.ts';
import type { Reason, Verdict } from '../../models/verdict.ts';

export interface ExplainOptions {
  /** Colours; without them words that spoke stand between marks, `+for+` and `-against-`. */
  readonly styled: boolean;
}

/** A message may hold control characters that would drive the terminal: none of them reaches it. */
const printable = (text: string): string =>
  text.replace(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (mark) =>
    mark === '\t' ? ' ' : `[U+${mark.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}]`,
  );

/** One message with its verdict and what spoke for and against, the words marked in the text, for a terminal. */
export function explainMessage(text: string, verdict: Verdict, { styled }: ExplainOptions): string[] {
  const { class: named, probability, band, risk, reasons, stage, degraded } = verdict;
  const marked = splitAtHighlights(text, highlight(text, reasons))
    .map((part) => mark(printable(part.text), part.highlight?.contribution ?? 0, styled))
    .join('');
  return [
    `${named}, ${band}   P(promotional) ${probability.toFixed(3)}   scam risk ${risk.toFixed(3)}   stage ${stage}${degraded ? ` (${degraded})` : ''}`,
    '',
    ...marked.split('\n'),
    '',
    ...reasons.map((reason) => reasonLine(reason, styled)),
    styled
      ? `${paint('yellow', 'speaks for promotional')}, ${paint('cyan', 'speaks for transactional')}; all lines together are the raw vote`
      : '+ speaks for promotional, - for transactional; all lines together are the raw vote',
  ];
}

function reasonLine({ text, contribution }: Reason, styled: boolean): string {
  const amount = `${contribution < 0 ? '-' : '+'}${Math.abs(contribution).toFixed(3)}`;
  const line = `${amount}  ${printable(text).replaceAll('\n', ' ')}`;
  return styled ? paint(contribution > 0 ? 'yellow' : 'cyan', line) : line;
}

function mark(piece: string, contribution: number, styled: boolean): string {
  if (contribution === 0 || piece.trim() === '') return piece;
  if (styled)
    return piece.replace(/[^\n]+/g, (line) => paint(contribution > 0 ? 'yellow' : 'cyan', line, true));
  return contribution > 0 ? `+${piece}+` : `-${piece}-`;
}

const paint = (colour: 'yellow' | 'cyan', text: string, underlined = false): string =>
  styleText(underlined ? [colour, 'underline'] : colour, text, { validateStream: false });
