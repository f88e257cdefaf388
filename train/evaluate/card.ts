import { milliseconds, percent, percentWithInterval, unit, whole } from './format.ts';
import type { Metrics, Outcome } from './metrics.ts';
import { findings, limits, thresholdLines } from './words.ts';

/** The model card (Mitchell et al. 2019): what the model is, what it was measured on, its figures and its limits. */
export function renderCard(metrics: Metrics): string {
  const { model, data, ranking, calibration, bands, stages, speed, risk } = metrics;
  const parts = [
    `# ${inline(model.version)}`,
    'Tells transactional from promotional business messages. Positive means promotional.',
    findings(metrics)
      .map((sentence) => inline(sentence))
      .join('\n\n'),
    '## Model',
    table(
      ['', ''],
      [
        ['Version', model.version],
        ['SHA-256 of the model', model.sha256],
        ['Kind', `Calibrated random forest of ${model.training.trees} trees over learned heads and signals`],
        ['Encoder', model.encoderId ?? 'none: words, spelling and signals only'],
        ['Trained on', model.training.data],
        [
          'Training rows',
          `${whole(model.training.rows)} (${whole(model.training.distinct)} distinct, ${whole(model.training.groups)} groups)`,
        ],
        ['Seed', String(model.training.seed)],
        ...Object.entries(model.outOfFold).map(([name, value]) => [
          `Out of fold: ${name}`,
          String(Number(value.toFixed(4))),
        ]),
      ],
    ),
    '## Data measured on',
    table(
      ['', ''],
      [
        ['Data', data.description],
        [
          'Rows',
          `${whole(data.rows)}: ${whole(data.promotional)} promotional, ${whole(data.transactional)} transactional, ${whole(data.scam)} scam`,
        ],
        ['Hard', whole(data.hard)],
        ['Distinct texts', whole(data.distinctTexts)],
        ...(data.seenInTraining === undefined
          ? []
          : [['Also in the training data', whole(data.seenInTraining)]]),
        ['Measured', metrics.measuredAt],
      ],
    ),
    '## Figures',
    table(
      ['', 'rows', 'accuracy', 'leak', 'false positives'],
      [
        ['all', metrics.all] as const,
        ['clean', metrics.clean] as const,
        ['hard', metrics.hard] as const,
        ['word-based forest alone', stages.lexicalAlone] as const,
        ...metrics.baselines.map((baseline) => [`${baseline.name} (clean)`, baseline.clean] as const),
      ].map(([name, outcome]) => outcomeRow(name, outcome)),
    ),
    'Shares with 95% Wilson intervals.',
    table(
      ['', 'value'],
      [
        ['AUC, all', unit(ranking.all?.auc ?? null, 4)],
        ['AUC, clean', unit(ranking.clean?.auc ?? null, 4)],
        ['Average precision, all', unit(ranking.all?.averagePrecision ?? null, 4)],
        ['Average precision, clean', unit(ranking.clean?.averagePrecision ?? null, 4)],
        ['Expected calibration error', unit(calibration.ece, 4)],
        ['Brier score', unit(calibration.brier, 4)],
        ['Sure band, share of messages', percentWithInterval(bands.coverage)],
        ['Accuracy when sure', percentWithInterval(bands.sureAccuracy)],
        ['Accuracy when unsure', percentWithInterval(bands.unsureAccuracy)],
        ['Promotional treated as transactional', percentWithInterval(bands.treatmentLeak)],
        ['Transactional given promotional treatment', percentWithInterval(bands.overTreated)],
        ...Object.entries(stages.shares).map(([stage, share]) => [
          `Answered by ${stage}`,
          percent(share.value),
        ]),
        ...(stages.sentOn
          ? [
              ['Both forests agree where the encoder was asked', percent(stages.sentOn.agreement.value)],
              ['There: accuracy without the encoder', percent(stages.sentOn.lexicalAccuracy.value)],
              ['There: accuracy with it', percent(stages.sentOn.semanticAccuracy.value)],
            ]
          : []),
        ...(risk
          ? [
              ['Scam messages', whole(risk.scam)],
              ['Scam found at 1% false alarms', percentWithInterval(risk.recallAt1Percent.recall)],
              ['AUC of the scam risk', unit(risk.auc, 4)],
              [
                'Scam that would get transactional treatment',
                percentWithInterval(risk.treatedAsTransactional),
              ],
            ]
          : []),
        [
          'Latency of one message, p50 / p95 / p99',
          [speed.single.p50Ms, speed.single.p95Ms, speed.single.p99Ms].map(milliseconds).join(' / '),
        ],
        ['Throughput in batches, messages/s', whole(speed.bulk.perSecond)],
        ...Object.entries(speed.bulkByStage).map(([stage, figures]) => [
          `Throughput, ${stage}, messages/s`,
          whole(figures.perSecond),
        ]),
      ],
    ),
    '## Against published figures',
    table(
      ['', 'accuracy', 'false positives', 'latency', 'messages/s'],
      [
        [
          'this model, clean',
          percent(metrics.clean.accuracy.value),
          percent(metrics.clean.falsePositives.value),
          milliseconds(speed.single.p50Ms),
          whole(speed.bulk.perSecond),
        ],
        ...metrics.published.map((figures) => [
          figures.name,
          percent(figures.accuracy),
          percent(figures.falsePositiveRate),
          milliseconds(figures.latencyMs),
          whole(figures.messagesPerSecond),
        ]),
      ],
    ),
    'Published figures were measured by others on other data and machines.',
    '## Thresholds',
    table(
      ['', 'P(promotional)', 'what it does'],
      thresholdLines(metrics).map(({ name, value, does }) => [name, value, does]),
    ),
    '## Limits',
    limits(metrics)
      .map((limit) => `- ${inline(limit)}`)
      .join('\n'),
  ];
  return `${parts.join('\n\n')}\n`;
}

function outcomeRow(name: string, { rows, accuracy, leak, falsePositives }: Outcome): string[] {
  return [name, whole(rows), ...[accuracy, leak, falsePositives].map(percentWithInterval)];
}

/** A Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(inline).join(' | ')} |`;
  return [line(head), `| ${head.map(() => '---').join(' | ')} |`, ...rows.map(line)].join('\n');
}

/** Text that stays one line and starts no Markdown or HTML of its own. */
export function inline(text: string): string {
  return text.replace(/[\r\n]+/g, ' ').replace(/[\\|<>`*_[\]]/g, (mark) => `\\${mark}`);
}
