import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { LanewayError, messageOf } from '../../models/base/errors.ts';
import type { CliContext } from './context.ts';
import { wholeNumber } from './options.ts';
import { callServer } from './remote.ts';

/** Options that choose dead letters. */
export interface DlqFilter {
  readonly code?: string;
  readonly lane?: string;
  readonly provider?: string;
  readonly since?: string;
  readonly before?: string;
  readonly transient?: boolean;
  readonly permanent?: boolean;
}

interface Letter {
  readonly messageId: string;
  readonly code: string;
  readonly detail: string;
  readonly lane: string;
  readonly attempts: number;
  readonly provider: string | null;
  readonly transient: boolean;
  readonly at: string;
}

function filterOf({ code, lane, provider, since, before, transient, permanent }: DlqFilter) {
  return {
    ...(code ? { code } : {}),
    ...(lane ? { lane } : {}),
    ...(provider ? { provider } : {}),
    ...(since ? { since } : {}),
    ...(before ? { before } : {}),
    ...(transient ? { transient: true } : permanent ? { transient: false } : {}),
  };
}

const ME = `cli:${userInfo().username}`;

function printLetters(context: CliContext, letters: readonly Letter[]): void {
  for (const { messageId, lane, code, detail, attempts, provider, at } of letters) {
    const where = provider === null ? '' : ` at ${provider}`;
    context.print(
      `${at}  ${messageId}  ${lane.padEnd(13)}  ${attempts} attempts${where}  ${code}: ${detail}`,
    );
  }
  context.note(`${letters.length} dead letters`);
}

/** `laneway dlq list` */
export async function listDeadLettersCommand(
  context: CliContext,
  flags: DlqFilter & { readonly limit: number },
): Promise<void> {
  const query = new URLSearchParams({ limit: String(flags.limit) });
  for (const [name, value] of Object.entries(filterOf(flags))) query.set(name, String(value));
  const answer = await callServer(context, 'GET', `/v1/dead-letters?${query}`);
  printLetters(context, (answer as { deadLetters: Letter[] }).deadLetters);
}

/** `laneway dlq redrive [ID...] [--all]` */
export async function redriveCommand(
  context: CliContext,
  ids: readonly string[],
  flags: DlqFilter & { readonly all?: boolean; readonly rate: number; readonly limit?: number },
): Promise<void> {
  const answer = await callServer(context, 'POST', '/v1/dead-letters/redrive', {
    ...filterOf(flags),
    ...(ids.length > 0 ? { ids } : {}),
    ...(flags.all ? { all: true } : {}),
    ...(flags.limit === undefined ? {} : { limit: flags.limit }),
    perSecond: flags.rate,
    actor: ME,
  });
  const { redriven } = answer as { redriven: string[] };
  for (const id of redriven) context.print(id);
  context.note(`${redriven.length} go once more, ${flags.rate} a second`);
}

/** `laneway dlq discard [ID...] --reason TEXT` */
export async function discardCommand(
  context: CliContext,
  ids: readonly string[],
  flags: DlqFilter & { readonly all?: boolean; readonly reason: string },
): Promise<void> {
  const answer = await callServer(context, 'POST', '/v1/dead-letters/discard', {
    ...filterOf(flags),
    ...(ids.length > 0 ? { ids } : {}),
    ...(flags.all ? { all: true } : {}),
    reason: flags.reason,
    actor: ME,
  });
  const { discarded } = answer as { discarded: string[] };
  for (const id of discarded) context.print(id);
  context.note(`${discarded.length} discarded`);
}

interface Lane {
  readonly lane: string;
  readonly state: string;
  readonly reason: string | null;
  readonly actor: string;
  readonly since: string | null;
  readonly open: number;
  readonly due: number;
}

function printLane(context: CliContext, { lane, state, reason, actor, since, open, due }: Lane): void {
  const said = since === null ? '' : `  since ${since} by ${actor}${reason === null ? '' : `: ${reason}`}`;
  context.print(`${lane.padEnd(13)}  ${state.padEnd(8)}  ${open} open, ${due} waiting for a time${said}`);
}

const filtered = (command: Command): Command =>
  command
    .option('--code <code>', 'why it died, e.g. UNREACHABLE_NUMBER')
    .option('--lane <lane>', 'transactional or promotional')
    .option('--provider <name>', 'who was called last')
    .option('--since <instant>', 'died at or after, ISO 8601')
    .option('--before <instant>', 'died before, ISO 8601')
    .option('--transient', 'only those that used up their attempts')
    .option('--permanent', 'only those refused for good');

/** `laneway dlq ...` */
export function addDlqCommands(program: Command, context: CliContext): void {
  const dlq = program
    .command('dlq')
    .description('messages that could not be delivered (asks the running server)');
  filtered(dlq.command('list'))
    .option('--limit <n>', 'newest first', wholeNumber(1, 1_000), 100)
    .description('dead letters with their reason')
    .action((flags: DlqFilter & { limit: number }) => listDeadLettersCommand(context, flags));
  dlq
    .command('inspect')
    .argument('<id>', 'message id')
    .description('all that is known of one: deaths, timeline, attempts, decision records (JSON)')
    .action(async (id: string) => {
      const answer = await callServer(context, 'GET', `/v1/dead-letters/${encodeURIComponent(id)}`);
      context.print(JSON.stringify(answer, null, 2));
    });
  dlq
    .command('receive')
    .option('--limit <n>', 'oldest first', wholeNumber(1, 100), 10)
    .option('--hide <seconds>', 'from the next one who asks', wholeNumber(1, 43_200), 300)
    .description('take dead letters to look at')
    .action(async ({ limit, hide }: { limit: number; hide: number }) => {
      const request = { limit, visibilitySeconds: hide };
      const answer = await callServer(context, 'POST', '/v1/dead-letters/receive', request);
      printLetters(context, (answer as { deadLetters: Letter[] }).deadLetters);
    });
  filtered(dlq.command('redrive'))
    .argument('[ids...]', 'message ids')
    .option('--all', 'every dead letter')
    .option('--rate <n>', 'messages a second', wholeNumber(1, 1_000), 50)
    .option('--limit <n>', 'at most so many, oldest first', wholeNumber(1, 100_000))
    .description('send dead letters through the pipeline once more: ids, a filter, or --all')
    .action((ids: string[], flags: DlqFilter & { all?: boolean; rate: number; limit?: number }) =>
      redriveCommand(context, ids, flags),
    );
  filtered(dlq.command('discard'))
    .argument('[ids...]', 'message ids')
    .option('--all', 'every dead letter')
    .requiredOption('--reason <text>', 'kept on the audit trail')
    .description('take dead letters off the list for good: ids, a filter, or --all')
    .action((ids: string[], flags: DlqFilter & { all?: boolean; reason: string }) =>
      discardCommand(context, ids, flags),
    );
}

/** `laneway archive SQL` */
export function addArchiveCommand(program: Command, context: CliContext): void {
  program
    .command('archive')
    .argument('<sql>', 'of archived_messages, archived_events, archived_attempts')
    .description('ask the archives of settled messages; one JSON line a row')
    .action(async (sql: string) => {
      const { queryArchives } = await import('../../pipeline/archive/files.ts');
      let rows: Record<string, unknown>[];
      try {
        rows = await queryArchives(join(context.home, 'archive'), sql);
      } catch (error) {
        throw new LanewayError('ARCHIVE_QUERY_FAILED', messageOf(error), {
          fix: 'Tables are archived_messages, archived_events and archived_attempts; see docs/pipeline.md.',
        });
      }
      for (const row of rows) context.print(JSON.stringify(row));
    });
}

/** `laneway lanes ...` */
export function addLaneCommands(program: Command, context: CliContext): void {
  const lanes = program.command('lanes').description('pause, drain, resume a lane (asks the running server)');
  lanes
    .command('list', { isDefault: true })
    .description('how they stand and what is in them')
    .action(async () => {
      const answer = (await callServer(context, 'GET', '/v1/lanes')) as { lanes: Lane[] };
      for (const lane of answer.lanes) printLane(context, lane);
    });
  for (const [name, state, does] of [
    ['pause', 'paused', 'take nothing out of it; what comes in waits'],
    ['drain', 'draining', 'take nothing new in; what is in it goes out'],
    ['resume', 'running', 'let it run again'],
  ] as const) {
    lanes
      .command(name)
      .argument('<lane>', 'transactional or promotional')
      .option('--reason <text>', 'kept on the audit trail')
      .description(does)
      .action(async (lane: string, { reason }: { reason?: string }) => {
        const request = { state, actor: ME, ...(reason ? { reason } : {}) };
        const answer = await callServer(context, 'POST', `/v1/lanes/${encodeURIComponent(lane)}`, request);
        printLane(context, answer as Lane);
      });
  }
}
