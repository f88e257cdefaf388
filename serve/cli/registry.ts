import { createReadStream, existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { parse } from 'csv-parse';
import { type CountryCode, isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { systemClock } from '../../models/base/clock.ts';
import { LanewayError } from '../../models/base/errors.ts';
import { buildRegistryFile, type RegistryEntry } from '../../pipeline/suppress/registry-build.ts';
import { openAddressKeys } from '../../pipeline/suppress/registry-format.ts';
import { DEFAULT_TENANT } from '../config.ts';
import type { CliContext } from './context.ts';
import { callServer } from './remote.ts';

export interface LoadFlags {
  readonly asOf?: string;
  readonly source?: string;
  readonly country?: string;
  readonly maxBad?: number;
  readonly force?: boolean;
}

const COLUMNS = ['recipient', 'listedSince', 'channels', 'categories', 'sectors', 'answer'];
const GROUP = 5_000;
const SHOWN_BAD = 20;
const E164 = /^\+[1-9]\d{6,14}$/;
const EMAIL = /^[^\s@]{1,64}@[^\s@]{1,255}$/;

interface Tally {
  rows: number;
  readonly bad: { line: number; message: string }[];
}

/** As messages have it: numbers in E.164, e-mail with its domain in lower case. */
function addressOf(text: string, country: CountryCode | undefined): string | undefined {
  const value = text.trim();
  if (E164.test(value)) return value;
  if (EMAIL.test(value)) {
    const at = value.lastIndexOf('@');
    return `${value.slice(0, at)}@${value.slice(at + 1).toLowerCase()}`;
  }
  return country === undefined ? undefined : parsePhoneNumberFromString(value, country)?.number;
}

const list = (text: string | undefined): string[] | undefined =>
  text === undefined || text.trim() === '' ? undefined : text.split(';').map((part) => part.trim());

function entryOf(
  record: Readonly<Record<string, string>>,
  country: CountryCode | undefined,
): RegistryEntry | string {
  const recipient = addressOf(record['recipient'] ?? '', country);
  if (recipient === undefined) return 'recipient is neither a number in E.164 form nor an e-mail address';
  const since = record['listedSince']?.trim();
  const listedSinceMs = since ? Date.parse(since) : undefined;
  if (Number.isNaN(listedSinceMs)) return 'listedSince is not a date';
  const answer = record['answer']?.trim();
  const [channels, categories, sectors] = [record['channels'], record['categories'], record['sectors']].map(
    list,
  );
  return {
    recipient,
    ...(listedSinceMs === undefined ? {} : { listedSinceMs }),
    ...(channels ? { channels } : {}),
    ...(categories ? { categories } : {}),
    ...(sectors ? { sectors } : {}),
    ...(answer ? { answer } : {}),
  };
}

/** Entries of a file in groups: CSV with a header that names `recipient`, or one address a line. */
async function* entriesOf(
  file: string,
  country: CountryCode | undefined,
  tally: Tally,
  context: CliContext,
): AsyncGenerator<RegistryEntry[]> {
  const bytes = createReadStream(file);
  const text = file.endsWith('.gz') ? bytes.pipe(createGunzip()) : bytes;
  let columns: string[] | undefined;
  const rows = text.pipe(
    parse({ bom: true, skip_empty_lines: true, relax_column_count: true, relax_quotes: true }),
  );
  let group: RegistryEntry[] = [];
  for await (const row of rows as AsyncIterable<string[]>) {
    tally.rows++;
    if (columns === undefined) {
      columns = row.some((name) => name.trim() === 'recipient') ? row.map((name) => name.trim()) : COLUMNS;
      const unknown = columns.filter((name) => !COLUMNS.includes(name));
      if (unknown.length > 0) {
        throw new LanewayError('REGISTRY_FILE_INVALID', `unknown columns ${unknown.join(', ')}`, {
          where: file,
          fix: `Columns are ${COLUMNS.join(', ')}.`,
        });
      }
      if (columns !== COLUMNS) continue;
    }
    const entry = entryOf(Object.fromEntries(columns.map((name, i) => [name, row[i] ?? ''])), country);
    if (typeof entry === 'string') tally.bad.push({ line: tally.rows, message: entry });
    else group.push(entry);
    if (group.length === GROUP) {
      yield group;
      group = [];
      context.progress.show('reading', tally.rows, tally.rows);
    }
  }
  yield group;
}

function countryOf(text: string | undefined): CountryCode | undefined {
  if (text === undefined) return undefined;
  const code = text.toUpperCase();
  if (isSupportedCountry(code)) return code;
  throw new LanewayError('USAGE', `--country ${text} is not an ISO 3166 code of two letters`);
}

/**
 * `laneway registry load NAME FILE`: builds the registry's file beside the server's and puts it in force. With too many
 * bad rows, or none at all, the copy in force stays.
 */
export async function loadRegistryCommand(
  context: CliContext,
  name: string,
  file: string,
  flags: LoadFlags,
): Promise<void> {
  if (!/^[a-z0-9][a-z0-9-]{0,63}$/.test(name))
    throw new LanewayError('USAGE', 'the name must be lower-case letters, digits and -, as rules write it');
  if (!existsSync(file)) throw new LanewayError('FILE_NOT_FOUND', 'there is no such file', { where: file });
  const nowMs = systemClock();
  const asOfMs = flags.asOf === undefined ? nowMs : Date.parse(flags.asOf);
  if (Number.isNaN(asOfMs) || asOfMs > nowMs)
    throw new LanewayError('USAGE', '--as-of must be a date of ISO 8601 that is not in the future');
  // Asked first: building a large file for a server that is not there would be in vain.
  await callServer(context, 'GET', '/v1/registries');
  const tally: Tally = { rows: 0, bad: [] };
  const folder = join(context.home, 'registries');
  const built = await buildRegistryFile(
    join(folder, DEFAULT_TENANT),
    openAddressKeys(folder),
    { name, asOfMs, source: flags.source ?? basename(file) },
    entriesOf(file, countryOf(flags.country), tally, context),
    nowMs,
  );
  context.progress.end();
  for (const { line, message } of tally.bad.slice(0, SHOWN_BAD)) context.print(`${file}:${line}: ${message}`);
  if (built.header.entries === 0)
    throw new LanewayError('REGISTRY_FILE_INVALID', 'the file has no entries', { where: file });
  if (tally.bad.length / tally.rows > (flags.maxBad ?? 0.01)) {
    throw new LanewayError(
      'TOO_MANY_BAD_ROWS',
      `${tally.bad.length} of ${tally.rows} rows are bad; the copy in force stays`,
      {
        where: file,
        fix: 'Correct them, give --country for national numbers, or allow more with --max-bad.',
      },
    );
  }
  await callServer(context, 'POST', `/v1/registries/${name}/activate`, {
    file: built.file,
    force: flags.force === true,
  });
  context.print(
    `${name}: ${built.header.entries} entries of ${new Date(asOfMs).toISOString()} in force, ${tally.bad.length} bad rows`,
  );
}

interface StatusLine {
  readonly name: string;
  readonly kind: string;
  readonly source: string | null;
  readonly asOf: string;
  readonly entries: number;
  readonly lookups?: Readonly<Record<string, number>>;
}

/** `laneway registry status` */
export async function registryStatusCommand(context: CliContext): Promise<void> {
  const { registries } = (await callServer(context, 'GET', '/v1/registries')) as { registries: StatusLine[] };
  for (const { name, kind, source, asOf, entries, lookups } of registries) {
    const asked =
      lookups === undefined
        ? ''
        : `  ${lookups['asked']} asked, ${lookups['falsePositives']} filter mistakes`;
    context.print(
      `${name.padEnd(24)}  ${kind.padEnd(5)}  ${String(entries).padStart(11)}  as of ${asOf}  ${source ?? ''}${asked}`,
    );
  }
  context.note(`${registries.length} registries`);
}

/** `laneway registry lookup RECIPIENT` */
export async function registryLookupCommand(context: CliContext, recipient: string): Promise<void> {
  const path = `/v1/registries/lookup?recipient=${encodeURIComponent(recipient)}`;
  context.print(JSON.stringify(await callServer(context, 'GET', path), null, 2));
}
