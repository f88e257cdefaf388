/** Joins concurrent writers into shared commits: one flush at a time, the next takes all who came meanwhile. */
export interface GroupCommit<In, Out> {
  /** Resolves when the item is durable; rejects, with all of its group, when the commit fails. */
  add(item: In): Promise<Out>;
  /** Resolves when nothing is waiting or being written. */
  drained(): Promise<void>;
}

export interface GroupCommitOptions<In, Out> {
  /** Writes a group in one transaction; answers in the order of the items. */
  readonly flush: (items: readonly In[]) => Promise<readonly Out[]>;
  /** Largest group at the moment, 1 to 1000. */
  readonly maxGroup: () => number;
  /** Called before each group: where bulk work lets urgent work pass. */
  readonly before?: () => Promise<void>;
}

interface Waiter<In, Out> {
  readonly item: In;
  readonly resolve: (out: Out) => void;
  readonly reject: (error: unknown) => void;
}

export function createGroupCommit<In, Out>(options: GroupCommitOptions<In, Out>): GroupCommit<In, Out> {
  let waiting: Waiter<In, Out>[] = [];
  let writing: Promise<void> | undefined;

  async function writeAll(): Promise<void> {
    // Let everything of this turn of the event loop come aboard: requests that arrived together commit together.
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (waiting.length > 0) {
      await options.before?.();
      const size = options.maxGroup();
      const group = waiting.slice(0, size);
      waiting = waiting.slice(size);
      try {
        const outs = await options.flush(group.map((waiter) => waiter.item));
        for (const [i, waiter] of group.entries()) waiter.resolve(outs[i]!);
      } catch (error) {
        for (const waiter of group) waiter.reject(error);
      }
    }
    writing = undefined;
  }

  return {
    add(item) {
      return new Promise((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        writing ??= writeAll();
      });
    },
    async drained() {
      while (writing) await writing;
    },
  };
}
