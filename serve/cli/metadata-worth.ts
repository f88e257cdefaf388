import { readCorpus } from '../../data/corpus.ts';
import { generateRows } from '../../data/generate.ts';
import type { CliContext } from './context.ts';
import { type EvaluateFlags, headerLine, outcomeLine } from './evaluate.ts';
import { readLabelledData } from './labelled-data.ts';
import { openClassifier } from './open-model.ts';

const GENERATED_ROWS = 20_000;
/** Another stream than training data has by default. */
const GENERATED_SEED = 20_260_102;

/** `laneway evaluate --metadata-worth`: the same rows with and without what is known of sender, time and recipient. */
export async function metadataWorthCommand(context: CliContext, flags: EvaluateFlags): Promise<void> {
  const { print, progress } = context;
  const rows =
    flags.data === undefined
      ? [...generateRows(readCorpus(), { count: GENERATED_ROWS, seed: GENERATED_SEED })]
      : (await readLabelledData(context, flags.data, flags)).rows;
  const { measureMetadataWorth } = await import('../../train/evaluate/metadata-worth.ts');
  const { model, classifier } = await openClassifier(context, flags.model, true);
  try {
    const worth = await measureMetadataWorth(classifier, rows, (done, total) =>
      progress.show('evaluating twice', done, total),
    );
    progress.end();
    print(
      `model ${model.manifest.version} on ${flags.data ?? `${GENERATED_ROWS} generated rows`} with metadata`,
    );
    print(headerLine());
    print(outcomeLine('without', worth.without));
    print(outcomeLine('with', worth.with));
    const points = (value: number) => `${value >= 0 ? '+' : ''}${(100 * value).toFixed(2)}`;
    const { value, low, high } = worth.accuracy;
    print(
      `metadata changes accuracy by ${points(value)} points (95% interval ${points(low)} to ${points(high)}, paired bootstrap over templates)`,
    );
    print(`and the class of ${(100 * worth.changed).toFixed(2)}% of the rows, always to promotional`);
  } finally {
    progress.end();
    await classifier.close();
  }
}
