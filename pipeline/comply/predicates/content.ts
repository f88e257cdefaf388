import { z } from 'zod';
import { factReader } from '../facts.ts';
import { definePredicate, never, wordsSchema } from './define.ts';

const name = z.string().regex(/^[a-z][a-z0-9-]*$/, 'must be lower-case words joined by dashes');

/** Met when the message carries one of the named semantic elements. Unknown when it was not looked at. */
export const hasElement = definePredicate({
  name: 'hasElement',
  schema: wordsSchema,
  compile(wanted) {
    const read = factReader('message.elements');
    return {
      reads: ['message.elements'],
      test(facts) {
        const elements = read(facts) as readonly string[] | undefined;
        if (elements === undefined) return 'unknown';
        return wanted.some((element) => elements.includes(element)) ? 'pass' : 'fail';
      },
      nextChange: never,
      explain: (facts) =>
        read(facts) === undefined
          ? 'the message was not searched for required elements'
          : `the message has no ${wanted.join(' or ')}`,
    };
  },
});

/** Met when the named detector ran and found nothing. Unknown when it did not run. */
export const detectorClear = definePredicate({
  name: 'detectorClear',
  schema: name,
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

/** Met when no link leads to one of the hosts or their subdomains. Unknown when links were not looked for. */
export const urlHostsNotIn = definePredicate({
  name: 'urlHostsNotIn',
  schema: z.array(z.string().regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'must be a lower-case host name')).min(1),
  compile(hosts) {
    const read = factReader('message.urlHosts');
    const listed = new Set(hosts);
    const hit = (host: string): boolean => {
      for (let rest = host; rest !== ''; rest = rest.slice(rest.indexOf('.') + 1 || rest.length + 1)) {
        if (listed.has(rest)) return true;
      }
      return false;
    };
    return {
      reads: ['message.urlHosts'],
      test(facts) {
        const found = read(facts) as readonly string[] | undefined;
        if (found === undefined) return 'unknown';
        return found.some(hit) ? 'fail' : 'pass';
      },
      nextChange: never,
      explain(facts) {
        const found = read(facts) as readonly string[] | undefined;
        if (found === undefined) return 'links in the message were not looked for';
        return `the message links to ${found.filter(hit).join(', ') || 'no listed host'}`;
      },
    };
  },
});
