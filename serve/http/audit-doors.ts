import type { Clock } from '../../models/base/clock.ts';
import type { Pipeline } from '../../pipeline/compose.ts';
import { BODY_REFUSALS, checkShape, readJson } from './body.ts';
import { addressOf } from './contacts.ts';
import type { Door } from './door.ts';
import * as schemas from './govern-schemas.ts';
import { queryOf } from './query.ts';

interface Ports {
  readonly pipeline: { readonly governance: Pick<Pipeline['governance'], 'audit' | 'erase' | 'trail'> };
  readonly clock: Clock;
}

const instantOr = (text: string | undefined, otherwiseMs: number): number =>
  text === undefined ? otherwiseMs : Date.parse(text);

/** The audit trail: proof, questions, replay, export, and erasure. Whoever asks is on record too. */
export function auditDoors({ pipeline, clock }: Ports): Door[] {
  const { audit } = pipeline.governance;
  const asked = (tenant: string, subject: string, payload: object): Promise<void> =>
    audit.act({ tenant, subject, payload });
  return [
    {
      method: 'post',
      path: '/v1/audit/query',
      summary: 'Ask the audit trail in SQL',
      description:
        'One select of the view "audit": at, kind, subject, seq, recipient, outcome, channel, lane, class, country, place, ruleset, rules, content_hash, writer, block, ord; or of archived_messages, archived_events, archived_attempts, alone or joined with it. Up to 1,000 rows.',
      body: {
        schema: schemas.AuditQuery,
        example: { query: "select outcome, count(*) from audit where kind = 'decision' group by outcome" },
      },
      answer: { status: 200, description: 'The rows', schema: schemas.AuditAnswer },
      refusals: [...BODY_REFUSALS, 'AUDIT_QUERY_REFUSED', 'AUDIT_QUERY_FAILED'],
      async handle(c) {
        const { query } = checkShape(schemas.AuditQuery, await readJson(c.req.raw));
        const answer = await audit.query(c.var.tenant, query);
        await asked(c.var.tenant, 'audit.query', { query });
        return c.json(answer);
      },
    },
    {
      method: 'post',
      path: '/v1/audit/verify',
      summary: 'Recompute every entry, every link and every signature',
      description: 'Names the row of whatever is not as it was written.',
      answer: { status: 200, description: 'What was found', schema: schemas.AuditReport },
      handle: async (c) => c.json(await audit.verify()),
    },
    {
      method: 'post',
      path: '/v1/audit/replay',
      summary: 'Take recorded decisions again and compare every byte',
      body: { schema: schemas.Span, example: { from: '2026-01-01T00:00:00Z', limit: 100_000 } },
      answer: { status: 200, description: 'How they came out', schema: schemas.ReplayReport },
      refusals: BODY_REFUSALS,
      async handle(c) {
        const { from, to, limit } = checkShape(schemas.Span, await readJson(c.req.raw));
        const span = { fromMs: instantOr(from, 0), toMs: instantOr(to, clock() + 1) };
        return c.json(await audit.replay({ tenant: c.var.tenant, ...span, limit: limit ?? 10_000_000 }));
      },
    },
    {
      method: 'get',
      path: '/v1/audit/export',
      summary: 'Entries with their contents, links and checkpoints, one JSON object a line',
      query: schemas.ExportQuery,
      answer: { status: 200, description: 'NDJSON', type: 'application/x-ndjson' },
      refusals: ['INVALID_QUERY'],
      async handle(c) {
        const { from, to } = queryOf(schemas.ExportQuery, c.req.query());
        const span = { fromMs: instantOr(from, 0), toMs: instantOr(to, clock() + 1) };
        await asked(c.var.tenant, 'audit.export', span);
        const lines = audit.export({ tenant: c.var.tenant, ...span });
        return c.body(streamOf(lines), 200, { 'Content-Type': 'application/x-ndjson' });
      },
    },
    {
      method: 'get',
      path: '/v1/audit/violations',
      summary: 'How often rules were not met, by rule, region and class',
      description:
        'Counted over recorded decisions that can still be read; what `laneway rules report` shows.',
      query: schemas.ExportQuery,
      answer: { status: 200, description: 'The figures', schema: schemas.ViolationsView },
      refusals: ['INVALID_QUERY'],
      async handle(c) {
        const { from, to } = queryOf(schemas.ExportQuery, c.req.query());
        const span = { fromMs: instantOr(from, 0), toMs: instantOr(to, clock() + 1) };
        return c.json(await audit.violations(c.var.tenant, span));
      },
    },
    {
      method: 'get',
      path: '/v1/audit/checkpoints',
      summary: 'Signed checkpoints, newest first, and the key to check them with',
      query: schemas.CheckpointQuery,
      answer: { status: 200, description: 'The checkpoints', schema: schemas.Checkpoints },
      refusals: ['INVALID_QUERY'],
      async handle(c) {
        const { limit } = queryOf(schemas.CheckpointQuery, c.req.query());
        const checkpoints = await audit.checkpoints(limit);
        return c.json({
          publicKey: audit.publicKey,
          checkpoints: checkpoints.map(({ seq, at_ms, hash, key_id, signature }) => ({
            seq,
            at: new Date(at_ms).toISOString(),
            hash,
            keyId: key_id,
            signature,
          })),
        });
      },
    },
    {
      method: 'post',
      path: '/v1/audit/checkpoints',
      summary: 'Sign what all chains stand at, now',
      answer: { status: 200, description: 'Signed', schema: schemas.CheckpointMade },
      handle: async (c) => c.json({ seq: (await audit.checkpoint()) ?? null }),
    },
    {
      method: 'post',
      path: '/v1/erasures',
      summary: 'Forget a recipient',
      description:
        'Destroys the key of the recipient: no decision and no consent record opens again, the chain over them still verifies. Objections stay in force under a keyed hash. It cannot be undone.',
      body: {
        schema: schemas.ErasureRequest,
        example: { recipient: '+12125550123', author: 'ann', reason: 'request 4711' },
      },
      answer: { status: 200, description: 'Forgotten', schema: schemas.ErasureDone },
      refusals: BODY_REFUSALS,
      async handle(c) {
        const { recipient, author, reason } = checkShape(schemas.ErasureRequest, await readJson(c.req.raw));
        const who = { tenant: c.var.tenant, recipient: addressOf(recipient, undefined) };
        const { found, messages, objections } = await pipeline.governance.erase(who, { author, reason });
        return c.json({ found, messages, objections });
      },
    },
  ];
}

function streamOf(lines: AsyncGenerator<object>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await lines.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(`${JSON.stringify(value)}\n`));
    },
    async cancel() {
      await lines.return(undefined);
    },
  });
}
