/** A rule proposed from one sentence: what the sentence seems to ask for, in the words of the rule language. */
export interface Proposal {
  /** Part of the rule's id. */
  readonly name: string;
  readonly title: string;
  readonly require: object;
  readonly effect: string;
  readonly addition?: { readonly what: string; readonly autoInsert: boolean };
  readonly examples: readonly object[];
}

const two = (n: number): string => String(n).padStart(2, '0');

/** `8 a.m.`, `9:30 pm`, `21:00`, `noon`, `midnight` as minutes of the day. */
function clockOf(text: string): number | undefined {
  const word = text.trim().toLowerCase();
  if (/^(?:12 )?noon$/.test(word)) return 720;
  if (/^(?:12 )?midnight$/.test(word)) return 0;
  const [, hour, minute = '0', half] =
    /^(\d{1,2})(?:[:.](\d{2}))?\s*([ap])?\.?\s*(?:m\.?)?(?:\s*hours|h)?$/.exec(word) ?? [];
  if (hour === undefined) return undefined;
  const hours = half === undefined ? Number(hour) : (Number(hour) % 12) + (half === 'p' ? 12 : 0);
  return hours > 24 || Number(minute) > 59 ? undefined : hours * 60 + Number(minute);
}

const CLOCK = String.raw`(\d{1,2}(?:[:.]\d{2})?\s*(?:[ap]\.?\s?m\.?)?(?:\s*hours|h)?|noon|midnight|12 noon)`;
const at = (minute: number): string => `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;

/** Between which minutes messages may come; undefined: the sentence does not say. */
function openHours(sentence: string): readonly [number, number] | undefined {
  const outside = new RegExp(`before ${CLOCK},? (?:or|and|nor) after ${CLOCK}`, 'i').exec(sentence);
  const between = new RegExp(
    `(?:between|from) (?:the hours of )?${CLOCK}(?: local time)? (?:and|to|until|till) ${CLOCK}`,
    'i',
  ).exec(sentence);
  const found = outside ?? between;
  const first = found && clockOf(found[1]!);
  const last = found && clockOf(found[2]!);
  if (first === undefined || last === undefined || first === null || last === null || first === last)
    return undefined;
  if (outside) return first < last ? [first, last] : undefined;
  const forbids =
    /\b(?:may not|shall not|must not|no person|prohibited|unlawful|not be (?:sent|made))\b/i.test(sentence);
  const [from, to] =
    forbids && !/\bexcept\b|\bother than\b|\bunless\b/i.test(sentence) ? [last, first] : [first, last];
  return from < to ? [from, to] : undefined;
}

const NUMBERS = ['', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];
const numberOf = (word: string): number =>
  NUMBERS.includes(word.toLowerCase()) ? NUMBERS.indexOf(word.toLowerCase()) : Number(word);

function countRule(sentence: string): Proposal | undefined {
  const [, many, per, unit] =
    /\b(?:no more than|more than|at most|not exceed|maximum of)\s+(\w+)\b.{0,80}?\b(?:in|within|per|a|each|every|during)\s+(?:any\s+|a\s+)?(?:(\w+)[\s-]+)?(hour|day|week|month)s?\b/i.exec(
      sentence,
    ) ?? [];
  const max = many === undefined ? Number.NaN : numberOf(many);
  if (!Number.isInteger(max) || max < 1) return undefined;
  const n = per === undefined ? 1 : numberOf(per);
  const length = Number.isInteger(n) && n > 0 ? n : 1;
  const duration = {
    hour: `PT${length}H`,
    day: `P${length}D`,
    week: `P${length * 7}D`,
    month: `P${length * 31}D`,
  }[unit!.toLowerCase()]!;
  return {
    name: 'frequency',
    title: `At most ${max} in ${duration}`,
    require: {
      countAtMost: {
        count: 'solicitations',
        key: ['recipient', 'sender'],
        window: { rolling: duration },
        max,
      },
    },
    effect: 'cap',
    examples: [],
  };
}

function hoursRule(sentence: string): Proposal | undefined {
  const hours = openHours(sentence);
  if (!hours) return undefined;
  const [from, to] = [at(hours[0]), at(hours[1])];
  return {
    name: 'hours',
    title: `Only from ${from} to ${to} of the recipient's clock`,
    require: { localTimeIn: { windows: [{ days: 'every', from, to }] } },
    effect: 'defer',
    examples: [],
  };
}

function consentRule(sentence: string): Proposal | undefined {
  const [, strong, express] =
    /\b(?:without|unless|only (?:with|if)|requires?|obtain(?:ed|ing)?|with the)\b.{0,80}?\b(?:prior )?(express written|written|explicit|(express|prior)|opt-in) (?:written )?consent\b/i.exec(
      sentence,
    ) ?? [];
  if (strong === undefined) return undefined;
  const level = /written/i.test(strong)
    ? 'express-written'
    : express || /explicit/i.test(strong)
      ? 'express'
      : 'express';
  const held = (one: string) => ({
    consent: [
      { channel: 'sms', purpose: 'marketing', status: 'confirmed', level: one, sinceMs: '2026-01-01' },
    ],
  });
  return {
    name: 'consent',
    title: `${level === 'express' ? 'Express' : 'Express written'} consent to marketing`,
    require: { consent: { level, purpose: 'marketing' } },
    effect: 'block',
    examples: [
      { name: 'given', expect: 'allow', facts: held(level) },
      { name: 'none', expect: 'deny', facts: { consent: [] } },
    ],
  };
}

const element = (name: string, title: string, what: string): Proposal => ({
  name,
  title,
  require: { hasElement: [what] },
  effect: 'require-element',
  addition: { what, autoInsert: false },
  examples: [
    { name: 'there', expect: 'allow', facts: { message: { elements: [what] } } },
    { name: 'missing', expect: 'deny', facts: { message: { elements: [] } } },
  ],
});

const ASKS = /\b(?:shall|must|required to|has to|have to|no person|may not|unlawful)\b/i;

function elementRules(sentence: string): Proposal[] {
  if (!ASKS.test(sentence)) return [];
  const found: Proposal[] = [];
  if (
    /\b(?:opt[ -]?out|unsubscrib\w+|refus\w+ (?:further|future)|stop receiving)\b/i.test(sentence) &&
    /\b(?:contain|include|provide|offer|state|give|inform)/i.test(sentence)
  )
    found.push(element('opt-out', 'How to refuse further messages stands in each', 'opt-out-instruction'));
  if (/\b(?:identif(?:y|ies|ication)|name of the (?:sender|business|person)|identity of)\b/i.test(sentence))
    found.push(element('identification', 'The sender is named', 'sender-identity'));
  if (/\b(?:postal|physical|mailing) address\b/i.test(sentence))
    found.push(element('address', 'The postal address of the sender stands in it', 'postal-address'));
  return found;
}

function registerRule(sentence: string): Proposal | undefined {
  if (!/\bdo[ -]not[ -](?:call|contact|disturb)\b.{0,40}\b(?:regist\w+|list)\b/i.test(sentence))
    return undefined;
  const days = /\bwithin (\d+) days|\b(\d+) days\b/i.exec(sentence);
  const answer = (listed: boolean) => ({
    registries: { 'do-not-call': { listed, checkedAtMs: '2026-07-15T00:00:00Z' } },
  });
  return {
    name: 'register',
    title: 'Not on the do-not-call register',
    require: { notOnRegistry: { registry: 'do-not-call', maxAge: `P${days?.[1] ?? days?.[2] ?? '31'}D` } },
    effect: 'block',
    examples: [
      { name: 'not listed', expect: 'allow', facts: answer(false) },
      { name: 'listed', expect: 'deny', facts: answer(true) },
    ],
  };
}

/** What a sentence asks of messages, as far as the patterns see it. */
export function readSentence(sentence: string): Proposal[] {
  return [hoursRule(sentence), countRule(sentence), consentRule(sentence), registerRule(sentence)]
    .filter((one) => one !== undefined)
    .concat(elementRules(sentence));
}
