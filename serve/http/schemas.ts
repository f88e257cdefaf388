import { z } from '@hono/zod-openapi';
import { MessageRequest } from '../../pipeline/accept/request.ts';
import { CONSENT_LEVELS } from '../../pipeline/comply/consent/consent.ts';
import { ConsentStatement } from '../../pipeline/comply/consent/statement.ts';
import { CHANNELS } from '../../pipeline/comply/types.ts';
import { MESSAGE_STATES } from '../../pipeline/store/schema.ts';

/** Items in one batch. */
export const MAX_BATCH = 1_000;
export const MAX_TEXT_CHARACTERS = 262_144;

const instant = (what: string) => z.iso.datetime({ offset: true }).describe(`${what}, ISO 8601 with offset`);
const recipient = z.string().min(1).max(4_096).describe('E.164 number, e-mail address or device token');
const channel = z.enum(CHANNELS);
const anyChannel = z.enum([...CHANNELS, 'any']);
const brand = z.string().min(1).max(128).describe('Absent: every brand');

export const ClassifyRequest = z.strictObject({
  text: z.string().min(1).max(MAX_TEXT_CHARACTERS).describe('The message as the recipient would read it'),
  sender: z.string().min(1).max(320).optional().describe('What the recipient sees as the sender'),
  recipient: recipient
    .optional()
    .describe('With `sentAt`: the local hour is taken into account, which can only make the answer stricter'),
  sentAt: instant('When it is sent').optional(),
  channel: channel.optional().describe('Tells how to read `recipient`'),
  explain: z.boolean().optional().describe('Also say where in the text the reasons stand'),
});

export const Verdict = z.object({
  class: z.enum(['transactional', 'promotional']),
  band: z.enum(['sure', 'unsure']).describe('`unsure` gets promotional treatment'),
  probability: z.number().min(0).max(1).describe('P(promotional), calibrated'),
  risk: z.number().min(0).max(1).describe('P(scam or phishing)'),
  reasons: z.array(
    z.object({
      feature: z.string(),
      text: z.string(),
      contribution: z.number().describe('Above 0: speaks for promotional'),
    }),
  ),
  modelVersion: z.string(),
  fingerprint: z.string().describe('128 bits of SHA-256 of the canonical text, hex'),
  stage: z.enum(['cache-l1', 'cache-l2', 'lexical', 'semantic']),
  degraded: z.string().optional().describe('What was missing, e.g. `encoder-unavailable`'),
});

/** With `explain`: where in the text the reasons stand. */
export const Spans = z
  .array(
    z.object({
      start: z.number().int().describe('First UTF-16 unit of the text'),
      end: z.number().int().describe('One past the last'),
      contribution: z.number().describe('Of all reasons that name it; above 0: speaks for promotional'),
      features: z.array(z.string()).describe('`feature` of those reasons, the strongest first'),
    }),
  )
  .describe('Ascending, without overlap; present when asked for by `explain`');
export const ExplainedVerdict = Verdict.extend({ spans: Spans.optional() });
const tookMs = z.number().describe('Milliseconds in the classifier');
export const ClassifyResponse = ExplainedVerdict.extend({ tookMs });

export const ItemError = z.object({
  error: z.object({
    code: z.string(),
    title: z.string(),
    detail: z.string(),
    errors: z.array(z.object({ field: z.string(), code: z.string(), message: z.string() })).optional(),
  }),
});

/** The frame of a batch; its items are checked one by one, so that a bad one does not hold up the others. */
export const batchOf = <T extends z.ZodType>(item: T) =>
  z.strictObject({ messages: z.array(item).min(1).max(MAX_BATCH) });

export const ClassifyBatchResponse = z.object({
  results: z.array(z.union([ExplainedVerdict, ItemError])).describe('One an item, in order'),
  tookMs,
});

/** For the reference only: the pipeline checks messages itself. */
export const MessageBody = MessageRequest.extend({
  metadata: z
    .record(z.string(), z.unknown())
    .optional()
    .describe(
      'Facts that only the caller knows: timezone, country, subdivision, purpose, emergency, exemption, similarOwnProducts, subscriberType, age, gaveAddress, brand, senderType, twoWay, isCharity, sector, contactSource, optOutOfferedAtCollection, headers',
    ),
});
export const MessageBatchItem = MessageBody.extend({
  idempotencyKey: z.string().min(1).max(255).optional().describe('As the header, for this item'),
});

export const Accepted = z.object({
  id: z.string(),
  state: z.enum(['accepted', 'scheduled']),
  repeated: z.boolean().describe('The idempotency key had been used with this same message'),
});
export const MessageBatchResponse = z.object({
  accepted: z.int(),
  rejected: z.int(),
  results: z.array(z.union([Accepted, ItemError])).describe('One an item, in order'),
});

export const MessageView = z.object({
  id: z.string(),
  state: z.enum(MESSAGE_STATES),
  lane: z.enum(['transactional', 'promotional']),
  channel,
  from: z.string(),
  to: z.string(),
  category: z.string().nullable(),
  reason: z.string().nullable(),
  acceptedAt: z.string(),
  sendAt: z.string().nullable(),
  expiresAt: z.string().nullable(),
  dueAt: z.string().nullable(),
  timeline: z.array(z.object({ at: z.string(), type: z.string(), data: z.unknown() })),
  attempts: z.array(
    z.object({
      attempt: z.int(),
      provider: z.string(),
      startedAt: z.string(),
      endedAt: z.string().nullable(),
      outcome: z.enum(['sent', 'retry', 'failed', 'ambiguous']).nullable(),
      providerRef: z.string().nullable(),
      errorCode: z.string().nullable(),
      errorDetail: z.string().nullable(),
    }),
  ),
});

export const Decisions = z.object({
  messageId: z.string(),
  decisions: z.array(
    z.object({
      seq: z.int(),
      outcome: z.string(),
      readable: z
        .enum(['yes', 'erased', 'dropped', 'no'])
        .describe(
          'erased: the recipient was; dropped: retention is over; no: key or bytes are not as written',
        ),
      hash: z.string().nullable().describe('SHA-256 of the record as canonical JSON (RFC 8785), hex'),
      record: z.record(z.string(), z.unknown()).nullable(),
    }),
  ),
});

export const ConsentRequest = ConsentStatement;

export const ConsentState = z.object({
  channel: anyChannel,
  purpose: z.string(),
  brand: z.string().optional(),
  status: z.enum(['granted', 'confirmed', 'revoked', 'expired']),
  level: z.enum(CONSENT_LEVELS),
  since: z.string(),
  expiresAt: z.string().optional(),
  expiresBy: z.string().optional().describe('The law that sets the end'),
  exceptPurposes: z.array(z.string()).optional(),
  method: z.string().optional(),
  wordingVersion: z.string().optional(),
  jurisdiction: z.string().optional(),
  basis: z.string().optional(),
  source: z.string().optional(),
  campaign: z.string().optional(),
  evidence: z.array(z.string()).optional(),
  proof: z.string().optional(),
  imported: z.string().optional().describe('Import and line of its file'),
});
export const ConsentResponse = z.object({
  recipient: z.string(),
  eventId: z.string(),
  state: z.array(ConsentState).describe('Every consent of the recipient as it now stands'),
});

export const SuppressionRequest = z.strictObject({
  recipient,
  purpose: z.enum(['all', 'marketing', 'informational']).default('all'),
  channel: anyChannel.default('any'),
  brand: brand.optional(),
  reason: z
    .enum([
      'operator',
      'stop-keyword',
      'unsubscribe',
      'complaint',
      'carrier-stop',
      'hard-bounce',
      'objection',
      'import',
    ])
    .default('operator'),
  until: instant('Until when; absent: for ever').optional(),
});
/** Which entries to end: those that have every member that is given. */
export const SuppressionFilter = z.strictObject({
  recipient,
  purpose: z.enum(['all', 'marketing', 'informational']).optional(),
  channel: anyChannel.optional(),
  brand: brand.optional(),
  reason: z.string().min(1).max(64).optional(),
});
export const SuppressionView = z.object({
  purpose: z.enum(['all', 'marketing', 'informational']),
  channel: anyChannel,
  brand: z.string().optional(),
  reason: z.string(),
  since: z.string(),
  until: z.string().optional(),
});
export const SuppressionResponse = z.object({ recipient: z.string(), entries: z.array(SuppressionView) });
export const SuppressionEnded = SuppressionResponse.extend({ ended: z.int() });

export const ProblemBody = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string().describe('Stable, for programs'),
  detail: z.string(),
  fix: z.string().optional(),
  errors: z
    .array(
      z.object({
        field: z.string().describe('JSON pointer into the body, or a header or query parameter'),
        code: z.string(),
        message: z.string(),
      }),
    )
    .optional(),
  requestId: z.string().optional(),
});

export const Readiness = z.object({
  ready: z.boolean(),
  store: z.string(),
  redis: z.string(),
  providers: z.record(z.string(), z.string()),
  model: z.object({ version: z.string(), refused: z.array(z.string()) }),
  encoder: z.string(),
  degraded: z.array(z.string()).describe('What is not as it should be, in words'),
});
