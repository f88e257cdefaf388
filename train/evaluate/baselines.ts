import type { LabelledRow } from '../../data/read/labelled.ts';
import { BASELINES, trainBaseline } from '../baselines/baselines.ts';
import { type Answered, outcomeOf } from './figures.ts';
import type { BaselineFigures } from './metrics.ts';

/** Trains every baseline on the rows and measures it on the same messages as the model, threshold one half. */
export async function measureBaselines(
  training: readonly LabelledRow[],
  items: readonly Answered[],
): Promise<BaselineFigures[]> {
  const out: BaselineFigures[] = [];
  for (const name of BASELINES) {
    const predict = trainBaseline(name, training);
    const said = Array.from(predict(items.map(({ row }) => row.text)), (probability) =>
      probability >= 0.5 ? ('promotional' as const) : ('transactional' as const),
    );
    const outcome = (keep: (item: Answered) => boolean) =>
      outcomeOf(
        items.filter(keep).map(({ row }) => row.label),
        said.filter((_, index) => keep(items[index]!)),
      );
    out.push({
      name,
      description: predict.description,
      trainedOn: predict.trainedOn,
      measuredOn: items.length,
      all: outcome(() => true),
      clean: outcome(({ row }) => row.hard !== true),
      hard: outcome(({ row }) => row.hard === true),
    });
    // A long computation lets the process answer in between.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return out;
}
