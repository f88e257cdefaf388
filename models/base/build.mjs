import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';

/**
 * The compiled Laneway that this process runs, as `scripts/setup/build.mjs` makes it. Threads inherit it.
 *
 * @typedef {object} RunningBuild
 * @property {string} root `file:` URL of the repository, with a slash at the end
 * @property {string} dir `file:` URL of the build's folder, with a slash at the end
 * @property {Readonly<Record<string, string>>} entries compiled file of each module that may be started, by its
 *   path from the root: `models/encoder/worker.ts`
 * @property {string} [packs] file of the rule packs as they were read
 */

// Plain JavaScript, as what starts Laneway reads it before anything can be compiled. The bundler's banner has the name too.
const KEY = 'laneway:build';

/** @returns {RunningBuild | undefined} undefined: this process runs the sources */
export function runningBuild() {
  const found = getEnvironmentData(KEY);
  return typeof found === 'object' ? /** @type {RunningBuild} */ (found) : undefined;
}

/** @param {RunningBuild | undefined} build undefined: what starts from now on runs the sources */
export function runFrom(build) {
  setEnvironmentData(KEY, build && { ...build });
}

/**
 * The compiled file of a source that may be started; undefined where there is none.
 *
 * @param {URL} source
 * @returns {string | undefined} `file:` URL
 */
export function compiledOf(source) {
  const build = runningBuild();
  if (!build?.root || !source.href.startsWith(build.root)) return undefined;
  const file = build.entries[source.href.slice(build.root.length)];
  return file === undefined ? undefined : build.dir + file;
}
