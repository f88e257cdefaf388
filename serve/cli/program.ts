import { Command, Option } from 'commander';
import { ROLES } from '../../pipeline/fleet/role.ts';
import type { LabFlags } from '../../scripts/lab/index.ts';
import { type ClassifyFlags, classifyCommand } from './classify.ts';
import { collisionsCommand } from './collisions.ts';
import { type ComplianceReportFlags, complianceReportCommand } from './compliance-report/command.ts';
import type { CliContext } from './context.ts';
import { checkCommand, type GenerateFlags, generateCommand, statsCommand } from './data.ts';
import { type DecideFlags, decideCommand } from './decide.ts';
import { addArchiveCommand, addDlqCommands, addLaneCommands } from './dlq.ts';
import { type EvaluateFlags, evaluateCommand } from './evaluate.ts';
import { addFactCommands } from './facts.ts';
import { addAuditCommands, addRuleChangeCommands } from './govern-program.ts';
import { type LeaveSourceOutFlags, leaveSourceOutCommand } from './leave-source-out.ts';
import { addLedgerCommands, addRegistryCommands } from './ledger-program.ts';
import { addFeedbackCommands, addLifecycleCommands, addReviewCommand } from './loop-program.ts';
import { metadataWorthCommand } from './metadata-worth.ts';
import { listModelsCommand, showModelCommand } from './models.ts';
import { collectPairs, collectWhere, type DataFlags, share, wholeNumber } from './options.ts';
import { consentCommand } from './remote.ts';
import { listRulesCommand, type RulesTestFlags, testRulesCommand } from './rules.ts';
import { type ServeFlags, serveCommand } from './serve.ts';
import type { StatsFlags } from './stats.ts';
import { type TrainFlags, trainCommand } from './train.ts';

/** The `laneway` command line. Its errors are thrown, for `describeError`. */
export function createProgram(context: CliContext): Command {
  const program = new Command('laneway')
    .description('Learns what a business message is and sends it the right way.')
    .exitOverride()
    .configureOutput({ outputError: () => undefined })
    .showHelpAfterError(false);

  withDataOptions(program.command('train'))
    .description('train a model, store it and make it the champion (default data: the authored corpus)')
    .option('--name <name>', 'first part of the version: lower-case letters, digits, hyphens')
    .option('--encoder <spec>', 'minilm:int8, minilm:fp32, hub:<owner/name> or none', 'minilm:int8')
    .option('--trees <n>', 'trees of the forest (default 200)', wholeNumber(1, 5_000))
    .option('--seed <n>', 'the same rows and seed give the same model (default 1)', wholeNumber(0, 2 ** 31))
    .option('--threads <n>', 'worker threads (default: one a core)', wholeNumber(1, 256))
    .option(
      '--contradictions <policy>',
      'one text with both labels: majority (default) lets the more frequent stand, refuse stops',
    )
    .option('--with-feedback', 'labels of people, from the store, outweigh those of the data; not promoted')
    .option('--hold-out', 'keep a tenth of the authored templates out, for the gates of promotion')
    .option('--no-corpus', 'learn from --data alone, not from the authored corpus beside it')
    .option('--no-promote', 'store the model without making it the champion')
    .action((flags: TrainFlags) => trainCommand(context, flags));

  withDataOptions(program.command('evaluate'))
    .description('measure a model: figures, metrics.json, card.md, report.html')
    .option('--model <reference>', 'name, version or alias (default: champion)')
    .option('--out <folder>', 'folder of the report (default: reports/<version>)')
    .option('--baselines', 'also train and measure plain classifiers on the authored corpus')
    .option('--metadata-worth', 'the same rows with and without what is known of sender, time and recipient')
    .option('--leave-source-out', 'train on all sources of the data but one, measure on that one, for each')
    .option('--peers', 'with --leave-source-out: other classifiers on the same folds')
    .option('--with-corpus', 'with --leave-source-out: every fold also learns from the authored corpus')
    .option('--json', 'with --leave-source-out: the figures as JSON')
    .option('--robustness', 'also measure on dressed-up messages (look-alikes, spaced letters, ...)')
    .option(
      '--ablation',
      'also train on the authored corpus without each part of the model: what is each worth',
    )
    .option('--encoder <spec>', 'with --leave-source-out (default minilm:int8)')
    .option('--trees <n>', 'with --leave-source-out', wholeNumber(1, 5_000))
    .option('--seed <n>', 'with --leave-source-out', wholeNumber(0, 2 ** 31))
    .action(
      (flags: EvaluateFlags & LeaveSourceOutFlags & { leaveSourceOut?: boolean; metadataWorth?: boolean }) =>
        flags.leaveSourceOut
          ? leaveSourceOutCommand(context, flags)
          : flags.metadataWorth
            ? metadataWorthCommand(context, flags)
            : evaluateCommand(context, flags),
    );

  program
    .command('classify')
    .description('classify a file: one JSON line out for every line in, in order')
    .option('--data <file>', 'CSV or JSONL with a text column; - is standard input', '-')
    .option('--out <file>', 'JSONL; - is standard output', '-')
    .option('--model <reference>', 'name, version or alias (default: champion)')
    .option('--format <format>', 'csv or jsonl (default: by the name; standard input: jsonl)')
    .option('--encoding <name>', 'of the input (default: utf-8)')
    .option('--column <text=name>', 'the column that holds the text, or the id', collectPairs)
    .option('--explain', 'add to each line the reasons, and where in the text they stand')
    .option('--text <message>', 'this message alone, explained on the screen with its words marked')
    .option('--pass <columns>', 'columns to copy to the output, a,b,c', (value: string) => value.split(','))
    .action((flags: ClassifyFlags) => classifyCommand(context, flags));

  program
    .command('serve')
    .description('serve HTTP and run the pipeline until told to stop')
    .addOption(
      new Option(
        '--role <role>',
        'what this process does; others than all need DATABASE_URL and REDIS_URL',
      ).choices(ROLES),
    )
    .option(
      '--api <n>',
      'be the parent of n processes that take messages in (2 where only --workers is given)',
    )
    .option('--workers <n>', 'and of n that deliver, or of as many as traffic wants: 2-6')
    .action((flags: ServeFlags) => serveCommand(context, flags));

  program
    .command('bench')
    .description('run the benchmarks; a table on the screen, JSON in bench-results/')
    .option('--quick', 'smaller inputs: minutes become seconds, figures become rougher')
    .option(
      '--only <names>',
      'text, encoder, forest, classify, comply, pipeline, training-scale: some of them, a,b',
    )
    .option('--rows <counts>', 'sizes for training-scale, 23000,230000,2300000 (default 5000)')
    .action(async (flags: { quick?: boolean; only?: string; rows?: string }) => {
      const { runBenchmarks } = await import('../../scripts/bench/index.ts');
      await runBenchmarks(context, flags);
    });

  program
    .command('lab')
    .description('scripted faults against real processes: lab.html with a timeline of each run')
    .option('--runs <n>', 'random runs (default 3)', wholeNumber(0, 100_000))
    .option('--messages <n>', 'in each run (default 2000)', wholeNumber(10, 1_000_000))
    .option(
      '--campaign <n>',
      'adverts beside the logins (default 10 times --messages)',
      wholeNumber(1, 10_000_000),
    )
    .option('--seed <n>', 'the same seed, the same faults (default 1)', wholeNumber(0, 2 ** 31))
    .option(
      '--scenarios <names>',
      'after the runs: zone, disk, takeover, failover, spike, campaign; all (default), none',
    )
    .option('--resume', 'go on with the runs that the journal beside the page lacks')
    .option('--soak <minutes>', 'then steady traffic without faults, watching memory', wholeNumber(1, 10_080))
    .option('--rate <n>', 'messages a second of the soak (default 50)', wholeNumber(1, 10_000))
    .option('--out <file>', 'the page (default lab.html)')
    .action(async (flags: LabFlags) => {
      const { runLab } = await import('../../scripts/lab/index.ts');
      if (!(await runLab(flags, context))) process.exitCode = 1;
    });

  addDataCommands(program, context);
  addModelCommands(program, context);
  addFeedbackCommands(program, context);
  addRuleCommands(program, context);
  addServerCommands(program, context);
  addAuditCommands(program, context);
  addRegistryCommands(program, context);
  return program;
}

function withDataOptions(command: Command): Command {
  return command
    .option('--data <file>', 'labelled CSV or JSONL with text and label; - is standard input')
    .option('--map <pairs>', 'what labels mean: spam=promotional,scam=risk,personal=ignore', collectPairs)
    .option('--where <conditions>', 'only these rows: lang=en, tier=A|B', collectWhere)
    .option('--column <pairs>', 'columns by other names: text=body,label=category', collectPairs)
    .option('--max-bad <share>', 'share of bad rows to put up with (default 0.01)', share)
    .option('--format <format>', 'csv or jsonl (default: by the name)')
    .option('--encoding <name>', 'of the file (default: utf-8)');
}

function addDataCommands(program: Command, context: CliContext): void {
  const data = program.command('data').description('look at, label, generate and check data');
  withDataOptions(data.command('stats'))
    .description('what the authored corpus, or a file, is made of')
    .option('--eval <file>', 'labelled file for the learning curve (default: LANEWAY_EVAL_DATA)')
    .addOption(
      new Option('--model <model>', 'what the curve is of: words alone, or the full model (slow)')
        .choices(['words', 'full'])
        .default('words'),
    )
    .option('--seed <n>', 'order in which the curve adds templates (default 1)', wholeNumber(0, 2 ** 31))
    .option('--json', 'everything as JSON')
    .action((flags: StatsFlags) => statsCommand(context, flags));
  data
    .command('generate')
    .description('write messages made from the authored corpus')
    .requiredOption('--count <n>', 'rows', wholeNumber(1, 1_000_000_000))
    .option('--out <file>', 'JSONL, or CSV by its name, .gz compresses; - is standard output', '-')
    .option('--distinct', 'count the distinct canonical texts as well (slower)')
    .option('--seed <n>', 'the same seed gives the same rows (default 1)', wholeNumber(0, 2 ** 31))
    .option('--promotional-share <share>', '0 to 1 (default 0.45)', share)
    .option('--scam-share <share>', '0 to 1 (default 0)', share)
    .action((flags: GenerateFlags) => generateCommand(context, flags));
  addReviewCommand(data, context);
  withDataOptions(data.command('collisions'))
    .argument('[file]', 'or --data FILE')
    .description('list texts of one fingerprint that have two labels')
    .action((file: string | undefined, flags: DataFlags) => {
      const path = file ?? flags.data;
      return path === undefined
        ? data.error('name the file: laneway data collisions FILE')
        : collisionsCommand(context, path, flags);
    });
  withDataOptions(data.command('check'))
    .argument('[file]', 'or --data FILE')
    .description('list every bad row with its line and reason')
    .action((file: string | undefined, flags: DataFlags) => {
      const path = file ?? flags.data;
      return path === undefined
        ? data.error('name the file: laneway data check FILE')
        : checkCommand(context, path, flags);
    });
}

function addModelCommands(program: Command, context: CliContext): void {
  const models = program
    .command('models')
    .description('which models there are, which one decides, how well it fits');
  models
    .command('list', { isDefault: true })
    .description('stored models and the shipped one')
    .action(() => listModelsCommand(context));
  addLifecycleCommands(models, context, withDataOptions);
  models
    .command('show')
    .argument('[reference]', 'name, version or alias (default: champion)')
    .description('what a model is')
    .action((reference: string | undefined) => showModelCommand(context, reference));
}

function addRuleCommands(program: Command, context: CliContext): void {
  program
    .command('decide')
    .description('what would be decided about a message, and why; nothing is stored or sent')
    .option('--to <address>', 'E.164 number, e-mail address or device token')
    .option('--from <sender>', 'what the recipient sees')
    .option('--channel <channel>', 'sms, mms, rcs, whatsapp, push, email or voice')
    .option('--body <text>', 'the text')
    .option('--subject <text>', 'e-mail only')
    .option('--category <name>', 'what the caller says it is')
    .option('--metadata <json>', 'facts about recipient and message')
    .option('--message <file>', 'the message as JSON, - for standard input; options go before it')
    .option('--at <instant>', 'decide for this instant, ISO 8601 (default: now)')
    .option('--json', 'the whole answer')
    .action((flags: DecideFlags) => decideCommand(context, flags));
  const rules = program.command('rules').description('the compliance rules');
  rules
    .command('test')
    .option('--dir <folder>', 'packs (default: those that come with Laneway)')
    .option('--pack <name>', 'only this pack, with what it extends')
    .description("run every rule's own examples")
    .action((flags: RulesTestFlags) => {
      if (!testRulesCommand(context, flags)) process.exitCode = 1;
    });
  rules
    .command('report')
    .option(
      '--data <file>',
      'JSONL of decision records (default: those on record, of the running server where one runs)',
    )
    .option('--since <instant>', 'ISO 8601, inclusive')
    .option('--until <instant>', 'ISO 8601, exclusive')
    .option('--tenant <name>', 'whose decisions')
    .option('--out <file>', 'default: reports/compliance.html; the figures stand beside it as JSON')
    .description('violation rates by rule, region and class')
    .action((flags: ComplianceReportFlags) => complianceReportCommand(context, flags));
  rules
    .command('list')
    .option('--dir <folder>', 'packs (default: those that come with Laneway)')
    .description('every rule with where, what and which channels it binds')
    .action(({ dir }: { dir?: string }) => listRulesCommand(context, dir));
  addRuleChangeCommands(rules, context);
}

function addServerCommands(program: Command, context: CliContext): void {
  addDlqCommands(program, context);
  addLaneCommands(program, context);
  addFactCommands(program, context);
  addArchiveCommand(program, context);
  const consent = program
    .command('consent')
    .description('what recipients agreed to (asks the running server)');
  addLedgerCommands(consent, context);
  for (const [name, kind] of [
    ['grant', 'granted'],
    ['revoke', 'revoked'],
  ] as const) {
    const command = consent
      .command(name)
      .argument('<recipient>', 'phone number or e-mail address')
      .option('--channel <channel>', 'sms, email, ... (default: any)')
      .option('--purpose <purpose>', 'default: marketing')
      .description(kind === 'granted' ? 'record a consent' : 'record that it was withdrawn');
    if (kind === 'granted') command.option('--level <level>', 'how it was given; see /docs');
    command.action((recipient: string, flags: { channel?: string; purpose?: string; level?: string }) =>
      consentCommand(context, kind, recipient, flags),
    );
  }
}
