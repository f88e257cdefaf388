import type { LabelledRow } from '../../data/read/labelled.ts';
import { LanewayError } from '../../models/base/errors.ts';
import { balancedSample } from '../baselines/baselines.ts';
import type { Example } from '../baselines/example.ts';
import { trainNaturalBayes, trainNaturalLogistic } from '../baselines/natural.ts';
import { trainTfidfLogistic as trainCanonicalLogistic } from '../baselines/tfidf.ts';
import { hasFastText, trainFastText } from './fasttext.ts';
import { trainMlRandomForest, trainPublishedRecipe, trainTfidfForest } from './forests.ts';
import { trainEmbeddingLogistic, trainNaiveBayes, trainTfidfLogistic } from './linear.ts';
import type { Peer, PeerContext, PeerPredict } from './peer.ts';

const ALL: readonly Peer[] = [
  {
    name: 'naive-bayes',
    words: 'multinomial naive Bayes on words and word pairs',
    train: trainNaiveBayes,
  },
  {
    name: 'tfidf-logistic',
    words: 'TF-IDF of words and word pairs, logistic regression',
    train: trainTfidfLogistic,
  },
  {
    name: 'canonical-tfidf-logistic',
    words: "the same on Laneway's canonical text",
    train: async (examples) => trainCanonicalLogistic(examples),
  },
  {
    name: 'tfidf-forest',
    words: 'random forest on TF-IDF, grown as scikit-learn does',
    train: trainTfidfForest,
  },
  {
    name: 'embedding-logistic',
    words: '768-d embedding, logistic regression',
    needsEncoder: true,
    train: trainEmbeddingLogistic,
  },
  {
    name: 'published-recipe',
    words: 'the published recipe: random forest on TF-IDF and the raw 768-d embedding',
    needsEncoder: true,
    train: trainPublishedRecipe,
  },
  {
    name: 'natural-bayes',
    words: 'naive Bayes of `natural` on Porter stems (slow: a sample)',
    mostRows: 400,
    train: async (examples) => trainNaturalBayes(examples),
  },
  {
    name: 'natural-logistic',
    words: 'logistic regression of `natural` on Porter stems (slow: a sample)',
    mostRows: 60,
    train: async (examples) => trainNaturalLogistic(examples),
  },
  {
    name: 'ml-random-forest',
    words: '`ml-random-forest`, 20 trees on the 200 most frequent terms (slow: a sample)',
    mostRows: 600,
    train: trainMlRandomForest,
  },
];

const FASTTEXT: Peer = {
  name: 'fasttext',
  words: 'fastText with word pairs',
  train: trainFastText,
};

/** The peers that can be trained here: those with an encoder need one, fastText needs its program. */
export async function availablePeers(context: Pick<PeerContext, 'encoder'>): Promise<Peer[]> {
  const peers = ALL.filter(({ needsEncoder }) => !needsEncoder || context.encoder !== undefined);
  return (await hasFastText()) ? [...peers, FASTTEXT] : peers;
}

/** A trained peer and how many rows it had. */
export interface TrainedPeer {
  readonly predict: PeerPredict;
  readonly trainedOn: number;
}

/**
 * Trains a peer on the rows that have a class, on a balanced sample of them where it is too slow for all.
 *
 * @throws LanewayError `TRAIN_ONE_CLASS`
 */
export async function trainPeer(
  peer: Peer,
  rows: readonly LabelledRow[],
  context: PeerContext,
): Promise<TrainedPeer> {
  const labelled = rows.filter((row): row is LabelledRow & Example => row.label !== undefined);
  const examples = balancedSample(labelled, peer.mostRows ?? Number.POSITIVE_INFINITY, context.seed);
  for (const label of ['promotional', 'transactional'] as const) {
    if (examples.some((example) => example.label === label)) continue;
    throw new LanewayError('TRAIN_ONE_CLASS', `${peer.name} needs ${label} messages and there are none`, {
      fix: 'Check the label column and --map.',
    });
  }
  return { predict: await peer.train(examples, context), trainedOn: examples.length };
}
