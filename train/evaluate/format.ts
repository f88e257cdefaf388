import type { Share } from './statistics.ts';

/** `94.2%`, or a dash where there is nothing to divide by. */
export function percent(value: number | null, digits = 1): string {
  return value === null ? '–' : `${(value * 100).toFixed(digits)}%`;
}

/** `94.2% (93.1 to 95.0%)`: the share and its 95% interval. */
export function percentWithInterval(share: Share): string {
  if (share.value === null) return '–';
  return `${percent(share.value)} (${(share.low! * 100).toFixed(1)} to ${percent(share.high)})`;
}

/** `12,345` */
export function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** Milliseconds to two significant digits below 10: `0.43 ms`, `2.1 ms`, `14 ms`. */
export function milliseconds(value: number): string {
  return `${value < 1 ? value.toFixed(2) : value < 10 ? value.toFixed(1) : whole(value)} ms`;
}

/** A number between 0 and 1 as it is: `0.982`. */
export function unit(value: number | null, digits = 3): string {
  return value === null ? '–' : value.toFixed(digits);
}

const LANGUAGES = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'code' });

/** `Thai (th)`; the tag alone where it is none. */
export function languageName(tag: string): string {
  try {
    const name = LANGUAGES.of(tag);
    return name === undefined || name === tag ? tag : `${name} (${tag})`;
  } catch {
    return tag;
  }
}
