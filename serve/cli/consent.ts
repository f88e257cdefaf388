import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { basename } from 'node:path';
import { parse } from 'csv-parse';
import { systemClock } from '../../models/base/clock.ts';
import { LanewayError } from '../../models/base/errors.ts';
import type { BadRow, ImportProgress, ImportRow } from '../../pipeline/ledger/desk.ts';
import { IMPORT_COLUMNS, importEntry, REQUIRED_COLUMNS } from '../../pipeline/ledger/entry.ts';
import type { CliContext } from './context.ts';
import { openOutput } from './output.ts';
import { callServer } from './remote.ts';

export interface ImportFlags {
  readonly column?: Readonly<Record<string, string>>;
  readonly maxBad?: number;
  readonly by?: string;
  readonly dryRun?: boolean;
}

const CHUNK = 500;
const SHOWN_BAD = 20;

/** Rows of a CSV file with a header, each with its line; a record that is no CSV is a row that says so. */
async function* rowsOf(
  file: string,
  renamed: Readonly<Record<string, string>>,
): AsyncGenerator<ImportRow | BadRow> {
  const named = new Map(Object.entries(renamed).map(([own, theirs]) => [theirs, own]));
  const skipped: BadRow[] = [];
  const parser = createReadStream(file).pipe(
    parse({
      bom: true,
      info: true,
      skip_empty_lines: true,
      skip_records_with_error: true,
      columns: (header: string[]) => headerOf(header.map((name) => named.get(name.trim()) ?? name.trim())),
      on_skip: (error) => {
        skipped.push({
          line: Number(error?.['lines'] ?? 0),
          field: '',
          code: 'INVALID_CSV',
          message: error?.message.split(',')[0] ?? 'is not CSV',
        });
        return undefined;
      },
    }),
  );
  for await (const item of parser as AsyncIterable<{
    record: Record<string, string>;
    info: { lines: number };
  }>) {
    yield* skipped.splice(0);
    yield { line: item.info.lines, values: item.record };
  }
  yield* skipped;
}

function headerOf(names: string[]): string[] {
  const missing = REQUIRED_COLUMNS.filter((name) => !names.includes(name));
  const unknown = names.filter((name) => !IMPORT_COLUMNS.includes(name));
  if (missing.length === 0 && unknown.length === 0) return names;
  throw new LanewayError(
    'CONSENT_FILE_INVALID',
    [
      ...(missing.length > 0 ? [`no column ${missing.join(', ')}`] : []),
      ...(unknown.length > 0 ? [`unknown columns ${unknown.join(', ')}`] : []),
    ].join('; '),
    { fix: `Columns are ${IMPORT_COLUMNS.join(', ')}; name others with --column recipient=phone.` },
  );
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const part of createReadStream(file)) hash.update(part as Buffer);
  return hash.digest('hex');
}

const isRow = (item: ImportRow | BadRow): item is ImportRow => 'values' in item;

/** Reads the whole file without recording anything: how many rows, and which are bad. */
async function check(
  context: CliContext,
  file: string,
  flags: ImportFlags,
): Promise<{ rows: number; bad: BadRow[] }> {
  const bad: BadRow[] = [];
  let rows = 0;
  const nowMs = systemClock();
  for await (const item of rowsOf(file, flags.column ?? {})) {
    rows++;
    if (rows % 10_000 === 0) context.progress.show('checking', rows, rows);
    if (!isRow(item)) {
      bad.push(item);
      continue;
    }
    const made = importEntry('check', item.line, item.values, nowMs);
    if (!made.ok) bad.push({ line: item.line, ...made.problems[0]! });
  }
  context.progress.end();
  return { rows, bad };
}

/**
 * `laneway consent import FILE`: the file is checked as a whole first; with too many bad rows nothing of it is recorded.
 * Otherwise good rows are, bad ones are listed by line and reason. The same file again records nothing twice.
 */
export async function importConsentCommand(
  context: CliContext,
  file: string,
  flags: ImportFlags,
): Promise<void> {
  if (!existsSync(file)) {
    throw new LanewayError('FILE_NOT_FOUND', 'there is no such file', { where: file });
  }
  const maxBad = flags.maxBad ?? 0.01;
  const { rows, bad } = await check(context, file, flags);
  for (const { line, field, message } of bad.slice(0, SHOWN_BAD))
    context.print(`${file}:${line}: ${field.slice(1)} ${message}`);
  if (bad.length > SHOWN_BAD) context.print(`... and ${bad.length - SHOWN_BAD} more bad rows`);
  if (rows === 0) throw new LanewayError('CONSENT_FILE_INVALID', 'the file has no rows', { where: file });
  if (bad.length / rows > maxBad) {
    throw new LanewayError(
      'TOO_MANY_BAD_ROWS',
      `${bad.length} of ${rows} rows are bad, more than ${100 * maxBad}%; nothing was recorded`,
      { where: file, fix: 'Correct them, or allow more with --max-bad.' },
    );
  }
  if (flags.dryRun) {
    context.print(`${rows} rows, ${bad.length} bad; nothing was recorded`);
    return;
  }
  const fileHash = await hashOf(file);
  const begun = (await callServer(context, 'POST', '/v1/consent/imports', {
    fileName: basename(file),
    fileHash,
    importedBy: flags.by ?? userInfo().username,
  })) as { id: string };
  let [recorded, repeated, refused, done] = [0, 0, 0, 0];
  const flush = async (chunk: ImportRow[]): Promise<void> => {
    if (chunk.length === 0) return;
    const answer = (await callServer(context, 'POST', `/v1/consent/imports/${begun.id}/rows`, {
      rows: chunk.splice(0),
    })) as ImportProgress;
    recorded += answer.recorded;
    repeated += answer.repeated;
    refused += answer.bad.length;
    context.progress.show('recording', done, rows);
  };
  const chunk: ImportRow[] = [];
  for await (const item of rowsOf(file, flags.column ?? {})) {
    done++;
    // What is no CSV goes as an empty row: the record of the import counts it too.
    chunk.push(isRow(item) ? item : { line: Math.max(1, item.line), values: {} });
    if (chunk.length === CHUNK) await flush(chunk);
  }
  await flush(chunk);
  await callServer(context, 'POST', `/v1/consent/imports/${begun.id}/finish`);
  context.progress.end();
  context.print(
    `${begun.id}: ${recorded} recorded, ${repeated} recorded before, ${refused} bad (SHA-256 of the file ${fileHash})`,
  );
}

/** `laneway consent show RECIPIENT [--at INSTANT]` */
export async function showConsentCommand(
  context: CliContext,
  recipient: string,
  { at }: { readonly at?: string },
): Promise<void> {
  const when = at === undefined ? '' : `&at=${encodeURIComponent(at)}`;
  const path = `/v1/consent?recipient=${encodeURIComponent(recipient)}${when}`;
  context.print(JSON.stringify(await callServer(context, 'GET', path), null, 2));
}

interface EventLine {
  readonly recipient: string;
  readonly event: {
    readonly kind: string;
    readonly atMs: number;
    readonly channel: string;
    readonly purpose: string;
  };
}

async function* allEvents(context: CliContext): AsyncGenerator<EventLine> {
  let after: number | null = 0;
  while (after !== null) {
    const path = `/v1/consent/events?limit=1000&after=${after}`;
    const page = (await callServer(context, 'GET', path)) as { events: EventLine[]; next: number | null };
    yield* page.events;
    after = page.next;
  }
}

/** `laneway consent list`: the latest events, oldest of them first. */
export async function listConsentCommand(context: CliContext, limit: number): Promise<void> {
  const latest: EventLine[] = [];
  let count = 0;
  for await (const line of allEvents(context)) {
    count++;
    latest.push(line);
    if (latest.length > limit) latest.shift();
  }
  for (const { recipient, event } of latest) {
    const { kind, atMs, channel, purpose } = event;
    context.print(
      `${new Date(atMs).toISOString()}  ${recipient.padEnd(18)}  ${kind.padEnd(9)}  ${channel} ${purpose}`,
    );
  }
  context.note(count > limit ? `${count} events, the latest ${limit} shown` : `${count} events`);
}

/** `laneway consent export`: the whole ledger as JSONL, in order of arrival. */
export async function exportConsentCommand(context: CliContext, out: string): Promise<void> {
  const output = await openOutput(out);
  let count = 0;
  try {
    for await (const line of allEvents(context)) {
      if (!(await output.write(`${JSON.stringify(line)}\n`))) break;
      count++;
    }
    await output.commit();
  } catch (error) {
    await output.discard();
    throw error;
  }
  context.note(`${count} events`);
}
