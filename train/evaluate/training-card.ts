import type { Manifest } from '../../models/model.ts';
import { inline, table } from './card.ts';
import { whole } from './format.ts';

/**
 * The card of a model that has been trained and not yet measured on other data: what it was made from, what its own
 * out-of-bag answers say, and what is not known. `evaluate` replaces it by the full card.
 */
export function renderTrainingCard(manifest: Manifest): string {
  const { training, thresholds, outOfFold, reference } = manifest;
  const share = (value: number) => `${(100 * value).toFixed(2)}%`;
  const answers = reference?.scores.reduce((sum, count) => sum + count, 0) ?? 0;
  const parts = [
    `# ${inline(manifest.version)}`,
    'Tells transactional from promotional business messages. Positive means promotional.',
    '**Not measured on data of its own yet.** The figures below are of messages that single trees had not seen while they grew, groups of like messages kept together; on other senders expect worse.',
    '## Model',
    table(
      ['', ''],
      [
        ['Version', manifest.version],
        ['SHA-256 of the model', manifest.sha256],
        ['Encoder', manifest.encoderId ?? 'none: words, spelling and signals only'],
        ['Trained on', training.data],
        [
          'Training rows',
          `${whole(training.rows)} (${whole(training.distinct)} distinct, ${whole(training.groups)} groups)`,
        ],
        ...(training.heldOut === undefined
          ? []
          : [['Templates kept out for gates', share(training.heldOut)]]),
        ['Trees', whole(training.trees)],
        ['Seed', String(training.seed)],
      ],
    ),
    '## Out-of-bag figures',
    table(
      ['', 'value'],
      [
        ...Object.entries(outOfFold).map(([name, value]) => [name, String(Number(value.toFixed(4)))]),
        ...(reference && answers > 0
          ? [['share of answers in the sure band', share(reference.sure / answers)]]
          : []),
      ],
    ),
    '## Thresholds',
    table(
      ['', 'P(promotional)'],
      [
        ['promotional from', thresholds.decision.toFixed(3)],
        ['sure transactional below', thresholds.sureBelow.toFixed(3)],
        ['sure promotional from', thresholds.sureAbove.toFixed(3)],
        [
          'encoder asked between',
          `${thresholds.cascadeLow.toFixed(3)} and ${thresholds.cascadeHigh.toFixed(3)}`,
        ],
      ],
    ),
    '## Limits',
    'Nothing is known yet of other senders, industries, channels or languages than those of the training data. Measure it with `npx laneway evaluate --data FILE`, which writes the full card here, and put it in service with `npx laneway models promote`.',
  ];
  return `${parts.join('\n\n')}\n`;
}
