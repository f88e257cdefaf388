import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LanewayError } from '../models/base/errors.ts';
import { MARKETS, type Market } from './markets.ts';
import { SLOT_NAMES } from './slots.ts';
import { parseTemplate, slotsOf, type Template } from './template.ts';

export { MARKETS, type Market } from './markets.ts';

/** One authored message. */
export interface CorpusEntry {
  /** `industry/file:line`; the `template` of every row made from it. */
  readonly id: string;
  readonly industry: string;
  readonly kind: 'transactional' | 'promotional' | 'scam';
  readonly channel: 'sms' | 'whatsapp' | 'push' | 'email';
  readonly market: Market;
  readonly intent: string;
  readonly hard: boolean;
  readonly template: Template;
}

export const INDUSTRIES = [
  'banking', 'cards-wallets', 'insurance', 'health', 'retail', 'grocery-food', 'telecom', 'travel',
  'logistics', 'utilities', 'education', 'government', 'entertainment', 'software', 'property-jobs',
] as const; // biome-ignore format: one table

export const CHANNELS = ['sms', 'whatsapp', 'push', 'email'] as const;

/** What a message wants, by kind: heads and reasons speak in these words. */
export const INTENTS = {
  transactional:
    `code alert payment receipt statement balance usage booking reminder delivery order account service
    outage appointment results application survey advisory fraud-warning policy renewal support class-notice
    loyalty-statement`.split(/\s+/),
  promotional:
    `sale discount launch loan-offer card-offer insurance-offer upgrade bundle app-install newsletter event
    contest loyalty referral winback cart back-in-stock greeting subscription gambling content property course job
    charity political trial partnership`.split(/\s+/),
  scam: `phishing parcel prize bank-block advance-fee family job-scam investment refund tech-support impersonation
    malware`.split(/\s+/),
} as const;

const CORPUS_DIR = fileURLToPath(new URL('./corpus/', import.meta.url));

/**
 * Reads the authored corpus, in a fixed order.
 *
 * @param dir folder of `<industry>/<name>.txt` files; default: the one in this repository
 * @throws LanewayError `CORPUS_BAD_LINE` naming file and line
 */
export function readCorpus(dir: string = CORPUS_DIR): readonly CorpusEntry[] {
  const entries: CorpusEntry[] = [];
  for (const { name: industry } of readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .sort((a, b) => (a.name < b.name ? -1 : 1))) {
    for (const file of readdirSync(join(dir, industry)).sort()) {
      if (file.endsWith('.txt'))
        entries.push(...parseCorpusFile(industry, file, readFileSync(join(dir, industry, file), 'utf8')));
    }
  }
  return entries;
}

type Context = Omit<CorpusEntry, 'id' | 'template'>;

/** Parses one corpus file; the format is described in `data/README.md`. */
export function parseCorpusFile(industry: string, file: string, text: string): CorpusEntry[] {
  const entries: CorpusEntry[] = [];
  let context: Context | undefined;
  text.split('\n').forEach((raw, index) => {
    const line = raw.trimEnd();
    const where = `${industry}/${file}:${index + 1}`;
    if (line === '') return;
    if (line.startsWith('# ')) {
      context = parseContext(industry, line, where);
      return;
    }
    if (!context) throw bad(where, 'a template stands before the first "# class channel market intent" line');
    if (context.channel === 'email' && !line.startsWith('Subject: '))
      throw bad(where, 'an e-mail starts with "Subject: "');
    entries.push({ ...context, id: where, template: readTemplate(line, where) });
  });
  return entries;
}

function readTemplate(line: string, where: string): Template {
  try {
    const template = parseTemplate(line);
    const unknown = slotsOf(template).find((name) => !SLOT_NAMES.has(name));
    if (unknown === undefined) return template;
    throw bad(where, `unknown slot "{${unknown}}"`);
  } catch (error) {
    throw error instanceof LanewayError ? bad(where, error.message) : error;
  }
}

function parseContext(industry: string, line: string, where: string): Context {
  const [kind, channel, market, intent, hard, ...more] = line.slice(2).trim().split(/\s+/);
  if (!oneOf(INDUSTRIES, industry)) throw bad(where, `unknown industry folder "${industry}"`);
  if (kind !== 'transactional' && kind !== 'promotional' && kind !== 'scam')
    throw bad(where, `unknown class "${kind}"`);
  if (!oneOf(CHANNELS, channel)) throw bad(where, `unknown channel "${channel}"`);
  if (!oneOf(MARKETS, market)) throw bad(where, `unknown market "${market}"`);
  if (!oneOf(INTENTS[kind], intent)) throw bad(where, `unknown ${kind} intent "${intent}"`);
  if ((hard !== undefined && hard !== 'hard') || more.length > 0)
    throw bad(where, `unexpected "${[hard, ...more].join(' ')}"`);
  return { industry, kind, channel, market, intent, hard: hard === 'hard' };
}

function oneOf<T extends string>(list: readonly T[], value: string | undefined): value is T {
  return (list as readonly (string | undefined)[]).includes(value);
}

function bad(where: string, message: string): LanewayError {
  return new LanewayError('CORPUS_BAD_LINE', message, { where });
}
