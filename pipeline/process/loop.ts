import { messageOf } from '../../models/base/errors.ts';

/** Something done again and again until it is stopped; a fault is reported and the loop goes on. */
export interface Loop {
  start(): void;
  /** Does a round now instead of waiting for it. */
  poke(): void;
  /** Finishes the round in hand. */
  stop(): Promise<void>;
  /** Message of the last fault, while the last round ended with one. */
  readonly fault: string | undefined;
}

const AFTER_FAULT_MS = 1_000;

/** @param round does one round and says how long to wait for the next, ms */
export function createLoop(
  doing: string,
  report: (error: unknown, doing: string) => void,
  round: () => Promise<number>,
): Loop {
  let stopping = false;
  let running: Promise<void> | undefined;
  let wake: (() => void) | undefined;
  let poked = false;
  let fault: string | undefined;

  async function run(): Promise<void> {
    while (!stopping) {
      poked = false;
      let waitMs: number;
      try {
        waitMs = await round();
        fault = undefined;
      } catch (error) {
        fault = messageOf(error);
        report(error, doing);
        waitMs = AFTER_FAULT_MS;
      }
      if (stopping || poked) continue;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, waitMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      wake = undefined;
    }
  }

  return {
    start() {
      running ??= run();
    },
    poke() {
      poked = true;
      wake?.();
    },
    async stop() {
      stopping = true;
      wake?.();
      await running;
    },
    get fault() {
      return fault;
    },
  };
}
