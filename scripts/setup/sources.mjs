import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The rooms whose modules are compiled. */
const ROOMS = ['data', 'models', 'pipeline', 'scripts', 'serve', 'train'];
/** Rooms that start threads; what benchmarks and the lab start runs from its source. */
const STARTING_ROOMS = /^(models|pipeline|serve|train)\//;
/** What decides, beside the sources, what comes out. */
const SETTINGS = ['package.json', 'package-lock.json', 'tsconfig.json', 'node_modules/.package-lock.json'];
/** The module that `laneway` is. */
export const MAIN = 'serve/cli/main.ts';
/** The thread that reads the rule packs for a build. */
export const PACKS = 'pipeline/comply/language/pack-worker.ts';

const isSource = (/** @type {string} */ name) =>
  /\.(ts|tsx|mjs)$/.test(name) && !/\.(test|fixture)\.tsx?$/.test(name);

/**
 * @typedef {object} Sources
 * @property {string} key SHA-256 over every module and setting, hex
 * @property {readonly string[]} files paths from the root, with slashes
 * @property {readonly string[]} entries modules that something starts: the program and its threads
 */

/**
 * Reads what a build is made of. Contents are looked at, not times: a branch that was switched, a file that was copied
 * or a clock that was set back cannot make old code pass for new.
 *
 * @param {string} root
 * @returns {Sources}
 */
export function readSources(root) {
  const files = ROOMS.flatMap((room) => sourcesUnder(root, room)).sort();
  const hash = createHash('sha256');
  const entries = new Set([MAIN, PACKS].filter((entry) => files.includes(entry)));
  for (const file of [...SETTINGS, ...files]) {
    const text = readIfThere(join(root, file));
    hash.update(`${file}\n${text.length}\n`).update(text);
    if (STARTING_ROOMS.test(file)) for (const entry of threadsIn(file, text, files)) entries.add(entry);
  }
  return { key: hash.digest('hex'), files, entries: [...entries].sort() };
}

/**
 * @param {string} root
 * @param {string} dir
 * @returns {string[]}
 */
function sourcesUnder(root, dir) {
  return readdirSync(join(root, dir), { withFileTypes: true }).flatMap((entry) => {
    const path = `${dir}/${entry.name}`;
    if (entry.isDirectory()) return sourcesUnder(root, path);
    return isSource(entry.name) ? [path] : [];
  });
}

/** @param {string} path */
function readIfThere(path) {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return '';
    throw error;
  }
}

/**
 * Modules that a module names by URL, as `startWorker` wants them.
 *
 * @param {string} file
 * @param {string} text
 * @param {readonly string[]} files
 */
function threadsIn(file, text, files) {
  const named = [...text.matchAll(/new URL\('(\.[^']+\.ts)', import\.meta\.url\)/g)];
  return named
    .map(([, path]) => new URL(path ?? '', `file:///${file}`).pathname.slice(1))
    .filter((path) => files.includes(path));
}
