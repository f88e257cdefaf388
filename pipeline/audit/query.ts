import { sql } from 'kysely';
import { LanewayError, messageOf } from '../../models/base/errors.ts';
import type { Store } from '../store/open.ts';

export interface QueryAnswer {
  readonly columns: readonly string[];
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  /** There are more rows than are shown. */
  readonly more: boolean;
}

/** Rows shown of one answer. */
export const MOST_ROWS = 1_000;
export const MOST_MS = 5_000;
const FUNCTIONS = new Set(
  `count sum avg min max bool_and bool_or string_agg array_agg stddev variance percentile_cont percentile_disc mode
  coalesce nullif greatest least lower upper length substr substring left right position split_part replace trim
  starts_with string_to_array array_length unnest concat concat_ws to_char to_timestamp date_trunc date_part date_bin
  extract age now cast round floor ceil ceiling abs width_bucket row_number rank dense_rank ntile lag lead first_value
  last_value over filter in exists any all some values and or not as on using by when then else where having with
  group from select join union intersect except distinct interval within between like ilike is case`.split(
    /\s+/,
  ),
);
/** Views of what has left the store; see `query-archives.ts`. */
const ARCHIVED = /\barchived_(?:messages|events|attempts)\b/i;
const FORBIDDEN = new Set(
  `insert update delete merge truncate drop alter create grant revoke copy call do set reset show into lock listen notify
  vacuum analyze explain execute prepare recursive information_schema public table tablesample security definer`.split(
    /\s+/,
  ),
);
const TOKEN = /\s+|'(?:[^']|'')*'|[A-Za-z_][A-Za-z_0-9]*|\d+(?:\.\d+)?|::|<>|[<>=!]=?|[-+*/%(),.|[\]]/y;

const refused = (why: string): LanewayError =>
  new LanewayError('AUDIT_QUERY_REFUSED', `the query is refused: ${why}`, {
    fix: 'Ask one select of "audit" or "archived_messages", e.g. select outcome, count(*) from audit group by outcome.',
  });

/** Does a checked query ask for what has left the store? Words in quotes count for nothing. */
export const asksArchives = (query: string): boolean => ARCHIVED.test(query.replace(/'(?:[^']|'')*'/g, "''"));

/** Does it ask for the trail? */
export const asksTrail = (query: string): boolean =>
  /\baudit\b/i.test(query.replace(/'(?:[^']|'')*'/g, "''"));

/**
 * Takes only what reads the view: one `select`, known functions, no schemas but the view's, no comments, no quoted
 * names. The database checks again: read-only transaction, a role that may read nothing else, on a server a time limit.
 *
 * @returns the query without its semicolon
 * @throws LanewayError `AUDIT_QUERY_REFUSED`
 */
export function checkQuery(text: string): string {
  const query = text.trim().replace(/;$/, '').trim();
  if (query.length > 10_000) throw refused('it is longer than 10,000 characters');
  if (!/^(select|with)\b/i.test(query)) throw refused('it does not begin with select or with');
  TOKEN.lastIndex = 0;
  for (let at = 0; at < query.length; at = TOKEN.lastIndex) {
    const [token] = TOKEN.exec(query) ?? [];
    if (/^(?:--|\/\*)/.test(query.slice(at, at + 2))) throw refused('comments have no place in it');
    if (token === undefined) throw refused(`"${query[at]}" at character ${at + 1} has no place in it`);
    if (!/^[A-Za-z_]/.test(token)) continue;
    const word = token.toLowerCase();
    if (FORBIDDEN.has(word) || /^(?:pg_|laneway|duckdb_|pragma_|sqlite_)/.test(word))
      throw refused(`"${token}" has no place in it`);
    const called = /^\s*\(/.test(query.slice(TOKEN.lastIndex));
    if (called && !FUNCTIONS.has(word) && !isNameOfWith(query, word))
      throw refused(`there is no function "${token}" here`);
    // E'...', U&'...' and the like: the quote would not end where it seems to.
    if (query[TOKEN.lastIndex] === "'") throw refused(`"${token}'" has no place in it`);
  }
  return query;
}

/** `with days (d, n) as (...)`: a name with columns, not a function. */
const isNameOfWith = (query: string, word: string): boolean =>
  new RegExp(`(?:\\bwith|,)\\s+${word}\\s*\\([a-z_0-9,\\s]*\\)\\s+as\\b`, 'i').test(query);

const BY = /\b(?:where|group|having|order|limit|union|intersect|except|window|offset)\b/iy;

/**
 * The embedded database cannot be told to stop: there, a query reads each entry once. Every joining of entries with
 * entries is refused, whether by name, by a second subquery or by a list.
 *
 * @throws LanewayError `AUDIT_QUERY_REFUSED`
 */
export function checkOnce(query: string): void {
  const bare = query.replace(/'(?:[^']|'')*'/g, "''");
  const words = bare.toLowerCase().match(/[a-z_][a-z_0-9]*/g) ?? [];
  const uses = new Map<string, number>();
  for (const word of words) uses.set(word, (uses.get(word) ?? 0) + 1);
  const why = 'the embedded database reads each entry once in a query; joins need a PostgreSQL server';
  if ((uses.get('audit') ?? 0) > 1 || uses.has('join')) throw refused(why);
  // A named part is defined once and read once.
  for (const [, name] of bare.matchAll(/(?:\bwith|,)\s+([a-z_][a-z_0-9]*)\s*(?:\([^()]*\)\s*)?as\s*\(/gi)) {
    const read = [...bare.matchAll(new RegExp(`\\bfrom\\s+${name}\\b`, 'gi'))].length;
    if (read > 1) throw refused(why);
  }
  // Each list after "from", up to the next clause of its own level, has one member.
  for (const { index, 0: from } of bare.matchAll(/\bfrom\b/gi)) {
    let depth = 0;
    for (let at = index + from.length; at < bare.length && depth >= 0; at++) {
      if (bare[at] === '(') depth++;
      else if (bare[at] === ')') depth--;
      else if (depth === 0 && bare[at] === ',') throw refused(why);
      BY.lastIndex = at;
      if (depth === 0 && BY.test(bare)) break;
    }
  }
}

/**
 * Answers a question about one tenant's audit trail in SQL; the view `audit` is all it sees.
 *
 * @throws LanewayError `AUDIT_QUERY_REFUSED`, `AUDIT_QUERY_FAILED`
 */
export async function queryAudit(
  store: Pick<Store, 'kind' | 'bulk'>,
  tenant: string,
  text: string,
): Promise<QueryAnswer> {
  const query = checkQuery(text);
  if (store.kind === 'pglite') checkOnce(query);
  const rows = await readTrail(store, tenant, query, MOST_ROWS + 1);
  return answerOf(rows);
}

/** What is shown of an answer that was read one row beyond. */
export const answerOf = (rows: readonly Record<string, unknown>[]): QueryAnswer => ({
  columns: Object.keys(rows[0] ?? {}),
  rows: rows.slice(0, MOST_ROWS),
  more: rows.length > MOST_ROWS,
});

/**
 * Runs a checked query as the analyst of one tenant.
 *
 * @throws LanewayError `AUDIT_QUERY_FAILED`
 */
export async function readTrail(
  store: Pick<Store, 'bulk'>,
  tenant: string,
  query: string,
  limit: number,
): Promise<Record<string, unknown>[]> {
  try {
    return await store.bulk.transaction().execute(async (tx) => {
      await sql`set transaction read only`.execute(tx);
      await sql`select set_config('laneway.tenant', ${tenant}::text, true), set_config('search_path', 'laneway_audit', true),
        set_config('statement_timeout', ${String(MOST_MS)}::text, true),
        set_config('plan_cache_mode', 'force_custom_plan', true),
        (select set_config('role', rolname, true) from pg_roles
          where rolname = 'laneway_analyst' and pg_has_role(rolname, 'member'))`.execute(tx);
      const whole = sql.raw(`select * from (${query}\n) as answer limit ${limit}`);
      return (await sql<Record<string, unknown>>`${whole}`.execute(tx)).rows;
    });
  } catch (error) {
    if (error instanceof LanewayError) throw error;
    throw new LanewayError('AUDIT_QUERY_FAILED', `the database could not answer: ${messageOf(error)}`, {
      fix: 'Columns: at, kind, subject, seq, recipient, outcome, channel, lane, class, country, place, ruleset, rules.',
    });
  }
}
