import { z } from 'zod';
import { DETECTORS, ELEMENTS } from '../content/content-names.ts';
import { hostListed, PUBLIC_SHORTENERS } from '../content/hosts.ts';
import { type Facts, factReader } from '../facts.ts';
import { nearest } from '../fields.ts';
import type { Compiled } from '../types.ts';
import { type CompileContext, definePredicate, nameSchema, never, wordsSchema } from './define.ts';

/** Checks a word against a catalogue: a name that nothing finds would be unknown for ever. */
const oneOf =
  (kind: string, known: Readonly<Record<string, string>>) =>
  (word: string, context: z.RefinementCtx): void => {
    if (word in known) return;
    const near = nearest(word, Object.keys(known));
    context.addIssue({
      code: 'custom',
      message: `unknown ${kind} "${word}"${near === undefined ? '' : `; did you mean ${near}?`}`,
    });
  };

const elements = wordsSchema.superRefine((words, context) => {
  for (const word of words) oneOf('element', ELEMENTS)(word, context);
});

/**
 * Met when the message carries one of the named semantic elements. Unknown when it was not
 * looked at, or when one of them could not be told. */
export const hasElement = definePredicate({
  name: 'hasElement',
  schema: elements,
  compile(wanted) {
    const read = factReader('message.elements');
    const readUnknown = factReader('message.elementsUnknown');
    const untold = (facts: Facts): readonly string[] => {
      const names = readUnknown(facts) as readonly string[] | undefined;
      return wanted.filter((element) => names?.includes(element));
    };
    return {
      reads: ['message.elements', 'message.elementsUnknown'],
      test(facts) {
        const found = read(facts) as readonly string[] | undefined;
        if (found === undefined) return 'unknown';
        for (const element of wanted) if (found.includes(element)) return 'pass';
        const names = readUnknown(facts) as readonly string[] | undefined;
        if (names === undefined || names.length === 0) return 'fail';
        return untold(facts).length > 0 ? 'unknown' : 'fail';
      },
      nextChange: never,
      explain(facts) {
        if (read(facts) === undefined) return 'the message was not searched for required elements';
        const names = untold(facts);
        return names.length > 0
          ? `it cannot be told whether the message has ${names.join(' or ')}`
          : `the message has no ${wanted.join(' or ')}`;
      },
    };
  },
});

/** Met when the named detector ran and found nothing. Unknown when it did not run. */
export const detectorClear = definePredicate({
  name: 'detectorClear',
  schema: z.string().superRefine(oneOf('detector', DETECTORS)),
  compile(detector) {
    const read = factReader('message.detectors');
    const foundOf = (detectors: unknown): boolean | undefined =>
      (detectors as Readonly<Record<string, boolean>> | undefined)?.[detector];
    return {
      reads: ['message.detectors'],
      test(facts) {
        const found = foundOf(read(facts));
        return found === undefined ? 'unknown' : found ? 'fail' : 'pass';
      },
      nextChange: never,
      explain(facts) {
        const found = foundOf(read(facts));
        if (found === undefined) return `detector ${detector} did not run`;
        return found ? `detector ${detector} found something` : `detector ${detector} found nothing`;
      },
    };
  },
});

const host = z.string().regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'must be a lower-case host name');
const listOrHosts = z.union([z.array(host).min(1), z.strictObject({ list: nameSchema })]);

/** Where the words of a list come from: the rule itself, Laneway, or a lookup. */
function listOf(
  context: CompileContext,
  args: readonly string[] | { readonly list: string },
): { path: string | undefined; get: (facts: Facts) => readonly string[] | undefined; name: string } {
  if ('list' in args) {
    if (args.list === 'public-shorteners') {
      return { path: undefined, get: () => PUBLIC_SHORTENERS, name: 'public link shorteners' };
    }
    context.need({ list: args.list });
    const path = `lists.${args.list}`;
    const read = factReader(path);
    return {
      path,
      get: (facts) => read(facts) as readonly string[] | undefined,
      name: `list ${args.list}`,
    };
  }
  return { path: undefined, get: () => args, name: 'the hosts that the rule names' };
}

/** Every item of the message against a list. `wanted`: all must be on it, or none may be. */
function against(
  factPath: string,
  what: string,
  list: ReturnType<typeof listOf>,
  wanted: 'all' | 'none',
  isListed: (item: string, words: readonly string[]) => boolean,
): Compiled {
  const read = factReader(factPath);
  const itemsOf = (facts: Facts) => read(facts) as readonly string[] | undefined;
  const wrongOf = (items: readonly string[], words: readonly string[]): string[] =>
    items.filter((item) => isListed(item, words) !== (wanted === 'all'));
  return {
    reads: list.path === undefined ? [factPath] : [factPath, list.path],
    test(facts) {
      const items = itemsOf(facts);
      if (items === undefined) return 'unknown';
      // Without links there is nothing to compare, whoever keeps the list.
      if (items.length === 0) return 'pass';
      const words = list.get(facts);
      if (words === undefined) return 'unknown';
      return wrongOf(items, words).length === 0 ? 'pass' : 'fail';
    },
    nextChange: never,
    explain(facts) {
      const items = itemsOf(facts);
      const words = list.get(facts);
      if (items === undefined) return `${what}s in the message were not looked for`;
      if (words === undefined) return `${list.name} is not at hand`;
      const wrong = wrongOf(items, words);
      if (wrong.length === 0) return `every ${what} in the message is as asked for`;
      return wanted === 'all'
        ? `the message has ${wrong.join(', ')}, not on ${list.name}`
        : `the message has ${wrong.join(', ')}, on ${list.name}`;
    },
  };
}

/** Met when no link leads to one of the hosts or their subdomains. Unknown when links were not looked for. */
export const urlHostsNotIn = definePredicate({
  name: 'urlHostsNotIn',
  schema: listOrHosts,
  compile: (args, context) => against('message.urlHosts', 'link', listOf(context, args), 'none', hostListed),
});

/** Met when every link leads to one of the hosts or their subdomains, or there is none. */
export const urlHostsIn = definePredicate({
  name: 'urlHostsIn',
  schema: listOrHosts,
  compile: (args, context) => against('message.urlHosts', 'link', listOf(context, args), 'all', hostListed),
});

/** Met when every phone number in the message is on the list, or there is none. */
export const phonesIn = definePredicate({
  name: 'phonesIn',
  schema: z.strictObject({ list: nameSchema }),
  compile: (args, context) =>
    against('message.phones', 'phone number', listOf(context, args), 'all', (phone, words) =>
      words.includes(phone),
    ),
});

const countAtMostOf = (name: 'urlCount' | 'phoneCount', what: string) =>
  definePredicate({
    name,
    schema: z.strictObject({ max: z.number().int().min(0) }),
    compile({ max }) {
      const path = `message.${name}`;
      const read = factReader(path);
      return {
        reads: [path],
        test(facts) {
          const found = read(facts);
          return typeof found !== 'number' ? 'unknown' : found <= max ? 'pass' : 'fail';
        },
        nextChange: never,
        explain: (facts) =>
          `the message has ${String(read(facts) ?? 'an unknown number of')} ${what} (at most ${max} are allowed)`,
      };
    },
  });

/** Met when the message has at most so many links. */
export const urlCount = countAtMostOf('urlCount', 'links');

/** Met when the message has at most so many phone numbers. */
export const phoneCount = countAtMostOf('phoneCount', 'phone numbers');

const language = z.string().regex(/^[a-z]{2}$/, 'must be a code of ISO 639-1 such as fr');

/** Met when the message is in one of the languages; with `bilingual: false` in no other beside it. */
export const languageIs = definePredicate({
  name: 'languageIs',
  schema: z.strictObject({ any: z.array(language).min(1), bilingual: z.boolean().default(true) }),
  compile({ any, bilingual }) {
    const read = factReader('message.languages');
    return {
      reads: ['message.languages'],
      test(facts) {
        const found = read(facts) as readonly string[] | undefined;
        if (found === undefined || found.length === 0) return 'unknown';
        const has = found.some((code) => any.includes(code));
        return has && (bilingual || found.every((code) => any.includes(code))) ? 'pass' : 'fail';
      },
      nextChange: never,
      explain(facts) {
        const found = read(facts) as readonly string[] | undefined;
        return `the message's language is ${found?.join(' and ') || 'not known'} (asked for: ${any.join(' or ')})`;
      },
    };
  },
});

/** Met when an answer is set for each keyword and holds every named element. Unknown when nobody looked. */
export const keywordHandled = definePredicate({
  name: 'keywordHandled',
  schema: z.strictObject({
    keywords: z.array(z.string().regex(/^\p{Lu}+$|^[^\p{L}]+$/u, 'must be in capitals')).min(1),
    replyHas: elements.optional(),
  }),
  compile({ keywords, replyHas = [] }, context) {
    for (const keyword of keywords) context.need({ reply: keyword });
    const read = factReader('replies');
    const missing = (replies: Facts['replies']): string[] =>
      keywords.filter((keyword) => {
        const reply = replies?.[keyword];
        return reply === undefined || replyHas.some((element) => !reply.elements.includes(element));
      });
    return {
      reads: ['replies'],
      test(facts) {
        const replies = read(facts) as Facts['replies'];
        if (replies === undefined) return 'unknown';
        return missing(replies).length === 0 ? 'pass' : 'fail';
      },
      nextChange: never,
      explain(facts) {
        const replies = read(facts) as Facts['replies'];
        if (replies === undefined) return 'the answers to keywords are not known';
        return `no complete answer is set for ${missing(replies).join(', ')}`;
      },
    };
  },
});
