import { LRUCache } from 'lru-cache';
import type { Receipt } from '../provider.ts';

interface Group {
  readonly ref: string;
  readonly waiting: Set<string>;
  /** More parts may still be submitted. */
  open: boolean;
  told: boolean;
}

const MOST_PARTS_REMEMBERED = 500_000;

/**
 * Receipts come for each part of a long message; the message is delivered when all of its parts are, and undelivered
 * when one is. After a restart the parts are no longer known: then the first part's receipt speaks for the message.
 */
export interface JoinedReceipts {
  begin(): { add(id: string): void; end(): void };
  /** @returns what to tell of the message, if this part decided it */
  settle(id: string, status: Receipt['status']): { ref: string; status: Receipt['status'] } | undefined;
}

export function createJoinedReceipts(): JoinedReceipts {
  const groups = new LRUCache<string, Group>({ max: MOST_PARTS_REMEMBERED });

  function verdict(group: Group, status: Receipt['status']): ReturnType<JoinedReceipts['settle']> {
    if (group.told) return undefined;
    if (status === 'delivered' && (group.waiting.size > 0 || group.open)) return undefined;
    group.told = true;
    return { ref: group.ref, status };
  }

  return {
    begin() {
      let group: Group | undefined;
      return {
        add(id) {
          group ??= { ref: id, waiting: new Set(), open: true, told: false };
          group.waiting.add(id);
          groups.set(id, group);
        },
        end() {
          if (group) group.open = false;
        },
      };
    },
    settle(id, status) {
      const group = groups.get(id);
      if (!group) return { ref: id, status };
      group.waiting.delete(id);
      return verdict(group, status);
    },
  };
}
