import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { recordPromotion } from '../../models/artifact/promotions.ts';
import { createRegistry } from '../../models/artifact/registry.ts';
import { systemClock } from '../../models/base/clock.ts';
import type { Model } from '../../models/model.ts';
import { renderTrainingCard } from '../../train/evaluate/training-card.ts';
import type { CliContext } from './context.ts';

const CARD = 'card.md';

/**
 * Stores a trained model with its card and, if wanted, makes it the champion, on record.
 *
 * @returns its folder
 */
export function registerModel(context: CliContext, model: Model, { promote }: { promote: boolean }): string {
  const registry = createRegistry(context.home);
  const dir = registry.save(model);
  const { version } = model.manifest;
  // A full card of the same bytes, from an evaluation, says more.
  if (!existsSync(join(dir, CARD))) writeCard(dir, renderTrainingCard(model.manifest));
  if (!promote) return dir;
  const replaced = registry.aliases().champion ?? 'shipped';
  registry.promote(version);
  if (replaced !== version)
    recordPromotion(context.home, { at: nowIso(), version, replaced, how: 'trained' });
  return dir;
}

/** Keeps the card of an evaluation beside the model, where it is one of this data folder. */
export function keepCard(context: CliContext, version: string, card: string): void {
  const dir = join(context.home, 'models', version);
  if (existsSync(join(dir, 'manifest.json'))) writeCard(dir, card);
}

function writeCard(dir: string, card: string): void {
  writeFileSync(join(dir, `.${CARD}`), card);
  renameSync(join(dir, `.${CARD}`), join(dir, CARD));
}

/** The present instant, ISO 8601, UTC. */
export const nowIso = (): string => new Date(systemClock()).toISOString();
