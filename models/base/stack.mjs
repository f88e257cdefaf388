import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { runningBuild } from './build.mjs';

/**
 * Lets stack traces name lines of the sources, not of the compiled files. A map is read when a trace through its file
 * is first asked for: Node's own way reads all of them at the start.
 */
export function mapStacks() {
  const build = runningBuild();
  if (!build) return;
  const { dir } = build;
  /** @type {Map<string, SourceMap | undefined>} */
  const maps = new Map();
  /** @param {string} file */
  const mapOf = (file) => {
    if (!maps.has(file)) maps.set(file, readMap(file));
    return maps.get(file);
  };
  /** @param {NodeJS.CallSite} frame */
  const lineOf = (frame) => {
    const text = String(frame);
    const file = frame.getFileName();
    if (!file?.startsWith(dir)) return text;
    const [line, column] = [frame.getLineNumber() ?? 1, frame.getColumnNumber() ?? 1];
    const found = mapOf(file)?.findEntry(line - 1, column - 1);
    if (!found || !('originalSource' in found)) return text;
    const source = new URL(found.originalSource, file).href;
    return text.replace(
      `${file}:${line}:${column}`,
      `${source}:${found.originalLine + 1}:${found.originalColumn + 1}`,
    );
  };
  Error.prepareStackTrace = (error, frames) =>
    [nameOf(error), ...frames.map((frame) => `    at ${lineOf(frame)}`)].join('\n');
}

/** @param {Error} error */
function nameOf(error) {
  try {
    return String(error);
  } catch {
    return 'Error';
  }
}

/** @param {string} file `file:` URL of a compiled file */
function readMap(file) {
  try {
    return new SourceMap(JSON.parse(readFileSync(new URL(`${file}.map`), 'utf8')));
  } catch {
    // Without its map a trace is still a trace.
    return undefined;
  }
}
