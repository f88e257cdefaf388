import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LabelledRow } from '../../data/read/labelled.ts';
import { createClassifier } from '../../models/classify.ts';
import type { Model } from '../../models/model.ts';
import { corpusRows } from '../corpus-rows.ts';
import { smallModel } from '../testing/small-model.ts';
import { evaluateModel } from './evaluate.ts';
import { percent, percentWithInterval, unit, whole } from './format.ts';
import type { Metrics } from './metrics.ts';

const HOSTILE =
  '<script>alert("x")</script><img src=https://evil.example/p onerror=a> Flat 50% off! \u202egnp.exe';

let outDir: string;
let corpusSize: number;
let model: Model;
let rows: LabelledRow[];
let metrics: Metrics;
let card: string;
let page: string;

beforeAll(async () => {
  outDir = await mkdtemp(join(tmpdir(), 'laneway-evaluate-'));
  model = await smallModel();
  const corpus = corpusRows(1).rows.filter((_, index) => index % 30 === 7);
  corpusSize = corpus.filter(({ label }) => label !== undefined).length;
  rows = [
    ...corpus.map((row) => ({ ...row, lang: 'en-GB' })),
    { text: 'รหัส OTP ของคุณคือ 482156 ห้ามบอกผู้อื่น', label: 'transactional', lang: 'th', line: 90_002 },
    { text: 'ลดราคา 50% วันนี้เท่านั้น', label: 'promotional', lang: 'th', line: 90_003 },
    {
      text: 'Diskon 50% untuk semua sepatu hanya hari ini di toko kami',
      label: 'promotional',
      lang: 'id',
      line: 90_004,
    },
    // A plain advert labelled wrongly: a mistake for certain, so its text reaches the report.
    { text: HOSTILE, label: 'transactional', source: '<b>|hostile|</b>', hard: true, line: 90_001 },
  ];
  metrics = await evaluateModel({
    model,
    classifier: createClassifier(model),
    rows,
    data: 'a slice <of> the | corpus',
    outDir,
    robustness: { maxRows: 60 },
    clock: () => Date.UTC(2026, 0, 2, 3, 4, 5),
  });
  card = await readFile(join(outDir, 'card.md'), 'utf8');
  page = await readFile(join(outDir, 'report.html'), 'utf8');
});
afterAll(() => rm(outDir, { recursive: true, force: true }));

describe('evaluateModel', () => {
  it('writes three files and no others', async () => {
    expect((await readdir(outDir)).sort()).toEqual(['card.md', 'metrics.json', 'report.html']);
    expect(JSON.parse(await readFile(join(outDir, 'metrics.json'), 'utf8'))).toEqual(
      JSON.parse(JSON.stringify(metrics)),
    );
  });

  it('counts every labelled row once', () => {
    const labelled = rows.filter(({ label }) => label !== undefined);
    expect(metrics.all.rows).toBe(labelled.length);
    expect(metrics.clean.rows + metrics.hard.rows).toBe(labelled.length);
    expect(metrics.hard.rows).toBe(labelled.filter(({ hard }) => hard).length);
    expect(metrics.by.industry.reduce((sum, group) => sum + group.rows, 0)).toBe(labelled.length);
    expect(metrics.measuredAt).toBe('2026-01-02T03:04:05.000Z');
  });

  it('agrees with asking the classifier row by row', async () => {
    const classifier = createClassifier(model);
    let right = 0;
    for (const { text, label } of rows.filter((row) => row.label !== undefined))
      if ((await classifier.classify([{ text }]))[0]!.class === label) right++;
    expect(metrics.all.accuracy.count).toBe(right);
  });

  it('keeps message text out of metrics.json', () => {
    const stored = JSON.stringify(metrics);
    for (const { text } of rows) expect(stored.includes(JSON.stringify(text).slice(1, -1))).toBe(false);
  });

  it('counts rows that were trained on and adds the baselines', async () => {
    const some = rows.filter(({ hard, label }) => !hard && label).slice(0, 120);
    const again = await evaluateModel({
      model,
      classifier: createClassifier(model),
      rows: some,
      data: model.manifest.training.data,
      outDir: join(outDir, 'again'),
      training: some,
    });
    await rm(join(outDir, 'again'), { recursive: true });
    expect(again.data).toMatchObject({ seenInTraining: some.length, sameAsTraining: true });
    expect(again.baselines.map(({ name }) => name)).toContain('natural-bayes');
    expect(again.baselines.every(({ all }) => all.rows === some.length)).toBe(true);
  });

  it('refuses rows without a class', async () => {
    const classifier = createClassifier(model);
    await expect(
      evaluateModel({ model, classifier, rows: [{ text: 'x', risk: true, line: 1 }], data: 'none', outDir }),
    ).rejects.toMatchObject({ code: 'EVALUATE_NO_LABELS' });
  });
});

describe('card.md', () => {
  it('mentions all figures', () => {
    const { all, clean, hard, bands, calibration, ranking, speed, stages, risk } = metrics;
    const shares = [
      ...[all, clean, hard, stages.lexicalAlone].flatMap((outcome) => [
        outcome.accuracy,
        outcome.leak,
        outcome.falsePositives,
      ]),
      ...Object.values(bands),
      risk!.recallAt1Percent.recall,
    ];
    for (const share of shares) expect(card).toContain(percentWithInterval(share));
    for (const value of [
      calibration.ece,
      calibration.brier,
      ranking.all!.auc,
      ranking.clean!.averagePrecision,
    ])
      expect(card).toContain(unit(value, 4));
    for (const value of Object.values(model.manifest.thresholds)) expect(card).toContain(unit(value));
    expect(card).toContain(whole(speed.bulk.perSecond));
    for (const { accuracy, falsePositiveRate, messagesPerSecond } of metrics.published)
      expect(card).toMatch(
        new RegExp(
          `${percent(accuracy)} \\| ${percent(falsePositiveRate)} \\| \\d+ ms \\| ${whole(messagesPerSecond)}`,
        ),
      );
    expect(card).toContain(model.manifest.sha256);
  });

  it('keeps its tables whole whatever the data is called', () => {
    const tableRows = card.split('\n').filter((line) => line.startsWith('| Data '));
    expect(tableRows).toEqual(['| Data | a slice \\<of\\> the \\| corpus |']);
  });
});

describe('languages', () => {
  it('are reported apart, and none but English is ever called sure', () => {
    expect(metrics.languages!.map(({ lang }) => lang)).toEqual(['en', 'th', 'id']);
    const [english, ...others] = metrics.languages!;
    expect(english!.rows).toBe(corpusSize);
    expect(others.map(({ rows: held, sure, earned }) => [held, sure.count, earned])).toEqual([
      [2, 0, false],
      [1, 0, false],
    ]);
    expect(page).toContain('Thai (th)');
  });
});

describe('dressed-up messages', () => {
  it('are measured by kind and together; what canonical text undoes costs nothing', () => {
    const { rows: held, before, kinds, together } = metrics.robustness!;
    expect(held).toBe(60);
    expect(kinds.filter(({ heldOut }) => heldOut)).toHaveLength(2);
    for (const name of ['lookAlikes', 'zeroWidth', 'strayDiacritics', 'fullWidth']) {
      const kind = kinds.find((one) => one.name === name)!;
      expect(kind.accuracy).toEqual(before);
      expect(kind.difference).toEqual({ value: 0, low: 0, high: 0 });
    }
    expect(together.accuracy.of).toBe(60);
    expect(page).toContain('id="robustness"');
  });
});

describe('report.html', () => {
  it('marks in the text what spoke for and against', () => {
    expect(page).toMatch(/<mark class="[pt] (?:strong|weak)" title="[+−]0\.\d{3} of the vote, for /);
    expect(page).toContain('spoke for promotional</span>');
  });

  it('asks nothing of any host', () => {
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    const tags = page.match(/<[a-z][^>]*>/gi)!;
    const foreign = /^<(script|link|img|iframe|object|embed|image|use|a|base|form)\b/i;
    // The contents link to places of the page itself.
    const within = /^<a href="#[a-z]+">$/;
    expect(tags.filter((tag) => foreign.test(tag) && !within.test(tag))).toEqual([]);
    expect(
      tags.filter((tag) => !within.test(tag) && /\s(src|srcset|(xlink:)?href|action|on\w+)\s*=/i.test(tag)),
    ).toEqual([]);
    expect(tags.filter((tag) => /url\((?!#)/i.test(tag))).toEqual([]);
    expect(page.slice(page.indexOf('<style>'), page.indexOf('</style>'))).not.toMatch(/@import|url\(/i);
    const elsewhere = page.replace(/<div class="mistake">[\s\S]*?<\/div>/g, '');
    expect(elsewhere).not.toMatch(/https?:\/\//);
  });

  it('shows hostile text as text', () => {
    expect(metrics.mistakes.some(({ line }) => line === 90_001)).toBe(true);
    // The words that spoke are marked, inside the hostile text too.
    const unmarked = page.replace(/<\/?mark\b[^>]*>/g, '');
    expect(unmarked).toContain(
      '&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&lt;img src=https://evil.example/p',
    );
    expect(page).not.toMatch(/<(script|img)\b/i);
    for (const [, attributes] of page.matchAll(/<mark\b([^>]*)>/g))
      expect(attributes).toMatch(/^ class="[pt] (weak|strong)"( title="[^"<]*")?$/);
    expect(page).toContain('U+202E');
    expect(page).not.toContain('\u202e');
    expect(page).toContain('&lt;b&gt;|hostile|&lt;/b&gt;');
    expect(page).not.toContain('<b>|hostile|');
  });

  it('draws charts that follow the theme and share no ids', () => {
    expect(page.match(/<svg /g)?.length).toBe(5);
    expect(page).toContain('prefers-color-scheme:dark');
    expect(page).toContain('stroke="var(--promotional)"');
    expect(page).not.toMatch(/#0a0b0\d/);
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('compares with the published figures and explains its terms', () => {
    for (const text of ['94.2%', '5.1%', '12 ms', '85,000', '85.0%', '15.2%', '25 ms', '50,000'])
      expect(page).toContain(text);
    for (const term of ['Leak', 'False-positive rate', 'Clean and hard', 'Calibration error (ECE)'])
      expect(page).toContain(`<dt>${term}</dt>`);
  });

  it('closes every element it opens', () => {
    for (const tag of ['table', 'div', 'figure', 'svg', 'tr', 'td', 'th', 'dl', 'p', 'span', 'small'])
      expect(page.split(new RegExp(`<${tag}[ >]`)).length, tag).toBe(page.split(`</${tag}>`).length);
  });
});
