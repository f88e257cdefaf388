import { z } from '@hono/zod-openapi';
import { ItemError, MAX_BATCH, MAX_TEXT_CHARACTERS } from './schemas.ts';

const label = z.enum(['transactional', 'promotional']);
const word = (what: string) =>
  z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'lower-case letters, digits and -, at most 32')
    .describe(what);

export const FeedbackItem = z.strictObject({
  messageId: z.string().min(1).max(64).optional().describe('A message of Laneway; or `text`, not both'),
  text: z.string().min(1).max(MAX_TEXT_CHARACTERS).optional().describe('The message as it was read'),
  label: label.optional().describe('What the message is; may be left out where `risk` is given'),
  risk: z.boolean().optional().describe('Scam or phishing'),
  note: z.string().min(1).max(2_000).optional(),
  author: z
    .string()
    .regex(/^[^\p{C}]{1,128}$/u, '1 to 128 characters, no control characters')
    .default('api')
    .describe('Who says so; the latest word of each author counts'),
  source: word('By what way it came: api, review, import, ...').default('api'),
  id: z
    .string()
    .regex(/^[\x21-\x7e]{1,128}$/, '1 to 128 printable ASCII characters')
    .optional()
    .describe('The same id twice is one statement; absent: made'),
});

/** The frame of a list; its items are checked one by one, so that a bad one does not hold up the others. */
export const FeedbackList = z.array(FeedbackItem).min(1).max(MAX_BATCH);
export const FeedbackRequest = z.union([FeedbackItem, FeedbackList]);

export const FeedbackRecorded = z.object({
  id: z.string(),
  fingerprint: z.string().describe('128 bits of SHA-256 of the canonical text, hex'),
  repeated: z.boolean().describe('The same statement had been made under this id'),
});
export const FeedbackListResponse = z.object({
  recorded: z.int(),
  repeated: z.int(),
  rejected: z.int(),
  results: z.array(z.union([FeedbackRecorded, ItemError])).describe('One an item, in order'),
});
export const FeedbackResponse = z.union([FeedbackRecorded, FeedbackListResponse]);

export const FeedbackQuery = z.strictObject({
  after: z.coerce.number().int().min(0).default(0).describe('`next` of the page before'),
  limit: z.coerce.number().int().min(1).max(MAX_BATCH).default(100),
});
export const FeedbackPage = z.object({
  feedback: z.array(
    z.object({
      seq: z.int(),
      id: z.string(),
      fingerprint: z.string(),
      messageId: z.string().optional(),
      text: z.string().optional().describe('Absent when the message it spoke of is gone'),
      label: label.optional(),
      risk: z.boolean().optional(),
      note: z.string().optional(),
      source: z.string(),
      author: z.string(),
      at: z.string(),
    }),
  ),
  next: z.int().nullable().describe('`after` of the next page; null: this was the last'),
});

export const CandidatesQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(MAX_BATCH).default(500),
});
export const Candidates = z.object({
  messages: z.array(
    z.object({
      id: z.string(),
      text: z.string(),
      sender: z.string(),
      channel: z.string(),
      verdict: z.object({
        class: label,
        band: z.enum(['sure', 'unsure']),
        probability: z.number(),
        fingerprint: z.string(),
        modelVersion: z.string(),
      }),
    }),
  ),
});
