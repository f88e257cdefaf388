import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely';
import { LanewayError } from '../../models/base/errors.ts';
import type { Priority, PriorityGate } from './gate.ts';
import type { PreparedStatements } from './prepared.ts';

/**
 * Kysely on PGlite: one connection, handed out by a gate so that the statements of one transaction stay
 * together and urgent work goes before bulk work.
 */
export function pgliteDialect(
  statements: PreparedStatements,
  gate: PriorityGate,
  priority: Priority,
): Dialect {
  const connection: DatabaseConnection = {
    async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
      const result = await statements.query<R>(query.sql, query.parameters);
      return result.affectedRows === undefined
        ? { rows: result.rows }
        : { rows: result.rows, numAffectedRows: BigInt(result.affectedRows) };
    },
    // biome-ignore lint/correctness/useYield: the port asks for an iterator; PGlite has no cursors to stream.
    async *streamQuery() {
      throw new LanewayError('STORE_NO_STREAMING', 'PGlite has no cursor streaming', {
        fix: 'Page through the rows with limit and a key.',
      });
    },
  };
  const driver: Driver = {
    async init() {},
    async acquireConnection() {
      await gate.acquire(priority);
      return connection;
    },
    async beginTransaction(held) {
      await held.executeQuery(CompiledQuery.raw('begin'));
    },
    async commitTransaction(held) {
      await held.executeQuery(CompiledQuery.raw('commit'));
    },
    async rollbackTransaction(held) {
      await held.executeQuery(CompiledQuery.raw('rollback'));
    },
    async releaseConnection() {
      gate.release();
    },
    // The client belongs to whoever opened it: two Kysely instances share it.
    async destroy() {},
  };
  return {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => driver,
    createIntrospector: (db: Kysely<unknown>) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  };
}
