import { type Command, Option } from 'commander';
import { challengeCommand, disagreementsCommand, driftCommand } from './challenge.ts';
import type { CliContext } from './context.ts';
import { exportFeedbackCommand, listFeedbackCommand } from './feedback.ts';
import { collectPairs, wholeNumber } from './options.ts';
import { historyCommand, type PromoteFlags, promoteCommand, rollbackCommand } from './promotion.ts';
import { type ReviewFlags, reviewCommand } from './review/review.ts';

/** `laneway feedback ...` */
export function addFeedbackCommands(program: Command, context: CliContext): void {
  const feedback = program.command('feedback').description('labels that people gave to messages');
  feedback
    .command('list')
    .option('--limit <n>', 'the latest so many', wholeNumber(1, 1_000_000), 50)
    .description('who said what a message is')
    .action(({ limit }: { limit: number }) => listFeedbackCommand(context, limit));
  feedback
    .command('export')
    .option('--out <file>', 'JSONL; - is standard output', '-')
    .description('every label as a labelled row, for train --data and evaluate --data')
    .action(({ out }: { out: string }) => exportFeedbackCommand(context, out));
}

/** `laneway data review` */
export function addReviewCommand(data: Command, context: CliContext): void {
  data
    .command('review')
    .option('--data <file>', 'CSV or JSONL with a text column (default: messages of late in the store)')
    .option('--column <text=name>', 'the column that holds the text', collectPairs)
    .option('--format <format>', 'csv or jsonl (default: by the name)')
    .option('--encoding <name>', 'of the file (default: utf-8)')
    .option('--model <reference>', 'name, version or alias (default: champion)')
    .option('--limit <n>', 'messages shown (default 20)', wholeNumber(1, 1_000))
    .option('--pool <n>', 'messages they are chosen from (default 2,000)', wholeNumber(1, 100_000))
    .option('--author <name>', 'who says so (default: the user of the system)')
    .description('label the messages that teach most, one key each')
    .action((flags: ReviewFlags) => reviewCommand(context, flags));
}

/**
 * The commands of `laneway models` that change which model decides, and watch it.
 *
 * @param withDataOptions adds the options of labelled data
 */
export function addLifecycleCommands(
  models: Command,
  context: CliContext,
  withDataOptions: (command: Command) => Command,
): void {
  withDataOptions(models.command('promote'))
    .argument('<reference>', 'version, name or alias')
    .addOption(new Option('--force <reason>', 'promote it against the gates; the reason is recorded'))
    .description('make a model the champion if it does not drop on any slice of labelled data beyond noise')
    .action((reference: string, flags: PromoteFlags) => promoteCommand(context, reference, flags));
  models
    .command('rollback')
    .option('--reason <text>', 'kept on record')
    .description('make the previous champion answer again')
    .action(({ reason }: { reason?: string }) => rollbackCommand(context, reason));
  models
    .command('history')
    .description('every change of champion, with how and why')
    .action(() => historyCommand(context));
  models
    .command('challenge')
    .argument('[reference]', 'version, name or alias')
    .option('--stop', 'no model challenges the champion any more')
    .description('let a model answer beside the champion and decide nothing')
    .action((reference: string | undefined, { stop }: { stop?: boolean }) =>
      (reference === undefined) === (stop === true)
        ? challengeCommand(context, reference)
        : models.error('name a version, or --stop'),
    );
  models
    .command('disagreements')
    .option('--limit <n>', 'the most frequent so many', wholeNumber(1, 1_000), 50)
    .description('where champion and challenger disagree (asks the running server)')
    .action(({ limit }: { limit: number }) => disagreementsCommand(context, limit));
  models
    .command('drift')
    .description('do messages still look like training? Ends with 1 on an alarm (asks the running server)')
    .action(async () => {
      if (!(await driftCommand(context))) process.exitCode = 1;
    });
}
