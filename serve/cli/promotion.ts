import type { LabelledRow } from '../../data/read/labelled.ts';
import { readPromotions, recordPromotion } from '../../models/artifact/promotions.ts';
import { createRegistry } from '../../models/artifact/registry.ts';
import { LanewayError, messageOf } from '../../models/base/errors.ts';
import { createClassifier } from '../../models/classify.ts';
import type { Model } from '../../models/model.ts';
import type { GateResult, SliceResult } from '../../train/promotion/gate.ts';
import type { CliContext } from './context.ts';
import { readLabelledData } from './labelled-data.ts';
import { openClassifier } from './open-model.ts';
import type { DataFlags } from './options.ts';
import { nowIso } from './register-model.ts';

export interface PromoteFlags extends DataFlags {
  /** Promote against the gates, for this reason. */
  readonly force?: string;
}

/** Finer slices shown beside those that drop. */
const SHOWN_SLICES = 12;

/**
 * `laneway models promote VERSION`: behind gates.
 *
 * @throws LanewayError `PROMOTION_REFUSED`: it drops on a slice beyond noise, and `--force` was not given
 */
export async function promoteCommand(
  context: CliContext,
  reference: string,
  flags: PromoteFlags,
): Promise<void> {
  const registry = createRegistry(context.home);
  const candidate = registry.open(reference).model;
  const { version } = candidate.manifest;
  const champion = registry.open().model;
  const replaced = champion.manifest.version;
  if (version === replaced) {
    context.print(`${version} is the champion already`);
    return;
  }
  const { rows, description } = await gateData(context, flags, candidate, champion);
  let gates: GateResult | undefined;
  try {
    gates = await runGates(context, version, rows);
    printGates(context, gates, replaced, version, description);
  } catch (error) {
    if (flags.force === undefined) throw error;
    context.note(`warning: the gates could not be asked: ${messageOf(error)}`);
  }
  const drops = gates?.drops ?? [];
  if (drops.length > 0 && flags.force === undefined) {
    throw new LanewayError(
      'PROMOTION_REFUSED',
      `${version} does worse than ${replaced}, beyond noise, on: ${drops.map(({ slice }) => slice).join(', ')}`,
      { fix: 'Train it better, or promote it all the same with --force "the reason", which is recorded.' },
    );
  }
  registry.promote(version);
  recordPromotion(context.home, {
    at: nowIso(),
    version,
    replaced,
    how: flags.force === undefined ? 'gates' : 'forced',
    ...(flags.force === undefined ? {} : { reason: flags.force }),
    data: description,
    ...(gates ? { messages: gates.messages } : {}),
    ...(drops.length > 0
      ? { drops: drops.map(({ slice, lost, won }) => `${slice}: lost ${lost}, won ${won}`) }
      : {}),
  });
  context.print(`champion is now ${version}; a running server takes it within seconds`);
  context.print('back with   npx laneway models rollback');
}

const ADVANTAGE =
  'was trained on the templates that the gates ask about, which flatters it. Train with --hold-out, or give --data FILE.';

/** Was it trained on the authored corpus with nothing held out? */
const hasSeenTemplates = ({ manifest: { training } }: Model): boolean =>
  training.heldOut === undefined && training.data.startsWith('authored corpus');

async function gateData(
  context: CliContext,
  flags: PromoteFlags,
  candidate: Model,
  champion: Model,
): Promise<{ rows: readonly LabelledRow[]; description: string }> {
  if (flags.data !== undefined) {
    const { rows } = await readLabelledData(context, flags.data, flags);
    return { rows, description: flags.data };
  }
  const { heldOutRows } = await import('../../train/promotion/held-out.ts');
  for (const [name, model] of Object.entries({ candidate, champion })) {
    if (hasSeenTemplates(model)) context.note(`The ${name} ${ADVANTAGE}`);
  }
  return { rows: heldOutRows(), description: 'held-out templates of the authored corpus' };
}

async function runGates(
  context: CliContext,
  version: string,
  rows: readonly LabelledRow[],
): Promise<GateResult> {
  const { judgePairs, pairAnswers } = await import('../../train/promotion/gate.ts');
  const champion = await openClassifier(context);
  try {
    const { model } = createRegistry(context.home).open(version);
    // One encoder answers for both where both were trained with it.
    const shared = model.manifest.encoderId === champion.model.manifest.encoderId;
    const candidate = shared
      ? { classifier: createClassifier(model, champion.encoder) }
      : await openClassifier(context, version);
    try {
      const pairs = await pairAnswers(rows, champion.classifier, candidate.classifier, (done, total) =>
        context.progress.show('asking both models', done, total),
      );
      return judgePairs(pairs);
    } finally {
      if (!shared) await candidate.classifier.close();
    }
  } finally {
    context.progress.end();
    await champion.classifier.close();
  }
}

function printGates(
  { print }: CliContext,
  { slices, drops, messages }: GateResult,
  champion: string,
  candidate: string,
  description: string,
): void {
  print(`${messages} different messages of ${description}`);
  print(`champion ${champion}, candidate ${candidate}`);
  print(
    `${'slice'.padEnd(44)}${'messages'.padStart(9)}${'champion'.padStart(10)}${'candidate'.padStart(11)}${'lost'.padStart(6)}${'won'.padStart(6)}${'p'.padStart(9)}`,
  );
  const fine = slices.filter(
    ({ slice, drops: worse }) => slice.includes('=') && !slice.startsWith('class') && !worse,
  );
  const hidden = new Set(fine.slice(SHOWN_SLICES));
  for (const slice of slices) if (!hidden.has(slice)) print(sliceLine(slice));
  if (hidden.size > 0) print(`and ${hidden.size} finer slices without a drop`);
  print(
    drops.length === 0
      ? 'no slice drops beyond noise'
      : `${drops.length} slices drop beyond noise (exact McNemar, 5%; finer slices after Holm)`,
  );
}

function sliceLine({ slice, messages, champion, candidate, lost, won, p, drops }: SliceResult): string {
  const share = (right: number) => `${((100 * right) / messages).toFixed(2)}%`;
  const figures = [
    String(messages).padStart(9),
    share(champion).padStart(10),
    share(candidate).padStart(11),
    String(lost).padStart(6),
    String(won).padStart(6),
    p.toFixed(4).padStart(9),
  ];
  return `${slice.padEnd(44)}${figures.join('')}${drops ? '  DROPS' : ''}`;
}

/** `laneway models rollback` */
export function rollbackCommand(context: CliContext, reason: string | undefined): void {
  const registry = createRegistry(context.home);
  const replaced = registry.aliases().champion ?? 'shipped';
  const version = registry.rollback();
  recordPromotion(context.home, {
    at: nowIso(),
    version,
    replaced,
    how: 'rollback',
    ...(reason === undefined ? {} : { reason }),
  });
  context.print(`champion is now ${version}; a running server takes it within seconds`);
}

/** `laneway models history` */
export function historyCommand(context: CliContext): void {
  const promotions = readPromotions(context.home);
  for (const { at, version, replaced, how, reason, drops } of promotions) {
    const why = [how, ...(reason === undefined ? [] : [JSON.stringify(reason)]), ...(drops ?? [])].join('; ');
    context.print(`${at}  ${version}  for ${replaced}  ${why}`);
  }
  if (promotions.length === 0) context.note('no change of champion on record');
}
