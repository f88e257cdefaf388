import { stringify } from 'yaml';
import { readSentence } from './draft-patterns.ts';

export interface Draft {
  /** A pack to be. Its first key makes Laneway refuse it until a person takes it out. */
  readonly yaml: string;
  readonly sentences: number;
  readonly rules: number;
  /** Sentences that command or forbid something and that no pattern understood. */
  readonly unread: number;
}

export interface DraftOptions {
  /** Name of the text, for the reader. */
  readonly source: string;
  readonly pack: string;
  readonly jurisdiction: string;
}

interface Sentence {
  readonly text: string;
  /** Line on which it begins, 1-based. */
  readonly line: number;
  /** Heading or section number that it stands under, if one was seen. */
  readonly section: string | undefined;
}

const ABBREVIATION =
  /(?:\b(?:[ap]\.m|e\.g|i\.e|etc|no|nos|art|sec|para|cf|vs|mr|mrs|dr|inc|ltd|co|u\.s)|\b[A-Z])\.$/i;
const SECTION =
  /^\s*(?:§+\s*[\w.()-]+|(?:section|article|art\.|regulation|rule|clause|para(?:graph)?)\s+[\w.()-]+|\(?\d+[a-z]?(?:\.\d+)*[.)])/i;

/** The sentences of a text, with the line and the section each stands in. */
export function sentencesOf(regulation: string): Sentence[] {
  const sentences: Sentence[] = [];
  let section: string | undefined;
  let held = '';
  let from = 1;
  const close = (): void => {
    const text = held.replace(/\s+/g, ' ').trim();
    if (text !== '') sentences.push({ text, line: from, section });
    held = '';
  };
  for (const [index, line] of regulation.split(/\r?\n/).entries()) {
    if (line.trim() === '') {
      close();
      continue;
    }
    const heading = SECTION.exec(line)?.[0].trim();
    if (heading !== undefined) {
      close();
      section = heading;
    }
    for (const part of line.split(/(?<=[.;:])\s+(?=["'(A-Z0-9])/)) {
      if (held === '') from = index + 1;
      held += `${held === '' ? '' : ' '}${part}`;
      if (/[.;]$/.test(part) && !ABBREVIATION.test(part)) close();
    }
  }
  close();
  return sentences;
}

const COMMANDS =
  /\b(?:shall|must|may not|may only|is prohibited|are prohibited|unlawful|required to|no person|prohibits?)\b/i;

/**
 * Proposes rules from a regulation's text, by patterns for what such texts ask of messages: hours, numbers of
 * messages, consent, registers, elements and labels. Each proposal carries the sentence it rests on, is marked as
 * doubtful, and needs a person: the text may say more than the pattern saw.
 */
export function draftPack(regulation: string, options: DraftOptions): Draft {
  const sentences = sentencesOf(regulation);
  const rules: object[] = [];
  const unread: Sentence[] = [];
  for (const sentence of sentences) {
    const proposals = readSentence(sentence.text);
    if (proposals.length === 0 && COMMANDS.test(sentence.text)) unread.push(sentence);
    for (const { name, title, ...proposal } of proposals) {
      const n = rules.length + 1;
      rules.push({
        id: `${options.pack}-${name}-${n}`,
        title,
        basis: `${sentence.section ?? options.source}, line ${sentence.line}`,
        reference: { kind: 'lookup', of: [options.source] },
        layer: 'regulation',
        confidence: 'low',
        needsVerification: true,
        doubt: `Proposed from this sentence, to be read by a person: "${sentence.text}"`,
        channels: ['sms', 'mms', 'voice'],
        treatment: 'promotional',
        effective: { from: '2100-01-01' },
        ...proposal,
        onMissingData: 'strict',
        explanation: sentence.text,
      });
    }
  }
  const head = [
    `# Proposed from ${options.source}. Nothing here is active: Laneway refuses a file with the key "draft".`,
    '# For each rule: read the sentence in "doubt" and its surroundings, correct the rule, set "effective", add further',
    '# examples, then run laneway rules test. Take out "draft" when every rule has been read.',
  ];
  const body = stringify(
    {
      draft: true,
      pack: options.pack,
      title: `Proposed from ${options.source}`,
      jurisdiction: options.jurisdiction,
      rules,
    },
    { lineWidth: 110, aliasDuplicateObjects: false },
  );
  const tail = unread.map(({ line, text }) => `#   line ${line}: ${text}`);
  const yaml = [
    ...head,
    body.trimEnd(),
    ...(tail.length === 0 ? [] : ['', '# They ask for something that no pattern understood:', ...tail]),
    '',
  ].join('\n');
  return { yaml, sentences: sentences.length, rules: rules.length, unread: unread.length };
}
