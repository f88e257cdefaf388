/** Milliseconds since the Unix epoch, UTC. Time is a parameter everywhere; only this file asks the machine. */
export type Clock = () => number;

export const systemClock: Clock = () => Date.now();

/** Milliseconds from an arbitrary start, never going backwards: for durations, not for dates. */
export const monotonicMs: Clock = () => performance.now();
