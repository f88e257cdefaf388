import { languageName, percent, percentWithInterval, unit, whole } from './format.ts';
import type { Metrics } from './metrics.ts';

/** What was measured, on what, how sure that is and where it fails: the first things a reader asks. */
export function glance(metrics: Metrics): (readonly [question: string, answer: string])[] {
  const { data, model, clean, hard, bands, risk } = metrics;
  const main = clean.rows > 0 ? clean : metrics.all;
  const margin = ((main.accuracy.high ?? 0) - (main.accuracy.low ?? 0)) / 2;
  const weak = [
    ...(hard.rows > 0
      ? [
          `messages that mix both classes (${percent(hard.accuracy.value)} right, leak ${percent(hard.leak.value)})`,
        ]
      : []),
    ...weakGroups(metrics),
    ...(risk
      ? [`scam, of which ${percent(risk.recallAt1Percent.recall.value)} is found at 1% false alarms`]
      : []),
  ];
  return [
    [
      'What was measured',
      `How often model ${model.version} tells transactional from promotional messages rightly, how often it errs either way, and how far its own certainty can be trusted.`,
    ],
    [
      'On what',
      `${whole(data.labelled)} messages whose class people or their sources had stated: ${whole(data.promotional)} promotional, ${whole(data.transactional)} transactional, ${whole(data.hard)} of them marked hard. Trained on: ${model.training.data}.${data.sameAsTraining ? ' That is the same data.' : ''}`,
    ],
    [
      'How sure are these figures',
      `Each has its 95% interval beside it; accuracy on clear-cut messages is good to about ${(100 * margin).toFixed(1)} points either way for messages like these, and the model gave ${percent(bands.coverage.value)} of the messages a sure answer.`,
    ],
    [
      'What stands between a mistake and a recipient',
      `Only a sure transactional answer gets transactional treatment. Counted that way ${percent(bands.treatmentLeak.value)} of the promotional messages would slip through; everything else waits for the rules of promotional mail.`,
    ],
    [
      'Where it fails',
      weak.length > 0 ? `${capital(weak.join('; '))}.` : 'No group of these messages stands out.',
    ],
  ];
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const FEWEST = 50;
const SHOWN_GROUPS = 3;

/** Sources, industries, channels and languages that are clearly worse than the rest. */
function weakGroups({ by, all, languages = [] }: Metrics): string[] {
  const groups = [
    ...Object.entries(by).flatMap(([field, held]) =>
      held.map((group) => ({ name: `${field} ${group.key}`, ...group })),
    ),
    ...languages
      .filter(({ earned }) => !earned)
      .map((one) => ({ name: `messages in ${languageName(one.lang)}`, ...one })),
  ];
  return groups
    .filter(
      ({ rows, accuracy }) =>
        rows >= FEWEST &&
        accuracy.high !== null &&
        all.accuracy.low !== null &&
        accuracy.high < all.accuracy.low,
    )
    .sort((a, b) => a.accuracy.value! - b.accuracy.value!)
    .slice(0, SHOWN_GROUPS)
    .map(({ name, rows, accuracy }) => `${name} (${percent(accuracy.value)} of ${whole(rows)} right)`);
}

/** What the figures say, in sentences; the report opens with them and the card repeats them. */
export function findings(metrics: Metrics): string[] {
  const { clean, hard, bands, data } = metrics;
  const sentences: string[] = [];
  if (clean.rows > 0)
    sentences.push(
      `Of ${whole(clean.rows)} clear-cut messages the model put ${percentWithInterval(clean.accuracy)} in the right class. ` +
        `It took ${percent(clean.leak.value)} of the promotional ones for transactional (leak) and ` +
        `${percent(clean.falsePositives.value)} of the transactional ones for promotional (false positives).`,
    );
  if (hard.rows > 0)
    sentences.push(
      `Of ${whole(hard.rows)} messages marked hard (mixed or debatable) it put ${percentWithInterval(hard.accuracy)} in the labelled class.`,
    );
  sentences.push(
    `It called itself sure of ${percent(bands.coverage.value)} of all messages and was right on ${percent(bands.sureAccuracy.value)} of those. ` +
      `Unsure messages get promotional treatment, so ${percent(bands.treatmentLeak.value)} of the promotional messages would be handled as transactional, ` +
      `and ${percent(bands.overTreated.value)} of the transactional ones would wait with promotional mail.`,
  );
  sentences.push(...warnings(metrics));
  if (data.distinctTexts < data.labelled)
    sentences.push(
      `The ${whole(data.labelled)} labelled rows hold ${whole(data.distinctTexts)} different texts once digits, codes and names of that kind are masked.`,
    );
  return sentences;
}

/** What stands between these figures and what they seem to say. */
export function warnings({ data, stages, all }: Metrics): string[] {
  const out: string[] = [];
  if (data.sameAsTraining)
    out.push(
      'Caution: the model was trained on data of the same description. These figures show how well it remembers, not how well it will do on new senders.',
    );
  else if (data.seenInTraining !== undefined && data.seenInTraining > 0)
    out.push(
      `Caution: ${whole(data.seenInTraining)} rows (${percent(data.seenInTraining / data.labelled)}) have a text that is also in the training data.`,
    );
  for (const [reason, rows] of Object.entries(stages.degraded))
    out.push(`Caution: ${whole(rows)} messages were answered with something missing (${reason}).`);
  if (data.promotional === 0 || data.transactional === 0)
    out.push('Caution: the data holds one class only; accuracy says little without the other.');
  else if (all.rows < 200)
    out.push(`Caution: ${whole(all.rows)} labelled rows are few; look at the intervals.`);
  return out;
}

/** What the figures do not show. */
export function limits(metrics: Metrics): string[] {
  return [
    'The figures hold for messages like those measured. Other senders, countries, languages and years can differ; measure on your own messages before relying on them.',
    'Intervals are 95% Wilson intervals that treat rows as independent. Rows of one sender or template are not, so the true uncertainty is wider.',
    'Labels are human or source-given and carry errors of their own, more on hard messages; some of the mistakes listed may be mistakes of the label.',
    'Metadata (sender reputation, hour, recipient history) was unknown for every row, the strictest case to learn from: known metadata can only move a message towards promotional.',
    'The unsure band is the safety net for messages that are not English or unlike the training data; its share rises there.',
    `Speed was measured in one process on ${metrics.machine.cpu} (${metrics.machine.cores} cores, Node ${metrics.machine.node}) while other work may have been running; the published figures come from other machines and other data.`,
    'A class is a prediction, not legal advice. Which rules apply to a message is decided by the compliance rules at the moment of release, on the recorded treatment.',
  ];
}

/** What each threshold is and what it does, for people who did not build the model. */
export function thresholdLines({
  model,
}: Metrics): { readonly name: string; readonly value: string; readonly does: string }[] {
  const { decision, sureBelow, sureAbove, cascadeLow, cascadeHigh } = model.thresholds;
  return [
    {
      name: 'Decision',
      value: unit(decision),
      does: 'At or above it a message is classed promotional, below it transactional.',
    },
    {
      name: 'Sure transactional below',
      value: unit(sureBelow),
      does: 'Only messages below it get transactional treatment. Lower it to let less promotional mail through; more transactional mail then waits.',
    },
    {
      name: 'Sure promotional from',
      value: unit(sureAbove),
      does: 'From here on the model is sure of promotional. Between the two the band is unsure and treatment is promotional.',
    },
    {
      name: 'Encoder asked from',
      value: unit(cascadeLow),
      does: 'Below it the answer of the word-based forest is final.',
    },
    {
      name: 'Encoder asked to',
      value: unit(cascadeHigh),
      does: 'Above it the answer of the word-based forest is final. Between the two the language encoder is asked as well.',
    },
  ];
}

/** Legend of terms. */
export const TERMS: readonly (readonly [term: string, meaning: string])[] = Object.freeze([
  [
    'Transactional',
    'A message about something the recipient did, has or asked for: codes, receipts, alerts, bookings.',
  ],
  [
    'Promotional',
    'A message that mainly wants to sell, advertise or win somebody for something. The positive class.',
  ],
  ['Accuracy', 'Share of messages put in the right class.'],
  ['Leak', 'Share of promotional messages taken for transactional. The costly mistake.'],
  ['False-positive rate', 'Share of transactional messages taken for promotional.'],
  [
    'Clean and hard',
    'Hard messages are marked in the data as mixed or debatable, such as a receipt with an advert; clean are all others.',
  ],
  [
    'Probability',
    'The model’s estimate that a message is promotional, calibrated so that of messages given 0.8 about 80% are.',
  ],
  ['Band', 'Sure or unsure. Unsure messages get promotional treatment whatever their class.'],
  [
    'Treatment leak',
    'Share of promotional messages that are both classed transactional and sure: those that really slip through.',
  ],
  [
    'ROC curve and AUC',
    'Promotional messages found against transactional ones wrongly taken, at every threshold; the area is 1 for a perfect order, 0.5 for chance.',
  ],
  [
    'Precision and recall',
    'Of those taken for promotional, the share that is (precision); of those that are, the share found (recall). Average precision sums the curve up.',
  ],
  [
    'Calibration error (ECE)',
    'Mean distance between the probability said and the share observed, over 15 groups of equal size.',
  ],
  ['Brier score', 'Mean squared error of the probabilities; 0 is perfect, 0.25 is always saying one half.'],
  [
    'Stage',
    'Lexical: words, spelling and counted signals alone. Semantic: the forest that also saw the language encoder’s vector.',
  ],
  ['p50, p95, p99', 'Half, 95% and 99% of the messages took at most this long.'],
  ['Out of fold', 'Measured in training on rows that the measuring model had not seen.'],
  ['Scam risk', 'A second output, for the content filter; it never changes the class.'],
]);
