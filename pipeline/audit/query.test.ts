import { describe, expect, test } from 'vitest';
import { checkOnce, checkQuery } from './query.ts';

describe('a query of the audit trail', () => {
  test.each([
    'select outcome, count(*) from audit group by outcome order by 2 desc;',
    "select date_trunc('day', at) as day, count(*) filter (where outcome = 'block') from audit where at > now() - interval '7 days' group by 1",
    "with days (day, n) as (select date_trunc('day', at), count(*) from audit group by 1) select * from days where n > 3",
    "select r, count(*) from (select unnest(string_to_array(rules, ',')) as r from audit) as x group by r",
    "select * from audit where subject = 'it''s' and at::date = '2026-01-02' limit 5",
  ])('may be asked: %s', (text) => {
    expect(checkQuery(text)).toBe(text.replace(/;$/, ''));
  });

  test.each([
    ['delete from audit', 'begin'],
    ['select 1; select 2', ';'],
    ['select * from pg_shadow', 'pg_shadow'],
    ['select * from public.messages', 'public'],
    ['select * from information_schema.tables', 'information_schema'],
    ["select set_config('role', 'none', true)", 'set_config'],
    ["select current_setting('laneway.tenant')", 'current_setting'],
    ['with x as (delete from audit returning *) select * from x', 'delete'],
    ['with recursive x as (select 1 union all select 1 from x) select * from x', 'recursive'],
    ['select * into t from audit', 'into'],
    ['select * from "public"."messages"', '"'],
    ['select 1 /* x */', 'character'],
    ['select 1 -- x', '--'],
    ["select E'\\' from audit'", 'E'],
    ['select $$a$$', '$'],
    ["select lo_import('/etc/passwd')", 'lo_import'],
    ['select sql from sqlite_master, archived_messages', 'sqlite_master'],
    ['select * from duckdb_settings', 'duckdb_settings'],
    ['select generate_series(1, 1000000000)', 'generate_series'],
    ['table audit', 'begin'],
    ["select dblink('x')", 'dblink'],
  ])('is refused: %s', (text) => {
    expect(() => checkQuery(text)).toThrow(expect.objectContaining({ code: 'AUDIT_QUERY_REFUSED' }));
  });

  test.each([
    'select count(*) from audit a, audit b',
    'select count(*) from audit a join audit b on true',
    'select (select count(*) from audit b where b.at < a.at) from audit a',
    'with x as (select * from audit) select count(*) from x a, x b',
    'with x as (select * from audit) select (select count(*) from x) from x',
    'select count(*) from (select 1 from audit) a, (select 1) b',
  ])('of the embedded database reads each entry once: %s', (text) => {
    expect(() => checkOnce(checkQuery(text))).toThrow(
      expect.objectContaining({ code: 'AUDIT_QUERY_REFUSED' }),
    );
  });

  test('of the embedded database may still count, list and extract', () => {
    for (const text of [
      'select outcome, class, count(*) from audit group by outcome, class order by 3, 1',
      'with d as (select extract(hour from at) as h, outcome from audit) select h, count(*) from d group by h, outcome',
      "select r, count(*) from (select unnest(string_to_array(rules, ',')) as r, outcome from audit) as x group by r",
    ])
      expect(() => checkOnce(checkQuery(text))).not.toThrow();
  });
});
