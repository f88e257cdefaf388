import { join } from 'node:path';
import { type CorpusEntry, readCorpus } from '../../data/corpus.ts';
import { corpusStats, formatStats } from '../../data/stats.ts';
import type { Encoder } from '../../models/encoder/encoder.ts';
import { parseEncoderSpec } from '../../models/encoder/index.ts';
import type { CurvePoint, LearningCurve } from '../../train/learning-curve.ts';
import type { CliContext } from './context.ts';
import { readLabelledData } from './labelled-data.ts';
import type { DataFlags } from './options.ts';
import { openPreparedEncoder } from './prepared-encoder.ts';

export interface StatsFlags extends DataFlags {
  /** Labelled file for the learning curve; default `LANEWAY_EVAL_DATA`, without either there is no curve. */
  readonly eval?: string;
  /** `words` (default) or `full`. */
  readonly model?: string;
  readonly seed?: number;
  readonly json?: boolean;
}

/** The open file's labels that are no class; `--map` overrules. */
const LABELS = { scam: 'risk', personal: 'ignore' } as const;

/** `laneway data stats`: the authored corpus in numbers, and what each thousand templates more teaches. */
export async function corpusStatsCommand(context: CliContext, flags: StatsFlags): Promise<void> {
  const corpus = readCorpus();
  const stats = corpusStats(corpus);
  if (!flags.json) context.print(formatStats(stats));
  const path = flags.eval ?? (context.env['LANEWAY_EVAL_DATA'] || undefined);
  const curve = path === undefined ? undefined : await curveOf(context, corpus, path, flags);
  if (flags.json) context.print(JSON.stringify({ ...stats, ...(curve ? { curve } : {}) }, null, 2));
  else if (curve) for (const line of curveLines(curve, path!)) context.print(line);
  else context.print('\nNo learning curve: name a labelled file with --eval FILE or LANEWAY_EVAL_DATA.');
}

async function curveOf(
  context: CliContext,
  corpus: readonly CorpusEntry[],
  path: string,
  flags: StatsFlags,
): Promise<LearningCurve> {
  const { rows } = await readLabelledData(context, path, { ...flags, map: { ...LABELS, ...flags.map } });
  // The model reads English; rows that do not say their language are taken as they are.
  const english = rows.filter(({ lang }) => lang === undefined || /^en(?:-|$)/i.test(lang));
  const { learningCurve } = await import('../../train/learning-curve.ts');
  let encoder: Encoder | undefined;
  if (flags.model === 'full') {
    const spec = parseEncoderSpec('minilm:int8');
    if (spec !== 'none') encoder = await openPreparedEncoder(context, spec);
  }
  try {
    return await learningCurve(corpus, english, {
      model: flags.model === 'full' ? 'full' : 'words',
      ...(flags.seed === undefined ? {} : { seed: flags.seed }),
      ...(encoder ? { encoder, embeddingCache: join(context.home, 'embeddings') } : {}),
      onProgress: (done, total) => context.progress.show('learning curve', done, total),
    });
  } finally {
    context.progress.end();
    await encoder?.close();
  }
}

function curveLines({ model, points }: LearningCurve, path: string): string[] {
  const percent = (value: number | null | undefined) =>
    (value === null || value === undefined ? '-' : `${(100 * value).toFixed(2)}%`).padStart(9);
  const line = ({ templates, clean, hard }: CurvePoint) =>
    `${String(templates).padStart(9)}${percent(clean.accuracy.value)}${percent(clean.leak.value)}${percent(clean.falsePositives.value)}${percent(hard?.accuracy.value)}`;
  return [
    '',
    `learning curve on ${path}, ${model === 'full' ? 'the whole model' : 'words and word pairs alone'}, templates in mixed order`,
    'templates    clean     leak    false     hard',
    ...points.map(line),
  ];
}
