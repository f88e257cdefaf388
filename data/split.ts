import { createRandom, seedOf } from '../models/base/random.ts';
import { canonicalise } from '../models/text/canonical.ts';
import { clusterNearDuplicates } from './near-duplicates.ts';

/** What a split needs to know of a row. */
export interface Splittable {
  readonly text: string;
  readonly template?: string;
}

/**
 * Puts rows in groups that must not be torn apart: rows of one template, rows with the same canonical text, and
 * near-duplicates (word-3-gram Jaccard of the canonical text of at least 0.5).
 *
 * @returns one group number a row, dense from 0 in order of first appearance
 */
export function groupRows(
  rows: readonly Splittable[],
  canonical = rows.map((row) => canonicalise(row.text)),
): Uint32Array {
  const firstOfText = new Map<string, number>();
  const distinct: string[] = [];
  const textOf = canonical.map((text) => {
    let id = firstOfText.get(text);
    if (id === undefined) {
      id = distinct.push(text) - 1;
      firstOfText.set(text, id);
    }
    return id;
  });
  const cluster = clusterNearDuplicates(distinct);
  const parent = new Map<string, string>();
  const find = (key: string): string => {
    let root = key;
    for (let up = parent.get(root); up !== undefined && up !== root; up = parent.get(root)) root = up;
    parent.set(key, root);
    return root;
  };
  rows.forEach((row, index) => {
    const text = find(`c${cluster[textOf[index]!]}`);
    if (row.template !== undefined) parent.set(find(`t${row.template}`), text);
  });
  const numbers = new Map<string, number>();
  return Uint32Array.from(rows, (_, index) => {
    const root = find(`c${cluster[textOf[index]!]}`);
    let number = numbers.get(root);
    if (number === undefined) {
      number = numbers.size;
      numbers.set(root, number);
    }
    return number;
  });
}

/**
 * Deals groups into folds by hashing their number with the seed.
 *
 * @param folds number of folds, at least 2
 */
export function assignFolds(groups: ArrayLike<number>, folds: number, seed: number): Uint8Array {
  const foldOf = new Map<number, number>();
  return Uint8Array.from(groups, (group) => {
    let fold = foldOf.get(group);
    if (fold === undefined) {
      fold = createRandom(seedOf(`${seed}/${group}`)).below(folds);
      foldOf.set(group, fold);
    }
    return fold;
  });
}
