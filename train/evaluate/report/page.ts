import type { Answered } from '../figures.ts';
import { percent, unit, whole } from '../format.ts';
import type { Metrics } from '../metrics.ts';
import type { Share } from '../statistics.ts';
import { findings, glance, limits, TERMS } from '../words.ts';
import {
  calibrationChart,
  figure,
  histogramChart,
  precisionRecallChart,
  rocChart,
  sweepChart,
} from './charts.ts';
import { type Html, html, raw } from './html.ts';
import { ablationSection, languageSection, MARK_LEGEND, markedText, robustnessSection } from './sections.ts';
import { STYLE } from './style.ts';
import {
  bandTable,
  comparisonTable,
  confusionMatrix,
  encoderTable,
  groupTable,
  outcomeTable,
  riskTable,
  stageTable,
  thresholdTable,
} from './tables.ts';

/**
 * The report as one HTML page that asks nothing of any host: no script, no font, no picture from elsewhere, and a
 * content security policy that says so.
 *
 * @param mistakes rows with text and reasons, in the order of `metrics.mistakes`
 */
export function renderReport(metrics: Metrics, mistakes: readonly Answered[]): string {
  const { model, data } = metrics;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
<title>Evaluation of ${model.version}</title>
<style>${raw(STYLE)}</style>
</head>
<body>
<main>
<h1>Evaluation of ${model.version}</h1>
<p class="sub">How well the model tells transactional from promotional messages. Measured ${metrics.measuredAt.slice(0, 16).replace('T', ' ')} UTC on ${whole(data.labelled)} labelled messages: ${data.description}.</p>
${contents(metrics)}
${tiles(metrics)}
<h2 id="summary">In short</h2>
${atAGlance(metrics)}
${findings(metrics).map((sentence) => html`<p${raw(sentence.startsWith('Caution') ? ' class="warn"' : '')}>${sentence}</p>\n`)}
<h2 id="accuracy">Accuracy and mistakes</h2>
${outcomeTable(metrics)}
${comparisonTable(metrics)}
${baselineNotes(metrics)}
<div class="charts">
${confusionMatrix('Confusion matrix, clean messages', metrics.clean)}
${confusionMatrix('Confusion matrix, hard messages', metrics.hard)}
${confusionMatrix('Confusion matrix, all messages', metrics.all)}
</div>
<h2 id="probabilities">Probabilities</h2>
${charts(metrics)}
<h2 id="thresholds">Thresholds and treatment</h2>
<p>Letting a promotional message through as transactional is taken to cost ten times as much as the reverse. Where the cost of being wrong speaks against either answer, the band is unsure and the message gets promotional treatment.</p>
${thresholdTable(metrics)}
${bandTable(metrics)}
<h2 id="speed">Stages and speed</h2>
<p>Latency: one message at a time with reasons (${whole(metrics.speed.single.messages)} messages). Messages per second: batches of ${metrics.speed.bulk.batch} without reasons (${whole(metrics.speed.bulk.messages)} messages). No cache, one process, ${metrics.machine.cpu}, ${metrics.machine.cores} cores, Node ${metrics.machine.node}.</p>
${stageTable(metrics)}
${encoderTable(metrics)}
${groups(metrics)}
${languageSection(metrics)}
${robustnessSection(metrics)}
${ablationSection(metrics)}
${riskSection(metrics)}
<h2 id="mistakes">Worst mistakes</h2>
${mistakeSection(mistakes)}
<h2 id="model">Where the model comes from</h2>
${provenance(metrics)}
<h2 id="limits">What these figures do not show</h2>
<ul>${limits(metrics).map((limit) => html`<li><p>${limit}</p></li>`)}</ul>
<h2 id="terms">Terms</h2>
<dl>${TERMS.map(([term, meaning]) => html`<dt>${term}</dt><dd>${meaning}</dd>\n`)}</dl>
</main>
</body>
</html>
`.markup;
}

/** What a reader of the report looks for, with the section that has it. */
function contents({ languages = [], robustness, ablation, risk }: Metrics): Html {
  const entries: (readonly [string, string])[] = [
    ['summary', 'In short'],
    ['accuracy', 'Accuracy and mistakes'],
    ['probabilities', 'Probabilities'],
    ['thresholds', 'Thresholds and treatment'],
    ['speed', 'Stages and speed'],
    ...(languages.length > 1 ? ([['languages', 'By language']] as const) : []),
    ...(robustness ? ([['robustness', 'Dressed-up messages']] as const) : []),
    ...(ablation ? ([['ablation', 'What each part is worth']] as const) : []),
    ...(risk ? ([['risk', 'Scam risk']] as const) : []),
    ['mistakes', 'Worst mistakes'],
    ['model', 'Where the model comes from'],
    ['limits', 'What these figures do not show'],
    ['terms', 'Terms'],
  ];
  return html`<nav aria-label="Contents">${entries.map(([id, title]) => html`<a href="#${id}">${title}</a> `)}</nav>`;
}

/** The four questions of a reader who has to answer for the model. */
function atAGlance(metrics: Metrics): Html {
  return html`<dl class="glance">${glance(metrics).map(
    ([question, answer]) => html`<dt>${question}</dt><dd>${answer}</dd>
`,
  )}</dl>`;
}

function tiles({ clean, all, bands }: Metrics): Html {
  const [outcome, which] = clean.rows > 0 ? [clean, 'clean messages'] : [all, 'all messages'];
  const tile = (name: string, share: Share, note: string) =>
    html`<div class="tile"><span>${name}</span><b>${percent(share.value)}</b><span>${share.value === null ? 'no such message' : `95% interval ${percent(share.low)} to ${percent(share.high)}`}</span><span>${note}</span></div>\n`;
  return html`<div class="tiles">
${tile('Accuracy', outcome.accuracy, which)}
${tile('Leak', outcome.leak, 'promotional taken for transactional')}
${tile('False positives', outcome.falsePositives, 'transactional taken for promotional')}
${tile('Treatment leak', bands.treatmentLeak, 'promotional handled as transactional, all messages')}
</div>`;
}

function baselineNotes({ baselines }: Metrics): Html {
  return html`<p class="note">Published figures were measured by their authors on other messages and machines; they give an order of size, not a contest.${baselines.map(({ name, description }) => ` ${name}: ${description}.`)}</p>`;
}

function charts(metrics: Metrics): Html {
  const { ranking, calibration, hard, clean } = metrics;
  const both = hard.rows > 0 && clean.rows > 0 && ranking.clean && ranking.hard;
  const keys = both
    ? ([
        ['promotional', 'all messages'],
        ['transactional', 'clean messages'],
      ] as const)
    : [];
  const classes = [
    ['promotional', 'promotional'],
    ['transactional', 'transactional'],
  ] as const;
  const score = (all: number | undefined, cleanOnly: number | undefined) =>
    `${unit(all ?? null)} on all${both ? `, ${unit(cleanOnly ?? null)} on clean messages` : ' messages'}`;
  return html`<div class="charts">
${figure('ROC curve', rocChart(metrics), `Area (AUC) ${score(ranking.all?.auc, ranking.clean?.auc)}. The nearer to the upper left corner the better; the dashed line is chance.`, keys)}
${figure('Precision and recall', precisionRecallChart(metrics), `Average precision ${score(ranking.all?.averagePrecision, ranking.clean?.averagePrecision)}. The nearer to the upper right corner the better.`, keys)}
${figure('Calibration', calibrationChart(metrics), `Calibration error (ECE) ${unit(calibration.ece)}, Brier score ${unit(calibration.brier)}. Each dot is a fifteenth of the messages; on the dashed line what is said is what happens.`)}
${figure('Probability by class', histogramChart(metrics), 'Each class adds up to 100%. What lies in the middle is hard to tell.', classes)}
${figure(
  'Other decision thresholds',
  sweepChart(metrics),
  'A higher threshold lets more promotional mail through and takes less transactional mail for promotional.',
  [
    ['promotional', 'leak'],
    ['transactional', 'false positives'],
  ],
)}
</div>`;
}

function groups({ by }: Metrics): Html {
  const tables = [
    groupTable('By source', by.source),
    groupTable('By industry', by.industry),
    groupTable('By channel', by.channel),
    groupTable('By locale', by.locale),
  ];
  if (tables.every(({ markup }) => markup === '')) return html``;
  return html`<h2 id="groups">By source, industry, channel and locale</h2>
<p>Small groups have wide intervals. A group with one class has no figure for the other.</p>
${tables}`;
}

function riskSection(metrics: Metrics): Html {
  const figures = riskTable(metrics);
  if (!figures) return html``;
  return html`<h2 id="risk">Scam risk</h2>
<p>The risk output feeds the content filter and never changes the class.</p>
${figures}`;
}

const LONGEST_TEXT = 600;

function mistakeSection(mistakes: readonly Answered[]): Html {
  if (mistakes.length === 0) return html`<p>None: every labelled message was put in its class.</p>`;
  const column = (label: string, title: string) => {
    const of = mistakes.filter(({ row }) => row.label === label);
    return html`<div><h3>${title}</h3>${of.length === 0 ? html`<p>None.</p>` : of.map(mistake)}</div>\n`;
  };
  return html`<p>The mistakes the model was surest of, each text once, with what spoke for its answer marked in the text and listed below it. The text is shown as it stands in the data; treat this page as confidentially as the messages.</p>
${MARK_LEGEND}
<div class="mistakes">
${column('promotional', 'Promotional taken for transactional (leak)')}
${column('transactional', 'Transactional taken for promotional')}
</div>`;
}

/** Reasons shown of a mistake; `bias` and `rest` are sums that tell nothing of the message. */
const SHOWN_REASONS = 5;

function mistake({ row, verdict }: Answered): Html {
  const facts = [
    `line ${row.line}`,
    ...(row.source === undefined ? [] : [row.source]),
    ...(row.hard ? ['marked hard'] : []),
    `P(promotional) ${unit(verdict.probability)}`,
    verdict.band,
    verdict.stage,
  ];
  const reasons = verdict.reasons
    .filter(({ feature }) => feature !== 'bias' && feature !== 'rest')
    .slice(0, SHOWN_REASONS)
    .map(
      ({ text: words, contribution }) =>
        html`<li>${words} <span class="${contribution > 0 ? 'for-p' : 'for-t'}">${contribution > 0 ? '+' : '−'}${Math.abs(contribution).toFixed(3)} ${contribution > 0 ? 'promotional' : 'transactional'}</span></li>`,
    );
  return html`<div class="mistake"><p>${markedText(row.text, verdict.reasons, LONGEST_TEXT)}</p><p class="facts">${facts.join(' · ')}</p>${reasons.length > 0 ? html`<ul>${reasons}</ul>` : ''}</div>`;
}

function provenance({ model, data }: Metrics): Html {
  const facts: (readonly [string, string])[] = [
    ['Version', model.version],
    ['SHA-256 of the model', model.sha256],
    [
      'Kind',
      `Calibrated random forest of ${model.training.trees} trees over learned heads and counted signals`,
    ],
    ['Encoder', model.encoderId ?? 'none: words, spelling and signals only'],
    ['Trained on', model.training.data],
    [
      'Training rows',
      `${whole(model.training.rows)}, ${whole(model.training.distinct)} of them distinct, in ${whole(model.training.groups)} groups that were never torn apart`,
    ],
    ['Seed', String(model.training.seed)],
    ...Object.entries(model.outOfFold).map(
      ([name, value]) => [`Out of fold: ${name}`, String(Number(value.toFixed(4)))] as const,
    ),
    ['Measured on', data.description],
    [
      'Rows measured',
      `${whole(data.rows)}: ${whole(data.promotional)} promotional, ${whole(data.transactional)} transactional, ${whole(data.scam)} scam; ${whole(data.hard)} marked hard; ${whole(data.distinctTexts)} distinct texts`,
    ],
    ...(data.seenInTraining === undefined
      ? []
      : [['Also in the training data', `${whole(data.seenInTraining)} rows`] as const]),
  ];
  return html`<dl>${facts.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>\n`)}</dl>`;
}
