import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What making a model took and showed. It stands beside the model and not in its manifest: the same data and seed give
 * the same model on a slow machine.
 */
export interface TrainingFacts {
  /** Seconds by phase, in order. */
  readonly phases: Readonly<Record<string, number>>;
  readonly peakMemoryMb: number;
  readonly threads: number;
  readonly warnings: readonly string[];
  /** Texts with both labels. */
  readonly contradictions: number;
}

const FILE = 'training.json';

/** Writes the facts into a model's folder. */
export function writeTrainingFacts(dir: string, facts: TrainingFacts): void {
  writeFileSync(join(dir, FILE), `${JSON.stringify(facts, null, 2)}\n`);
}

/** The facts of a model's folder; undefined where there are none that can be read. */
export function readTrainingFacts(dir: string): TrainingFacts | undefined {
  try {
    const facts = JSON.parse(readFileSync(join(dir, FILE), 'utf8')) as Partial<TrainingFacts>;
    return typeof facts.phases === 'object' && typeof facts.peakMemoryMb === 'number'
      ? (facts as TrainingFacts)
      : undefined;
  } catch {
    return undefined;
  }
}
