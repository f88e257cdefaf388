import { highlight, splitAtHighlights } from '../../../models/highlight.ts';
import type { Reason } from '../../../models/verdict.ts';
import type { Difference } from '../bootstrap.ts';
import { languageName, percent, whole } from '../format.ts';
import type { Metrics } from '../metrics.ts';
import { type Html, html, raw } from './html.ts';
import { shareCell, table } from './tables.ts';

/** Points of accuracy with their interval below, as `+1.2`. */
function pointsCell({ value, low, high }: Difference): Html {
  return html`${points(value)}<small>${points(low)} to ${points(high)}</small>`;
}

const points = (value: number): string => {
  const shown = (100 * value).toFixed(1);
  return Number(shown) > 0 ? `+${shown}` : shown.replace('-', '−').replace('−0.0', '0.0');
};

/** Classes and bands by language; empty where no row says its language or all are in one. */
export function languageSection({ languages = [] }: Metrics): Html {
  if (languages.length < 2) return html``;
  const foreign = languages.filter(({ earned }) => !earned);
  const sure = foreign.reduce((sum, one) => sum + one.sure.count, 0);
  const rows = foreign.reduce((sum, one) => sum + one.rows, 0);
  return html`<h2 id="languages">By language</h2>
<p>The model reads English. A message in another language is recognised and stays unsure, so it gets promotional treatment, until the model has been measured on that language and earned it. Of the messages in other languages ${whole(sure)} of ${whole(rows)} (${percent(rows === 0 ? null : sure / rows)}) were taken for English and called sure.</p>
${table(
  'Classes and bands by language, with 95% intervals',
  ['', 'messages', 'may be sure', 'right class', 'leak', 'called sure', 'right when sure', 'treatment leak'],
  languages.map((one) => [
    languageName(one.lang),
    whole(one.rows),
    one.earned ? 'yes' : 'no',
    shareCell(one.accuracy),
    shareCell(one.leak),
    shareCell(one.sure),
    shareCell(one.sureAccuracy),
    shareCell(one.treatmentLeak),
  ]),
)}`;
}

/** What dressing-up costs; empty where it was not measured. */
export function robustnessSection({ robustness }: Metrics): Html {
  if (!robustness) return html``;
  const { rows, share, before, kinds, together } = robustness;
  const figures = (one: typeof together) => [
    shareCell(one.accuracy),
    pointsCell(one.difference),
    shareCell(one.newLeaks),
  ];
  return html`<h2 id="robustness">Dressed-up messages</h2>
<p>Senders who want to slip past a filter disguise their words. Each kind of disguise was laid over ${percent(share, 0)} of the words of ${whole(rows)} clean messages, then all of them at once. Before, ${percent(before.value)} were in the right class. Two kinds are kept out of training on purpose, so that they stand for tricks nobody has thought of yet.</p>
${table(
  'Accuracy on disguised messages, with 95% intervals',
  ['', 'kept out of training', 'right class', 'points lost or won', 'promotional that newly slips through'],
  [
    ...kinds.map((one) => [one.words, one.heldOut ? 'yes' : '', ...figures(one)]),
    { cells: [together.words, '', ...figures(together)], own: true },
  ],
)}`;
}

/** What each part of the model is worth; empty where it was not measured. */
export function ablationSection({ ablation }: Metrics): Html {
  if (!ablation) return html``;
  return html`<h2 id="ablation">What each part is worth</h2>
<p>Models were trained on ${ablation.trainedOn} (${whole(ablation.trees)} trees), once whole and once without each part, and asked about the messages of this report. Points above zero: the part makes answers better. Where the interval holds zero, these messages do not prove its worth.</p>
${table(
  'Without each part, with 95% intervals of the paired bootstrap',
  ['', 'clean', 'worth on clean', 'hard', 'worth on hard', 'leak, clean'],
  [
    {
      cells: [
        'the whole model',
        shareCell(ablation.clean.accuracy),
        '',
        shareCell(ablation.hard.accuracy),
        '',
        shareCell(ablation.clean.leak),
      ],
      own: true,
    },
    ...ablation.parts.map((part) => [
      `without ${part.words}`,
      shareCell(part.clean.accuracy),
      pointsCell(part.worthClean),
      shareCell(part.hard.accuracy),
      pointsCell(part.worthHard),
      shareCell(part.clean.leak),
    ]),
  ],
)}`;
}

/** Contributions below this are not worth a colour. */
const LEAST = 0.002;

/** A message with the words that spoke for and against it marked, the stronger the darker. */
export function markedText(text: string, reasons: readonly Reason[], longest: number): Html {
  const shown =
    text.length > longest ? `${Array.from(text.slice(0, longest)).slice(0, -1).join('')} …` : text;
  const marked = highlight(shown, reasons).filter(({ contribution }) => Math.abs(contribution) >= LEAST);
  return html`${splitAtHighlights(shown, marked).map((part) => {
    if (!part.highlight) return html`${part.text}`;
    const { contribution } = part.highlight;
    const strength = Math.abs(contribution) >= 0.05 ? 'strong' : 'weak';
    return html`<mark class="${raw(`${contribution > 0 ? 'p' : 't'} ${strength}`)}" title="${contribution > 0 ? '+' : '−'}${Math.abs(contribution).toFixed(3)} of the vote, ${contribution > 0 ? 'for promotional' : 'for transactional'}">${part.text}</mark>`;
  })}`;
}

/** What the colours of {@link markedText} mean. */
export const MARK_LEGEND: Html = html`<p class="key"><span><mark class="p strong">words</mark> spoke for promotional</span><span><mark class="t strong">words</mark> spoke for transactional</span><span><mark class="p weak">words</mark> <mark class="t weak">words</mark> a little</span></p>`;
