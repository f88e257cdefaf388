import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { LanewayError, messageOf } from '../base/errors.ts';
import type { Encoder } from './encoder.ts';
import { sha256 } from './manifest.ts';

export interface HubOptions {
  /** Folder with `config.json`, `tokenizer.json`, `tokenizer_config.json`, `onnx/model.onnx`; no network then. */
  readonly localDir?: string;
  /** Git revision of the model, default `main`; pin it where verdicts must be replayed. */
  readonly revision?: string;
  /** How token vectors become one: as the model was trained, `mean` (default) or its first token. */
  readonly pooling?: 'mean' | 'cls';
  /** Tokens read of a text, 2 to 512, default 128. */
  readonly maxTokens?: number;
  /** Where downloads are kept, e.g. `.laneway/hub`. */
  readonly cacheDir?: string;
  /** Another host that mirrors the hub, default `https://huggingface.co/`. */
  readonly remoteHost?: string;
}

/**
 * Any BERT-like model by transformers.js, in single precision, one text a run: slower than MiniLM by its size
 * and more, but a text's vector does not depend on its batch. Dimensions are the model's hidden size.
 *
 * @param id as on the hub, e.g. `BAAI/bge-base-en-v1.5`; only a name when `localDir` is given.
 * @throws LanewayError `ENCODER_UNAVAILABLE` with neither network nor local folder, `OPTION_INVALID`
 */
export async function createHubEncoder(id: string, options: HubOptions = {}): Promise<Encoder> {
  const { pooling = 'mean', maxTokens = 128, revision = 'main' } = options;
  if (!/^[\w.-]+(\/[\w.-]+)?$/.test(id))
    throw new LanewayError('OPTION_INVALID', `"${id}" is not a model id such as owner/name`, {
      where: 'encoder',
    });
  if (!Number.isInteger(maxTokens) || maxTokens < 2 || maxTokens > 512)
    throw new LanewayError('OPTION_INVALID', `maxTokens is ${maxTokens}, it must be 2 to 512`, {
      where: 'maxTokens',
    });
  const extractor = await load(id, revision, options);
  // One run at a time: transformers.js' sessions are shared, and order makes failures attributable.
  let tail: Promise<unknown> = Promise.resolve();
  let closed = false;

  async function embed(text: string): Promise<Float32Array> {
    const inputs = extractor.tokenizer([text], { truncation: true, max_length: maxTokens });
    const output = await extractor.model(inputs);
    const hidden = output.last_hidden_state ?? output.token_embeddings;
    if (hidden === undefined)
      throw new LanewayError('ENCODER_UNAVAILABLE', `${id} gives no token vectors (last_hidden_state)`, {
        fix: 'Choose a model exported for feature extraction',
      });
    const [, tokens, width] = hidden.dims as [number, number, number];
    return unit(pool(hidden.data as Float32Array, pooling === 'cls' ? 1 : tokens, width));
  }

  const dimensions = (await embed('probe')).length;
  return {
    id: `hub/${id}/${pooling}/${versionOf(options.localDir, revision)}`,
    dimensions,
    encode(texts) {
      if (closed) return Promise.reject(new LanewayError('ENCODER_CLOSED', 'The encoder is closed'));
      const work = tail.then(async () => {
        const vectors = new Float32Array(texts.length * dimensions);
        for (const [row, text] of texts.entries()) vectors.set(await embed(text), row * dimensions);
        return vectors;
      });
      tail = work.catch(() => undefined);
      return work;
    },
    async close() {
      if (closed) return;
      closed = true;
      await tail;
      await extractor.dispose();
    },
  };
}

/** Loaded only when asked for: transformers.js takes a second and 100 MB. */
async function load(id: string, revision: string, options: HubOptions) {
  const { localDir, cacheDir, remoteHost } = options;
  const { env, LogLevel, pipeline } = await import('@xenova/transformers');
  const folder = localDir === undefined ? undefined : resolve(localDir);
  if (folder !== undefined && !existsSync(join(folder, 'onnx', 'model.onnx')))
    throw new LanewayError('ENCODER_UNAVAILABLE', `No model in ${folder}: onnx/model.onnx is missing`, {
      fix: 'The folder must hold config.json, tokenizer.json, tokenizer_config.json and onnx/model.onnx',
      where: folder,
    });
  const before = { localModelPath: env.localModelPath, remoteHost: env.remoteHost, logLevel: env.logLevel };
  try {
    // transformers.js has no parameter for these; they are read while it loads and put back after.
    env.logLevel = LogLevel.ERROR;
    if (folder !== undefined) env.localModelPath = dirname(folder);
    if (remoteHost !== undefined) env.remoteHost = remoteHost;
    return await pipeline('feature-extraction', folder === undefined ? id : basename(folder), {
      dtype: 'fp32',
      revision,
      local_files_only: folder !== undefined,
      ...(cacheDir === undefined ? {} : { cache_dir: cacheDir }),
    });
  } catch (cause) {
    throw new LanewayError('ENCODER_UNAVAILABLE', `Cannot load the model ${id}: ${messageOf(cause)}`, {
      fix: 'Connect to the hub once, give a local folder of the model, or use the encoder minilm:int8',
      cause,
    });
  } finally {
    Object.assign(env, before);
  }
}

/** A local folder is known by its bytes, a remote model by its revision. */
function versionOf(localDir: string | undefined, revision: string): string {
  if (localDir === undefined) return revision;
  return sha256(readFileSync(join(localDir, 'onnx', 'model.onnx'))).slice(0, 12);
}

function pool(hidden: Float32Array, tokens: number, width: number): Float32Array {
  const sum = new Float32Array(width);
  for (let t = 0; t < tokens; t++) for (let i = 0; i < width; i++) sum[i] = sum[i]! + hidden[t * width + i]!;
  return sum;
}

function unit(vector: Float32Array): Float32Array {
  let squares = 0;
  for (const value of vector) squares += value * value;
  const length = Math.sqrt(squares) || 1;
  return vector.map((value) => value / length);
}
