import { beforeAll, describe, expect, it } from 'vitest';
import { readCorpus } from '../data/corpus.ts';
import { expandCorpus } from '../data/expand.ts';
import type { LabelledRow } from '../data/read/labelled.ts';
import { type LeaveSourceOut, leaveSourceOut } from './leave-source-out.ts';
import type { Peer } from './peers/peer.ts';
import { availablePeers } from './peers/peers.ts';

const rows: LabelledRow[] = expandCorpus(
  readCorpus().filter((_, index) => index % 40 === 0),
  1,
)
  .filter(({ label }) => label !== undefined)
  .map((row, index) => ({ ...row, source: ['a', 'b', 'c', 'd'][index % 4]! }));
const corpus = {
  rows: expandCorpus(
    readCorpus().filter((_, index) => index % 60 === 1),
    1,
  ),
  intents: new Map<string, string>(),
  metadataOf: () => undefined,
};

describe('leaving sources out, with peers', () => {
  const sawHeld: boolean[] = [];
  const seen: number[] = [];
  /** Knows the class of what it was trained on and says promotional to all else. */
  const remembers: Peer = {
    name: 'remembers',
    words: 'a table of its training rows',
    train: async (examples) => {
      const known = new Map(examples.map(({ text, label }) => [text, label]));
      seen.push(examples.length);
      return (texts) => {
        sawHeld.push(texts.some((text) => known.has(text)));
        return Float64Array.from(texts, () => 1);
      };
    },
  };
  let measured: LeaveSourceOut;
  beforeAll(async () => {
    measured = await leaveSourceOut(rows, { trees: 8, corpus, peers: [remembers] });
  });

  it('asks every peer about rows of sources it never saw, without and with the corpus', () => {
    expect(measured.folds).toHaveLength(3);
    expect(sawHeld).toEqual(new Array(6).fill(false));
    const [sources, same] = measured.peers;
    expect([sources!.data, same!.data]).toEqual(['sources', 'sources+corpus']);
    const authored = corpus.rows.filter(({ label }) => label !== undefined).length;
    expect(seen[1]! - seen[0]!).toBe(authored);
    expect(same!.trainedOn - sources!.trainedOn).toBe(authored);
  });

  it('counts the same rows for everybody', () => {
    const clean = rows.filter(({ hard }) => !hard);
    const [peer] = measured.peers;
    expect(peer!.clean.rows).toBe(clean.length);
    expect(measured.clean.rows).toBe(clean.length);
    expect(peer!.clean.leak.count).toBe(0);
    expect(peer!.clean.falsePositives.value).toBe(1);
    expect(peer!.aheadClean.value).toBeCloseTo(
      measured.clean.accuracy.value! - peer!.clean.accuracy.value!,
      12,
    );
  });
});

describe('peers without an encoder', () => {
  it('each learn the classes better than guessing', async () => {
    const slice = rows.filter((_, index) => index % 2 === 0);
    const held = rows.filter((row, index) => index % 2 === 1 && !row.hard);
    const peers = (await availablePeers({})).filter(({ name }) => !name.startsWith('natural'));
    expect(peers.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['naive-bayes', 'tfidf-logistic', 'tfidf-forest', 'ml-random-forest']),
    );
    for (const peer of peers) {
      const predict = await peer.train(
        slice.slice(0, 150).map(({ text, label }) => ({ text, label: label! })),
        { seed: 1, trees: 20 },
      );
      const said = await predict(held.map(({ text }) => text));
      const right = held.filter(({ label }, at) => said[at]! >= 0.5 === (label === 'promotional')).length;
      expect(right / held.length, peer.name).toBeGreaterThan(0.55);
    }
  });
});
