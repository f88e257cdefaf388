import { type RiskEvidence, type RiskScale, type RiskWeights, scaleRisk } from '../models/risk.ts';
import type { TrainingRow } from './fold-rows.ts';
import { fitLogistic } from './heads/logistic.ts';
import type { StackedHeads } from './stack.ts';

/** Share of the honest rows that the encoder may be asked about for their risk by words alone. */
const ASKED_OF_HONEST = 0.03;

/** Fits how logits become a risk, on what heads say of rows that they never saw. */
export function fitRiskScale(rows: readonly TrainingRow[], heads: StackedHeads): RiskScale {
  const known = [...rows.keys()].filter((row) => rows[row]!.risk !== -1);
  const targets = known.map((row) => rows[row]!.risk);
  if (!targets.includes(1)) return { words: { slope: 1, offset: 0, clarity: 0 } };
  const mean = (a: Float32Array, b: Float32Array, row: number) => (a[row]! + b[row]!) / 2;
  const scam = heads.dense.find(({ scamOutOfFold }) => scamOutOfFold)?.scamOutOfFold;
  const evidence = known.map(
    (row): RiskEvidence => ({
      risk: mean(heads.wordRisk.outOfFold, heads.charRisk.outOfFold, row),
      class: mean(heads.word.outOfFold, heads.char.outOfFold, row),
      ...(scam ? { intents: scam[row]! } : {}),
    }),
  );
  const [slope, clarity, offset] = fit(evidence, targets, ({ risk, class: logit }) => [
    risk,
    Math.abs(logit),
  ]);
  const words = { slope: slope!, clarity: clarity!, offset: offset! };
  if (scam === undefined) return { words };
  const byWords = evidence.map((one) => scaleRisk({ words }, one));
  const honest = byWords.filter((_, at) => targets[at] === 0).sort((a, b) => b - a);
  return {
    words,
    meaning: {
      ...weighIntents(evidence, targets),
      askFrom: honest[Math.floor(ASKED_OF_HONEST * honest.length)] ?? Number.POSITIVE_INFINITY,
    },
  };
}

function weighIntents(
  evidence: readonly RiskEvidence[],
  targets: readonly number[],
): RiskWeights & { intents: number } {
  const [slope, clarity, intents, offset] = fit(evidence, targets, (one) => [
    one.risk,
    Math.abs(one.class),
    one.intents!,
  ]);
  return { slope: slope!, clarity: clarity!, intents: intents!, offset: offset! };
}

/** Logistic regression on a few columns: their weights, then the intercept. */
function fit(
  evidence: readonly RiskEvidence[],
  targets: readonly number[],
  columnsOf: (one: RiskEvidence) => number[],
): number[] {
  const columns = columnsOf(evidence[0]!).length;
  const indices = Uint32Array.from({ length: columns }, (_, column) => column);
  const head = fitLogistic(
    evidence.map((one) => ({ indices, values: Float32Array.from(columnsOf(one)) })),
    columns,
    targets,
    evidence.map(() => 1),
    { c: 1 },
  );
  return [...head.weights, head.bias];
}
