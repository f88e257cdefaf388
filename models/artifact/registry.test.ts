import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Model } from '../model.ts';
import { randomModel } from '../testing/random-model.ts';
import { createRegistry, type ModelRegistry, SHIPPED_DIR } from './registry.ts';

const [first, second, third] = [1, 2, 3].map((seed) => randomModel(seed, false)) as [Model, Model, Model];
const other = randomModel(4, false, 'random-other');
const versionOf = (model: Model) => model.manifest.version;

let home: string;
let registry: ModelRegistry;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'laneway-registry-'));
  registry = createRegistry(home);
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const folder = (model: Model) => join(home, 'models', versionOf(model));
function flipByte(file: string, at = 100): void {
  const bytes = readFileSync(file);
  bytes[at]! ^= 1;
  writeFileSync(file, bytes);
}
const opened = (reference?: string) => versionOf(registry.open(reference).model);

describe('registry', () => {
  it('opens what was saved, by version', () => {
    expect(registry.save(first)).toBe(folder(first));
    expect(opened(versionOf(first))).toBe(versionOf(first));
    expect(registry.list()).toEqual([{ version: versionOf(first) }]);
  });

  it('opens the version of a name that was stored last, not the last by spelling', () => {
    const [x, y, z] = [first, second, third].sort((a, b) => (versionOf(a) < versionOf(b) ? -1 : 1)) as [
      Model,
      Model,
      Model,
    ];
    for (const [model, seconds] of [
      [z, 100],
      [x, 300],
      [y, 200],
    ] as const) {
      registry.save(model);
      utimesSync(join(folder(model), 'manifest.json'), seconds, seconds);
    }
    registry.save(other);
    expect(opened('random')).toBe(versionOf(x));
    expect(opened('random-other')).toBe(versionOf(other));
  });

  it('promotes and keeps the one before', () => {
    for (const model of [first, second]) {
      registry.save(model);
      registry.promote(versionOf(model));
    }
    expect(opened()).toBe(versionOf(second));
    expect(opened('previous')).toBe(versionOf(first));
    registry.promote(versionOf(second));
    expect(opened('previous')).toBe(versionOf(first));
    registry.promote('previous');
    expect([opened(), opened('previous')]).toEqual([versionOf(first), versionOf(second)]);
    expect(registry.list()).toEqual(
      [
        { version: versionOf(first), alias: 'champion' },
        { version: versionOf(second), alias: 'previous' },
      ].sort((a, b) => (a.version < b.version ? -1 : 1)),
    );
  });

  it('rolls back to the model before, and rolling back again undoes it', () => {
    for (const model of [first, second]) {
      registry.save(model);
      registry.promote(versionOf(model));
    }
    expect(registry.rollback()).toBe(versionOf(first));
    expect([opened(), opened('previous')]).toEqual([versionOf(first), versionOf(second)]);
    expect(registry.rollback()).toBe(versionOf(second));
    expect([opened(), opened('previous')]).toEqual([versionOf(second), versionOf(first)]);
  });

  it('does not roll back to a model that is damaged, nor where there is nothing before', () => {
    expect(() => registry.rollback()).toThrow(expect.objectContaining({ code: 'MODEL_NO_PREVIOUS' }));
    for (const model of [first, second]) {
      registry.save(model);
      registry.promote(versionOf(model));
    }
    flipByte(join(folder(first), 'model.bin'));
    expect(() => registry.rollback()).toThrow(expect.objectContaining({ code: 'ARTIFACT_DAMAGED' }));
    expect(opened()).toBe(versionOf(second));
  });

  it('keeps a challenger beside the champion until it is promoted or called off', () => {
    for (const model of [first, second, third]) registry.save(model);
    registry.promote(versionOf(first));
    registry.challenge(versionOf(second));
    expect(registry.aliases()).toEqual({ champion: versionOf(first), challenger: versionOf(second) });
    expect(opened('challenger')).toBe(versionOf(second));
    registry.promote(versionOf(third));
    expect(registry.aliases().challenger).toBe(versionOf(second));
    registry.promote('challenger');
    expect(registry.aliases()).toEqual({ champion: versionOf(second), previous: versionOf(third) });
    expect(() => registry.challenge(versionOf(second))).toThrow(
      expect.objectContaining({ code: 'MODEL_IS_CHAMPION' }),
    );
    registry.challenge(versionOf(third));
    registry.challenge(undefined);
    expect(registry.aliases()).toEqual({ champion: versionOf(second), previous: versionOf(third) });
    flipByte(join(folder(first), 'model.bin'));
    expect(() => registry.challenge(versionOf(first))).toThrow(
      expect.objectContaining({ code: 'ARTIFACT_DAMAGED' }),
    );
  });

  it('lets the previous champion answer for a damaged one and says why', () => {
    for (const model of [first, second]) {
      registry.save(model);
      registry.promote(versionOf(model));
    }
    flipByte(join(folder(second), 'model.bin'));
    const { model, refused } = registry.open();
    expect(versionOf(model)).toBe(versionOf(first));
    expect(refused).toMatchObject([{ code: 'ARTIFACT_DAMAGED', where: folder(second) }]);
    expect(() => registry.open(versionOf(second))).toThrow(
      expect.objectContaining({ code: 'ARTIFACT_DAMAGED' }),
    );
  });

  const shipped = existsSync(join(SHIPPED_DIR, 'model.bin'));
  const damageTheOnlyChampion = () => {
    registry.save(first);
    registry.promote(versionOf(first));
    flipByte(join(folder(first), 'manifest.json'), 30);
  };

  it.runIf(shipped)('lets the shipped model answer when no stored champion can', () => {
    damageTheOnlyChampion();
    expect(registry.open()).toMatchObject({ dir: SHIPPED_DIR, refused: [{ code: 'ARTIFACT_DAMAGED' }] });
  });

  it.runIf(shipped)('rolls back from the first own model to the shipped one', () => {
    registry.save(first);
    registry.promote(versionOf(first));
    expect(registry.rollback()).toBe(opened('shipped'));
    expect(registry.open().dir).toBe(SHIPPED_DIR);
    expect(registry.rollback()).toBe(versionOf(first));
    expect(opened()).toBe(versionOf(first));
  });

  it.skipIf(shipped)('names the damage, not the absence of a shipped model, when nothing can answer', () => {
    damageTheOnlyChampion();
    expect(() => registry.open()).toThrow(expect.objectContaining({ code: 'ARTIFACT_DAMAGED' }));
  });

  it('does not make a damaged model the champion', () => {
    registry.save(first);
    registry.promote(versionOf(first));
    registry.save(second);
    flipByte(join(folder(second), 'model.bin'));
    expect(() => registry.promote(versionOf(second))).toThrow(
      expect.objectContaining({ code: 'ARTIFACT_DAMAGED' }),
    );
    expect(opened()).toBe(versionOf(first));
  });

  it('mends a damaged copy when the same model is saved again', () => {
    registry.save(first);
    flipByte(join(folder(first), 'model.bin'));
    registry.save(first);
    expect(opened(versionOf(first))).toBe(versionOf(first));
  });

  it('never shows a save that was cut short', () => {
    registry.save(first);
    registry.promote(versionOf(first));
    // What a process killed in the middle of a save leaves behind.
    const half = join(home, 'models', `.half-${versionOf(second)}-1`);
    mkdirSync(half);
    writeFileSync(join(half, 'model.bin'), 'half');
    mkdirSync(join(home, 'models', versionOf(third)));
    writeFileSync(join(home, 'models', versionOf(third), 'model.bin'), 'no manifest');
    expect(registry.list().map(({ version }) => version)).toEqual([versionOf(first)]);
    expect(opened('random')).toBe(versionOf(first));
    registry.save(third);
    expect(opened(versionOf(third))).toBe(versionOf(third));
  });

  it('leaves nothing half-made behind', () => {
    registry.save(first);
    registry.promote(versionOf(first));
    expect(readdirSync(join(home, 'models')).sort()).toEqual(['aliases.json', versionOf(first)].sort());
  });

  it('lives through a damaged alias file', () => {
    registry.save(first);
    registry.promote(versionOf(first));
    writeFileSync(join(home, 'models', 'aliases.json'), '{"champion": "ra');
    expect(registry.list()).toEqual([{ version: versionOf(first) }]);
    registry.promote(versionOf(first));
    expect(opened()).toBe(versionOf(first));
  });

  it('names what there is when asked for what there is not', () => {
    registry.save(first);
    for (const reference of ['nothing', 'rand', '../x', 'previous']) {
      const attempt = () => registry.open(reference);
      expect(attempt).toThrow(expect.objectContaining({ code: 'MODEL_UNKNOWN' }));
      expect(attempt).toThrow(versionOf(first));
    }
    expect(() => registry.promote('nothing')).toThrow(expect.objectContaining({ code: 'MODEL_UNKNOWN' }));
  });
});
