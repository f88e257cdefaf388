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

export interface MergedFeedback {
  readonly rows: readonly LabelledRow[];
  readonly contradictions: readonly FeedbackContradiction[];
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
export function mergeFeedback(rows: readonly LabelledRow[], labels: readonly HumanLabel[]): MergedFeedback {
  const opinions = opinionsOf(labels);
  if (opinions.size === 0) return { rows, contradictions: [], texts: 0 };
  const kept: LabelledRow[] = [];
  const replaced = new Map<string, LabelledRow[]>();
  for (const row of rows) {
    const canonical = canonicalise(row.text);
    if (!opinions.has(canonical)) kept.push(row);
    else replaced.set(canonical, [...(replaced.get(canonical) ?? []), row]);
  }
  const contradictions: FeedbackContradiction[] = [];
  const added = [...opinions].flatMap(([canonical, opinion], at) => {
    const before = replaced.get(canonical) ?? [];
    const { row, chosen } = rowOf(opinion, before, at + 1);
    if (chosen !== undefined) {
      const people = [...opinion.byAuthor.values()].flatMap(({ label }) => label ?? []);
      const data = before.flatMap(({ label }) => label ?? []);
      for (const [kind, said] of [['people', people] as const, ['data', data] as const]) {
        if (said.every((label) => label === chosen)) continue;
        const promotional = said.filter((label) => label === 'promotional').length;
        contradictions.push({
          canonical,
          kind,
          chosen,
          promotional,
          transactional: said.length - promotional,
        });
      }
    }
    return new Array<LabelledRow>(Math.max(HUMAN_WEIGHT, before.length)).fill(row);
  });
  return { rows: [...kept, ...added], contradictions, texts: opinions.size };
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
  before: readonly LabelledRow[],
  line: number,
): { row: LabelledRow; chosen: MessageClass | undefined } {
  const said = [...byAuthor.values()];
  const chosen = majority(said.flatMap(({ label }) => label ?? []));
  const risk = majority(said.flatMap(({ risk: one }) => (one === undefined ? [] : [one])));
  // Where people spoke of risk alone, the class that the data has stands.
  const label = chosen ?? majority(before.flatMap((row) => row.label ?? []));
  const { label: _label, risk: known, ...rest } = before[0] ?? { text, line };
  const row: LabelledRow = {
    ...rest,
    ...(label === undefined ? {} : { label }),
    ...((risk ?? known) === undefined ? {} : { risk: (risk ?? known)! }),
  };
  return { row, chosen };
}
