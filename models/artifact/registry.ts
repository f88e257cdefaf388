import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LanewayError, messageOf } from '../base/errors.ts';
import type { Model } from '../model.ts';
import { decodeModel, encodeModel } from './codec.ts';

/** The champion that came with this version of Laneway. */
export const SHIPPED_DIR = fileURLToPath(new URL('../champion/', import.meta.url));

const BINARY = 'model.bin';
const MANIFEST = 'manifest.json';

/** `champion` answers; `previous` is what rolling back returns to; `challenger` answers beside it and decides nothing. */
export interface Aliases {
  /** Undefined: the shipped model. */
  readonly champion?: string;
  readonly previous?: string;
  readonly challenger?: string;
}

export interface OpenedModel {
  readonly model: Model;
  readonly dir: string;
  /** Models that should have answered but were refused, with the reason. */
  readonly refused: readonly LanewayError[];
}

/** Models of one data folder: `<home>/models/<version>/{model.bin,manifest.json}` and `aliases.json`. */
export interface ModelRegistry {
  /** Stores a model under its version, whole or not at all, over a damaged copy if there is one; returns its folder. */
  save(model: Model): string;
  /**
   * Makes a stored version, the newest version of a name, or `previous` the champion, once it has been read whole. The
   * champion it replaces becomes `previous`, so promoting `previous` twice changes nothing.
   *
   * @throws LanewayError what {@link ModelRegistry.open} throws
   */
  promote(reference: string): void;
  /**
   * Makes `previous` the champion again, or the shipped model where there is no previous one; the champion becomes
   * `previous`, so rolling back twice changes nothing.
   *
   * @returns the version that answers now
   * @throws LanewayError `MODEL_NO_PREVIOUS`: the shipped model answers already and none came before it
   */
  rollback(): string;
  /**
   * Makes a stored version the challenger, once it has been read whole; undefined: there is none any more.
   *
   * @throws LanewayError what {@link ModelRegistry.open} throws, `MODEL_IS_CHAMPION`
   */
  challenge(reference: string | undefined): void;
  /** The aliases as they stand now; none where the file is damaged. */
  aliases(): Aliases;
  /**
   * Opens a version, a name (the version of it stored last) or an alias. A champion that is damaged gives way to the previous
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

  const readAliases = (): { aliases: Aliases; damage?: LanewayError } => {
    if (!existsSync(aliasFile)) return { aliases: {} };
    try {
      return { aliases: parseAliases(readFileSync(aliasFile, 'utf8')) };
    } catch (error) {
      return { aliases: {}, damage: damageOf(error, aliasFile) };
    }
  };
  const versions = (): string[] => {
    if (!existsSync(root)) return [];
    const folders = readdirSync(root, { withFileTypes: true });
    return folders
      .filter((entry) => entry.isDirectory() && existsSync(join(root, entry.name, MANIFEST)))
      .map((entry) => entry.name)
      .filter((name) => !name.startsWith('.'))
      .sort();
  };
  /** The stored version that a version, a name or `previous` stands for. */
  const resolve = (reference: string): string => {
    const known = versions();
    if (reference === 'previous' || reference === 'challenger')
      return readAliases().aliases[reference] ?? unknown(reference, known);
    if (known.includes(reference)) return reference;
    const writtenMs = (version: string) => statSync(join(root, version, MANIFEST)).mtimeMs;
    const named = known.filter((version) => nameOf(version) === reference);
    const newest = named.sort((x, y) => writtenMs(x) - writtenMs(y) || (x < y ? -1 : 1)).pop();
    return newest ?? unknown(reference, known);
  };

  const save = (model: Model): string => {
    const { version } = model.manifest;
    const dir = join(root, version);
    const { bytes, manifest } = encodeModel(model);
    if (isWhole(dir)) return dir;
    mkdirSync(root, { recursive: true });
    const half = join(root, `.half-${version}-${process.pid}`);
    rmSync(half, { recursive: true, force: true });
    mkdirSync(half);
    writeFileSync(join(half, BINARY), bytes, { flush: true });
    writeFileSync(join(half, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`, { flush: true });
    try {
      // A damaged copy of the same model gives way; a whole one, stored by another process just now, stays.
      if (!isWhole(dir)) rmSync(dir, { recursive: true, force: true });
      renameSync(half, dir);
    } catch (error) {
      if (!isWhole(dir)) throw error;
    } finally {
      rmSync(half, { recursive: true, force: true });
    }
    return dir;
  };

  const writeAliases = (next: Aliases): void => {
    const half = `${aliasFile}.${process.pid}`;
    mkdirSync(root, { recursive: true });
    writeFileSync(half, `${JSON.stringify(next, null, 2)}\n`, { flush: true });
    renameSync(half, aliasFile);
  };
  /** Aliases that are set, in one order; a model that answers or has answered is no challenger. */
  const aliasesOf = ({
    champion,
    previous,
    challenger,
  }: Partial<Record<keyof Aliases, string | undefined>>) => ({
    ...(champion === undefined ? {} : { champion }),
    ...(previous === undefined ? {} : { previous }),
    ...(challenger === undefined || challenger === champion ? {} : { challenger }),
  });

  const promote = (reference: string): void => {
    const version = resolve(reference);
    readModel(join(root, version));
    const { champion, previous, challenger } = readAliases().aliases;
    const replaced = champion === version ? previous : champion;
    writeAliases(aliasesOf({ champion: version, previous: replaced, challenger }));
  };

  const rollback = (): string => {
    const { champion, previous, challenger } = readAliases().aliases;
    if (champion === undefined && previous === undefined) {
      throw new LanewayError('MODEL_NO_PREVIOUS', 'the shipped model answers, and none before it', {
        fix: 'Promote a version with: npx laneway models promote VERSION',
      });
    }
    const { manifest } = readModel(previous === undefined ? SHIPPED_DIR : join(root, previous));
    writeAliases(aliasesOf({ champion: previous, previous: champion, challenger }));
    return manifest.version;
  };

  const challenge = (reference: string | undefined): void => {
    const { challenger: _, ...others } = readAliases().aliases;
    if (reference === undefined) {
      writeAliases(others);
      return;
    }
    const version = resolve(reference);
    readModel(join(root, version));
    if (version === others.champion) {
      throw new LanewayError('MODEL_IS_CHAMPION', `${version} is the champion: it cannot challenge itself`, {
        fix: 'Name another version; npx laneway models lists them.',
      });
    }
    writeAliases(aliasesOf({ ...others, challenger: version }));
  };

  const openChampion = (): OpenedModel => {
    const { aliases, damage } = readAliases();
    const refused: LanewayError[] = damage ? [damage] : [];
    const folderOf = (version: string | undefined) => (version === undefined ? [] : [join(root, version)]);
    const [champion, previous] = [folderOf(aliases.champion), folderOf(aliases.previous)];
    const inTurn = champion.length > 0 ? [...champion, ...previous, SHIPPED_DIR] : [SHIPPED_DIR, ...previous];
    for (const dir of inTurn) {
      try {
        return { model: readModel(dir), dir, refused };
      } catch (error) {
        refused.push(damageOf(error, dir));
      }
    }
    throw refused[0]!;
  };

  const open = (reference = 'champion'): OpenedModel => {
    if (reference === 'champion') return openChampion();
    const dir = reference === 'shipped' ? SHIPPED_DIR : join(root, resolve(reference));
    return { model: readModel(dir), dir, refused: [] };
  };

  const list = () => {
    const { aliases } = readAliases();
    const names = ['champion', 'previous', 'challenger'] as const;
    return versions().map((version) => {
      const held = names.filter((name) => aliases[name] === version);
      return { version, ...(held.length > 0 ? { alias: held.join(', ') } : {}) };
    });
  };

  return { save, promote, rollback, challenge, aliases: () => readAliases().aliases, open, list };
}

function parseAliases(text: string): Aliases {
  const read = JSON.parse(text) as Partial<Record<keyof Aliases, unknown>>;
  const names = ['champion', 'previous', 'challenger'] as const;
  return Object.fromEntries(
    names.flatMap((name) => (typeof read[name] === 'string' ? [[name, read[name]]] : [])),
  );
}

function damageOf(error: unknown, where: string): LanewayError {
  if (error instanceof LanewayError) return error;
  return new LanewayError('ARTIFACT_DAMAGED', messageOf(error), { where, cause: error });
}

/** Whether the binary in a folder is the one that its manifest names. */
function isWhole(dir: string): boolean {
  try {
    readModel(dir);
    return true;
  } catch {
    return false;
  }
}

/** The name in a version, which ends in a dash and ten digits of the hash. */
function nameOf(version: string): string {
  return version.slice(0, -11);
}

/** Reads and checks one model folder. */
export function readModel(dir: string): Model {
  const [binary, manifest] = [join(dir, BINARY), join(dir, MANIFEST)];
  if (!existsSync(binary) || !existsSync(manifest)) {
    throw new LanewayError('MODEL_UNKNOWN', 'no model is stored here', {
      where: dir,
      fix: 'Make one with: npm run train',
    });
  }
  return decodeModel(readFileSync(binary), readFileSync(manifest, 'utf8'), dir);
}

function unknown(reference: string, known: readonly string[]): never {
  throw new LanewayError(
    'MODEL_UNKNOWN',
    `no model "${reference}"; there are: ${['champion', 'shipped', ...known].join(', ')}`,
    {
      fix: 'List them with: npx laneway models',
    },
  );
}
