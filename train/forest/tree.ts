/** The nodes of one finished tree in preorder, as `linkForest` takes them, and what else it taught. */
export interface GrownTree {
  readonly feature: Int32Array;
  readonly threshold: Float32Array;
  readonly value: Float32Array;
  readonly cover: Float32Array;
  /** Gini decrease by column as a share of the tree's weight; sums to at most 0.5. */
  readonly importances: Float64Array;
}

/** A tree being grown: arrays that double when full and are reused for the next tree. */
export interface TreeBuffer {
  clear(): void;
  /** Appends a leaf; {@link branch} may make it an inner node later. */
  append(value: number, cover: number): number;
  branch(node: number, column: number, threshold: number): void;
  /** Copies of exactly the right length. */
  finish(importances: Float64Array): GrownTree;
}

/** An empty buffer with room for 4,096 nodes. */
export function createTreeBuffer(): TreeBuffer {
  let feature = new Int32Array(4096);
  let threshold = new Float32Array(4096);
  let value = new Float32Array(4096);
  let cover = new Float32Array(4096);
  let count = 0;

  function grow(): void {
    const larger = <T extends Int32Array | Float32Array>(to: T, from: T): T => {
      to.set(from);
      return to;
    };
    const room = 2 * feature.length;
    feature = larger(new Int32Array(room), feature);
    threshold = larger(new Float32Array(room), threshold);
    value = larger(new Float32Array(room), value);
    cover = larger(new Float32Array(room), cover);
  }

  return {
    clear() {
      count = 0;
    },
    append(nodeValue, nodeCover) {
      if (count === feature.length) grow();
      feature[count] = -1;
      threshold[count] = 0;
      value[count] = nodeValue;
      cover[count] = nodeCover;
      return count++;
    },
    branch(node, column, at) {
      feature[node] = column;
      threshold[node] = at;
    },
    finish: (importances) => ({
      feature: feature.slice(0, count),
      threshold: threshold.slice(0, count),
      value: value.slice(0, count),
      cover: cover.slice(0, count),
      importances,
    }),
  };
}
