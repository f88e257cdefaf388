import type { Difference } from '../../train/evaluate/bootstrap.ts';
import type { LeaveSourceOut } from '../../train/leave-source-out.ts';

const TRAINED_ON = {
  sources: 'the other sources',
  'sources+corpus': 'the other sources and the authored corpus',
} as const;

/** The table of peers; what each was trained on stands above its part. Empty without peers. */
export function peerLines({ clean, hard, withCorpus, peers }: LeaveSourceOut): string[] {
  if (peers.length === 0) return [];
  const percent = (value: number | null) => (value === null ? '-' : `${(100 * value).toFixed(2)}%`);
  const points = ({ value, low, high }: Difference) => `${signed(value)} (${signed(low)} to ${signed(high)})`;
  const line = (cells: readonly string[]) =>
    cells.map((cell, at) => (at === 0 ? cell.padEnd(26) : cell.padStart(at < 3 ? 9 : 26))).join('');
  const parts = (['sources', 'sources+corpus'] as const).flatMap((data) => {
    const of = peers.filter((peer) => peer.data === data);
    if (of.length === 0) return [];
    return [
      '',
      `trained on ${TRAINED_ON[data]}${data === 'sources' && withCorpus ? ' alone' : ''}${data === 'sources+corpus' ? ' (same data as Laneway)' : ''}`,
      ...of.map((peer) =>
        line([
          peer.name,
          percent(peer.clean.accuracy.value),
          percent(peer.hard.accuracy.value),
          points(peer.aheadClean),
          points(peer.aheadHard),
        ]),
      ),
    ];
  });
  return [
    '',
    line(['', 'clean', 'hard', 'Laneway ahead, clean', 'Laneway ahead, hard']),
    `${line(['Laneway', percent(clean.accuracy.value), percent(hard?.accuracy.value ?? null)])}   trained on ${TRAINED_ON[withCorpus ? 'sources+corpus' : 'sources']}`,
    ...parts,
    '',
    '(points with 95% intervals of the paired bootstrap over the same rows)',
    ...peers
      .filter(({ data }) => data === 'sources')
      .map(({ name, words, trainedOn }) => `  ${name}: ${words}; at most ${trainedOn} rows`),
  ];
}

const signed = (value: number): string => `${value < 0 ? '' : '+'}${(100 * value).toFixed(1)}`;
