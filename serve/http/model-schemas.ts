import { z } from '@hono/zod-openapi';
import { MONITORS } from '../../models/drift/monitor.ts';
import { MAX_BATCH } from './schemas.ts';

const share = z.number().min(0).max(1);
const answer = z.object({
  class: z.enum(['transactional', 'promotional']),
  band: z.enum(['sure', 'unsure']),
  probability: share,
  risk: share,
});

export const ModelsView = z.object({
  champion: z.object({ version: z.string(), encoder: z.string() }),
  challenger: z
    .object({
      version: z.string(),
      state: z.string().describe('`starting`, `in shadow`, or why it was refused'),
      compared: z.int().describe('Messages both have answered'),
      disagreed: z.object({ class: z.int(), treatment: z.int() }),
      dropped: z.int().describe('Messages it was not asked about, because it was behind'),
      failed: z.int(),
      waiting: z.int(),
    })
    .nullable(),
});

export const DriftView = z.object({
  modelVersion: z.string(),
  state: z
    .enum(['watching', 'learning', 'no-reference'])
    .describe('`learning`: too few messages to judge by; `no-reference`: the model carries none'),
  messages: z.int().describe('Messages in the sliding window'),
  readings: z.array(
    z.object({ monitor: z.enum(MONITORS), value: z.number(), threshold: z.number(), alarm: z.boolean() }),
  ),
  shiftedSenders: z.array(z.object({ sender: z.string(), before: share, now: share })),
});

export const DisagreementsQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(MAX_BATCH).default(100),
});
export const Disagreements = z.object({
  disagreements: z.array(
    z.object({
      fingerprint: z.string(),
      kind: z
        .enum(['class', 'treatment'])
        .describe('`treatment`: same class, but one would treat it as promotional and the other not'),
      champion: answer,
      challenger: answer,
      count: z.int().describe('Messages of this text since the challenger began'),
      firstAt: z.string(),
      lastAt: z.string(),
    }),
  ),
});
