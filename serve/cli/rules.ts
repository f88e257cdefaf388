import { createRuleBook } from '../../pipeline/comply/compliance.ts';
import { compileRules } from '../../pipeline/comply/language/compile.ts';
import { runExamples } from '../../pipeline/comply/language/examples.ts';
import { loadPack, loadPacks } from '../../pipeline/comply/language/load.ts';
import type { CliContext } from './context.ts';

export interface RulesTestFlags {
  readonly dir?: string;
  /** One pack of the folder, by the name of its file; what it extends is loaded with it. */
  readonly pack?: string;
}

/** `laneway rules test`: every rule's own allow and deny examples. True when all come out as written. */
export function testRulesCommand(context: CliContext, { dir, pack }: RulesTestFlags): boolean {
  const packs = pack === undefined ? loadPacks(dir) : loadPack(pack, dir);
  const ruleset = compileRules(packs);
  const only = pack === undefined ? undefined : [packs[0]!.id];
  const fileOf = new Map(packs.map(({ id, file }) => [id, file]));
  const { rules, passed, failed } = runExamples(ruleset, only);
  for (const { ruleId, example, pack: id, line, expected, found, because } of failed) {
    const why = because === '' ? '' : ` (${because})`;
    context.print(
      `${fileOf.get(id)}:${line}: rule ${ruleId}: example "${example}": expected ${expected}, found ${found}${why}`,
    );
  }
  context.print(
    `${rules} rules, ${passed} examples passed, ${failed.length} failed (rule set ${ruleset.version})`,
  );
  return failed.length === 0;
}

/** `laneway rules list` */
export function listRulesCommand(context: CliContext, dir: string | undefined): void {
  const ruleset = createRuleBook(dir === undefined ? {} : { dir }).ruleset();
  for (const { rule } of ruleset.rules) {
    context.print(
      `${rule.id.padEnd(44)} ${rule.jurisdiction.padEnd(8)} ${rule.treatment.padEnd(14)} ${rule.channels.join(',')}`,
    );
  }
}
