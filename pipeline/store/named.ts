import { LRUCache } from 'lru-cache';

/** Statements known by name, planned once a connection; more than these would pile up on the server. */
const MOST_NAMED = 200;
/** Texts seen lately: one that comes once only (a list of values as long as its list, say) gets no name. */
const MOST_SEEN = 1_000;

/** A name for a statement's text from its second use on; the same name on every connection of the process. */
export function createStatementNames(): (text: string) => string | undefined {
  const names = new Map<string, string>();
  const seen = new LRUCache<string, true>({ max: MOST_SEEN });
  return (text) => {
    const named = names.get(text);
    if (named !== undefined) return named;
    if (!seen.has(text)) {
      seen.set(text, true);
      return undefined;
    }
    if (names.size >= MOST_NAMED) return undefined;
    const name = `laneway_${names.size + 1}`;
    names.set(text, name);
    return name;
  };
}
