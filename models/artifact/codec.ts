import { LanewayError, messageOf } from '../base/errors.ts';
import { canonicalJson } from '../base/json.ts';
import type { Calibration } from '../calibration.ts';
import { fromBytes as vocabularyFromBytes, toBytes as vocabularyToBytes } from '../features/vocabulary.ts';
import { decodeForest, encodeForest } from '../forest/codec.ts';
import type { DenseHead, DenseLayer } from '../heads/dense.ts';
import type { KernelHead } from '../heads/kernel.ts';
import type { LinearHead } from '../heads/linear.ts';
import { FEATURE_VERSION, type ForestStage, type Manifest, type Model } from '../model.ts';
import { riskScaleFromNumbers, riskScaleToNumbers } from '../risk.ts';
import { CANONICAL_VERSION } from '../text/canonical.ts';
import { packSections, sha256, unpackSections } from './container.ts';

/** A model before it has a version: the version is the hash of everything else. */
export type DraftModel = Omit<Model, 'manifest'> & {
  readonly manifest: Omit<Manifest, 'version' | 'sha256'>;
};

/**
 * Names a draft by its content.
 *
 * @throws LanewayError `MODEL_NAME`: the name cannot be a folder's
 */
export function sealModel(draft: DraftModel): Model {
  const { name } = draft.manifest;
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) {
    throw new LanewayError('MODEL_NAME', `"${name}" cannot name a model`, {
      where: 'name',
      fix: 'Use up to 64 letters, digits, dots, dashes and underscores, a letter or digit first.',
    });
  }
  const hash = sha256(packModel(draft));
  return { ...draft, manifest: { ...draft.manifest, version: versionOf(name, hash), sha256: hash } };
}

function versionOf(name: string, hash: string): string {
  return `${name}-${hash.slice(0, 10)}`;
}

/**
 * The binary and the manifest that belongs beside it.
 *
 * @throws LanewayError `MODEL_UNSEALED`: the model was changed after it had been named
 */
export function encodeModel(model: Model): { bytes: Uint8Array; manifest: Manifest } {
  const bytes = packModel(model);
  if (sha256(bytes) !== model.manifest.sha256) {
    throw new LanewayError('MODEL_UNSEALED', `${model.manifest.version} is not what its hash states`, {
      fix: 'Seal the changed model again with sealModel.',
    });
  }
  return { bytes, manifest: model.manifest };
}

/** What a manifest says but for the names made from the hash, in one spelling. */
function statementOf(manifest: DraftModel['manifest']): string {
  const { version: _version, sha256: _sha256, ...said } = JSON.parse(JSON.stringify(manifest)) as Manifest;
  return canonicalJson(said);
}

function packModel(model: DraftModel): Uint8Array {
  const sections: Record<string, Uint8Array> = {
    // The hash covers the thresholds too: a manifest beside the binary that says anything else is refused.
    manifest: new TextEncoder().encode(statementOf(model.manifest)),
    words: vocabularyToBytes(model.words),
    chars: vocabularyToBytes(model.chars),
    ...headSections('wordHead', model.wordHead),
    ...headSections('charHead', model.charHead),
    ...headSections('wordRisk', model.wordRisk),
    ...headSections('charRisk', model.charRisk),
    riskScale: raw(riskScaleToNumbers(model.riskScale)),
    terms: raw(model.terms),
    dense: json(
      model.dense.map(({ layers, ...head }) => ({
        ...head,
        layers: layers.map(({ weights, bias, ...layer }) => layer),
      })),
    ),
    ...(model.kernel ? kernelSections(model.kernel) : {}),
    ...stageSections('lexical', model.lexical),
    ...(model.full ? stageSections('full', model.full) : {}),
  };
  model.dense.forEach((head, h) => {
    head.layers.forEach((layer, l) => {
      sections[`dense/${h}/${l}/weights`] = raw(layer.weights);
      sections[`dense/${h}/${l}/bias`] = raw(layer.bias);
    });
  });
  return packSections(sections);
}

/**
 * Reads a model back.
 *
 * @param where folder, for messages
 * @throws LanewayError `ARTIFACT_DAMAGED` (hash or structure), `MODEL_FEATURE_VERSION` (made by another version)
 */
export function decodeModel(bytes: Uint8Array, manifestText: string, where: string): Model {
  const damaged = (message: string) =>
    new LanewayError('ARTIFACT_DAMAGED', message, {
      where,
      fix: 'Restore the folder or train again with: npm run train',
    });
  let manifest: Manifest;
  try {
    manifest = JSON.parse(manifestText) as Manifest;
  } catch {
    throw damaged('manifest.json is not JSON');
  }
  if (typeof manifest?.featureVersion !== 'number') throw damaged('manifest.json is not that of a model');
  if (manifest.featureVersion !== FEATURE_VERSION || manifest.canonicalVersion !== CANONICAL_VERSION) {
    const has = `features ${manifest.featureVersion}, canonical text ${manifest.canonicalVersion}`;
    throw new LanewayError(
      'MODEL_FEATURE_VERSION',
      `the model was made for ${has}; this version has ${FEATURE_VERSION} and ${CANONICAL_VERSION}`,
      {
        where,
        fix: 'Train it again with: npm run train -- --data FILE',
      },
    );
  }
  if (sha256(bytes) !== manifest.sha256)
    throw damaged('model.bin does not have the SHA-256 that its manifest states');
  const sections = unpackSections(bytes, where);
  const stated = new TextDecoder().decode(sections.get('manifest'));
  if (stated !== statementOf(manifest) || manifest.version !== versionOf(manifest.name, manifest.sha256))
    throw damaged('manifest.json was changed after the model was made');
  try {
    return readSections(sections, manifest);
  } catch (error) {
    throw damaged(messageOf(error));
  }
}

function readSections(sections: ReadonlyMap<string, Uint8Array>, manifest: Manifest): Model {
  const section = (name: string): Uint8Array => {
    const found = sections.get(name);
    if (!found) throw new Error(`section "${name}" is missing`);
    return found;
  };
  const floats = (name: string) => new Float32Array(section(name).buffer);
  const head = (name: string): LinearHead => ({
    weights: floats(`${name}/weights`),
    bias: new Float64Array(section(`${name}/bias`).buffer)[0]!,
  });
  const stage = (name: string): ForestStage => ({
    forest: decodeForest(section(`${name}/forest`)),
    calibration: calibrationFrom(new Float64Array(section(`${name}/calibration`).buffer)),
  });
  const outlines = JSON.parse(new TextDecoder().decode(section('dense'))) as (Omit<DenseHead, 'layers'> & {
    layers: Omit<DenseLayer, 'weights' | 'bias'>[];
  })[];
  return Object.freeze({
    manifest,
    words: vocabularyFromBytes(section('words')),
    chars: vocabularyFromBytes(section('chars')),
    wordHead: head('wordHead'),
    charHead: head('charHead'),
    wordRisk: head('wordRisk'),
    charRisk: head('charRisk'),
    riskScale: riskScaleFromNumbers(new Float64Array(section('riskScale').buffer)),
    terms: new Uint32Array(section('terms').buffer),
    dense: outlines.map((outline, h) => ({
      ...outline,
      layers: outline.layers.map((layer, l) => ({
        ...layer,
        weights: floats(`dense/${h}/${l}/weights`),
        bias: floats(`dense/${h}/${l}/bias`),
      })),
    })),
    ...(sections.has('kernel') ? { kernel: kernelFrom(section, floats) } : {}),
    lexical: stage('lexical'),
    ...(sections.has('full/forest') ? { full: stage('full') } : {}),
  });
}

function headSections(name: string, head: LinearHead): Record<string, Uint8Array> {
  return { [`${name}/weights`]: raw(head.weights), [`${name}/bias`]: raw(Float64Array.of(head.bias)) };
}

function kernelSections({
  projection,
  landmarks,
  coefficients,
  ...outline
}: KernelHead): Record<string, Uint8Array> {
  return {
    kernel: json(outline),
    'kernel/projection': raw(projection),
    'kernel/landmarks': raw(landmarks),
    'kernel/coefficients': raw(coefficients),
  };
}

function kernelFrom(
  section: (name: string) => Uint8Array,
  floats: (name: string) => Float32Array,
): KernelHead {
  const outline = JSON.parse(new TextDecoder().decode(section('kernel'))) as Omit<
    KernelHead,
    'projection' | 'landmarks' | 'coefficients'
  >;
  return {
    ...outline,
    projection: floats('kernel/projection'),
    landmarks: new Int8Array(section('kernel/landmarks').buffer),
    coefficients: floats('kernel/coefficients'),
  };
}

function stageSections(name: string, { forest, calibration }: ForestStage): Record<string, Uint8Array> {
  const points = new Float64Array(calibration.votes.length * 2);
  points.set(calibration.votes);
  points.set(calibration.probabilities, calibration.votes.length);
  return { [`${name}/forest`]: encodeForest(forest), [`${name}/calibration`]: raw(points) };
}

function calibrationFrom(points: Float64Array): Calibration {
  const count = points.length / 2;
  return { votes: points.slice(0, count), probabilities: points.slice(count) };
}

function raw(values: Float32Array | Float64Array | Uint32Array | Int8Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function json(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}
