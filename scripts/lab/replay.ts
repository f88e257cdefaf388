import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monotonicMs, systemClock } from '../../models/base/clock.ts';
import { treatmentOf } from '../../pipeline/classify/treatment.ts';
import { createRuleBook } from '../../pipeline/comply/compliance.ts';
import { exampleFacts } from '../../pipeline/comply/language/examples.ts';
import { openGovernance } from '../../pipeline/govern.ts';
import { recorded, seal } from '../../pipeline/record/decision.ts';
import { storedDecision } from '../../pipeline/record/decision-entry.ts';
import { openStore } from '../../pipeline/store/open.ts';

/**
 * Records decisions on the facts of every example of every rule, at many instants, and takes them all again:
 * `npx tsx scripts/lab/replay.ts 100000`. Ends with 1 unless every byte is the same.
 */
const wanted = Number(process.argv[2] ?? 100_000);
const BATCH = 500;
const RECIPIENTS = 1_000;
const dataDir = mkdtempSync(join(tmpdir(), 'laneway-replay-'));
const store = await openStore({ kind: 'pglite', dir: join(dataDir, 'store') });
try {
  const book = createRuleBook();
  const governance = await openGovernance({
    store,
    dataDir,
    clock: systemClock,
    shipped: book,
    report: (error, doing) => console.error(doing, error),
    pause: async () => undefined,
  });
  const ruleset = book.ruleset();
  const facts = ruleset.rules.flatMap(({ rule }) => rule.examples.map((one) => exampleFacts(rule, one)));
  const refs = Array.from({ length: RECIPIENTS }, (_, i) => ({ tenant: 'lab', recipient: `+1212555${i}` }));
  const keyOf = await governance.keyring.keysOf(store.bulk, refs);
  const startMs = Date.parse('2026-07-15T00:00:00Z');
  let began = monotonicMs();
  for (let done = 0; done < wanted; done += BATCH) {
    const rows = Array.from({ length: Math.min(BATCH, wanted - done) }, (_, i) => {
      const n = done + i;
      const atMs = startMs + n * 61_000;
      const evaluation = book.evaluate(ruleset, facts[n % facts.length]!, atMs);
      const messageId = `${String(n).padStart(9, '0')}-${randomBytes(4).toString('hex')}`;
      const sealed = seal({
        format: 1,
        tenant: 'lab',
        messageId,
        channel: facts[n % facts.length]!.message.channel,
        atMs,
        claim: null,
        verdict: null,
        treatment: treatmentOf({ verdict: undefined, claim: undefined }),
        lane: evaluation.treatment,
        evaluation: recorded(evaluation),
      });
      const { outcome, hash, record } = storedDecision(
        keyOf(refs[n % RECIPIENTS]!),
        sealed,
        evaluation,
        1,
        undefined,
      );
      return { tenant: 'lab', message_id: messageId, seq: 1, outcome, hash, record, created_at_ms: atMs };
    });
    await store.bulk.insertInto('decisions').values(rows).execute();
  }
  console.log(
    `${wanted} decisions of ${ruleset.rules.length} rules recorded in ${Math.round(monotonicMs() - began)} ms`,
  );
  began = monotonicMs();
  const report = await governance.audit.replay({
    tenant: 'lab',
    fromMs: 0,
    toMs: Number.MAX_SAFE_INTEGER,
    limit: wanted,
  });
  console.log(JSON.stringify(report), `in ${Math.round(monotonicMs() - began)} ms`);
  if (report.same !== wanted) process.exitCode = 1;
} finally {
  await store.close();
  rmSync(dataDir, { recursive: true, force: true });
}
