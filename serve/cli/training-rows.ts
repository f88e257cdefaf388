import type { LabelledRow } from '../../data/read/labelled.ts';
import { LanewayError } from '../../models/base/errors.ts';
import type { FeedbackContradiction } from '../../train/feedback.ts';
import type { CliContext } from './context.ts';
import { humanLabels } from './feedback.ts';

export interface RowFlags {
  readonly data?: string;
  /** Labels of people, from the store, outweigh the data's. */
  readonly withFeedback?: boolean;
  /** Keeps templates of the authored corpus out, for gates to measure on. */
  readonly holdOut?: boolean;
}

type Rows = Iterable<LabelledRow> | AsyncIterable<LabelledRow>;

const SHOWN_CONTRADICTIONS = 10;

/**
 * The rows of a training without held-out templates and with what people said, as the flags ask.
 *
 * @throws LanewayError `OPTION_INVALID`, `FEEDBACK_NONE`, and what reading the feedback throws
 */
export async function refineRows<S extends { readonly rows: Rows; readonly data: string }>(
  context: CliContext,
  flags: RowFlags,
  source: S,
): Promise<Omit<S, 'rows' | 'data'> & { rows: Rows; data: string; heldOut?: number }> {
  const kept = flags.holdOut ? await withoutHeldOut(flags, source) : source;
  if (!flags.withFeedback) return kept;
  const labels = await humanLabels(context);
  if (labels.length === 0) {
    throw new LanewayError('FEEDBACK_NONE', 'nobody has labelled a message yet', {
      fix: 'Label some with npx laneway data review or POST /v1/feedback, or leave --with-feedback out.',
    });
  }
  const { createFeedbackMerge } = await import('../../train/feedback.ts');
  const merge = createFeedbackMerge(labels);
  context.note(`${merge.texts} texts labelled by people`);
  async function* merged(): AsyncGenerator<LabelledRow> {
    yield* merge.rows(kept.rows);
    noteContradictions(context, merge.contradictions());
  }
  return { ...kept, rows: merged(), data: `${kept.data}, and ${merge.texts} texts labelled by people` };
}

async function withoutHeldOut<S extends { readonly rows: Rows; readonly data: string }>(
  flags: RowFlags,
  source: S,
) {
  if (flags.data !== undefined) {
    throw new LanewayError('OPTION_INVALID', '--hold-out is for the authored corpus, not for --data', {
      fix: 'Split the file yourself and give the other part to npx laneway models promote --data.',
    });
  }
  const { HELD_OUT_SHARE, isHeldOut } = await import('../../train/promotion/held-out.ts');
  async function* kept(): AsyncGenerator<LabelledRow> {
    for await (const row of source.rows) if (!isHeldOut(row.template)) yield row;
  }
  const percent = Math.round(100 * HELD_OUT_SHARE);
  return {
    ...source,
    rows: kept(),
    data: `${source.data} (${percent}% held out)`,
    heldOut: HELD_OUT_SHARE,
  };
}

function noteContradictions({ note }: CliContext, contradictions: readonly FeedbackContradiction[]): void {
  if (contradictions.length === 0) return;
  note(`${contradictions.length} texts on which people contradict the data or each other:`);
  for (const { canonical, kind, chosen, promotional, transactional } of contradictions.slice(
    0,
    SHOWN_CONTRADICTIONS,
  )) {
    const who = kind === 'data' ? 'data' : 'people';
    note(
      `  ${chosen} stands; ${who}: ${promotional} promotional, ${transactional} transactional: ${JSON.stringify(canonical.slice(0, 80))}`,
    );
  }
  if (contradictions.length > SHOWN_CONTRADICTIONS)
    note(`  and ${contradictions.length - SHOWN_CONTRADICTIONS} more`);
}
