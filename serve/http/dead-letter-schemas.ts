import { z } from '@hono/zod-openapi';
import { Decisions, MessageView } from './schemas.ts';

const LANE = z.enum(['transactional', 'promotional']);
const instant = z.iso.datetime({ offset: true });
const actor = z.string().min(1).max(100).default('api').describe('Who does it, for the audit trail');

const FILTER = {
  code: z.string().min(1).max(64).optional().describe('Why it died, e.g. UNREACHABLE_NUMBER, POISON'),
  lane: LANE.optional(),
  provider: z.string().min(1).max(64).optional().describe('Who was called last'),
  since: instant.optional().describe('Died at or after'),
  before: instant.optional().describe('Died before'),
};
const TRANSIENT = z.boolean().optional().describe('Attempts used up (true) or refused for good (false)');
const IDS = z.array(z.string().min(1).max(64)).min(1).max(1_000).optional();

export const DeadLetterQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
  transient: z.stringbool({ truthy: ['true'], falsy: ['false'] }).optional(),
  ...FILTER,
});
export const ReceiveRequest = z.strictObject({
  limit: z.int().min(1).max(100).default(10),
  visibilitySeconds: z
    .int()
    .min(1)
    .max(43_200)
    .default(300)
    .describe('How long they are hidden from the next one who asks'),
  transient: TRANSIENT,
  ...FILTER,
});

const CHOICE = {
  ids: IDS,
  all: z.literal(true).optional().describe('Every dead letter: has to be said'),
  transient: TRANSIENT,
  actor,
  ...FILTER,
};
const chosen = (value: object): boolean =>
  ['ids', 'all', 'transient', 'code', 'lane', 'provider', 'since', 'before'].some(
    (name) => (value as Record<string, unknown>)[name] !== undefined,
  );
const NOT_CHOSEN = 'name ids, a filter, or "all": true';

export const RedriveRequest = z
  .strictObject({
    ...CHOICE,
    perSecond: z.int().min(1).max(1_000).default(50).describe('Messages a second'),
    limit: z.int().min(1).max(100_000).default(10_000).describe('Oldest first'),
  })
  .refine(chosen, NOT_CHOSEN);
export const DiscardRequest = z
  .strictObject({ ...CHOICE, reason: z.string().trim().min(1).max(500) })
  .refine(chosen, NOT_CHOSEN);

export const DeadLetterView = z.object({
  messageId: z.string(),
  death: z.int().describe('Version of the message at which it died'),
  code: z.string(),
  detail: z.string(),
  lane: LANE,
  attempts: z.int(),
  provider: z.string().nullable(),
  transient: z.boolean(),
  at: z.string(),
  receives: z.int(),
  hiddenUntil: z.string().nullable(),
  redrivenAt: z.string().nullable(),
  discardedAt: z.string().nullable(),
  discardReason: z.string().nullable(),
});
export const DeadLetters = z.object({ deadLetters: z.array(DeadLetterView) });
export const DeadLetterInspection = z.object({
  deaths: z.array(DeadLetterView).describe('Oldest first'),
  message: MessageView.nullable(),
  decisions: Decisions.shape.decisions,
});
export const RedriveResponse = z.object({
  redriven: z.array(z.string()).describe('Those that were dead and go through the pipeline once more'),
});
export const DiscardResponse = z.object({ discarded: z.array(z.string()) });

export const LaneView = z.object({
  lane: LANE,
  state: z
    .enum(['running', 'paused', 'draining'])
    .describe('`paused`: what comes in waits; `draining`: it is refused, and what is in it goes out'),
  reason: z.string().nullable(),
  actor: z.string(),
  since: z.string().nullable().describe('null: it always ran'),
  open: z.int().describe('Messages in it that are on their way'),
  due: z.int().describe('Messages of it that wait for a time: scheduled, deferred, retried'),
});
export const Lanes = z.object({ lanes: z.array(LaneView) });
export const LaneRequest = z.strictObject({
  state: z.enum(['running', 'paused', 'draining']),
  reason: z.string().trim().min(1).max(500).optional(),
  actor,
});
