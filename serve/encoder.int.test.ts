import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildEncoder } from '../models/encoder/index.ts';
import { madeUpTexts } from '../models/encoder/testing/texts.ts';
import type { Model } from '../models/model.ts';
import { openEncoderFor } from './encoder.ts';

test('int8 damaged: fp32 stands in and says so; both damaged: none, and why', async () => {
  const home = mkdtempSync(join(tmpdir(), 'laneway-encoder-'));
  try {
    const dir = join(home, 'encoder');
    await buildEncoder({ dir, calibrationTexts: madeUpTexts(120) });
    const files = readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.onnx'),
    );
    const damage = (precision: string) =>
      writeFileSync(join(dir, files.find((name) => name.includes(precision))!), 'not a graph');
    const model = { manifest: { encoderId: 'minilm-l6-v2/int8/0123456789ab' } } as unknown as Model;
    damage('int8');
    const slow = await openEncoderFor(model, 'auto', { home, threads: 1 });
    expect(slow.encoder?.id).toMatch(/^minilm-l6-v2\/fp32\//);
    expect(slow.standIn).toContain('fp32 stands in for int8');
    expect(slow.missing).toBeUndefined();
    expect(slow.encoder?.state?.()).toBe('ready');
    await slow.encoder?.close();
    damage('fp32');
    const none = await openEncoderFor(model, 'auto', { home, threads: 1 });
    expect(none.encoder).toBeUndefined();
    expect(none.missing).toBeDefined();
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}, 240_000);
