import { existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LanewayError, messageOf } from '../base/errors.ts';
import { seedOf } from '../base/random.ts';
import { planBatches } from './batching.ts';
import { calibrate } from './calibrate.ts';
import {
  checkedPath,
  type EncoderManifest,
  FILES,
  type Precision,
  readManifest,
  sha256,
} from './manifest.ts';
import { calibrationGraph, floatGraph } from './onnx/float-graph.ts';
import { INT8_RECIPE, int8Graph } from './onnx/int8-graph.ts';
import { miniLmWeights, WIDTH } from './onnx/minilm-graph.ts';
import { readSafetensors } from './safetensors.ts';
import { openSession, type Session } from './session.ts';
import { type MiniLmSource, minilmSource, readSource, vocabularyOf } from './weights.ts';
import { createWordPiece } from './wordpiece.ts';

/** Raised when the graphs or the calibration change in a way that changes vectors. */
const GRAPH_VERSION = 1;
const CALIBRATION_TEXTS = 1_000;
const HELD_OUT_TEXTS = 250;
const FEWEST_TEXTS = 20;

export interface BuildProgress {
  readonly phase: 'fp32' | 'calibrate' | 'int8' | 'measure';
  readonly done: number;
  readonly total: number;
}

export interface BuildOptions {
  /** Folder to fill, e.g. `.laneway/encoder`; replaced as a whole, never left half-written. */
  readonly dir: string;
  /**
   * Texts of every kind that is expected, as the encoder will get them (canonical), at least 20 distinct
   * ones. Up to 1,000 calibrate, up to 250 others measure; which ones does not depend on their order.
   */
  readonly calibrationTexts: readonly string[];
  /** What will be opened: of a build that is there only this is read and checked. Default: both. */
  readonly precision?: Precision;
  readonly onProgress?: (progress: BuildProgress) => void;
}

export interface BuildResult {
  readonly outcome: 'built' | 'already-built';
  readonly manifest: EncoderManifest;
}

/**
 * Builds the encoder from the installed weights: the exact graph, then int8 by calibration. Does nothing when
 * the folder holds a whole build of the same inputs. The same inputs give the same bytes on one kind of CPU.
 *
 * @throws LanewayError `CALIBRATION_TOO_SMALL`, `WEIGHTS_MISSING`, `WEIGHTS_INVALID`, `ENCODER_WRITE_FAILED`
 */
export async function buildEncoder(options: BuildOptions): Promise<BuildResult> {
  const { dir, precision, onProgress = () => {} } = options;
  const source = minilmSource();
  const signs = signsOf(source, options.calibrationTexts);
  const present = await wholeBuild(dir, precision);
  if (present?.signs === signs) return { outcome: 'already-built', manifest: present };

  const { calibration, heldOut, all } = chooseTexts(options.calibrationTexts);
  const weightBytes = readSource(source.weightsPath);
  const vocabulary = vocabularyOf(source);
  const vocabularyBytes = new TextEncoder().encode(JSON.stringify(vocabulary));
  const exactInputs = sha256(`graph ${GRAPH_VERSION}\n`, sha256(weightBytes), sha256(vocabularyBytes));
  const inputs = sha256(exactInputs, JSON.stringify(INT8_RECIPE), JSON.stringify(all));

  if (present?.inputs === inputs) {
    // Copied here, or its inputs were: from now on the signs are enough.
    const manifest = { ...present, signs };
    rewriteManifest(dir, manifest);
    return { outcome: 'already-built', manifest };
  }

  const tokenizer = createWordPiece(vocabulary);
  const weights = miniLmWeights(readSafetensors(weightBytes, source.weightsPath));
  onProgress({ phase: 'fp32', done: 0, total: 1 });
  const fp32 = floatGraph(weights);
  onProgress({ phase: 'fp32', done: 1, total: 1 });

  const watching = await openSession(calibrationGraph(weights));
  const extremes = await calibrate(
    watching,
    calibration.map((text) => tokenizer.encode(text)),
    (done) => onProgress({ phase: 'calibrate', done, total: calibration.length }),
  ).finally(() => watching.close());
  const int8 = int8Graph(weights, extremes);
  onProgress({ phase: 'int8', done: 1, total: 1 });

  const tokens = heldOut.map((text) => tokenizer.encode(text));
  const total = 2 * tokens.length;
  const exact = await embedAll(fp32, tokens, (done) => onProgress({ phase: 'measure', done, total }));
  const rounded = await embedAll(int8, tokens, (done) =>
    onProgress({ phase: 'measure', done: tokens.length + done, total }),
  );

  const file = (bytes: Uint8Array) => ({ sha256: sha256(bytes), bytes: bytes.length });
  const manifest: EncoderManifest = {
    format: 1,
    model: 'minilm-l6-v2',
    dimensions: 768,
    maxTokens: 128,
    inputs,
    exactInputs,
    signs,
    calibration: { texts: calibration.length, recipe: { ...INT8_RECIPE } },
    cosine: compare(exact, rounded),
    files: { vocabulary: file(vocabularyBytes), fp32: file(fp32), int8: file(int8) },
  };
  replaceFolder(dir, {
    [FILES.vocabulary]: vocabularyBytes,
    [FILES.fp32]: fp32,
    [FILES.int8]: int8,
    [FILES.manifest]: new TextEncoder().encode(textOf(manifest)),
  });
  return { outcome: 'built', manifest };
}

/** Deterministic and independent of the list's order and repetitions: sorted by a hash of the text. */
function chooseTexts(texts: readonly string[]) {
  const keyed = [...new Set(texts)].map((text) => ({ text, key: seedOf(text) }));
  keyed.sort((a, b) => a.key - b.key || (a.text < b.text ? -1 : 1));
  const all = keyed.map(({ text }) => text);
  if (all.length < FEWEST_TEXTS)
    throw new LanewayError(
      'CALIBRATION_TOO_SMALL',
      `${all.length} distinct calibration texts; int8 scales from so few would fit nothing else`,
      { fix: `Give at least ${FEWEST_TEXTS}, of every kind you expect` },
    );
  const held = Math.min(HELD_OUT_TEXTS, Math.floor(all.length / 5));
  return { heldOut: all.slice(0, held), calibration: all.slice(held, held + CALIBRATION_TEXTS), all };
}

const textOf = (manifest: EncoderManifest): string => `${JSON.stringify(manifest, null, 2)}\n`;

/** Reading 45 MB of weights to find them unchanged takes longer than loading the encoder that was built from them. */
function signsOf(source: MiniLmSource, texts: readonly string[]): string {
  const signs = [source.weightsPath, source.tokenizerPath].map((path) => {
    const stat = statSync(path, { throwIfNoEntry: false });
    return [path, stat?.size, stat?.mtimeMs];
  });
  return sha256(JSON.stringify([GRAPH_VERSION, INT8_RECIPE, signs, texts]));
}

/**
 * The manifest when it and the files it names are whole; of the precision that is not wanted only the size is looked at.
 */
async function wholeBuild(dir: string, precision?: Precision): Promise<EncoderManifest | undefined> {
  try {
    const manifest = readManifest(dir);
    for (const file of ['vocabulary', 'fp32', 'int8'] as const) {
      if (precision === undefined || file === 'vocabulary' || file === precision)
        await checkedPath(dir, manifest, file);
      else if (sizeOf(join(dir, FILES[file])) !== manifest.files[file].bytes) return undefined;
    }
    return manifest;
  } catch (error) {
    if (error instanceof LanewayError) return undefined;
    throw error;
  }
}

const sizeOf = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.size;

/** In a folder that cannot be written the inputs are read at every start. */
function rewriteManifest(dir: string, manifest: EncoderManifest): void {
  const fresh = join(dir, `${FILES.manifest}.${process.pid}`);
  try {
    writeFileSync(fresh, textOf(manifest));
    renameSync(fresh, join(dir, FILES.manifest));
  } catch {
    rmSync(fresh, { force: true });
  }
}

async function embedAll(
  graph: Uint8Array,
  tokens: readonly (readonly number[])[],
  onText: (done: number) => void,
): Promise<Float32Array> {
  const vectors = new Float32Array(tokens.length * 2 * WIDTH);
  const session: Session = await openSession(graph);
  let done = 0;
  try {
    for (const { indices, batch } of planBatches(tokens)) {
      const [rows] = await session.run(batch, ['embedding']);
      indices.forEach((index, i) => {
        vectors.set(rows!.subarray(i * 2 * WIDTH, (i + 1) * 2 * WIDTH), index * 2 * WIDTH);
      });
      done += indices.length;
      onText(done);
    }
  } finally {
    await session.close();
  }
  return vectors;
}

/** Cosine of each pair of rows; both pooled halves have unit length, so it is half their dot product. */
function compare(exact: Float32Array, rounded: Float32Array): EncoderManifest['cosine'] {
  const width = 2 * WIDTH;
  const texts = exact.length / width;
  let sum = 0;
  let min = 1;
  for (let row = 0; row < texts; row++) {
    let dot = 0;
    for (let i = row * width; i < (row + 1) * width; i++) dot += exact[i]! * rounded[i]!;
    sum += dot / 2;
    min = Math.min(min, dot / 2);
  }
  const sixDecimals = (value: number) => Math.round(value * 1e6) / 1e6;
  return { mean: sixDecimals(sum / texts), min: sixDecimals(min), texts };
}

/** Writes beside and swaps by renaming: a reader sees the old folder, none, or the whole new one. */
function replaceFolder(dir: string, files: Readonly<Record<string, Uint8Array>>): void {
  const fresh = `${dir}.new-${process.pid}`;
  const old = `${dir}.old-${process.pid}`;
  try {
    mkdirSync(dirname(dir), { recursive: true });
    rmSync(fresh, { recursive: true, force: true });
    mkdirSync(fresh);
    for (const [name, bytes] of Object.entries(files))
      writeFileSync(join(fresh, name), bytes, { flush: true });
    rmSync(old, { recursive: true, force: true });
    try {
      renameSync(dir, old);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    renameSync(fresh, dir);
  } catch (cause) {
    throw new LanewayError(
      'ENCODER_WRITE_FAILED',
      `Cannot write the encoder to ${dir}: ${messageOf(cause)}`,
      {
        fix: 'Check that the folder is writable and 80 MB are free',
        where: dir,
        cause,
      },
    );
  } finally {
    // The old folder comes back when the new one could not take its place.
    if (existsSync(old) && !existsSync(dir)) renameSync(old, dir);
    rmSync(fresh, { recursive: true, force: true });
    rmSync(old, { recursive: true, force: true });
  }
}
