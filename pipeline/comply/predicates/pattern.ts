const LONGEST = 200;

/**
 * Why a regular expression from a pack is refused; `undefined` when it is safe. Safe means: compiles, is short, and
 * cannot backtrack exponentially: no back references, no look-around, and no repetition of something that itself
 * repeats or branches, which is where exponential blow-up comes from (Weideman et al. 2016).
 */
export function whyUnsafe(pattern: string): string | undefined {
  if (pattern.length > LONGEST) return `pattern is longer than ${LONGEST} characters`;
  try {
    new RegExp(pattern, 'u');
  } catch (error) {
    return `pattern does not compile: ${error instanceof Error ? error.message : String(error)}`;
  }
  if (/\\[1-9k]/.test(pattern)) return 'pattern has a back reference';
  if (/\(\?[=!<]/.test(pattern)) return 'pattern has a look-around or a named group';
  return nestedRepetition(pattern) ? 'pattern repeats a group that itself repeats or branches' : undefined;
}

/** Is a quantifier applied to a group that holds a quantifier or an alternative? */
function nestedRepetition(pattern: string): boolean {
  const bare = pattern.replaceAll(/\\./gu, 'x').replaceAll(/\[[^\]]*\]/g, 'x');
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
