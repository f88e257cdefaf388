import { closeSync, existsSync, mkdirSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** One line of the sandbox carrier's book: what it delivered, and what it said of it later. */
export type LedgerLine =
  | {
      readonly kind: 'delivered';
      readonly ref: string;
      readonly key: string;
      readonly messageId: string;
      readonly atMs: number;
    }
  | { readonly kind: 'repeat'; readonly ref: string; readonly key: string; readonly atMs: number }
  | {
      readonly kind: 'receipt';
      readonly ref: string;
      readonly status: 'delivered' | 'undelivered';
      readonly atMs: number;
    };

export interface Ledger {
  /** Written before it returns: a killed process has not forgotten what it answered. */
  append(lines: readonly LedgerLine[]): void;
  close(): void;
}

/** All whole lines of a ledger; a last one cut short by a kill is left out. */
export function readLedger(file: string): LedgerLine[] {
  if (!existsSync(file)) return [];
  const text = readFileSync(file, 'utf8');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  return whole
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as LedgerLine);
}

export function openLedger(file: string): Ledger {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  if (existsSync(file)) {
    const bytes = readFileSync(file);
    const end = bytes.lastIndexOf(0x0a) + 1;
    if (end < bytes.length) truncateSync(file, end);
  }
  const handle = openSync(file, 'a', 0o600);
  return {
    append(lines) {
      if (lines.length > 0) writeSync(handle, `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`);
    },
    close: () => closeSync(handle),
  };
}

export interface LedgerSummary {
  /** Deliveries to people. */
  readonly delivered: number;
  /** Messages that reached a person more than once. */
  readonly deliveredTwice: number;
  /** Calls that the carrier recognised as repeats and did not deliver again. */
  readonly repeatsSuppressed: number;
  readonly messageIds: ReadonlySet<string>;
}

/** Counts what a ledger says; "delivered twice" is two deliveries of one message, whatever their keys. */
export function summariseLedger(lines: readonly LedgerLine[]): LedgerSummary {
  const times = new Map<string, number>();
  let delivered = 0;
  let repeatsSuppressed = 0;
  for (const line of lines) {
    if (line.kind === 'repeat') repeatsSuppressed++;
    if (line.kind !== 'delivered') continue;
    delivered++;
    times.set(line.messageId, (times.get(line.messageId) ?? 0) + 1);
  }
  return {
    delivered,
    deliveredTwice: [...times.values()].filter((n) => n > 1).length,
    repeatsSuppressed,
    messageIds: new Set(times.keys()),
  };
}
