/** A bounded map that a scan cannot empty. */
export interface BoundedCache<T> {
  get(key: string): T | undefined;
  /** @param bytes what key and value cost in memory; a value that costs more than the whole cache is not kept */
  set(key: string, value: T, bytes: number): void;
  readonly entries: number;
  readonly bytes: number;
}

interface Node<T> {
  readonly key: string;
  value: T;
  bytes: number;
  /** Times asked for since it came or was last passed over, 3 at most. */
  asked: number;
  main: boolean;
}

/** First in, first out; taking is amortised constant. */
class Fifo<T> {
  #items: T[] = [];
  #head = 0;

  push(item: T): void {
    this.#items.push(item);
  }

  take(): T | undefined {
    const item = this.#items[this.#head];
    if (item === undefined) return undefined;
    this.#head++;
    if (this.#head > 1_024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }
}

const MOST_ASKED = 3;
/** Of the room, what new entries get before they have been asked for. */
const SMALL_SHARE = 0.1;

function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return hash | 0;
}

/**
 * S3-FIFO (Yang et al., "FIFO queues are all you need for cache eviction", SOSP 2023): a new entry waits in a small
 * queue and is dropped from its end unless somebody asked for it; what was dropped lately and comes again goes to the
 * main queue at once. A stream of texts seen once passes through the small queue and leaves the rest alone.
 *
 * @param maxEntries 1 or more
 * @param maxBytes of all entries together
 */
export function createS3Fifo<T>(maxEntries: number, maxBytes: number): BoundedCache<T> {
  const index = new Map<string, Node<T>>();
  const small = new Fifo<Node<T>>();
  const main = new Fifo<Node<T>>();
  /** Hashes of keys dropped from the small queue, oldest first. */
  const ghosts = new Set<number>();
  let bytes = 0;
  let smallBytes = 0;
  let smallEntries = 0;

  function drop(node: Node<T>): void {
    index.delete(node.key);
    bytes -= node.bytes;
  }

  function evictSmall(): void {
    for (let node = small.take(); node; node = small.take()) {
      smallBytes -= node.bytes;
      smallEntries--;
      if (node.asked === 0) {
        drop(node);
        ghosts.add(hashOf(node.key));
        if (ghosts.size > maxEntries) ghosts.delete(ghosts.values().next().value!);
        return;
      }
      node.asked = 0;
      node.main = true;
      main.push(node);
    }
  }

  function evictMain(): void {
    for (let node = main.take(); node; node = main.take()) {
      if (node.asked === 0) {
        drop(node);
        return;
      }
      node.asked--;
      main.push(node);
    }
  }

  const smallIsFull = () => smallEntries > SMALL_SHARE * maxEntries || smallBytes > SMALL_SHARE * maxBytes;

  return {
    get(key) {
      const node = index.get(key);
      if (node === undefined) return undefined;
      if (node.asked < MOST_ASKED) node.asked++;
      return node.value;
    },
    set(key, value, cost) {
      if (cost > maxBytes) return;
      const known = index.get(key);
      if (known) {
        bytes += cost - known.bytes;
        if (!known.main) smallBytes += cost - known.bytes;
        known.value = value;
        known.bytes = cost;
      } else {
        const returns = ghosts.delete(hashOf(key));
        const node: Node<T> = { key, value, bytes: cost, asked: 0, main: returns };
        index.set(key, node);
        bytes += cost;
        if (returns) main.push(node);
        else {
          small.push(node);
          smallBytes += cost;
          smallEntries++;
        }
      }
      while (index.size > maxEntries || bytes > maxBytes) {
        if (smallEntries === index.size || smallIsFull()) evictSmall();
        else evictMain();
      }
    },
    get entries() {
      return index.size;
    },
    get bytes() {
      return bytes;
    },
  };
}
