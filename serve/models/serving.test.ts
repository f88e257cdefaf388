import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createRegistry, type ModelRegistry } from '../../models/artifact/registry.ts';
import type { Model } from '../../models/model.ts';
import { randomModel } from '../../models/testing/random-model.ts';
import { openServingModels, type ServingModels } from './serving.ts';

const [first, second] = [randomModel(1, false), randomModel(2, false)] as [Model, Model];
const versionOf = (model: Model) => model.manifest.version;
const NEVER_MS = 2 ** 30;

let home: string;
let registry: ModelRegistry;
let models: ServingModels;
let faults: string[];
let changes: [string, string][];

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'laneway-serving-'));
  registry = createRegistry(home);
  for (const model of [first, second]) registry.save(model);
  registry.promote(versionOf(first));
  [faults, changes] = [[], []];
  models = await openServingModels({
    config: { home, model: 'champion', encoder: 'auto' },
    clock: () => 0,
    lookEveryMs: NEVER_MS,
    report: (_error, doing) => faults.push(doing),
    onChange: (version, before) => changes.push([version, before]),
  });
});
afterEach(async () => {
  await models.close();
  rmSync(home, { recursive: true, force: true });
});

const answeredBy = async (): Promise<string> => {
  const [verdict] = await models.classifier.classify([{ text: 'Big sale today' }]);
  return verdict!.modelVersion;
};

it('takes what was promoted when it looks, and not before; calls in the making keep their model', async () => {
  const early = answeredBy();
  registry.promote(versionOf(second));
  const refreshed = models.refresh();
  expect(await early).toBe(versionOf(first));
  await refreshed;
  expect([await answeredBy(), models.version, models.classifier.modelVersion]).toEqual(
    new Array(3).fill(versionOf(second)),
  );
  expect(changes).toEqual([[versionOf(second), versionOf(first)]]);
  registry.rollback();
  await models.refresh();
  expect(await answeredBy()).toBe(versionOf(first));
});

it('keeps the champion it has when the new one is damaged, says so, and takes the next good one', async () => {
  registry.promote(versionOf(second));
  const file = join(home, 'models', versionOf(second), 'model.bin');
  const bytes = readFileSync(file);
  bytes[100]! ^= 1;
  writeFileSync(file, bytes);
  await models.refresh();
  await models.refresh();
  expect(await answeredBy()).toBe(versionOf(first));
  expect(faults).toEqual(['taking the new champion']);
  expect(models.degraded()).toEqual([expect.stringContaining(`${versionOf(second)} was promoted`)]);
  registry.rollback();
  await models.refresh();
  expect(models.degraded()).toEqual([]);
});

it('keeps the champion when the alias file is damaged or gone', async () => {
  const file = join(home, 'models', 'aliases.json');
  writeFileSync(file, '{"champ');
  await models.refresh();
  expect(await answeredBy()).toBe(versionOf(first));
  rmSync(file);
  await models.refresh();
  expect(await answeredBy()).toBe(versionOf(first));
});

it('says why a challenger cannot be asked, and goes on', async () => {
  registry.challenge(versionOf(second));
  rmSync(join(home, 'models', versionOf(second), 'model.bin'));
  await models.refresh();
  expect(models.challenger()).toMatchObject({ version: versionOf(second) });
  expect(models.challenger()!.state).toMatch(/^refused: /);
  expect(models.degraded()).toEqual([expect.stringMatching(/^challenger .* refused: /)]);
  expect(await answeredBy()).toBe(versionOf(first));
  registry.challenge(undefined);
  await models.refresh();
  expect([models.challenger(), models.degraded()]).toEqual([undefined, []]);
});

it('observes after who answered, leaves out texts that are too long, and reports drift by tenant', async () => {
  const [verdict] = await models.classifier.classify([{ text: 'Big sale today' }]);
  models.observe({ tenant: 'acme', text: 'Big sale today', verdict: verdict! });
  models.observe({ tenant: 'acme', text: 'x'.repeat(20_001), verdict: verdict! });
  expect(models.drift()).toEqual([]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(models.drift('acme')).toMatchObject([
    { tenant: 'acme', messages: 1, modelVersion: versionOf(first) },
  ]);
  expect(models.drift('other')).toEqual([]);
  expect(models.unobserved).toBe(1);
});
