import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { text } from 'node:stream/consumers';
import { draftPack } from '../../pipeline/rules/draft.ts';
import type { CliContext } from './context.ts';
import { openOutput } from './output.ts';

/** `laneway rules draft FILE`: rules proposed from a regulation's text, for review. */
export async function draftRulesCommand(
  context: CliContext,
  file: string,
  flags: { readonly out: string; readonly pack: string; readonly jurisdiction: string },
): Promise<void> {
  const regulation = file === '-' ? await text(process.stdin) : readFileSync(file, 'utf8');
  const draft = draftPack(regulation, {
    source: file === '-' ? 'standard input' : basename(file),
    pack: flags.pack,
    jurisdiction: flags.jurisdiction,
  });
  const output = await openOutput(flags.out);
  await output.write(draft.yaml);
  await output.commit();
  context.note(
    `${draft.rules} rules proposed from ${draft.sentences} sentences; ${draft.unread} sentences that ask for something were not understood and are listed at the end`,
  );
}
