/** A place of the window that holds no value of this kind. */
const NONE = 255;

/** Histograms over the latest answers, kept up to date in constant time and memory. */
export interface SlidingWindow {
  /** @param unseenBin undefined where it was not measured */
  add(scoreBin: number, sure: boolean, unseenBin: number | undefined): void;
  readonly size: number;
  readonly scores: Uint32Array;
  readonly unseen: Uint32Array;
  readonly sure: number;
  /** Answers in the window whose unseen terms were measured. */
  readonly measured: number;
}

/** @param length answers remembered, 3 bytes each */
export function createWindow(length: number, scoreBins: number, unseenBins: number): SlidingWindow {
  const [ofScore, ofUnseen] = [new Uint8Array(length), new Uint8Array(length)];
  const wasSure = new Uint8Array(length);
  const [scores, unseen] = [new Uint32Array(scoreBins), new Uint32Array(unseenBins)];
  let [next, size, sure, measured] = [0, 0, 0, 0];

  const forget = (at: number): void => {
    scores[ofScore[at]!]!--;
    sure -= wasSure[at]!;
    if (ofUnseen[at] === NONE) return;
    unseen[ofUnseen[at]!]!--;
    measured--;
  };

  return {
    add(scoreBin, isSure, unseenBin) {
      if (size === length) forget(next);
      else size++;
      ofScore[next] = scoreBin;
      wasSure[next] = isSure ? 1 : 0;
      ofUnseen[next] = unseenBin ?? NONE;
      scores[scoreBin]!++;
      sure += wasSure[next]!;
      if (unseenBin !== undefined) {
        unseen[unseenBin]!++;
        measured++;
      }
      next = (next + 1) % length;
    },
    get size() {
      return size;
    },
    get sure() {
      return sure;
    },
    get measured() {
      return measured;
    },
    scores,
    unseen,
  };
}
