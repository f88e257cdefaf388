import { arch, cpus } from 'node:os';
import { binMetadata, metadataKey } from './features/metadata.ts';
import { FEATURE_VERSION } from './model.ts';
import { CANONICAL_VERSION, canonicalise } from './text/canonical.ts';
import { fingerprint } from './text/fingerprint.ts';
import type { ClassifyInput } from './verdict.ts';

/** Longer canonical texts are not worth keeping in memory: each is asked anew. */
const MAX_KEPT_CHARACTERS = 4_096;

/** Names the kind of CPU; vectors of one encoder may differ in the last bits between kinds. */
export function cpuKind(): string {
  return `${arch()} ${cpus()[0]?.model ?? 'unknown'}`;
}

/**
 * What a verdict depends on, as one string: equal keys mean equal verdicts. Feature and canonical version, encoder
 * and CPU kind, metadata bins, fingerprint, and the canonical text itself, so that a tier that keeps whole keys
 * compares the text and not only its hash.
 *
 * @param about.encoderId `none` where no encoder answers: a verdict without it is another verdict
 * @returns a key, or undefined for a text that is too long to keep
 */
export function createCacheKey(about: {
  readonly modelVersion: string;
  readonly encoderId: string;
  readonly cpu?: string;
}): (input: ClassifyInput) => string | undefined {
  const head = [
    about.modelVersion,
    `f${FEATURE_VERSION}`,
    `c${CANONICAL_VERSION}`,
    about.encoderId,
    about.cpu ?? cpuKind(),
  ].join('\u0001');
  return ({ text, metadata }) => {
    const canonical = canonicalise(text);
    if (canonical.length > MAX_KEPT_CHARACTERS) return undefined;
    return [head, metadataKey(binMetadata(metadata)), fingerprint(canonical), canonical].join('\u0001');
  };
}
