import { createHash } from 'node:crypto';
import { arch, cpus } from 'node:os';
import { binMetadata, metadataKey } from './features/metadata.ts';
import { FEATURE_VERSION } from './model.ts';
import { CANONICAL_VERSION, canonicaliseAll } from './text/canonical.ts';
import type { ClassifyInput } from './verdict.ts';

/** Longer canonical texts are not worth keeping in memory: each is asked anew. */
const MAX_KEPT_CHARACTERS = 4_096;
const NO_METADATA = metadataKey(binMetadata(undefined));

/** What all answers of one model under one roof share; another scope's entries are never looked at. */
export interface CacheScope {
  readonly modelVersion: string;
  /** Everything but the message that a verdict depends on, as one string. */
  readonly id: string;
  /** 96 bits of SHA-256 of `id`, base64url: a prefix for keys elsewhere. */
  readonly digest: string;
}

/** What a verdict depends on: the scope, and of the message its entry. */
export interface CacheKeys {
  readonly scope: CacheScope;
  /**
   * Equal entries of one scope mean equal verdicts: metadata bins and canonical text, the whole of it, so that a tier
   * that keeps whole keys compares the text and not its hash. Where nothing is known but the text it is the canonical
   * text itself, which remembers its hash.
   * @returns one an input; undefined for a text that is too long to keep
   */
  entriesOf(inputs: readonly ClassifyInput[]): (string | undefined)[];
}

/** Names the kind of CPU; vectors of one encoder may differ in the last bits between kinds. */
export function cpuKind(): string {
  return `${arch()} ${cpus()[0]?.model ?? 'unknown'}`;
}

/**
 * Keys of one model's verdicts: model, feature and canonical version, encoder and CPU kind make the scope.
 *
 * @param about.encoderId `none` where no encoder answers: a verdict without it is another verdict
 */
export function createCacheKeys(about: {
  readonly modelVersion: string;
  readonly encoderId: string;
  readonly cpu?: string;
}): CacheKeys {
  const id = [
    about.modelVersion,
    `f${FEATURE_VERSION}`,
    `c${CANONICAL_VERSION}`,
    about.encoderId,
    about.cpu ?? cpuKind(),
  ].join('\u0001');
  const digest = createHash('sha256').update(id).digest('base64url').slice(0, 16);
  return {
    scope: Object.freeze({ modelVersion: about.modelVersion, id, digest }),
    entriesOf: (inputs) =>
      canonicaliseAll(inputs.map(({ text }) => text)).map((canonical, at) => {
        if (canonical.length > MAX_KEPT_CHARACTERS) return undefined;
        const { metadata } = inputs[at]!;
        const bins = metadata === undefined ? NO_METADATA : metadataKey(binMetadata(metadata));
        // Of control characters canonical texts have line breaks alone.
        return bins === NO_METADATA ? canonical : `${canonical}\u0001${bins}`;
      }),
  };
}
