import { LRUCache } from 'lru-cache';
import { sha256 } from '../../models/base/sha256.ts';
import type { Db } from '../store/schema.ts';
import { type Dictionary, dictionaryIdOf } from './sealed.ts';

/** The packing looks back 64 KiB, and every text is packed anew from it. */
const MOST_CHARACTERS = 16_000;
const known = new LRUCache<string, Dictionary>({ max: 500 });

function dictionaryOf(text: string): Dictionary {
  return { id: sha256(text).slice(0, 22), bytes: Buffer.from(text) };
}

/** Puts a dictionary into the store, where it must stand before anything is sealed by it. */
export async function keepDictionary(db: Db, text: string): Promise<Dictionary> {
  const kept = text.slice(-MOST_CHARACTERS);
  const dictionary = dictionaryOf(kept);
  await db
    .insertInto('seal_dictionaries')
    .values({ id: dictionary.id, text: kept })
    .onConflict((oc) => oc.column('id').doNothing())
    .execute();
  known.set(dictionary.id, dictionary);
  return dictionary;
}

/** Dictionaries that sealed texts name, by id; one that is not in the store, or not as it was, is absent. */
export async function loadDictionaries(
  db: Db,
  sealed: readonly string[],
): Promise<ReadonlyMap<string, Dictionary>> {
  const found = new Map<string, Dictionary>();
  const missing: string[] = [];
  for (const id of new Set(sealed.flatMap((text) => dictionaryIdOf(text) ?? []))) {
    const there = known.get(id);
    if (there) found.set(id, there);
    else missing.push(id);
  }
  if (missing.length === 0) return found;
  const rows = await db.selectFrom('seal_dictionaries').selectAll().where('id', 'in', missing).execute();
  for (const row of rows) {
    const dictionary = dictionaryOf(row.text);
    if (dictionary.id !== row.id) continue;
    known.set(row.id, dictionary);
    found.set(row.id, dictionary);
  }
  return found;
}
