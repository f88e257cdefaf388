import type { LabelledRow } from '../data/read/labelled.ts';
import { canonicalise } from '../models/text/canonical.ts';
import type { MessageClass } from '../models/verdict.ts';

/** What a person said of a text; of one author the later word counts. */
export interface HumanLabel {
  readonly text: string;
  readonly label?: MessageClass;
  readonly risk?: boolean;
  readonly author: string;
  readonly atMs: number;
}

/** One canonical text on which the training data or people contradict each other. */
export interface FeedbackContradiction {
  readonly canonical: string;
  /** `data`: people against the data's own labels, people stand; `people`: people against each other. */
  readonly kind: 'data' | 'people';
  readonly chosen: MessageClass;
  /** How many say so, and how many say the other. */
  readonly promotional: number;
  readonly transactional: number;
}

/** Human labels on their way into training rows. */
export interface FeedbackMerge {
  /** The rows with what people said in place of what the data says; the rows are read once. */
  rows(rows: Iterable<LabelledRow> | AsyncIterable<LabelledRow>): AsyncGenerator<LabelledRow>;
  /** Known once all rows have been read. */
  contradictions(): readonly FeedbackContradiction[];
  /** Different texts that people labelled. */
  readonly texts: number;
}

/** A text labelled by hand weighs at least as much as so many rows that are not. */
const HUMAN_WEIGHT = 5;

interface Opinion {
  readonly text: string;
  /** Latest word of each author. */
  readonly byAuthor: Map<string, HumanLabel>;
}

/**
 * Merges what people said into training rows. On each canonical text their majority (of a tie the latest word) replaces
 * every label that the data has for it, with the weight of {@link HUMAN_WEIGHT} rows or as many as there were.
 */
export function createFeedbackMerge(labels: readonly HumanLabel[]): FeedbackMerge {
  const opinions = opinionsOf(labels);
  const contradictions: FeedbackContradiction[] = [];

  async function* merged(rows: Iterable<LabelledRow> | AsyncIterable<LabelledRow>) {
    const replaced = new Map<string, Replaced>();
    for await (const row of rows) {
      const canonical = canonicalise(row.text);
      if (!opinions.has(canonical)) yield row;
      else replaced.set(canonical, addTo(replaced.get(canonical), row));
    }
    let line = 0;
    for (const [canonical, opinion] of opinions) {
      const before = replaced.get(canonical) ?? NOTHING;
      const { row, chosen } = rowOf(opinion, before, ++line);
      if (chosen !== undefined) contradictions.push(...contradictionsOf(canonical, chosen, opinion, before));
      for (let copy = Math.max(HUMAN_WEIGHT, before.count); copy > 0; copy--) yield row;
    }
  }

  return { rows: merged, contradictions: () => contradictions, texts: opinions.size };
}

/** What the data had for a text that people labelled. */
interface Replaced {
  readonly first?: LabelledRow;
  readonly count: number;
  readonly promotional: number;
  readonly transactional: number;
}

const NOTHING: Replaced = { count: 0, promotional: 0, transactional: 0 };

function addTo(held: Replaced = NOTHING, row: LabelledRow): Replaced {
  return {
    first: held.first ?? row,
    count: held.count + 1,
    promotional: held.promotional + Number(row.label === 'promotional'),
    transactional: held.transactional + Number(row.label === 'transactional'),
  };
}

function contradictionsOf(
  canonical: string,
  chosen: MessageClass,
  { byAuthor }: Opinion,
  data: Replaced,
): FeedbackContradiction[] {
  const said = [...byAuthor.values()];
  const count = (label: MessageClass) => said.filter((one) => one.label === label).length;
  const people = { promotional: count('promotional'), transactional: count('transactional') };
  const against = chosen === 'promotional' ? 'transactional' : 'promotional';
  return [['people', people] as const, ['data', data] as const].flatMap(([kind, counts]) =>
    counts[against] === 0
      ? []
      : [{ canonical, kind, chosen, promotional: counts.promotional, transactional: counts.transactional }],
  );
}

function opinionsOf(labels: readonly HumanLabel[]): Map<string, Opinion> {
  const opinions = new Map<string, Opinion>();
  for (const one of [...labels].sort((a, b) => a.atMs - b.atMs)) {
    const canonical = canonicalise(one.text);
    const held = opinions.get(canonical) ?? { text: one.text, byAuthor: new Map() };
    held.byAuthor.delete(one.author);
    held.byAuthor.set(one.author, one);
    opinions.set(canonical, held);
  }
  return opinions;
}

/** What most say; of a tie what was said last. Opinions stand in order of time. */
function majority<T>(said: readonly T[]): T | undefined {
  const last = said.at(-1);
  const other = said.find((one) => one !== last);
  if (other === undefined) return last;
  return said.filter((one) => one === other).length * 2 > said.length ? other : last;
}

function rowOf(
  { text, byAuthor }: Opinion,
  before: Replaced,
  line: number,
): { row: LabelledRow; chosen: MessageClass | undefined } {
  const said = [...byAuthor.values()];
  const chosen = majority(said.flatMap(({ label }) => label ?? []));
  const risk = majority(said.flatMap(({ risk: one }) => (one === undefined ? [] : [one])));
  // Where people spoke of risk alone, the class that the data has stands.
  const label = chosen ?? labelOf(before);
  const { label: _label, risk: known, ...rest } = before.first ?? { text, line };
  const row: LabelledRow = {
    ...rest,
    ...(label === undefined ? {} : { label }),
    ...((risk ?? known) === undefined ? {} : { risk: (risk ?? known)! }),
  };
  return { row, chosen };
}

function labelOf({ promotional, transactional }: Replaced): MessageClass | undefined {
  if (promotional + transactional === 0) return undefined;
  return promotional >= transactional ? 'promotional' : 'transactional';
}
