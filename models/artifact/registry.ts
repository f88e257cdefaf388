import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LanewayError, messageOf } from '../base/errors.ts';
import type { Model } from '../model.ts';
import { decodeModel, encodeModel } from './codec.ts';

/** The champion that came with this version of Laneway. */
export const SHIPPED_DIR = fileURLToPath(new URL('../champion/', import.meta.url));

/** `champion` answers; `previous` is what rolling back returns to. */
interface Aliases {
  readonly champion?: string;
  readonly previous?: string;
}

export interface OpenedModel {
  readonly model: Model;
  readonly dir: string;
  /** Models that should have answered but were refused, with the reason. */
  readonly refused: readonly LanewayError[];
}

/** Models of one data folder: `<home>/models/<version>/{model.bin,manifest.json}` and `aliases.json`. */
export interface ModelRegistry {
  /** Stores a model under its version, whole or not at all, and returns its folder. */
  save(model: Model): string;
  /** Lets an alias point to a stored version. The champion it replaces becomes `previous`. */
  promote(version: string): void;
  /**
   * Opens a version, a name (its newest version) or an alias. A champion that is damaged gives way to the previous
   * one and then to the shipped one; any other model is refused.
   *
   * @throws LanewayError `MODEL_UNKNOWN`, `ARTIFACT_DAMAGED`, `MODEL_FEATURE_VERSION`
   */
  open(reference?: string): OpenedModel;
  list(): readonly { readonly version: string; readonly alias?: string }[];
}

export function createRegistry(home: string): ModelRegistry {
  const root = join(home, 'models');
  const aliasFile = join(root, 'aliases.json');
  const aliases = (): Aliases =>
    existsSync(aliasFile) ? (JSON.parse(readFileSync(aliasFile, 'utf8')) as Aliases) : {};
  const versions = () =>
    existsSync(root)
      ? readdirSync(root, { withFileTypes: true })
          .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
          .map((entry) => entry.name)
          .sort()
      : [];

  const save = (model: Model): string => {
    const dir = join(root, model.manifest.version);
    if (existsSync(join(dir, 'manifest.json'))) return dir;
    mkdirSync(root, { recursive: true });
    const half = join(root, `.half-${model.manifest.version}-${process.pid}`);
    mkdirSync(half, { recursive: true });
    const { bytes, manifest } = encodeModel(model);
    writeFileSync(join(half, 'model.bin'), bytes);
    writeFileSync(join(half, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
    renameSync(half, dir);
    return dir;
  };

  const promote = (version: string): void => {
    if (!versions().includes(version)) throw unknownModel(version, versions());
    const current = aliases();
    const next: Aliases = {
      champion: version,
      ...(current.champion && current.champion !== version ? { previous: current.champion } : {}),
    };
    writeFileSync(`${aliasFile}.new`, `${JSON.stringify(next, null, 2)}\n`);
    renameSync(`${aliasFile}.new`, aliasFile);
  };

  const openChampion = (): OpenedModel => {
    const { champion, previous } = aliases();
    const refused: LanewayError[] = [];
    const candidates = [champion, previous]
      .filter((version) => version !== undefined)
      .map((version) => join(root, version));
    for (const dir of [...candidates, SHIPPED_DIR]) {
      try {
        return { model: readModel(dir), dir, refused };
      } catch (error) {
        refused.push(
          error instanceof LanewayError
            ? error
            : new LanewayError('ARTIFACT_DAMAGED', messageOf(error), { where: dir, cause: error }),
        );
      }
    }
    throw refused[refused.length - 1]!;
  };

  const open = (reference = 'champion'): OpenedModel => {
    if (reference === 'champion') return openChampion();
    if (reference === 'shipped') return { model: readModel(SHIPPED_DIR), dir: SHIPPED_DIR, refused: [] };
    const known = versions();
    const version =
      reference === 'previous'
        ? aliases().previous
        : known.includes(reference)
          ? reference
          : known.filter((v) => v.startsWith(`${reference}-`)).pop();
    if (version === undefined) throw unknownModel(reference, known);
    const dir = join(root, version);
    return { model: readModel(dir), dir, refused: [] };
  };

  const list = () => {
    const { champion, previous } = aliases();
    return versions().map((version) => ({
      version,
      ...(version === champion ? { alias: 'champion' } : version === previous ? { alias: 'previous' } : {}),
    }));
  };

  return { save, promote, open, list };
}

/** Reads and checks one model folder. */
export function readModel(dir: string): Model {
  const [binary, manifest] = [join(dir, 'model.bin'), join(dir, 'manifest.json')];
  if (!existsSync(binary) || !existsSync(manifest)) {
    throw new LanewayError('MODEL_UNKNOWN', 'no model is stored here', {
      where: dir,
      fix: 'Make one with: npm run train',
    });
  }
  return decodeModel(readFileSync(binary), readFileSync(manifest, 'utf8'), dir);
}

function unknownModel(reference: string, known: readonly string[]): LanewayError {
  return new LanewayError(
    'MODEL_UNKNOWN',
    `no model "${reference}"; there are: ${['champion', 'shipped', ...known].join(', ')}`,
    {
      fix: 'List them with: npx laneway models',
    },
  );
}
