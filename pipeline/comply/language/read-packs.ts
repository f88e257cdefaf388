import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { runningBuild } from '../../../models/base/build.mjs';
import type { Pack } from '../types.ts';

/**
 * Packs that were read and validated when Laneway was compiled, by the hash of their bytes. They lie in the build,
 * whose every byte is checked at the start: a pack found here is what reading its text gives, and a text that differs in
 * one byte is not found.
 */
export type ReadPacks = Readonly<Record<string, Pack>>;

export const packKey = (text: string, file: string): string =>
  createHash('sha256').update(`${file}\n`).update(text).digest('hex');

/** JSON knows no infinity: a rule without an end has none written. */
export const writePacks = (packs: ReadPacks): string => JSON.stringify(packs);

export function parseWritten(text: string): ReadPacks {
  const packs = JSON.parse(text) as Record<string, Pack>;
  return Object.fromEntries(
    Object.entries(packs).map(([key, pack]) => [
      key,
      Object.freeze({
        ...pack,
        rules: Object.freeze(
          pack.rules.map((rule) => ({
            ...rule,
            effective: { fromMs: rule.effective.fromMs, toMs: rule.effective.toMs ?? Infinity },
          })),
        ),
      }),
    ]),
  );
}

let packs: ReadPacks | undefined;

/** A pack as it was read before; undefined when its text has to be read. */
export function readBefore(text: string, file: string): Pack | undefined {
  const build = runningBuild();
  if (build?.packs === undefined) return undefined;
  packs ??= parseWritten(readFileSync(new URL(build.packs, build.dir), 'utf8'));
  return packs[packKey(text, file)];
}
