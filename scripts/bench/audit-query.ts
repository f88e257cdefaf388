import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { monotonicMs, systemClock } from '../../models/base/clock.ts';
import { queryAudit } from '../../pipeline/audit/query.ts';
import { openStore } from '../../pipeline/store/open.ts';
import { startTestServer } from '../../pipeline/store/server.fixture.ts';
import { formatTable } from './table.ts';

/**
 * How long an analyst waits for an answer about so many decisions: `npx tsx scripts/bench/audit-query.ts [ENTRIES]
 * [pglite|postgres]`, default 1,000,000 on both stores. The entries are filled in by the database itself: what is timed
 * is the questions, each five times, the median.
 */
const entries = Number(process.argv[2] ?? 1_000_000);
const kinds = process.argv[3] === undefined ? ['pglite', 'postgres'] : [process.argv[3]];
const REPEATS = 5;
const STEP = 100_000;
const QUESTIONS = {
  'by outcome': 'select outcome, count(*) from audit group by outcome',
  'by day and outcome':
    "select date_trunc('day', at) as day, outcome, count(*) from audit group by 1, 2 order by 1, 2",
  'by country and class':
    "select country, class, count(*) filter (where outcome = 'block') as blocked, count(*) from audit group by 1, 2",
  'by rule':
    "select r, count(*) from (select unnest(string_to_array(rules, ',')) as r from audit where rules is not null) as x group by r order by 2 desc",
  'one message': `select * from audit where subject = '01M85PSQ0BVNJAHR5VX${Math.floor(entries / 2)}'`,
};

const answers: Record<string, string | number>[] = [];
for (const kind of kinds) {
  const folder = mkdtempSync(join(tmpdir(), 'laneway-audit-query-'));
  const server = kind === 'postgres' ? await startTestServer() : undefined;
  if (typeof server === 'string') throw new Error(`no PostgreSQL server: ${server}`);
  const store = await openStore(
    server ? { kind: 'postgres', url: server.url } : { kind: 'pglite', dir: join(folder, 'store') },
    systemClock,
  );
  try {
    for (let from = 0; from < entries; from += STEP) {
      const to = Math.min(entries, from + STEP) - 1;
      await sql`insert into audit_entries (writer, block, ord, tenant, kind, at_ms, subject, seq, recipient, outcome, channel,
        lane, class, place, ruleset, rules, keep_until_ms, content_hash, entry_hash)
        select 'writer' || (i % 8), i / 50, i, 'acme', 'decision', 1790000000000 + i * 1000, '01M85PSQ0BVNJAHR5VX' || i, 2,
          md5(i::text), (array['send', 'send', 'block', 'defer'])[1 + i % 4], 'sms',
          (array['transactional', 'promotional'])[1 + i % 2], (array['transactional', 'promotional'])[1 + i % 2],
          'US,US-FL', '0123456789abcdef',
          case when i % 4 = 2 then 'us-tcpa-pewc,all-promotional-permission' end, 1890000000000,
          md5(i::text) || md5(i::text), md5(i::text) || md5(i::text)
        from generate_series(${from}::integer, ${to}::integer) i`.execute(store.bulk);
    }
    await sql`vacuum analyze audit_entries`.execute(store.bulk);
    for (const [name, question] of Object.entries(QUESTIONS)) {
      const times: number[] = [];
      let answered = 0;
      for (let i = 0; i < REPEATS; i++) {
        const began = monotonicMs();
        answered = (await queryAudit(store, 'acme', question)).rows.length;
        times.push(monotonicMs() - began);
      }
      const median = times.sort((a, b) => a - b)[REPEATS >> 1]!;
      answers.push({ store: kind, question: name, rows: answered, 'median of 5, ms': Math.round(median) });
    }
  } finally {
    await store.close();
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
process.stdout.write(`${entries} entries\n${formatTable(answers).join('\n')}\n`);
