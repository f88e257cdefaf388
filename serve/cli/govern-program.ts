import type { Command } from 'commander';
import {
  checkpointsCommand,
  eraseCommand,
  exportAuditCommand,
  queryAuditCommand,
  replayAuditCommand,
  verifyAuditCommand,
} from './audit.ts';
import type { CliContext } from './context.ts';
import { wholeNumber } from './options.ts';
import {
  diffRulesCommand,
  endShadowCommand,
  type OrderFlags,
  orderRulesCommand,
  rollbackRulesCommand,
  rulesStatusCommand,
  rulesVersionsCommand,
  showShadowCommand,
  uploadRulesCommand,
} from './rules-change.ts';
import { draftRulesCommand } from './rules-draft.ts';

const ordering = (command: Command): Command =>
  command
    .option('--key <file>', "Ed25519 key that signs (default: the data folder's keys/rules-signing)")
    .option('--author <name>', 'who gives the order (default: the user)')
    .option('--reason <text>', 'why');

/** Commands that change the rules of a running server. */
export function addRuleChangeCommands(rules: Command, context: CliContext): void {
  rules
    .command('status')
    .description('which version is in force, which comes, where a rollback goes (asks the running server)')
    .action(() => rulesStatusCommand(context));
  rules
    .command('versions')
    .description('versions at hand, newest first')
    .action(() => rulesVersionsCommand(context));
  rules
    .command('upload')
    .argument('<folder>', 'all *.yaml packs that are to be in force together')
    .description('bring packs; nothing is in force by it')
    .action((dir: string) => uploadRulesCommand(context, dir).then(() => undefined));
  ordering(rules.command('activate'))
    .argument('<version>', 'a version, active, previous, shipped, or a folder of packs')
    .option('--at <instant>', 'from when on, ISO 8601 (default: now)')
    .description('sign and put in force, on every process within a second')
    .action((name: string, flags: OrderFlags) => orderRulesCommand(context, 'activate', name, flags));
  ordering(rules.command('shadow'))
    .argument('[version]', 'ask these beside those in force; without: what they would have decided otherwise')
    .option('--off', 'ask none')
    .description('try rules on live traffic; they decide nothing')
    .action((name: string | undefined, flags: OrderFlags & { off?: boolean }) => {
      if (flags.off === true) return endShadowCommand(context, flags);
      return name === undefined
        ? showShadowCommand(context)
        : orderRulesCommand(context, 'shadow', name, flags);
    });
  ordering(rules.command('rollback'))
    .description('back to what was in force before, at once')
    .action((flags: OrderFlags) => rollbackRulesCommand(context, flags));
  rules
    .command('diff')
    .argument('<before>', 'a version, active, previous, shipped, shadow, or a folder of packs')
    .argument('<after>', 'the same')
    .option('--on <span>', 'recorded decisions: last-7d, last-24h, FROM/TO', 'last-7d')
    .option('--limit <n>', 'decisions at most, oldest first (default 100000)', wholeNumber(1, 1_000_000))
    .option('--json', 'the whole report')
    .description('which recorded decisions would have been others, by rule')
    .action((a: string, b: string, flags: { on: string; limit?: number; json?: boolean }) =>
      diffRulesCommand(context, a, b, flags),
    );
  rules
    .command('draft')
    .argument('<file>', 'text of a regulation; - is standard input')
    .option('--out <file>', '- is standard output', '-')
    .option('--pack <id>', 'id of the pack to be', 'draft')
    .option('--jurisdiction <code>', 'country such as US, or ZZ', 'ZZ')
    .description('propose rules, each with the sentence it rests on, for review; never active by itself')
    .action((file: string, flags: { out: string; pack: string; jurisdiction: string }) =>
      draftRulesCommand(context, file, flags),
    );
}

/** `laneway audit ...` and `laneway erase`. */
export function addAuditCommands(program: Command, context: CliContext): void {
  const audit = program.command('audit').description('proof of what was decided (asks the running server)');
  audit
    .command('verify')
    .description('recompute every entry, link and signature; ends with 1 and names the row that was changed')
    .action(async () => {
      if (!(await verifyAuditCommand(context))) process.exitCode = 1;
    });
  audit
    .command('query')
    .argument('<sql>', 'one select of the view "audit"')
    .description('ask in SQL; tab-separated rows')
    .action((query: string) => queryAuditCommand(context, query));
  audit
    .command('export')
    .option('--on <span>', 'last-7d, last-24h, FROM/TO (default: all)')
    .option('--out <file>', 'NDJSON, .gz compresses; - is standard output', '-')
    .description('entries with their contents, links and signed checkpoints')
    .action((flags: { on?: string; out: string }) => exportAuditCommand(context, flags));
  audit
    .command('replay')
    .option('--on <span>', 'last-7d, last-24h, FROM/TO (default: all)')
    .option('--limit <n>', 'decisions at most, oldest first', wholeNumber(1, 10_000_000))
    .description('take recorded decisions again and compare every byte; ends with 1 when one differs')
    .action(async (flags: { on?: string; limit?: number }) => {
      if (!(await replayAuditCommand(context, flags))) process.exitCode = 1;
    });
  audit
    .command('checkpoints')
    .description('signed checkpoints and the key to check them with')
    .action(() => checkpointsCommand(context));
  program
    .command('erase')
    .argument('<recipient>', 'phone number or e-mail address')
    .requiredOption('--reason <text>', 'why, for the record')
    .option('--author <name>', 'who asks (default: the user)')
    .description('forget a recipient: destroys their key; cannot be undone')
    .action((recipient: string, flags: { reason: string; author?: string }) =>
      eraseCommand(context, recipient, flags),
    );
}
