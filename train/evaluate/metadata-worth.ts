import type { LabelledRow } from '../../data/read/labelled.ts';
import { LanewayError } from '../../models/base/errors.ts';
import type { Classifier, Verdict } from '../../models/verdict.ts';
import { type Difference, pairedBootstrap } from './bootstrap.ts';
import { outcomeOf } from './figures.ts';
import type { Outcome } from './metrics.ts';

/** What knowing sender, time and recipient changes, on rows where it is known. */
export interface MetadataWorth {
  readonly rows: number;
  /** Rows answered from the text alone. */
  readonly without: Outcome;
  readonly with: Outcome;
  /** With minus without, 95% interval of the paired bootstrap over templates. */
  readonly accuracy: Difference;
  /** Share of rows whose class changed; by construction only from transactional to promotional. */
  readonly changed: number;
}

const BATCH = 256;

/**
 * Classifies labelled rows that have metadata twice, with it and without.
 *
 * @throws LanewayError `EVALUATE_NO_METADATA`: no labelled row has any
 */
export async function measureMetadataWorth(
  classifier: Classifier,
  rows: readonly LabelledRow[],
  onProgress?: (done: number, total: number) => void,
): Promise<MetadataWorth> {
  const known = rows.filter(({ label, metadata }) => label !== undefined && metadata !== undefined);
  if (known.length === 0) {
    throw new LanewayError(
      'EVALUATE_NO_METADATA',
      'no labelled row says anything of sender, time or recipient',
      {
        fix: 'Give data with metadata columns, for example: npx laneway data generate --count 20000 --seed 2 --out FILE',
      },
    );
  }
  const bare: Verdict[] = [];
  const informed: Verdict[] = [];
  for (let at = 0; at < known.length; at += BATCH) {
    const batch = known.slice(at, at + BATCH);
    bare.push(
      ...(await classifier.classify(
        batch.map(({ text }) => ({ text })),
        { reasons: false },
      )),
    );
    informed.push(
      ...(await classifier.classify(
        batch.map(({ text, metadata }) => ({ text, ...(metadata ? { metadata } : {}) })),
        { reasons: false },
      )),
    );
    onProgress?.(bare.length, known.length);
  }
  const labels = known.map(({ label }) => label!);
  const right = (verdicts: readonly Verdict[]) =>
    Uint8Array.from(verdicts, (verdict, at) => Number(verdict.class === labels[at]));
  return {
    rows: known.length,
    without: outcomeOf(
      labels,
      bare.map((verdict) => verdict.class),
    ),
    with: outcomeOf(
      labels,
      informed.map((verdict) => verdict.class),
    ),
    accuracy: pairedBootstrap(right(informed), right(bare), templateNumbers(known)),
    changed: bare.filter((verdict, at) => verdict.class !== informed[at]!.class).length / known.length,
  };
}

/** Rows of one template, or of one text where there is none, are not independent. */
function templateNumbers(rows: readonly LabelledRow[]): Uint32Array {
  const numbers = new Map<string, number>();
  return Uint32Array.from(rows, ({ template, text }) => {
    const key = template ?? text;
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    return number;
  });
}
