import type { MessageClass } from '../../models/verdict.ts';

/** A training message of a baseline. */
export interface Example {
  readonly text: string;
  readonly label: MessageClass;
}

/** P(promotional) of each text, 0 to 1, in order. */
export type Predict = (texts: readonly string[]) => Float64Array;
