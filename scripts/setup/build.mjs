import { createHash } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { runFrom, runningBuild } from '../../models/base/build.mjs';
import { stateOf } from '../../models/base/file-state.mjs';
import { PACKS, readSources } from './sources.mjs';

/**
 * @typedef {import('../../models/base/build.mjs').RunningBuild} RunningBuild
 * @typedef {{ size: number, mtimeMs: number, sha256: string }} Dependency
 *
 * @typedef {object} Manifest what a finished build says of itself
 * @property {Record<string, string>} entries
 * @property {string} [packs] file of the rule packs as they were read
 * @property {Record<string, { state: string, sha256: string }>} files what was written
 * @property {Record<string, Dependency>} dependencies files of packages that went in, by path from the root
 */

const MANIFEST = 'build.json';
const IN_USE = 'in-use';
const PACK_FILE = 'packs.json';
/** A build that nobody runs is kept so long: whoever goes back and forth between two states builds each once. */
const KEEP_MS = 3_600_000;

/** @param {string | Uint8Array} bytes */
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** @param {string} root */
export const buildFolder = (root) => join(root, 'node_modules', '.cache', 'laneway');

/**
 * The compiled form of the sources as they are now: found, or made. It is used only when every source, setting and
 * package file is what it was made of and every compiled file is what was written. Builds lie beside each other and
 * are never changed, so processes that start or run at the same time cannot harm each other.
 *
 * @param {string} root
 * @param {(line: string) => void} [note] told when the sources do not compile
 * @returns {Promise<RunningBuild | undefined>} undefined where none can be made: the folder is read-only, or the
 *   sources do not compile; they then run as they are, more slowly
 */
export async function ensureBuild(root, note = () => undefined) {
  const sources = readSources(root);
  const found = findBuild(root, sources.key);
  if (found) return found;
  try {
    await makeBuild(root, sources);
  } catch (error) {
    if (!isRefusal(error)) note(`warning: running the sources, as they do not compile: ${firstLine(error)}`);
    return undefined;
  }
  return findBuild(root, sources.key);
}

/**
 * @param {string} root
 * @param {string} key
 */
function findBuild(root, key) {
  for (const name of namesIn(buildFolder(root))) {
    if (!name.startsWith(`${key}-`)) continue;
    const build = openBuild(root, join(buildFolder(root), name));
    if (build) return build;
  }
  return undefined;
}

/**
 * @param {string} root
 * @param {string} dir
 * @returns {RunningBuild | undefined} undefined when it is not whole or a package has changed
 */
function openBuild(root, dir) {
  const leave = enter(dir);
  try {
    /** @type {Manifest} */
    const manifest = JSON.parse(readFileSync(join(dir, MANIFEST), 'utf8'));
    const whole = Object.entries(manifest.files).every(([file, was]) => isUntouched(join(dir, file), was));
    if (
      whole &&
      Object.entries(manifest.dependencies).every(([file, was]) => isSame(join(root, file), was))
    ) {
      process.once('exit', leave);
      return runningFrom(root, dir, manifest);
    }
  } catch {
    // Half of it is missing, or it says nothing that can be read.
  }
  leave();
  return undefined;
}

/**
 * A copy of a build has other times and is as good: then the contents are looked at.
 *
 * @param {string} path
 * @param {{ state: string, sha256: string }} was
 */
const isUntouched = (path, was) => stateOf(path) === was.state || sha256(readFileSync(path)) === was.sha256;

/**
 * @param {string} root
 * @param {string} dir
 * @param {Manifest} manifest
 * @returns {RunningBuild}
 */
function runningFrom(root, dir, { entries, packs }) {
  return {
    root: pathToFileURL(join(root, '/')).href,
    dir: pathToFileURL(join(dir, '/')).href,
    entries,
    ...(packs === undefined ? {} : { packs }),
  };
}

/**
 * @param {string} path
 * @param {Dependency} was
 */
function isSame(path, was) {
  const { size, mtimeMs } = statSync(path);
  if (size !== was.size) return false;
  return mtimeMs === was.mtimeMs || sha256(readFileSync(path)) === was.sha256;
}

/**
 * @param {string} root
 * @param {import('./sources.mjs').Sources} sources
 */
async function makeBuild(root, sources) {
  const folder = buildFolder(root);
  mkdirSync(folder, { recursive: true });
  const dir = mkdtempSync(join(folder, 'half-'));
  try {
    const { bundle } = await import('./bundle.mjs');
    const { entries, inputs, outputs } = await bundle(root, sources.entries, dir);
    const own = new Set(sources.files);
    /** @type {Manifest} */
    const manifest = { entries, files: {}, dependencies: {} };
    if (await writePacks(root, dir, manifest)) {
      manifest.packs = PACK_FILE;
      outputs.push(PACK_FILE);
    }
    for (const file of outputs) {
      if (file.endsWith('.map')) continue;
      const path = join(dir, file);
      manifest.files[file] = { state: stateOf(path), sha256: sha256(readFileSync(path)) };
    }
    for (const file of inputs) {
      if (own.has(file)) continue;
      const { size, mtimeMs } = statSync(join(root, file));
      manifest.dependencies[file] = { size, mtimeMs, sha256: sha256(readFileSync(join(root, file))) };
    }
    mkdirSync(join(dir, IN_USE));
    writeFileSync(join(dir, MANIFEST), JSON.stringify(manifest));
    // What was compiled is what was hashed, or nothing: a file may have been saved in between.
    if (readSources(root).key === sources.key) {
      renameSync(dir, join(folder, `${sources.key}-${dir.slice(-6)}`));
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
  dropUnused(folder);
}

/**
 * Reading 40 rule packs takes a second, and nothing but a changed pack changes the result.
 *
 * @param {string} root
 * @param {string} dir
 * @param {Manifest} manifest of what has just been compiled there
 * @returns {Promise<boolean>} false: there are none, or they cannot be read now, and whoever wants them reads them
 */
async function writePacks(root, dir, manifest) {
  const entry = manifest.entries[PACKS];
  if (entry === undefined) return false;
  // For this thread alone: the folder is about to be renamed, or removed where a source was saved meanwhile.
  const running = runningBuild();
  runFrom(runningFrom(root, dir, manifest));
  // The parent's own flags are about the parent.
  const reader = new Worker(join(dir, entry), { execArgv: [] });
  runFrom(running);
  /** @type {string | undefined} */
  const text = await new Promise((resolve) => {
    reader.once('message', resolve);
    reader.once('error', () => resolve(undefined));
    reader.once('exit', () => resolve(undefined));
  });
  if (text === undefined) return false;
  writeFileSync(join(dir, PACK_FILE), text);
  return true;
}

/**
 * Says that this process runs a build, so that none removes it.
 *
 * @param {string} dir
 * @returns {() => void} takes it back
 */
function enter(dir) {
  const mark = join(dir, IN_USE, String(process.pid));
  try {
    writeFileSync(mark, '');
  } catch {
    // Read-only: then nobody removes it either.
  }
  return () => {
    try {
      unlinkSync(mark);
    } catch {
      // It could not be written, or is gone.
    }
  };
}

/** @param {string} folder */
function dropUnused(folder) {
  const nowMs = Date.now();
  for (const name of namesIn(folder)) {
    const dir = join(folder, name);
    const used = namesIn(join(dir, IN_USE)).some(isRunning);
    try {
      const touched = Math.max(statSync(dir).mtimeMs, timeOf(join(dir, IN_USE)));
      if (!used && nowMs - touched > KEEP_MS) rmSync(dir, { recursive: true, force: true });
    } catch {
      // Another process removes it.
    }
  }
}

/** @param {string} path */
function timeOf(path) {
  try {
    return statSync(path).mtimeMs;
  } catch {
    return 0;
  }
}

/** @param {string} dir */
function namesIn(dir) {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}

/** @param {string} pid */
function isRunning(pid) {
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

/** @param {unknown} error */
function isRefusal(error) {
  const code = /** @type {NodeJS.ErrnoException} */ (error).code ?? '';
  return ['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'EEXIST', 'ENOTDIR'].includes(code);
}

/** @param {unknown} error */
function firstLine(error) {
  const { errors } = /** @type {import('esbuild').BuildFailure} */ (error);
  const [first] = errors ?? [];
  if (!first) return String(error).split('\n')[0];
  return `${first.location ? `${first.location.file}:${first.location.line}: ` : ''}${first.text}`;
}
