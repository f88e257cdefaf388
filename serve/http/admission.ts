import { ProblemError } from './problem.ts';

/** How much classifying is in hand, and no more than may be. */
export interface Admission {
  /**
   * Takes `count` messages in hand until the function returned is called. An empty house takes any one request.
   * @throws ProblemError `OVERLOADED`
   */
  admit(count: number): () => void;
  readonly inHand: number;
}

/** @param most messages in hand together, 1 or more */
export function createAdmission(most: number): Admission {
  let inHand = 0;
  return {
    admit(count) {
      if (inHand > 0 && inHand + count > most) {
        throw new ProblemError('OVERLOADED', `${inHand} messages are being classified; ${most} may be.`, {
          fix: 'Send it again after the time in Retry-After, or fewer at a time.',
          headers: { 'Retry-After': '1' },
        });
      }
      inHand += count;
      let open = true;
      return () => {
        if (open) inHand -= count;
        open = false;
      };
    },
    get inHand() {
      return inHand;
    },
  };
}
