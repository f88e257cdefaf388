import { createReadStream } from 'node:fs';
import { userInfo } from 'node:os';
import { createInterface } from 'node:readline';
import type { Command } from 'commander';
import { LanewayError } from '../../models/base/errors.ts';
import type { CliContext } from './context.ts';
import { callServer } from './remote.ts';

/** Whom facts are about; neither: the tenant. */
interface About {
  readonly sender?: string | undefined;
  readonly recipient?: string | undefined;
}

interface SetFlags extends About {
  readonly source: string;
  readonly asOf?: string;
  readonly until?: string;
}

interface FactLine {
  readonly path: string;
  readonly value: unknown;
  readonly source: string;
  readonly asOf: string;
  readonly until: string | null;
  readonly inForce: boolean;
}

const ME = `cli:${userInfo().username}`;
/** Facts of one request at most. */
const BATCH = 1_000;

function doorOf({ sender, recipient }: About): string {
  if (sender !== undefined && recipient !== undefined) {
    throw new LanewayError('USAGE', 'a fact is about a sender or a recipient, not both');
  }
  if (sender !== undefined) return `/v1/senders/${encodeURIComponent(sender)}/facts`;
  if (recipient !== undefined) return `/v1/recipients/${encodeURIComponent(recipient)}/facts`;
  return '/v1/facts';
}

/** JSON where it is JSON, else the text itself: `true`, `34`, `{"state":"active"}`, `1 Main Street`. */
function readValue(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function print(context: CliContext, answer: unknown): void {
  for (const { path, value, source, asOf, until, inForce } of (answer as { facts: FactLine[] }).facts) {
    const end = until === null ? '' : inForce ? `, until ${until}` : `, ended ${until}`;
    context.print(`${path.padEnd(40)} ${JSON.stringify(value)}  (${source}, ${asOf}${end})`);
  }
}

async function setFact(context: CliContext, path: string, value: string, flags: SetFlags): Promise<void> {
  const { source, asOf, until } = flags;
  const fact = {
    path,
    value: readValue(value),
    source,
    ...(asOf ? { asOf } : {}),
    ...(until ? { until } : {}),
  };
  print(context, await callServer(context, 'PUT', doorOf(flags), { facts: [fact], author: ME }));
}

interface Line {
  readonly number: number;
  readonly door: string;
  readonly fact: object;
}

async function readLines(file: string): Promise<Line[]> {
  const lines: Line[] = [];
  const input = file === '-' ? process.stdin : createReadStream(file);
  let number = 0;
  for await (const text of createInterface({ input, crlfDelay: Infinity })) {
    number++;
    if (text.trim() === '') continue;
    const where = `${file}:${number}`;
    const line = readValue(text) as (About & Record<string, unknown>) | null;
    if (line === null || typeof line !== 'object' || Array.isArray(line)) {
      throw new LanewayError('FACTS_UNREADABLE', 'the line is no JSON object', {
        where,
        fix: 'One fact a line: {"sender"?, "recipient"?, "path", "value", "source", "asOf"?, "until"?}.',
      });
    }
    const { sender, recipient, ...fact } = line;
    for (const [name, held] of Object.entries({ sender, recipient })) {
      if (held === undefined || (typeof held === 'string' && held !== '')) continue;
      throw new LanewayError('FACTS_UNREADABLE', `${name} must be a text`, { where });
    }
    lines.push({ number, door: doorOf({ sender, recipient }), fact });
  }
  return lines;
}

/** Facts of one subject after another, in the order of the file; what stands before a bad line is recorded. */
async function importFacts(context: CliContext, file: string): Promise<void> {
  const lines = await readLines(file);
  let done = 0;
  for (let from = 0; from < lines.length; ) {
    const { door } = lines[from]!;
    let to = from + 1;
    while (to < lines.length && to - from < BATCH && lines[to]!.door === door) to++;
    const group = lines.slice(from, to);
    try {
      await callServer(context, 'PUT', door, { facts: group.map(({ fact }) => fact), author: ME });
    } catch (error) {
      if (!(error instanceof LanewayError)) throw error;
      const at = /\/facts\/(\d+)/.exec(error.message)?.[1];
      const number = group[Number(at ?? 0)]!.number;
      throw new LanewayError(error.code, error.message, {
        where: `${file}:${number}`,
        fix: `${done} facts before line ${group[0]!.number} are recorded. Correct the line and import the rest; stating a fact twice does no harm.`,
      });
    }
    done += group.length;
    from = to;
  }
  context.print(`${done} facts recorded`);
}

/** `laneway facts set|show|import` */
export function addFactCommands(program: Command, context: CliContext): void {
  const facts = program
    .command('facts')
    .description(
      'what rules ask and only you know: registrations, lists, profiles (asks the running server)',
    );
  const about = (command: Command): Command =>
    command
      .option('--sender <id>', 'of this sender (default: of all)')
      .option('--recipient <address>', 'of this recipient');
  about(facts.command('set'))
    .argument('<path>', 'as rules name it, e.g. sender.postalAddress, registrations.in-dlt/header')
    .argument('<value>', 'JSON, or a text')
    .requiredOption('--source <text>', 'who says so: a register, a file, a person')
    .option('--as-of <instant>', 'since when it is so, ISO 8601 (default: now)')
    .option('--until <instant>', 'until when, exclusive; a past instant withdraws it')
    .description('state a fact; the latest counts')
    .action((path: string, value: string, flags: SetFlags) => setFact(context, path, value, flags));
  about(facts.command('show'))
    .description('the latest of each path')
    .action(async (flags: About) => print(context, await callServer(context, 'GET', doorOf(flags))));
  facts
    .command('import')
    .argument('<file>', 'JSONL: {"sender"?, "recipient"?, "path", "value", "source", "asOf"?, "until"?}; -')
    .description('state many')
    .action((file: string) => importFacts(context, file));
}
