import { createRuleBook } from '../../pipeline/comply/compliance.ts';
import { runExamples } from '../../pipeline/comply/examples.ts';
import type { CliContext } from './context.ts';

/** `laneway rules test`: every rule's own allow and deny examples. True when all come out as written. */
export function testRulesCommand(context: CliContext, dir: string | undefined): boolean {
  const ruleset = createRuleBook(dir === undefined ? {} : { dir }).ruleset();
  const { rules, passed, failed } = runExamples(ruleset);
  for (const { ruleId, example, pack, line, expected, found } of failed) {
    context.print(`${pack}:${line} ${ruleId}, "${example}": expected ${expected}, found ${found}`);
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
