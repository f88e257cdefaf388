import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { canonicalise } from '../models/text/canonical.ts';
import { parseCorpusFile, readCorpus } from './corpus.ts';
import { expandCorpus } from './expand.ts';
import { type GenerateOptions, generatedLine, generateRows } from './generate.ts';
import { readLabelled } from './read/labelled.ts';

const corpus = readCorpus();
const rowsOf = (options: GenerateOptions) => [...generateRows(corpus, options)];
const DAY_MS = 86_400_000;

describe('generateRows', () => {
  it('gives the same rows for the same seed, others for another', () => {
    expect(rowsOf({ count: 200, seed: 4 })).toEqual(rowsOf({ count: 200, seed: 4 }));
    expect(rowsOf({ count: 200, seed: 4 })).not.toEqual(rowsOf({ count: 200, seed: 5 }));
    expect(rowsOf({ count: 200 }).slice(0, 50)).toEqual(rowsOf({ count: 50 }));
  });

  it('keeps the shares', () => {
    const rows = rowsOf({ count: 4000, promotionalShare: 0.7, scamShare: 0.1 });
    const share = (of: (row: (typeof rows)[number]) => boolean) => rows.filter(of).length / rows.length;
    // Four standard errors of a share of 4,000 draws.
    expect(Math.abs(share((row) => row.label === undefined) - 0.1)).toBeLessThan(0.02);
    expect(Math.abs(share((row) => row.label === 'promotional') - 0.63)).toBeLessThan(0.031);
    expect(rows.every((row) => (row.label === undefined) === (row.risk === true))).toBe(true);
    expect(rowsOf({ count: 50, promotionalShare: 0 }).every((row) => row.label === 'transactional')).toBe(
      true,
    );
    expect(rowsOf({ count: 50, scamShare: 1 }).every((row) => row.risk)).toBe(true);
  });

  it('sends within the period, adverts by day', () => {
    const startMs = Date.UTC(2026, 2, 1);
    const rows = rowsOf({ count: 3000, startMs, days: 3, promotionalShare: 0.5 });
    for (const { sentAt } of rows) {
      expect(sentAt).toBeGreaterThanOrEqual(startMs);
      expect(sentAt).toBeLessThan(startMs + 3 * DAY_MS);
    }
    const hour = (sentAt: number) => new Date(sentAt + 5.5 * 3_600_000).getUTCHours();
    for (const row of rows.filter(({ locale }) => locale === 'en-IN'))
      expect(hour(row.sentAt)).toBe(row.metadata.localHour);
    const atNight = (label: string) => {
      const sent = rows.filter((row) => row.label === label);
      return sent.filter(({ metadata }) => metadata.localHour! < 7).length / sent.length;
    };
    expect(atNight('promotional')).toBe(0);
    expect(atNight('transactional')).toBeGreaterThan(0.03);
  });

  it('sends campaigns: one sender, one wording, many recipients, one after another', () => {
    const rows = rowsOf({ count: 20_000, promotionalShare: 1 });
    const campaigns = new Map<string, typeof rows>();
    for (const row of rows) {
      const key = `${row.template}/${row.sender}`;
      campaigns.set(key, [...(campaigns.get(key) ?? []), row]);
    }
    const largest = [...campaigns.values()].sort((a, b) => b.length - a.length)[0]!;
    expect(largest.length).toBeGreaterThan(100);
    expect(new Set(largest.map(({ recipient }) => recipient)).size).toBeGreaterThan(0.95 * largest.length);
    expect(new Set(largest.map(({ text }) => canonicalise(text))).size).toBeLessThan(0.5 * largest.length);
  });

  it('sends popular templates far more often than others', () => {
    const counts = new Map<string, number>();
    for (const { template } of rowsOf({ count: 20_000 }))
      counts.set(template, (counts.get(template) ?? 0) + 1);
    const ranked = [...counts.values()].sort((a, b) => b - a);
    const top = ranked.slice(0, Math.ceil(ranked.length / 20)).reduce((sum, count) => sum + count, 0);
    expect(top / 20_000).toBeGreaterThan(0.25);
  });

  it('lets no metadata tell the class by itself', () => {
    const rows = rowsOf({ count: 20_000 });
    const names = [
      'senderReputation',
      'localHour',
      'weekday',
      'burst',
      'daysSinceEngaged',
      'optedIn',
    ] as const;
    for (const name of names) {
      const counts = new Map<string, [number, number]>();
      for (const { metadata, label } of rows) {
        const value = metadata[name];
        const bin = typeof value !== 'number' ? String(value) : String(Math.round(Math.log2(1 + 10 * value)));
        const count = counts.get(bin) ?? [0, 0];
        count[label === 'promotional' ? 1 : 0]++;
        counts.set(bin, count);
      }
      expect(counts.size, name).toBeGreaterThan(2);
      // Guessing the more frequent class in every bin; guessing transactional throughout gives 0.55.
      const right = [...counts.values()].reduce((sum, pair) => sum + Math.max(...pair), 0) / rows.length;
      expect(right, name).toBeLessThan(0.68);
    }
  });

  it('has the large senders send both classes', () => {
    const counts = new Map<string, [number, number]>();
    for (const { sender, label } of rowsOf({ count: 40_000 })) {
      const count = counts.get(sender) ?? [0, 0];
      count[label === 'promotional' ? 1 : 0]++;
      counts.set(sender, count);
    }
    const large = [...counts.values()].filter(([a, b]) => a + b >= 100);
    expect(large.length).toBeGreaterThan(20);
    expect(large.filter(([a, b]) => a > 0 && b > 0).length / large.length).toBeGreaterThan(0.8);
  });

  it.each([
    [{ count: -1 }, 'count'],
    [{ count: 1.5 }, 'count'],
    [{ count: 1, promotionalShare: 2 }, 'promotionalShare'],
    [{ count: 1, scamShare: Number.NaN }, 'scamShare'],
    [{ count: 1, days: 0 }, 'days'],
  ])('refuses %j', (options, where) => {
    expect(() => rowsOf(options)).toThrow(expect.objectContaining({ code: 'GENERATE_BAD_OPTION', where }));
  });

  it('refuses a share of what the corpus lacks', () => {
    const few = parseCorpusFile('banking', 'a.txt', '# promotional sms US sale\nBuy {item}');
    expect(() => [...generateRows(few, { count: 5, scamShare: 1 })]).toThrow(/no scam entry/);
  });

  it('writes lines that are read back', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'laneway-generate-'));
    try {
      const rows = rowsOf({ count: 300, scamShare: 0.2 });
      writeFileSync(join(dir, 'a.jsonl'), `${rows.map(generatedLine).join('\n')}\n`);
      const read = await readLabelled(join(dir, 'a.jsonl'));
      expect(read.bad).toEqual([]);
      expect(read.rows).toEqual(rows);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });
});

describe('expandCorpus', () => {
  it('renders every template up to so many times, never twice the same', () => {
    const slice = corpus.slice(0, 300);
    const rows = expandCorpus(slice, 3);
    expect(new Set(rows.map((row) => row.template))).toEqual(new Set(slice.map((entry) => entry.id)));
    expect(new Set(rows.map((row) => `${row.template} ${row.text}`)).size).toBe(rows.length);
    expect(rows.length).toBeLessThanOrEqual(900);
    expect(rows).toEqual(expandCorpus(slice, 3));
  });

  it('does not change what a template gives when others come or go', () => {
    const texts = (rows: ReturnType<typeof expandCorpus>, id: string) =>
      rows.filter((row) => row.template === id).map((row) => row.text);
    const id = corpus[150]!.id;
    expect(texts(expandCorpus(corpus.slice(150, 160), 2), id)).toEqual(
      texts(expandCorpus(corpus.slice(100, 200), 2), id),
    );
  });
});
