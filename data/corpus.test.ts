import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CHANNELS, INDUSTRIES, INTENTS, MARKETS, parseCorpusFile, readCorpus } from './corpus.ts';
import { SLOT_NAMES } from './slots.ts';

const parse = (...lines: string[]) => parseCorpusFile('banking', 'a.txt', lines.join('\n'));

describe('parseCorpusFile', () => {
  it('gives every template the context above it', () => {
    const entries = parse(
      '# transactional sms IN code',
      '{code} is your code\r',
      '',
      '#1 choice of {city}',
      '# promotional email GB sale hard',
      'Subject: Sale\\n\\nNow on',
    );
    expect(entries.map(({ template, ...rest }) => ({ ...rest, source: template.source }))).toEqual([
      {
        id: 'banking/a.txt:2',
        industry: 'banking',
        kind: 'transactional',
        channel: 'sms',
        market: 'IN',
        intent: 'code',
        hard: false,
        source: '{code} is your code',
      },
      expect.objectContaining({ id: 'banking/a.txt:4', source: '#1 choice of {city}' }),
      expect.objectContaining({ id: 'banking/a.txt:6', kind: 'promotional', hard: true, intent: 'sale' }),
    ]);
  });

  const header = '# promotional sms US sale';
  it.each([
    [['no header'], 1, /before the first/],
    [['# spam sms US sale'], 1, /unknown class "spam"/],
    [['# promotional fax US sale'], 1, /unknown channel "fax"/],
    [['# promotional sms XX sale'], 1, /unknown market "XX"/],
    [['# promotional sms US code'], 1, /unknown promotional intent "code"/],
    [['# promotional sms US'], 1, /unknown promotional intent "undefined"/],
    [['# promotional sms US sale easy'], 1, /unexpected "easy"/],
    [['# promotional sms US sale hard more'], 1, /unexpected "hard more"/],
    [[header, '', 'Buy {thing}'], 3, /unknown slot "\{thing\}"/],
    [[header, 'Buy {now|{thing}}'], 2, /unknown slot "\{thing\}"/],
    [[header, 'Buy {item'], 2, /never closed/],
    [['# promotional email US sale', 'No subject'], 2, /starts with "Subject: "/],
  ])('names file and line of %j', (lines, line, message) => {
    const attempt = () => parse(...lines);
    expect(attempt).toThrow(message);
    expect(attempt).toThrow(
      expect.objectContaining({ code: 'CORPUS_BAD_LINE', where: `banking/a.txt:${line}` }),
    );
  });

  it('refuses an industry folder that is not known', () => {
    expect(() => parseCorpusFile('space', 'a.txt', header)).toThrow(/unknown industry folder "space"/);
  });
});

describe('readCorpus', () => {
  it('reads folders in a fixed order and passes over stray files', () => {
    const dir = mkdtempSync(join(tmpdir(), 'laneway-corpus-'));
    try {
      for (const industry of ['retail', 'banking']) {
        mkdirSync(join(dir, industry));
        for (const name of ['b.txt', 'a.txt', 'notes.md'])
          writeFileSync(join(dir, industry, name), '# promotional sms US sale\nBuy {item}\n');
      }
      writeFileSync(join(dir, 'README.md'), 'not a corpus file');
      expect(readCorpus(dir).map(({ id }) => id)).toEqual([
        'banking/a.txt:2',
        'banking/b.txt:2',
        'retail/a.txt:2',
        'retail/b.txt:2',
      ]);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });

  const corpus = readCorpus();

  it('holds the authored corpus: 1,500 distinct templates and both classes in each of 15 industries', () => {
    expect(INDUSTRIES).toHaveLength(15);
    expect(new Set(corpus.map(({ template }) => template.source)).size).toBeGreaterThanOrEqual(1500);
    for (const industry of INDUSTRIES) {
      const kinds = new Set(corpus.filter((entry) => entry.industry === industry).map(({ kind }) => kind));
      expect([...kinds]).toEqual(expect.arrayContaining(['transactional', 'promotional']));
    }
  });

  it('speaks for every market and channel', () => {
    expect(new Set(corpus.map(({ market }) => market))).toEqual(new Set(MARKETS));
    expect(new Set(corpus.map(({ channel }) => channel))).toEqual(new Set(CHANNELS));
  });
});

describe('data/README.md', () => {
  const readme = readFileSync(new URL('./README.md', import.meta.url), 'utf8');

  it('lists the slots, intents, markets and channels of the code', () => {
    const slots = /^- Slots with values of the market: `([^`]+)`/m.exec(readme)![1]!.split(' ');
    expect(slots.map((slot) => slot.slice(1, -1)).sort()).toEqual([...SLOT_NAMES].sort());
    for (const [kind, intents] of Object.entries(INTENTS)) {
      const listed = new RegExp(`${kind}: \`([^\`]+)\``).exec(readme)![1]!.split(' ');
      expect(listed.sort()).toEqual([...intents].sort());
    }
    expect(readme).toContain(`market \`${MARKETS.join(' ')}\``);
    expect(readme).toContain(`channel \`${CHANNELS.join(' | ')}\``);
  });
});
