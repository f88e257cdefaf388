import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { floatGraph } from '../onnx/float-graph.ts';
import { miniLmWeights } from '../onnx/minilm-graph.ts';
import { minilmSource, tensorsOf } from '../weights.ts';
import { dynamicGraph } from './dynamic-graph.ts';

/**
 * Lays the installed MiniLM out as transformers.js wants a model: one output by token, attention mask,
 * `tokenizer_config.json` (which the weights package lacks). The peer of benchmarks, and what the hub
 * encoder's test loads without a network. Its `q8` is quantised as the ones on the hub are.
 */
export function writeTransformersFolder(dir: string): void {
  const source = minilmSource();
  mkdirSync(join(dir, 'onnx'), { recursive: true });
  copyFileSync(source.configPath, join(dir, 'config.json'));
  copyFileSync(source.tokenizerPath, join(dir, 'tokenizer.json'));
  const tokenizer = {
    tokenizer_class: 'BertTokenizer',
    model_max_length: 128,
    do_lower_case: true,
    pad_token: '[PAD]',
    unk_token: '[UNK]',
    cls_token: '[CLS]',
    sep_token: '[SEP]',
    mask_token: '[MASK]',
  };
  writeFileSync(join(dir, 'tokenizer_config.json'), JSON.stringify(tokenizer));
  const weights = miniLmWeights(tensorsOf(source));
  writeFileSync(join(dir, 'onnx', 'model.onnx'), floatGraph(weights, 'tokens'));
  writeFileSync(join(dir, 'onnx', 'model_quantized.onnx'), dynamicGraph(weights));
}
