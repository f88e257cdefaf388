import { InvalidArgumentError } from 'commander';
import type { LabelledOptions, LabelMeaning } from '../../data/read/labelled.ts';
import { LanewayError } from '../../models/base/errors.ts';

/** `a=b,c=d`, repeatable. */
export type Pairs = Readonly<Record<string, string>>;

/** Collects `name=value` pairs of an option that may be given several times. */
export function collectPairs(value: string, before: Pairs = {}): Pairs {
  const pairs: Record<string, string> = { ...before };
  for (const part of value.split(',')) {
    const at = part.indexOf('=');
    if (at <= 0) throw new InvalidArgumentError(`"${part}" is not name=value.`);
    pairs[part.slice(0, at).trim()] = part.slice(at + 1).trim();
  }
  return pairs;
}

/** Collects `column=value` conditions; several values of one column are alternatives. */
export function collectWhere(
  value: string,
  before: Readonly<Record<string, readonly string[]>> = {},
): Readonly<Record<string, readonly string[]>> {
  const wanted: Record<string, readonly string[]> = { ...before };
  for (const [column, one] of Object.entries(collectPairs(value))) {
    wanted[column] = [...(wanted[column] ?? []), ...one.split('|')];
  }
  return wanted;
}

/** A whole number in a range, as commander parses options. */
export function wholeNumber(min: number, max: number): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (!/^-?\d+$/.test(value.trim()) || number < min || number > max) {
      throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
    }
    return number;
  };
}

/** A share, 0 to 1. */
export function share(value: string): number {
  const number = Number(value);
  if (value.trim() === '' || !(number >= 0 && number <= 1)) {
    throw new InvalidArgumentError('It must be a number from 0 to 1.');
  }
  return number;
}

const MEANINGS: readonly string[] = ['transactional', 'promotional', 'risk', 'ignore'];

/** Options that every command takes that reads labelled data. */
export interface DataFlags {
  readonly data?: string;
  readonly format?: string;
  readonly encoding?: string;
  readonly column?: Pairs;
  readonly map?: Pairs;
  readonly where?: Readonly<Record<string, readonly string[]>>;
  readonly maxBad?: number;
}

/** @throws LanewayError `OPTION_INVALID` */
export function labelledOptions(flags: DataFlags): LabelledOptions {
  for (const [label, meaning] of Object.entries(flags.map ?? {})) {
    if (MEANINGS.includes(meaning)) continue;
    throw new LanewayError(
      'OPTION_INVALID',
      `--map ${label}=${meaning}: a label can mean ${MEANINGS.join(', ')}`,
      {
        fix: `Write for example --map ${label}=promotional`,
      },
    );
  }
  return {
    ...readOptions(flags),
    ...(flags.column ? { columns: flags.column } : {}),
    ...(flags.map ? { map: flags.map as Readonly<Record<string, LabelMeaning>> } : {}),
    ...(flags.where ? { where: flags.where } : {}),
    ...(flags.maxBad === undefined ? {} : { maxBad: flags.maxBad }),
  };
}

/** @throws LanewayError `OPTION_INVALID` */
export function readOptions(flags: Pick<DataFlags, 'format' | 'encoding'>): {
  format?: 'csv' | 'jsonl';
  encoding?: string;
} {
  const { format, encoding } = flags;
  if (format !== undefined && format !== 'csv' && format !== 'jsonl') {
    throw new LanewayError('OPTION_INVALID', `--format ${format}: the formats are csv and jsonl`);
  }
  return { ...(format ? { format } : {}), ...(encoding ? { encoding } : {}) };
}
