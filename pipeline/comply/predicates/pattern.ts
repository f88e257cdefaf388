import { RE2JS } from 're2js';
import { z } from 'zod';
import { messageOf } from '../../../models/base/errors.ts';

const LONGEST = 200;
const MEMO = 512;

/**
 * Why a regular expression from a pack is refused; `undefined` when it is taken. Patterns are of RE2's language, which
 * has no back references and no look-around, and are matched by RE2's automata in time linear in the text (Cox 2007).
 * One that repeats a group which itself repeats or branches is refused all the same: it would explode in an engine
 * that backtracks (Weideman et al. 2016), and packs travel.
 */
export function whyUnsafe(pattern: string, ignoreCase = false): string | undefined {
  if (pattern.length > LONGEST) return `pattern is longer than ${LONGEST} characters`;
  try {
    const compiled = RE2JS.compile(pattern, ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
    // A thousandfold repetition of a repetition is legal and still too big to keep.
    if (compiled.programSize() > 2_000) return 'pattern is too large: its repetitions multiply';
    return nestedRepetition(pattern)
      ? 'pattern repeats a group that itself repeats or branches, which can explode'
      : undefined;
  } catch (error) {
    const why = messageOf(error);
    return /[\\][1-9k]|\(\?[=!<]/.test(pattern)
      ? `pattern has a back reference or a look-around, which no safe matcher has: ${why}`
      : `pattern does not compile: ${why}`;
  }
}

/** Is a quantifier applied to a group that holds a quantifier or an alternative? */
function nestedRepetition(pattern: string): boolean {
  const bare = pattern
    .replaceAll(/\\./gu, 'x')
    .replaceAll(/\[[^\]]*\]/g, 'x')
    .replaceAll('(?', '(');
  const groups: { loose: boolean }[] = [];
  let top = { loose: false };
  for (let i = 0; i < bare.length; i++) {
    const char = bare[i]!;
    if (char === '(') {
      groups.push(top);
      top = { loose: false };
    } else if (char === ')') {
      const closed = top;
      top = groups.pop() ?? { loose: false };
      const next = bare[i + 1];
      if (closed.loose && (next === '*' || next === '+' || next === '{')) return true;
      top.loose ||= closed.loose;
    } else if (char === '*' || char === '+' || char === '{' || char === '|') top.loose = true;
  }
  return false;
}

export const patternSchema = z.string().min(1).max(LONGEST);

/** Adds an issue when the pattern among the arguments is refused. */
export function checkPattern(
  args: { readonly pattern: string; readonly ignoreCase?: boolean | undefined },
  context: z.RefinementCtx,
): void {
  const why = whyUnsafe(args.pattern, args.ignoreCase);
  if (why !== undefined) context.addIssue({ code: 'custom', message: why, path: ['pattern'] });
}

/** Compiles a pattern to a test in linear time; answers for short texts are remembered. */
export function matcher(
  pattern: string,
  options: { readonly whole?: boolean; readonly ignoreCase?: boolean | undefined } = {},
): (text: string) => boolean {
  const compiled = RE2JS.compile(
    options.whole === true ? `^(?:${pattern})$` : pattern,
    options.ignoreCase === true ? RE2JS.CASE_INSENSITIVE : 0,
  );
  const known = new Map<string, boolean>();
  return (text) => {
    if (text.length > 64) return compiled.test(text);
    let answer = known.get(text);
    if (answer === undefined) {
      answer = compiled.test(text);
      if (known.size >= MEMO) known.clear();
      known.set(text, answer);
    }
    return answer;
  };
}
