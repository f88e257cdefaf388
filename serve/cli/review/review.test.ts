import { PassThrough, Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { Chosen } from '../../../train/review/choose.ts';
import { type KeySource, openKeys } from './keys.ts';
import { renderMessage } from './screen.ts';
import { type Answer, runReview } from './session.ts';

const reason = (feature: string, contribution: number, text = feature) => ({ feature, text, contribution });
const message = (text: string, over: Partial<Chosen> = {}): Chosen => ({
  text,
  usefulness: 1,
  verdict: {
    class: 'promotional',
    band: 'unsure',
    probability: 0.5,
    risk: 0.1,
    reasons: [],
    modelVersion: 'm-1',
    fingerprint: text,
    stage: 'lexical',
  },
  ...over,
});

describe('screen', () => {
  const options = { styled: false, width: 30 };
  it('shows class, probability, words alone, reasons; lines keep to the width', () => {
    const shown = message('Sale today and many more words that go on and on', {
      lexicalProbability: 0.31,
      sender: 'SHOP',
    });
    const verdict = {
      ...shown.verdict,
      reasons: [reason('word:sale', 0.2, "the word 'sale'"), reason('bias', 0.5)],
    };
    const lines = renderMessage({ ...shown, verdict }, { at: 3, of: 20 }, options);
    expect(lines[1]).toBe('3/20   promotional 0.500 unsure   words alone 0.310   risk 0.100   from SHOP');
    expect(lines).toContain("for promotional:  the word 'sale' +0.200");
    expect(lines).toContain('against it:       nothing');
    expect(lines[3]).toBe('+Sale+ today and many more words');
    expect(lines.slice(3, 5).every((line) => line.length <= 32)).toBe(true);
  });

  it('keeps the paragraphs of a message and a mark beside its comma', () => {
    const shown = message('Hi Ann,\r\n\nget 50% off, now');
    const verdict = {
      ...shown.verdict,
      reasons: [reason('word:<percent> off', 0.1), reason('word:now', -0.1)],
    };
    const lines = renderMessage({ ...shown, verdict }, { at: 1, of: 1 }, options);
    expect(lines.slice(3, 6)).toEqual(['Hi Ann,', '', 'get +50%+ +off+, -now-']);
  });

  it('lets no control character of a message reach the terminal', () => {
    const evil = 'a\u001b[2Jb\u0007\u202ec';
    const text = renderMessage(message(evil, { sender: evil }), { at: 1, of: 1 }, options).join('\n');
    expect(text).not.toMatch(/[\u001b\u0007\u202e]/);
    expect(renderMessage(message('x'), { at: 1, of: 1 }, { ...options, styled: true }).join()).not.toContain(
      '\u001b',
    );
  });
});

describe('keys', () => {
  it('are the first letters of lines where there is no terminal', async () => {
    const keys = openKeys(Readable.from(['t\n\n  P\nquit']));
    expect([await keys.next(), await keys.next(), await keys.next(), await keys.next()]).toEqual([
      't',
      'p',
      'q',
      undefined,
    ]);
    keys.close();
  });

  it('are single presses of a terminal, Ctrl-C among them, which is given back as it was', async () => {
    const terminal = Object.assign(new PassThrough(), {
      isTTY: true,
      raw: false,
      setRawMode(raw: boolean) {
        this.raw = raw;
      },
    });
    const keys = openKeys(terminal);
    expect(terminal.raw).toBe(true);
    terminal.write('tP\u0003');
    expect([await keys.next(), await keys.next(), await keys.next()]).toEqual(['t', 'p', 'q']);
    keys.close();
    expect(terminal.raw).toBe(false);
  });
});

describe('session', () => {
  async function run(typed: string, texts = ['a', 'b', 'c']) {
    const recorded: [string, Answer][] = [];
    const said: string[] = [];
    const shown: string[] = [];
    const left = [...typed];
    const keys: KeySource = { next: async () => left.shift(), close: () => undefined };
    const result = await runReview(
      texts.map((text) => message(text)),
      {
        keys,
        show: async ({ text }, at) => {
          shown.push(`${at}${text}`);
        },
        say: (line) => said.push(line),
        record: async ({ text }, answer) => {
          recorded.push([text, answer]);
        },
      },
    );
    return { recorded, said, shown, left: left.join(''), ...result };
  }
  const [t, p, s] = [{ label: 'transactional' }, { label: 'promotional' }, { risk: true }] as const;

  it('writes each answer down in order', async () => {
    expect(await run('tps.')).toMatchObject({
      recorded: [
        ['a', t],
        ['b', p],
        ['c', s],
      ],
      shown: ['1a', '2b', '3c'],
      labelled: 3,
      skipped: 0,
    });
  });

  it('stops at q and at the end of the input, keeping what was said', async () => {
    expect(await run('tq')).toMatchObject({ recorded: [['a', t]], labelled: 1 });
    expect(await run('tk')).toMatchObject({
      recorded: [['a', t]],
      labelled: 1,
      skipped: 1,
      shown: ['1a', '2b', '3c'],
    });
    expect(await run('')).toMatchObject({ recorded: [], labelled: 0 });
  });

  it('takes the last answer back, a skip and the very last one too, but only one', async () => {
    expect(await run('tupq')).toMatchObject({ recorded: [['a', p]], shown: ['1a', '2b', '1a', '2b'] });
    expect(await run('kutq')).toMatchObject({ recorded: [['a', t]], skipped: 0 });
    expect(await run('tptus.')).toMatchObject({
      recorded: [
        ['a', t],
        ['b', p],
        ['c', s],
      ],
    });
    const twice = await run('tpuuq');
    expect(twice.recorded).toEqual([['a', t]]);
    expect(twice.said.at(-1)).toMatch(/^nothing to take back/);
  });

  it('says what the keys are when another is pressed, and shows nothing anew', async () => {
    const { said, shown, recorded } = await run('xtq', ['a']);
    expect(said[0]).toContain('t, p, s, k, u or q');
    expect([shown, recorded]).toEqual([['1a'], [['a', t]]]);
  });
});
