import { z } from '@hono/zod-openapi';
import type { Clock } from '../../models/base/clock.ts';
import type { FeedbackLedger } from '../../pipeline/store/feedback.ts';
import { BODY_REFUSALS, readJson } from './body.ts';
import type { Door } from './door.ts';
import { feedbackPage, recordList, recordOne } from './feedback.ts';
import * as schemas from './feedback-schemas.ts';
import { queryOf } from './query.ts';

interface Ports {
  readonly pipeline: { readonly feedback: FeedbackLedger };
  readonly clock: Clock;
  readonly newId: () => string;
}

const IDEMPOTENCY_KEY = z.object({
  'Idempotency-Key': z
    .string()
    .optional()
    .describe('1 to 120 printable ASCII characters: the id of a statement that has none of its own'),
});

/** Human labels: given, read back, and what is worth labelling. */
export function feedbackDoors({ pipeline: { feedback: ledger }, clock, newId }: Ports): Door[] {
  return [
    {
      method: 'post',
      path: '/v1/feedback',
      summary: 'Say what a message, or up to 1,000 messages, really are',
      description:
        'One object, or a list of them. Kept for good; the latest word of each author counts, and training with feedback takes it over any other label of the same text. In a list there is one result an item, in order; an item that is wrong gets an error and holds up no other.',
      headers: IDEMPOTENCY_KEY,
      body: {
        schema: schemas.FeedbackRequest,
        example: { text: 'Your gift card is waiting, shop now', label: 'promotional', author: 'ann' },
      },
      answer: { status: 201, description: 'Recorded', schema: schemas.FeedbackResponse },
      refusals: [
        ...BODY_REFUSALS,
        'INVALID_IDEMPOTENCY_KEY',
        'FEEDBACK_ID_REUSED',
        'BATCH_TOO_LARGE',
        'STORE_UNAVAILABLE',
      ],
      async handle(c) {
        const value = await readJson(c.req.raw);
        const key = c.req.header('Idempotency-Key');
        const ports = { ledger, tenant: c.var.tenant, nowMs: clock(), newId, key };
        return c.json(
          Array.isArray(value) ? await recordList(ports, value) : await recordOne(ports, value),
          201,
        );
      },
    },
    {
      method: 'get',
      path: '/v1/feedback',
      summary: 'Every label that people gave, in order of arrival',
      query: schemas.FeedbackQuery,
      answer: { status: 200, description: 'A page', schema: schemas.FeedbackPage },
      refusals: ['INVALID_QUERY'],
      async handle(c) {
        const page = queryOf(schemas.FeedbackQuery, c.req.query());
        return c.json(await feedbackPage(ledger, c.var.tenant, page));
      },
    },
    {
      method: 'get',
      path: '/v1/feedback/candidates',
      summary: 'Messages of late that nobody has labelled',
      description: 'Classified messages with their text, one of each fingerprint, newest first.',
      query: schemas.CandidatesQuery,
      answer: { status: 200, description: 'The messages', schema: schemas.Candidates },
      refusals: ['INVALID_QUERY'],
      async handle(c) {
        const { limit } = queryOf(schemas.CandidatesQuery, c.req.query());
        const found = await ledger.unlabelled(c.var.tenant, limit);
        return c.json({
          messages: found.map(({ verdict, ...message }) => {
            const { class: named, band, probability, fingerprint, modelVersion } = verdict;
            return { ...message, verdict: { class: named, band, probability, fingerprint, modelVersion } };
          }),
        });
      },
    },
  ];
}
