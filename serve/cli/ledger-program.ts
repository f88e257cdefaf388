import type { Command } from 'commander';
import {
  exportConsentCommand,
  type ImportFlags,
  importConsentCommand,
  listConsentCommand,
  showConsentCommand,
} from './consent.ts';
import type { CliContext } from './context.ts';
import { collectPairs, share, wholeNumber } from './options.ts';
import {
  type LoadFlags,
  loadRegistryCommand,
  registryLookupCommand,
  registryStatusCommand,
} from './registry.ts';

/** The commands of `laneway consent` on the ledger as a whole. */
export function addLedgerCommands(consent: Command, context: CliContext): void {
  consent
    .command('import')
    .argument('<file>', 'CSV with a header; recipient and at must be there')
    .option('--column <own=theirs>', 'columns by other names: recipient=phone', collectPairs)
    .option('--max-bad <share>', 'share of bad rows to put up with (default 0.01)', share)
    .option('--by <name>', 'who imports it (default: the user of the system)')
    .option('--dry-run', 'check the file, record nothing')
    .description('record consents with the proof of where they came from')
    .action((file: string, flags: ImportFlags) => importConsentCommand(context, file, flags));
  consent
    .command('show')
    .argument('<recipient>', 'phone number or e-mail address')
    .option('--at <instant>', 'as it stood then, ISO 8601 (default: now)')
    .description('what a recipient agreed to')
    .action((recipient: string, flags: { at?: string }) => showConsentCommand(context, recipient, flags));
  consent
    .command('list')
    .option('--limit <n>', 'the latest so many', wholeNumber(1, 1_000_000), 50)
    .description('events of the ledger')
    .action(({ limit }: { limit: number }) => listConsentCommand(context, limit));
  consent
    .command('export')
    .option('--out <file>', 'JSONL; - is standard output', '-')
    .description('the whole ledger, in order of arrival')
    .action(({ out }: { out: string }) => exportConsentCommand(context, out));
}

/** `laneway registry ...` */
export function addRegistryCommands(program: Command, context: CliContext): void {
  const registry = program
    .command('registry')
    .description('do-not-contact registries (asks the running server)');
  registry
    .command('load')
    .argument('<name>', 'as rules write it, e.g. us-ndnc')
    .argument('<file>', 'one address a line, or CSV with recipient, listedSince, channels, ...; .gz too')
    .option('--as-of <date>', 'date of the copy (default: now)')
    .option('--source <text>', 'where it came from (default: name of the file)')
    .option('--country <code>', 'numbers are national ones of this country')
    .option('--max-bad <share>', 'share of bad rows to put up with (default 0.01)', share)
    .option('--force', 'also when the copy in force is newer')
    .description('build a copy on disk and put it in force, without a restart')
    .action((name: string, file: string, flags: LoadFlags) =>
      loadRegistryCommand(context, name, file, flags),
    );
  registry
    .command('status', { isDefault: true })
    .description('registries with source, date and size')
    .action(() => registryStatusCommand(context));
  registry
    .command('lookup')
    .argument('<recipient>', 'phone number or e-mail address')
    .description('what each registry says of an address')
    .action((recipient: string) => registryLookupCommand(context, recipient));
}
