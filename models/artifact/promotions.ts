import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** How a model came to decide. */
export type PromotionHow =
  /** At the end of its training. */
  | 'trained'
  /** No slice dropped beyond noise. */
  | 'gates'
  /** Against the gates, or without them, for a stated reason. */
  | 'forced'
  | 'rollback';

/** One change of champion. */
export interface Promotion {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly version: string;
  readonly replaced: string;
  readonly how: PromotionHow;
  readonly reason?: string;
  /** What the gates measured on. */
  readonly data?: string;
  readonly messages?: number;
  /** Slices on which it was worse beyond noise, in words. */
  readonly drops?: readonly string[];
}

const fileOf = (home: string): string => join(home, 'models', 'promotions.jsonl');

/** Adds one line; the record is never rewritten. */
export function recordPromotion(home: string, promotion: Promotion): void {
  mkdirSync(join(home, 'models'), { recursive: true });
  appendFileSync(fileOf(home), `${JSON.stringify(promotion)}\n`, { flush: true });
}

/** Every change of champion, oldest first; a line that was cut short by a crash is left out. */
export function readPromotions(home: string): Promotion[] {
  if (!existsSync(fileOf(home))) return [];
  return readFileSync(fileOf(home), 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        return line === '' ? [] : [JSON.parse(line) as Promotion];
      } catch {
        return [];
      }
    });
}
