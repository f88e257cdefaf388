import type { Random } from '../../models/base/random.ts';

/** Runs of digits that differ from message to message: codes, amounts, references, numbers. Shorter ones mean something. */
const FILLINGS = /\d{3,}/g;

/** The same message with other digits in its codes, amounts and references. */
export function refill(text: string, random: Random): string {
  return text.replace(FILLINGS, (digits) => {
    let filled = String(1 + random.below(9));
    while (filled.length < digits.length) filled += String(random.below(10));
    return filled;
  });
}

/**
 * Traffic of a business messaging service: few templates make most of it. The template of rank `r` comes in proportion
 * to `1 / r` (Zipf's law), each time with other digits.
 */
export function zipfTraffic(templates: readonly string[], count: number, random: Random): string[] {
  const upTo = new Float64Array(templates.length);
  let total = 0;
  templates.forEach((_, rank) => {
    total += 1 / (rank + 1);
    upTo[rank] = total;
  });
  return Array.from({ length: count }, () => {
    const wanted = random.next() * total;
    let low = 0;
    let high = templates.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (upTo[middle]! > wanted) high = middle;
      else low = middle + 1;
    }
    return refill(templates[low]!, random);
  });
}
