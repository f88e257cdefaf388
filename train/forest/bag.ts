import { createRandom, type Random } from '../../models/base/random.ts';

/** Which rows one tree learns from. */
export interface Bag {
  /** Times each group was drawn; index by group number. */
  readonly drawn: Uint16Array;
}

/** Groups renumbered 0, 1, 2... in order of first appearance, with their sizes. */
export interface Groups {
  readonly count: number;
  /** Per row. */
  readonly of: Uint32Array;
  /** Rows per group. */
  readonly sizes: Uint32Array;
}

/** Renumbers group ids so that they can index arrays; `of` and `sizes` lie in shared memory. */
export function numberGroups(group: Uint32Array): Groups {
  const numbers = new Map<number, number>();
  const of = new Uint32Array(new SharedArrayBuffer(4 * group.length));
  for (let row = 0; row < group.length; row++) {
    let number = numbers.get(group[row]!);
    if (number === undefined) {
      number = numbers.size;
      numbers.set(group[row]!, number);
    }
    of[row] = number;
  }
  const sizes = new Uint32Array(new SharedArrayBuffer(4 * numbers.size));
  for (let row = 0; row < of.length; row++) sizes[of[row]!]!++;
  return { count: numbers.size, of, sizes };
}

/** The random stream of one tree: a function of the forest's seed and the tree's number alone. */
export function treeRandom(seed: number, tree: number): Random {
  // Murmur3's finaliser, so that neighbouring trees start far apart.
  let mixed = (seed ^ Math.imul(tree + 1, 0x9e3779b1)) >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return createRandom((mixed ^ (mixed >>> 16)) >>> 0);
}

/**
 * Draws as many groups as there are, with replacement (the block bootstrap: rows of a group depend on each other,
 * so leaving out single rows would make the out-of-bag estimate too good). Stops early once the drawn groups
 * hold `maxRows` distinct rows, and always draws at least one group.
 */
export function drawBag(groups: Groups, bootstrap: 'group' | 'none', maxRows: number, random: Random): Bag {
  const drawn = new Uint16Array(groups.count);
  if (bootstrap === 'none') return { drawn: drawn.fill(1) };
  let rows = 0;
  for (let i = 0; i < groups.count && rows < maxRows; i++) {
    const group = random.below(groups.count);
    if (drawn[group] === 0) rows += groups.sizes[group]!;
    drawn[group]!++;
  }
  return { drawn };
}
