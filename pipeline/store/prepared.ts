import type { PGlite, Results } from '@electric-sql/pglite';
import type { Clock } from '../../models/base/clock.ts';
import { LanewayError } from '../../models/base/errors.ts';

/**
 * Statements planned once and run often. In PGlite's WebAssembly, planning a statement of several parts takes
 * 3 to 5 ms, running it 0.3; and PGlite's own `query` plans anew each time.
 */
export interface PreparedStatements {
  query<T>(sql: string, parameters: readonly unknown[]): Promise<Results<T>>;
}

interface Prepared {
  readonly name: string;
  readonly plannedAtMs: number;
}

/** Statements that differ in text only (lists of values, say) must not pile up. */
const MAX_PREPARED = 100;
/** A plan is made for the sizes of that moment; tables grow from nothing to millions. */
const REPLAN_AFTER_MS = 3_000;

/** A value as an untyped SQL literal; the server takes its type from where the parameter stands. */
function literal(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  switch (typeof value) {
    case 'number':
    case 'bigint':
    case 'boolean':
      return `'${value}'`;
    case 'string':
      // standard_conforming_strings is on: a backslash is a backslash, only quotes are doubled.
      return `'${value.replaceAll("'", "''")}'`;
    default:
      throw new LanewayError(
        'STORE_BAD_PARAMETER',
        `a statement cannot take a ${typeof value} as parameter`,
        {
          fix: 'Pass JSON as text and times as milliseconds.',
        },
      );
  }
}

/** The caller sees to it that one statement runs at a time. */
export function createPreparedStatements(client: PGlite, clock: Clock): PreparedStatements {
  const prepared = new Map<string, Prepared>();
  let names = 0;
  let session: Promise<unknown> | undefined;

  async function forget(sql: string, { name }: Prepared): Promise<void> {
    prepared.delete(sql);
    await client.exec(`deallocate ${name}`);
  }

  async function prepare(sql: string): Promise<Prepared> {
    session ??= client.exec(
      "set plan_cache_mode = force_generic_plan; set random_page_cost = 1; set work_mem = '32MB'",
    );
    await session;
    const there = prepared.get(sql);
    const nowMs = clock();
    if (there && nowMs - there.plannedAtMs < REPLAN_AFTER_MS) {
      // Most recently used last: the first of the map is the one to give up.
      prepared.delete(sql);
      prepared.set(sql, there);
      return there;
    }
    if (there) await forget(sql, there);
    const oldest = prepared.entries().next();
    if (prepared.size >= MAX_PREPARED && !oldest.done) await forget(...oldest.value);
    const made = { name: `laneway_${++names}`, plannedAtMs: nowMs };
    await client.exec(`prepare ${made.name} as ${sql}`);
    prepared.set(sql, made);
    return made;
  }

  return {
    async query<T>(sql: string, parameters: readonly unknown[]): Promise<Results<T>> {
      if (parameters.length === 0) return client.query<T>(sql);
      const { name } = await prepare(sql);
      const results = await client.exec(`execute ${name}(${parameters.map(literal).join(',')})`);
      return results.at(-1) as Results<T>;
    },
  };
}
