import { seedOf } from '../models/base/random.ts';
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
 * Deals groups into folds whole origins at a time (a source, an authored file), so that what is held out was written by
 * somebody else; origins go, largest first, to the fold that holds least. Rows without an origin, and all rows where
 * there are fewer origins than folds, are dealt by group.
 *
 * @param groups rows that must not be torn apart; a group goes with the origin of its first row
 * @param origins who wrote a row, where known
 * @param folds number of folds, at least 2
 */
export function assignFolds(
  groups: ArrayLike<number>,
  origins: readonly (string | undefined)[],
  folds: number,
  seed: number,
): Uint8Array {
  const few = new Set(origins.filter((origin) => origin !== undefined)).size < folds;
  const unitOfGroup = new Map<number, string>();
  const sizeOf = new Map<string, number>();
  const units = Array.from(groups, (group, row) => {
    let unit = unitOfGroup.get(group);
    if (unit === undefined) {
      const origin = few ? undefined : origins[row];
      unit = origin === undefined ? `group ${group}` : `origin ${origin}`;
      unitOfGroup.set(group, unit);
    }
    sizeOf.set(unit, (sizeOf.get(unit) ?? 0) + 1);
    return unit;
  });
  const drawn = new Map([...sizeOf.keys()].map((unit) => [unit, seedOf(`${seed}/${unit}`)]));
  const ranked = [...sizeOf].sort((a, b) => b[1] - a[1] || drawn.get(a[0])! - drawn.get(b[0])!);
  const filled = new Array<number>(folds).fill(0);
  const foldOf = new Map<string, number>();
  for (const [unit, size] of ranked) {
    const fold = filled.indexOf(Math.min(...filled));
    foldOf.set(unit, fold);
    filled[fold]! += size;
  }
  return Uint8Array.from(units, (unit) => foldOf.get(unit)!);
}
