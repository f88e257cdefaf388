/** Oldest Node that runs Laneway; the same as `engines` in package.json. */
export const OLDEST_NODE = [20, 18];

/**
 * What to tell someone whose Node is too old; undefined when it will do.
 *
 * @param {string} version as `process.versions.node`
 * @returns {string | undefined}
 */
export function nodeComplaint(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_NODE;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return undefined;
  return `Laneway needs Node ${OLDEST_NODE.join('.')} or newer; this is ${version}. Install it from nodejs.org or with nvm, then run the command again.`;
}
