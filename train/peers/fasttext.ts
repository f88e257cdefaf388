import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Example } from '../baselines/example.ts';
import type { PeerContext, PeerPredict } from './peer.ts';

const run = promisify(execFile);
const BINARY = 'fasttext';

/** Whether the `fasttext` program is on the path. */
export async function hasFastText(): Promise<boolean> {
  try {
    await run(BINARY, []);
    return true;
  } catch (error) {
    // Without arguments it prints its usage and ends with 1.
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
}

const oneLine = (text: string): string => text.toLowerCase().replace(/\s+/g, ' ').replaceAll('__label__', '');

/** fastText (Joulin et al. 2017), word pairs, 25 epochs, through its own program. */
export async function trainFastText(
  examples: readonly Example[],
  { seed }: PeerContext,
): Promise<PeerPredict> {
  return async (texts) => {
    const folder = await mkdtemp(join(tmpdir(), 'laneway-fasttext-'));
    try {
      const at = (name: string) => join(folder, name);
      const lines = examples.map(({ text, label }) => `__label__${label} ${oneLine(text)}`);
      await writeFile(at('train.txt'), `${lines.join('\n')}\n`);
      await writeFile(at('asked.txt'), `${texts.map(oneLine).join('\n')}\n`);
      const options = [
        '-wordNgrams',
        '2',
        '-epoch',
        '25',
        '-lr',
        '0.5',
        '-thread',
        '1',
        '-seed',
        String(seed),
      ];
      await run(BINARY, ['supervised', '-input', at('train.txt'), '-output', at('model'), ...options]);
      const { stdout } = await run(BINARY, ['predict-prob', at('model.bin'), at('asked.txt'), '1'], {
        maxBuffer: 1 << 28,
      });
      const said = stdout.trimEnd().split('\n');
      return Float64Array.from(texts, (_, row) => {
        const [label, probability] = (said[row] ?? '').split(' ');
        const value = Math.min(1, Number(probability ?? 0.5));
        return label === '__label__promotional' ? value : 1 - value;
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
}
