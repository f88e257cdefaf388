import { LRUCache } from 'lru-cache';
import type { Channel, PatternSpec } from '../types.ts';
import { type ContentExtras, type ContentFacts, contentOf } from './content.ts';

/** Texts remembered for one set of questions; a campaign has one text, or one a template. */
const MOST_TEXTS = 2_000;
/** Longer ones are seldom repeated and would fill the memory. */
const LONGEST_KEY = 4_096;

const NO_PATTERNS: readonly PatternSpec[] = Object.freeze([]);

/**
 * `contentOf` that looks at an equal text once: the answer is a pure function of what it is asked, so a remembered one
 * is the same. Answers are frozen, since many messages share one.
 */
export function rememberingContentOf(): typeof contentOf {
  const byQuestions = new WeakMap<readonly PatternSpec[], LRUCache<string, ContentFacts>>();
  return (body: string, channel: Channel, extras: ContentExtras = {}) => {
    const { patterns = NO_PATTERNS, ...others } = extras;
    const key = JSON.stringify([channel, body, others]);
    if (key.length > LONGEST_KEY) return contentOf(body, channel, extras);
    let texts = byQuestions.get(patterns);
    if (texts === undefined) {
      texts = new LRUCache({ max: MOST_TEXTS });
      byQuestions.set(patterns, texts);
    }
    let found = texts.get(key);
    if (found === undefined) {
      found = Object.freeze(contentOf(body, channel, extras));
      texts.set(key, found);
    }
    return found;
  };
}
