import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { FEATURE_VERSION } from '../../models/model.ts';
import { CANONICAL_VERSION } from '../../models/text/canonical.ts';
import { type CliContext, createContext } from './context.ts';
import { evaluateCommand } from './evaluate.ts';
import { metadataWorthCommand } from './metadata-worth.ts';

const home = mkdtempSync(join(tmpdir(), 'laneway-evaluate-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const context: CliContext = {
  ...createContext({ LANEWAY_HOME: home }),
  progress: { show: () => undefined, end: () => undefined },
  print: () => undefined,
  note: () => undefined,
};

/** A champion that another version of Laneway made. */
function storeOldChampion(): string {
  const version = 'old-0123456789';
  const dir = join(home, 'models', version);
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'model.bin'), 'bytes that only that version reads');
  const manifest = {
    version,
    name: 'old',
    featureVersion: FEATURE_VERSION + 1,
    canonicalVersion: CANONICAL_VERSION,
  };
  writeFileSync(join(dir, 'manifest.json'), JSON.stringify(manifest));
  writeFileSync(join(home, 'models', 'aliases.json'), JSON.stringify({ champion: version }));
  return version;
}

describe('evaluating a model of another feature version', () => {
  const data = join(home, 'rows.jsonl');
  writeFileSync(data, '{"text":"Your code is 1234","label":"transactional","burst":3}\n');

  it.each([undefined, 'champion', 'old-0123456789'])(
    'is refused with the command that mends it (%s)',
    async (model) => {
      storeOldChampion();
      const flags = { data, out: join(home, 'report'), ...(model === undefined ? {} : { model }) };
      for (const command of [evaluateCommand, metadataWorthCommand]) {
        await expect(command(context, flags)).rejects.toMatchObject({
          code: 'MODEL_FEATURE_VERSION',
          fix: expect.stringContaining('npm run train'),
        });
      }
    },
  );
});
