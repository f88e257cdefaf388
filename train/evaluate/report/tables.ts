import { milliseconds, percent, percentWithInterval, unit, whole } from '../format.ts';
import type { Confusion, Group, Metrics, Outcome } from '../metrics.ts';
import type { Share } from '../statistics.ts';
import { thresholdLines } from '../words.ts';
import { type Html, html, raw } from './html.ts';

interface Row {
  readonly cells: readonly (Html | string)[];
  /** The model itself among others. */
  readonly own?: boolean;
}

/** A table that scrolls sideways by itself where the page is narrow. */
export function table(
  caption: string,
  head: readonly string[],
  rows: readonly (Row | readonly (Html | string)[])[],
): Html {
  const body = rows.map((row) => {
    const { cells, own = false } = Array.isArray(row) ? { cells: row } : (row as Row);
    const [first, ...rest] = cells;
    return html`<tr${raw(own ? ' class="own"' : '')}><th scope="row">${first ?? ''}</th>${rest.map((cell) => html`<td>${cell}</td>`)}</tr>\n`;
  });
  return html`<div class="scroll" tabindex="0"><table><caption>${caption}</caption>
<thead><tr>${head.map((cell) => html`<th scope="col">${cell}</th>`)}</tr></thead>
<tbody>
${body}</tbody></table></div>`;
}

/** A share with its interval below it. */
export function shareCell(share: Share): Html {
  if (share.value === null) return html`–`;
  return html`${percent(share.value)}<small>${percent(share.low)}–${percent(share.high)}</small>`;
}

const outcomeCells = (name: string, { rows, accuracy, leak, falsePositives }: Outcome) => [
  name,
  whole(rows),
  shareCell(accuracy),
  shareCell(leak),
  shareCell(falsePositives),
];

const OUTCOME_HEAD = ['', 'messages', 'accuracy', 'leak', 'false positives'];

/** The model's figures on all, clean and hard rows. */
export function outcomeTable({ all, clean, hard }: Metrics): Html {
  return table(
    'Accuracy, leak and false positives, with 95% intervals',
    OUTCOME_HEAD,
    [
      outcomeCells('Clean messages', clean),
      outcomeCells('Hard messages', hard),
      outcomeCells('All messages', all),
    ].filter((_, index) => [clean, hard, all][index]!.rows > 0),
  );
}

/** Beside what was published and what simple methods reach on the same messages. */
export function comparisonTable(metrics: Metrics): Html {
  const { clean, all, speed, published, baselines } = metrics;
  const own = clean.rows > 0 ? clean : all;
  return table(
    'Beside published figures and simple methods',
    ['', 'accuracy', 'leak', 'false positives', 'latency', 'messages per second'],
    [
      {
        own: true,
        cells: [
          html`This model <small>${clean.rows > 0 ? 'clean' : 'all'} messages, one process</small>`,
          percent(own.accuracy.value),
          percent(own.leak.value),
          percent(own.falsePositives.value),
          milliseconds(speed.single.p50Ms),
          whole(speed.bulk.perSecond),
        ],
      },
      ...published.map((figures) => [
        html`${figures.name} <small>other data, other machine</small>`,
        percent(figures.accuracy),
        '–',
        percent(figures.falsePositiveRate),
        milliseconds(figures.latencyMs),
        whole(figures.messagesPerSecond),
      ]),
      ...baselines.map((baseline) => {
        const outcome = clean.rows > 0 ? baseline.clean : baseline.all;
        return [
          html`${baseline.name} <small>same messages; ${whole(baseline.trainedOn)} training rows</small>`,
          percent(outcome.accuracy.value),
          percent(outcome.leak.value),
          percent(outcome.falsePositives.value),
          '–',
          '–',
        ];
      }),
    ],
  );
}

/** True class by said class; the depth of colour is the share of the true class. */
export function confusionMatrix(caption: string, { confusion, rows }: Outcome): Html {
  if (rows === 0) return html``;
  const cell = (count: number, of: number) =>
    html`<td style="background:${raw(`rgba(var(--shade),${(of === 0 ? 0 : (count / of) * 0.42).toFixed(3)})`)}"><b>${whole(count)}</b><small>${percent(of === 0 ? null : count / of)}</small></td>`;
  const row = (name: string, asTransactional: number, asPromotional: number) => {
    const of = asTransactional + asPromotional;
    return html`<tr><th scope="row">${name}</th>${cell(asTransactional, of)}${cell(asPromotional, of)}</tr>`;
  };
  const {
    transactionalAsTransactional: tt,
    transactionalAsPromotional: tp,
    promotionalAsTransactional: pt,
    promotionalAsPromotional: pp,
  }: Confusion = confusion;
  return html`<div class="scroll"><table class="matrix"><caption>${caption}</caption>
<thead><tr><th scope="col">labelled</th><th scope="col">taken for transactional</th><th scope="col">taken for promotional</th></tr></thead>
<tbody>${row('transactional', tt, tp)}${row('promotional', pt, pp)}</tbody></table></div>`;
}

export function thresholdTable(metrics: Metrics): Html {
  return table(
    'Thresholds, as P(promotional)',
    ['', 'value', 'what it does'],
    thresholdLines(metrics).map(({ name, value, does }) => [
      name,
      value,
      html`<span class="does">${does}</span>`,
    ]),
  );
}

/** What the band and the strict treatment of the unsure make of the figures. */
export function bandTable({ bands }: Metrics): Html {
  return table(
    'Band and treatment',
    ['', 'share', 'messages'],
    (
      [
        ['In the sure band, of all', bands.coverage],
        ['Right, of the sure', bands.sureAccuracy],
        ['Right, of the unsure', bands.unsureAccuracy],
        ['Promotional treated as transactional', bands.treatmentLeak],
        ['Transactional given promotional treatment', bands.overTreated],
      ] as const
    ).map(([name, share]) => [name, shareCell(share), `${whole(share.count)} of ${whole(share.of)}`]),
  );
}

export function groupTable(title: string, groups: readonly Group[]): Html {
  if (groups.length === 0) return html``;
  return table(
    title,
    OUTCOME_HEAD,
    groups.map((group) => outcomeCells(group.key, group)),
  );
}

/** Who answered, how well and how fast; and what the encoder buys. */
export function stageTable({ stages, speed }: Metrics): Html {
  const names = Object.keys(stages.shares) as (keyof typeof stages.shares)[];
  return table(
    'By stage',
    ['', 'share of messages', 'accuracy there', 'p50', 'p95', 'p99', 'messages per second'],
    [
      ...names.map((stage) => {
        const latency = speed.singleByStage[stage];
        const bulk = speed.bulkByStage[stage];
        return [
          stage,
          percent(stages.shares[stage]!.value),
          shareCell(stages.accuracy[stage]!),
          latency ? milliseconds(latency.p50Ms) : '–',
          latency ? milliseconds(latency.p95Ms) : '–',
          latency ? milliseconds(latency.p99Ms) : '–',
          bulk ? whole(bulk.perSecond) : '–',
        ];
      }),
      {
        own: true,
        cells: [
          'all',
          '100.0%',
          '',
          milliseconds(speed.single.p50Ms),
          milliseconds(speed.single.p95Ms),
          milliseconds(speed.single.p99Ms),
          whole(speed.bulk.perSecond),
        ],
      },
    ],
  );
}

/** With and without the encoder, overall and where it was asked. */
export function encoderTable({ stages, all }: Metrics): Html {
  const { sentOn, lexicalAlone } = stages;
  if (!sentOn) return html`<p class="note">The encoder was asked about no message.</p>`;
  return table(
    'What the encoder buys',
    ['', 'without it', 'with it'],
    [
      ['Accuracy, all messages', shareCell(lexicalAlone.accuracy), shareCell(all.accuracy)],
      ['Leak', shareCell(lexicalAlone.leak), shareCell(all.leak)],
      ['False positives', shareCell(lexicalAlone.falsePositives), shareCell(all.falsePositives)],
      [
        `Accuracy on the ${whole(sentOn.rows)} messages sent on`,
        shareCell(sentOn.lexicalAccuracy),
        shareCell(sentOn.semanticAccuracy),
      ],
      ['Both forests agree on those', '', percentWithInterval(sentOn.agreement)],
    ],
  );
}

export function riskTable({ risk }: Metrics): Html | undefined {
  if (!risk) return undefined;
  const { recallAt1Percent: cut } = risk;
  return table(
    'Scam and phishing risk',
    ['', 'value'],
    [
      ['Scam messages', whole(risk.scam)],
      ['Other messages', whole(risk.others)],
      ['Found at no more than 1% false alarms', percentWithInterval(cut.recall)],
      ['False alarms at that threshold', percentWithInterval(cut.falsePositives)],
      ['That threshold, as risk', unit(cut.threshold)],
      ['AUC', unit(risk.auc)],
      [
        'Would get transactional treatment by class and band',
        percentWithInterval(risk.treatedAsTransactional),
      ],
    ],
  );
}
