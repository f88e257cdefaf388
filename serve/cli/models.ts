import { createRegistry } from '../../models/artifact/registry.ts';
import { messageOf } from '../../models/base/errors.ts';
import type { CliContext } from './context.ts';
import { formatFigure } from './train.ts';
import { readTrainingFacts } from './training-facts.ts';

/** `laneway models list` */
export function listModelsCommand(context: CliContext): void {
  const registry = createRegistry(context.home);
  const listed = registry.list();
  for (const { version, alias } of listed) context.print(`${version.padEnd(36)} ${alias ?? ''}`.trimEnd());
  try {
    const { version } = registry.open('shipped').model.manifest;
    const answers = listed.some(({ alias }) => alias === 'champion') ? '' : ', champion';
    context.print(`${version.padEnd(36)} shipped${answers}`);
  } catch (error) {
    if (listed.length === 0) context.note(`No model yet (${messageOf(error)}). Make one with: npm run train`);
  }
}

/** `laneway models show [REFERENCE]`: the manifest in words. */
export function showModelCommand(context: CliContext, reference: string | undefined): void {
  const { model, dir } = createRegistry(context.home).open(reference);
  const { version, encoderId, training, thresholds, outOfFold, sha256 } = model.manifest;
  const lines: [string, string][] = [
    ['version', version],
    ['folder', dir],
    ['sha256', sha256],
    ['encoder', encoderId ?? 'none (words alone)'],
    [
      'data',
      `${training.data}: ${training.rows} rows, ${training.distinct} distinct, ${training.groups} groups`,
    ],
    ['forest', `${training.trees} trees, seed ${training.seed}`],
    ['promotional from', String(thresholds.decision)],
    ['unsure between', `${thresholds.sureBelow} and ${thresholds.sureAbove}`],
    ['encoder between', `${thresholds.cascadeLow} and ${thresholds.cascadeHigh}`],
    ...Object.entries(outOfFold).map(([name, value]): [string, string] => [
      `held out ${name}`,
      formatFigure(value),
    ]),
  ];
  const facts = readTrainingFacts(dir);
  if (facts) {
    for (const [phase, seconds] of Object.entries(facts.phases))
      lines.push([`training: ${phase}`, `${seconds} s`]);
    lines.push(['training: memory', `at most ${facts.peakMemoryMb} MB, ${facts.threads} threads`]);
    lines.push(['training: contradictions', String(facts.contradictions)]);
    for (const warning of facts.warnings) lines.push(['training: warning', warning]);
  }
  for (const [name, value] of lines) context.print(`${name.padEnd(28)} ${value}`);
}
