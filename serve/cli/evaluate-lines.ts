import type { Difference } from '../../train/evaluate/bootstrap.ts';
import { languageName } from '../../train/evaluate/format.ts';
import type { Metrics } from '../../train/evaluate/metrics.ts';

const percent = (value: number | null): string => (value === null ? '-' : `${(100 * value).toFixed(2)}%`);
const signed = (value: number): string => `${value < 0 ? '' : '+'}${(100 * value).toFixed(2)}`;
const points = ({ value, low, high }: Difference): string =>
  `${signed(value)} (${signed(low)} to ${signed(high)})`;

/** What was measured besides: languages, dressed-up messages, parts. */
export function extraLines({ languages = [], robustness, ablation }: Metrics): string[] {
  const lines: string[] = [];
  if (languages.length > 1) {
    lines.push(
      '',
      `${'language'.padEnd(34)}${'rows'.padStart(7)}${'right'.padStart(10)}${'sure'.padStart(10)}`,
    );
    for (const { lang, rows, accuracy, sure } of languages)
      lines.push(
        `${languageName(lang).padEnd(34)}${String(rows).padStart(7)}${percent(accuracy.value).padStart(10)}${percent(sure.value).padStart(10)}`,
      );
  }
  if (robustness) {
    const { rows, share, before, kinds, together } = robustness;
    lines.push(
      '',
      `dressed up: ${100 * share}% of the tokens of ${rows} clean rows; before ${percent(before.value)}`,
    );
    for (const one of [...kinds.map((kind) => ({ ...kind })), { ...together, heldOut: false }])
      lines.push(
        `${one.words.padEnd(44)}${percent(one.accuracy.value).padStart(9)}  ${points(one.difference)}${one.heldOut ? '  kept out of training' : ''}`,
      );
  }
  if (ablation) {
    lines.push(
      '',
      `worth of each part, trained on ${ablation.trainedOn} (${ablation.trees} trees): clean ${percent(ablation.clean.accuracy.value)}, hard ${percent(ablation.hard.accuracy.value)}`,
    );
    for (const { words, worthClean, worthHard } of ablation.parts)
      lines.push(`${words.padEnd(52)}clean ${points(worthClean)}   hard ${points(worthHard)}`);
  }
  return lines;
}
