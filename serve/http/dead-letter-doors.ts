import type { Pipeline } from '../../pipeline/compose.ts';
import type { DeadLetter, DeadLetterFilter } from '../../pipeline/store/dead-letters.ts';
import { BODY_REFUSALS, checkShape, readJson } from './body.ts';
import * as schemas from './dead-letter-schemas.ts';
import { viewDecision } from './decision-view.ts';
import type { Door } from './door.ts';
import { ProblemError } from './problem.ts';
import { queryOf } from './query.ts';

export interface DeadLetterPorts {
  readonly pipeline: Pick<Pipeline, 'deadLetters' | 'get' | 'decision'>;
}

interface Said {
  readonly ids?: readonly string[] | undefined;
  readonly code?: string | undefined;
  readonly lane?: 'transactional' | 'promotional' | undefined;
  readonly provider?: string | undefined;
  readonly transient?: boolean | undefined;
  readonly since?: string | undefined;
  readonly before?: string | undefined;
}

function filterOf({ ids, code, lane, provider, transient, since, before }: Said): DeadLetterFilter {
  return {
    ...(ids === undefined ? {} : { ids: [...new Set(ids)] }),
    ...(code === undefined ? {} : { code }),
    ...(lane === undefined ? {} : { lane }),
    ...(provider === undefined ? {} : { provider }),
    ...(transient === undefined ? {} : { transient }),
    ...(since === undefined ? {} : { sinceMs: Date.parse(since) }),
    ...(before === undefined ? {} : { beforeMs: Date.parse(before) }),
  };
}

const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

const viewOf = (one: DeadLetter) => ({
  messageId: one.message_id,
  death: one.death,
  code: one.code,
  detail: one.detail,
  lane: one.lane,
  attempts: one.attempts,
  provider: one.provider,
  transient: one.transient,
  at: iso(one.at_ms)!,
  receives: one.receives,
  hiddenUntil: iso(one.hidden_until_ms),
  redrivenAt: iso(one.redriven_at_ms),
  discardedAt: iso(one.discarded_at_ms),
  discardReason: one.discard_reason,
});

/** What failed for good: look at it, send it once more, or let it go. Every change is on the audit trail. */
export function deadLetterDoors({ pipeline }: DeadLetterPorts): Door[] {
  const { deadLetters } = pipeline;
  return [
    {
      method: 'get',
      path: '/v1/dead-letters',
      summary: 'Messages that failed for good, newest first',
      query: schemas.DeadLetterQuery,
      answer: { status: 200, description: 'Neither redriven nor discarded', schema: schemas.DeadLetters },
      refusals: ['INVALID_QUERY'],
      async handle(c) {
        const { limit, ...said } = queryOf(schemas.DeadLetterQuery, c.req.query());
        const dead = await deadLetters.list(c.var.tenant, { limit, ...filterOf(said) });
        return c.json({ deadLetters: dead.map(viewOf) });
      },
    },
    {
      method: 'get',
      path: '/v1/dead-letters/{id}',
      summary: 'Why a message died: its deaths, timeline, attempts and decision records',
      answer: { status: 200, description: 'All that is known', schema: schemas.DeadLetterInspection },
      refusals: ['NOT_FOUND'],
      async handle(c) {
        const id = c.req.param('id')!;
        const deaths = await deadLetters.deaths(c.var.tenant, id);
        if (deaths.length === 0) throw new ProblemError('NOT_FOUND', 'No message of this id has died.');
        const [message, decisions] = await Promise.all([
          pipeline.get(c.var.tenant, id),
          pipeline.decision(c.var.tenant, id),
        ]);
        return c.json({
          deaths: deaths.map(viewOf),
          message: message ?? null,
          decisions: decisions.map(viewDecision),
        });
      },
    },
    {
      method: 'post',
      path: '/v1/dead-letters/receive',
      summary: 'Take dead letters to look at, oldest first',
      description:
        'They are hidden from the next one who asks for up to 12 hours, and handed out at most 1,000 times. To finish with one, redrive or discard it.',
      body: { schema: schemas.ReceiveRequest, example: { limit: 10, visibilitySeconds: 600 } },
      answer: { status: 200, description: 'Those taken', schema: schemas.DeadLetters },
      refusals: BODY_REFUSALS,
      async handle(c) {
        const { limit, visibilitySeconds, ...said } = checkShape(
          schemas.ReceiveRequest,
          await readJson(c.req.raw),
        );
        const visibilityMs = visibilitySeconds * 1_000;
        const taken = await deadLetters.receive(c.var.tenant, { ...filterOf(said), limit, visibilityMs });
        return c.json({ deadLetters: taken.map(viewOf) });
      },
    },
    {
      method: 'post',
      path: '/v1/dead-letters/redrive',
      summary: 'Send failed messages through the pipeline once more, at a bounded rate',
      description:
        'By ids, by filter, or all. During an outage of the provider they wait for it and use up no attempt.',
      body: { schema: schemas.RedriveRequest, example: { code: 'CARRIER_BUSY', perSecond: 20 } },
      answer: { status: 202, description: 'On their way', schema: schemas.RedriveResponse },
      refusals: BODY_REFUSALS,
      async handle(c) {
        const {
          actor,
          perSecond,
          limit,
          all: _,
          ...said
        } = checkShape(schemas.RedriveRequest, await readJson(c.req.raw));
        const request = { ...filterOf(said), perSecond, limit };
        return c.json({ redriven: await deadLetters.redrive(c.var.tenant, request, actor) }, 202);
      },
    },
    {
      method: 'post',
      path: '/v1/dead-letters/discard',
      summary: 'Take dead letters off the list for good',
      description: 'The messages stay `failed`.',
      body: {
        schema: schemas.DiscardRequest,
        example: { code: 'UNREACHABLE_NUMBER', reason: 'numbers out of service' },
      },
      answer: { status: 200, description: 'Discarded', schema: schemas.DiscardResponse },
      refusals: BODY_REFUSALS,
      async handle(c) {
        const {
          actor,
          reason,
          all: _,
          ...said
        } = checkShape(schemas.DiscardRequest, await readJson(c.req.raw));
        return c.json({
          discarded: await deadLetters.discard(c.var.tenant, filterOf(said), reason, actor),
        });
      },
    },
  ];
}
