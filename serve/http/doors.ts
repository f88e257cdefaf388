import { z } from '@hono/zod-openapi';
import { type Clock, monotonicMs } from '../../models/base/clock.ts';
import type { Pipeline } from '../../pipeline/compose.ts';
import { auditDoors } from './audit-doors.ts';
import { BODY_REFUSALS, checkShape, invalidRequest, MAX_MESSAGE_BYTES, readJson } from './body.ts';
import { checkClassifyRequest, classifyBatch, explained, type ObserveItem, roundMs } from './classify.ts';
import { consentOf, recordConsent, suppress, suppressionsOf, unsuppress } from './contacts.ts';
import { deadLetterDoors } from './dead-letter-doors.ts';
import { decideDoors } from './decide.ts';
import { viewDecision } from './decision-view.ts';
import type { Door } from './door.ts';
import { factDoors } from './fact-doors.ts';
import { feedbackDoors } from './feedback-doors.ts';
import { laneDoors } from './lane-doors.ts';
import { ledgerDoors } from './ledger-doors.ts';
import { acceptBatch, acceptOne } from './messages.ts';
import type { Metrics } from './metrics.ts';
import { type ModelPorts, modelDoors } from './model-doors.ts';
import { type ProblemCode, ProblemError } from './problem.ts';
import { queryOf } from './query.ts';
import { receiptDoors } from './receipts.ts';
import { rulesDoors } from './rules-doors.ts';
import * as schemas from './schemas.ts';
import { unsubscribeDoors } from './unsubscribe.ts';

/** What the operations under `/v1` work with. */
export interface DoorPorts {
  readonly pipeline: Pick<
    Pipeline,
    | 'accept'
    | 'classify'
    | 'decide'
    | 'get'
    | 'decision'
    | 'consent'
    | 'consentDesk'
    | 'inbound'
    | 'registries'
    | 'denylist'
    | 'suppressions'
    | 'facts'
    | 'deadLetters'
    | 'lanes'
    | 'laneCounts'
    | 'feedback'
    | 'receive'
    | 'unsubscribe'
  > & { readonly governance: Pick<Pipeline['governance'], 'rules' | 'audit' | 'erase' | 'trail'> };
  readonly metrics: Pick<Metrics, 'classified'>;
  readonly models: ModelPorts;
  readonly clock: Clock;
  readonly newId: () => string;
}

const IDEMPOTENCY_KEY = z.object({
  'Idempotency-Key': z
    .string()
    .optional()
    .describe('1 to 255 printable ASCII characters; the same key and body get the same answer'),
});
const RECIPIENT_QUERY = z.object({ recipient: z.string().describe('With + as %2B') });
const CONSENT_QUERY = RECIPIENT_QUERY.extend({
  at: z.iso.datetime({ offset: true }).optional().describe('ISO 8601 with offset; absent: now'),
});
const SMS = { to: '+12125550123', from: 'LANEWAY', channel: 'sms', body: 'Your code is 482913' };

/** The items of a batch, unchecked but for their number. */
function itemsOf(value: unknown): readonly unknown[] {
  const listed = (value as { readonly messages?: unknown } | null)?.messages;
  if (Array.isArray(listed) && listed.length > schemas.MAX_BATCH) {
    throw new ProblemError(
      'BATCH_TOO_LARGE',
      `/messages has ${listed.length} items; a batch takes at most ${schemas.MAX_BATCH}.`,
      {
        fields: [
          { field: '/messages', code: 'TOO_MANY', message: `has more than ${schemas.MAX_BATCH} items` },
        ],
        fix: 'Split the batch.',
      },
    );
  }
  return checkShape(schemas.batchOf(z.unknown()), value).messages;
}

const notFound = (what: string, id: string): ProblemError =>
  new ProblemError('NOT_FOUND', `There is no ${what} ${/^[\w-]{1,64}$/.test(id) ? id : 'of that id'}.`);

/** Everything under `/v1`. */
export function createDoors(ports: DoorPorts): readonly Door[] {
  return [
    ...classifyDoors(ports),
    ...messageDoors(ports),
    ...decideDoors(ports),
    ...contactDoors(ports),
    ...ledgerDoors(ports),
    ...factDoors(ports),
    ...deadLetterDoors(ports),
    ...laneDoors(ports),
    ...feedbackDoors(ports),
    ...modelDoors(ports),
    ...rulesDoors(ports),
    ...auditDoors(ports),
    ...receiptDoors(ports),
    ...unsubscribeDoors(ports),
  ];
}

function classifyDoors({ pipeline, metrics, models }: DoorPorts): Door[] {
  return [
    {
      method: 'post',
      path: '/v1/classify',
      summary: 'Say what a message is',
      description: 'Nothing is sent or stored.',
      body: { schema: schemas.ClassifyRequest, example: { text: 'Your code is 482913. Do not share it.' } },
      answer: { status: 200, description: 'The verdict', schema: schemas.ClassifyResponse },
      refusals: BODY_REFUSALS,
      async handle(c) {
        const checked = checkClassifyRequest(await readJson(c.req.raw));
        if (!checked.ok) throw invalidRequest(checked.fields);
        const { input, sender, explain } = checked;
        const started = monotonicMs();
        const [verdict] = await pipeline.classify([input], { urgent: true });
        const tookMs = monotonicMs() - started;
        metrics.classified(verdict!.stage, tookMs / 1_000);
        models.observe({ tenant: c.var.tenant, ...input, ...(sender ? { sender } : {}), verdict: verdict! });
        return c.json({ ...explained(verdict!, input, explain), tookMs: roundMs(tookMs) });
      },
    },
    {
      method: 'post',
      path: '/v1/classify/batch',
      summary: 'Say what each of up to 1,000 messages is',
      description: 'One result an item, in order; an item that is wrong gets an error and holds up no other.',
      body: {
        schema: schemas.batchOf(schemas.ClassifyRequest),
        example: { messages: [{ text: 'Your parcel arrives today' }, { text: '50% off everything' }] },
      },
      answer: { status: 200, description: 'The results', schema: schemas.ClassifyBatchResponse },
      refusals: [...BODY_REFUSALS, 'BATCH_TOO_LARGE'],
      async handle(c) {
        const items = itemsOf(await readJson(c.req.raw));
        const observe: ObserveItem = (seen) => models.observe({ tenant: c.var.tenant, ...seen });
        return c.json(await classifyBatch(pipeline.classify, items, observe));
      },
    },
  ];
}

function messageDoors({ pipeline }: DoorPorts): Door[] {
  const refusals: readonly ProblemCode[] = [
    ...BODY_REFUSALS,
    'INVALID_IDEMPOTENCY_KEY',
    'STORE_UNAVAILABLE',
    'LANE_DRAINING',
    'SHUTTING_DOWN',
  ];
  return [
    {
      method: 'post',
      path: '/v1/messages',
      summary: 'Send a message',
      description: 'Answered when the message is stored: from then on it survives a crash.',
      headers: IDEMPOTENCY_KEY,
      body: { schema: schemas.MessageBody, example: SMS },
      answer: {
        status: 202,
        description: 'Stored; see Location for what becomes of it',
        schema: schemas.Accepted,
      },
      refusals: [...refusals, 'INVALID_MESSAGE', 'IDEMPOTENCY_KEY_REUSED'],
      async handle(c) {
        const request = await readJson(c.req.raw, MAX_MESSAGE_BYTES);
        const accepted = await acceptOne(pipeline, c.var.tenant, request, c.req.header('Idempotency-Key'));
        c.header('Location', `/v1/messages/${accepted.id}`);
        return c.json(accepted, 202);
      },
    },
    {
      method: 'post',
      path: '/v1/messages/batch',
      summary: 'Send up to 1,000 messages',
      description:
        'One result an item, in order; an item that is wrong gets an error and holds up no other. With an Idempotency-Key the batch may be sent again as it was.',
      headers: IDEMPOTENCY_KEY,
      body: { schema: schemas.batchOf(schemas.MessageBatchItem), example: { messages: [SMS] } },
      answer: { status: 202, description: 'The results', schema: schemas.MessageBatchResponse },
      refusals: [...refusals, 'BATCH_TOO_LARGE'],
      async handle(c) {
        const items = itemsOf(await readJson(c.req.raw));
        return c.json(await acceptBatch(pipeline, c.var.tenant, items, c.req.header('Idempotency-Key')), 202);
      },
    },
    {
      method: 'get',
      path: '/v1/messages/{id}',
      summary: 'Where a message stands, and how it came there',
      answer: { status: 200, description: 'State, timeline and attempts', schema: schemas.MessageView },
      refusals: ['NOT_FOUND'],
      async handle(c) {
        const id = c.req.param('id')!;
        const view = await pipeline.get(c.var.tenant, id);
        if (!view) throw notFound('message', id);
        return c.json(view);
      },
    },
    {
      method: 'get',
      path: '/v1/decisions/{id}',
      summary: 'Why a message was treated as it was',
      description:
        'Every decision taken on the message of this id, oldest first: verdict, rules with their basis, facts read. Empty until the rules were asked.',
      answer: { status: 200, description: 'The decision records', schema: schemas.Decisions },
      refusals: ['NOT_FOUND'],
      async handle(c) {
        const id = c.req.param('id')!;
        const taken = await pipeline.decision(c.var.tenant, id);
        if (taken.length === 0 && !(await pipeline.get(c.var.tenant, id))) throw notFound('message', id);
        return c.json({ messageId: id, decisions: taken.map(viewDecision) });
      },
    },
  ];
}

function contactDoors({ pipeline, clock, newId }: DoorPorts): Door[] {
  const { consent, consentDesk, suppressions } = pipeline;
  return [
    {
      method: 'post',
      path: '/v1/consent',
      summary: 'Record what a recipient said about being contacted',
      description: 'Events are kept for good; a correction is another event.',
      body: {
        schema: schemas.ConsentRequest,
        example: {
          recipient: '+12125550123',
          channel: 'sms',
          purpose: 'marketing',
          kind: 'granted',
          level: 'express-written',
          method: 'web-form',
        },
      },
      answer: { status: 201, description: 'Recorded', schema: schemas.ConsentResponse },
      refusals: BODY_REFUSALS,
      async handle(c) {
        const request = checkShape(schemas.ConsentRequest, await readJson(c.req.raw));
        return c.json(await recordConsent(consentDesk, consent, c.var.tenant, request, clock(), newId), 201);
      },
    },
    {
      method: 'get',
      path: '/v1/consent',
      summary: 'Every consent of a recipient as it now stands',
      description: 'With `at`: as it stood then, as far as it had been said by then.',
      query: CONSENT_QUERY,
      answer: {
        status: 200,
        description: 'The state',
        schema: schemas.ConsentResponse.omit({ eventId: true }),
      },
      refusals: ['INVALID_QUERY', 'INVALID_REQUEST'],
      async handle(c) {
        const { recipient, at } = queryOf(CONSENT_QUERY.strict(), c.req.query());
        const atMs = at === undefined ? clock() : Date.parse(at);
        return c.json(await consentOf(consent, c.var.tenant, recipient, atMs));
      },
    },
    {
      method: 'post',
      path: '/v1/suppressions',
      summary: 'Stop messages to an address',
      body: {
        schema: schemas.SuppressionRequest,
        example: { recipient: '+12125550123', purpose: 'marketing' },
      },
      answer: { status: 201, description: 'In force', schema: schemas.SuppressionResponse },
      refusals: BODY_REFUSALS,
      async handle(c) {
        const request = checkShape(schemas.SuppressionRequest, await readJson(c.req.raw));
        return c.json(await suppress(suppressions, c.var.tenant, request, clock()), 201);
      },
    },
    {
      method: 'get',
      path: '/v1/suppressions',
      summary: 'Every suppression of an address, in force or ended',
      query: RECIPIENT_QUERY,
      answer: { status: 200, description: 'The entries', schema: schemas.SuppressionResponse },
      refusals: ['INVALID_QUERY', 'INVALID_REQUEST'],
      async handle(c) {
        const { recipient } = queryOf(RECIPIENT_QUERY.strict(), c.req.query());
        return c.json(await suppressionsOf(suppressions, c.var.tenant, recipient));
      },
    },
    {
      method: 'delete',
      path: '/v1/suppressions',
      summary: 'End suppressions of an address',
      description: 'Ends those in force that match every parameter given; they stay on record.',
      query: schemas.SuppressionFilter,
      answer: { status: 200, description: 'Ended', schema: schemas.SuppressionEnded },
      refusals: ['INVALID_QUERY', 'INVALID_REQUEST', 'NOT_FOUND'],
      async handle(c) {
        const filter = queryOf(schemas.SuppressionFilter, c.req.query());
        return c.json(await unsuppress(suppressions, c.var.tenant, filter, clock()));
      },
    },
  ];
}
