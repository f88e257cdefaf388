import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readCorpus } from '../../data/corpus.ts';
import { generateRows } from '../../data/generate.ts';
import type { LabelledRow } from '../../data/read/labelled.ts';
import type { Encoder } from '../../models/encoder/encoder.ts';
import type { AblationFigures } from '../../train/evaluate/metrics.ts';
import type { CliContext } from './context.ts';
import { extraLines } from './evaluate-lines.ts';
import { readLabelledData } from './labelled-data.ts';
import { openClassifier } from './open-model.ts';
import type { DataFlags } from './options.ts';
import { keepCard } from './register-model.ts';

export interface EvaluateFlags extends DataFlags {
  readonly model?: string;
  /** Folder for the report; default `reports/<model version>`. */
  readonly out?: string;
  /** Also trains and measures plain classifiers on the authored corpus. */
  readonly baselines?: boolean;
  /** Also measures on dressed-up messages. */
  readonly robustness?: boolean;
  /** Also trains without each part of the model, on the authored corpus. */
  readonly ablation?: boolean;
  /** Trees of the models that `ablation` trains. */
  readonly trees?: number;
}

const SAMPLE_ROWS = 2_000;
const SAMPLE_SEED = 20_260_101;

/** `laneway evaluate`: figures on the screen, `metrics.json`, `card.md` and `report.html` in a folder. */
export async function evaluateCommand(context: CliContext, flags: EvaluateFlags): Promise<void> {
  const { print, progress } = context;
  const { rows, description, note } = await evaluationData(context, flags);
  const { evaluateModel } = await import('../../train/evaluate/evaluate.ts');
  const training = flags.baselines
    ? (await import('../../train/corpus-rows.ts')).corpusRows(1).rows
    : undefined;
  const { model, classifier, encoder } = await openClassifier(context, flags.model, true);
  const ablation = flags.ablation ? await ablationOf(context, rows, flags.trees, encoder) : undefined;
  const outDir = resolve(flags.out ?? join('reports', model.manifest.version));
  try {
    const metrics = await evaluateModel({
      model,
      classifier,
      rows,
      data: description,
      outDir,
      ...(training ? { training } : {}),
      ...(flags.robustness
        ? {
            robustness: {
              onProgress: (done: number, total: number) => progress.show('dressed-up messages', done, total),
            },
          }
        : {}),
      ...(ablation ? { ablation } : {}),
      onProgress: (done, total) => progress.show('evaluating', done, total),
    });
    progress.end();
    keepCard(context, model.manifest.version, readFileSync(join(outDir, 'card.md'), 'utf8'));
    if (note !== undefined) context.note(note);
    print(`model ${model.manifest.version} on ${description}`);
    print(headerLine());
    for (const part of ['clean', 'hard', 'all'] as const) print(outcomeLine(part, metrics[part]));
    print(
      '(leak: promotional taken for transactional; false positives: transactional taken for promotional)',
    );
    for (const line of extraLines(metrics)) print(line);
    print(`report ${join(outDir, 'report.html')}`);
  } finally {
    progress.end();
    await classifier.close();
  }
}

async function ablationOf(
  context: CliContext,
  rows: readonly LabelledRow[],
  trees: number | undefined,
  encoder: Encoder | undefined,
): Promise<AblationFigures> {
  const { measureAblation } = await import('../../train/ablation.ts');
  const {
    rows: corpus,
    intents,
    metadataOf,
    description,
  } = (await import('../../train/corpus-rows.ts')).corpusRows();
  return measureAblation(
    {
      rows: corpus,
      name: 'ablation',
      data: description,
      intents,
      metadataOf,
      ...(encoder ? { encoder, embeddingCache: join(context.home, 'embeddings') } : {}),
      ...(trees === undefined ? {} : { trees }),
      onProgress: (phase, done, total) => context.progress.show(`ablation: ${phase}`, done, total),
    },
    rows,
  );
}

interface Figure {
  /** 0 to 1; null where nothing was counted. */
  readonly value: number | null;
}

/** What the screen shows of one part of the rows. */
export interface ShownOutcome {
  readonly rows: number;
  readonly accuracy: Figure;
  readonly leak: Figure;
  readonly falsePositives: Figure;
}

export function headerLine(): string {
  return `${''.padEnd(8)}${'rows'.padStart(8)}${'accuracy'.padStart(12)}${'leak'.padStart(10)}${'false positives'.padStart(18)}`;
}

export function outcomeLine(name: string, { rows, accuracy, leak, falsePositives }: ShownOutcome): string {
  const share = ({ value }: Figure) => (value === null ? '-' : `${(100 * value).toFixed(2)}%`);
  return `${name.padEnd(8)}${String(rows).padStart(8)}${share(accuracy).padStart(12)}${share(leak).padStart(10)}${share(falsePositives).padStart(18)}`;
}

/** A file; without one what `LANEWAY_EVAL_DATA` names; without that a generated sample, said to be one. */
async function evaluationData(
  context: CliContext,
  flags: EvaluateFlags,
): Promise<{ rows: readonly LabelledRow[]; description: string; note?: string }> {
  const path = flags.data ?? (context.env['LANEWAY_EVAL_DATA'] || undefined);
  if (path !== undefined) {
    const { rows } = await readLabelledData(context, path, flags);
    const where = Object.entries(flags.where ?? {}).map(
      ([column, values]) => `${column}=${values.join('|')}`,
    );
    return { rows, description: [path, ...where].join(' ') };
  }
  const rows = [...generateRows(readCorpus(), { count: SAMPLE_ROWS, seed: SAMPLE_SEED, scamShare: 0.05 })];
  return {
    rows,
    description: `${SAMPLE_ROWS} messages generated from the authored corpus`,
    note: 'No --data and no LANEWAY_EVAL_DATA: measured on messages generated from the authored corpus, whose templates the shipped model was trained on. That shows that it works, not how well it does on real mail: real messages were not measured.',
  };
}
