import { z } from 'zod';
import { CHANNELS } from '../comply/types.ts';

/** Largest body by channel, in characters: what carriers and platforms take, e-mail what mail servers commonly take as text. */
export const MAX_BODY_CHARACTERS = {
  sms: 1_600,
  mms: 5_000,
  rcs: 3_072,
  whatsapp: 4_096,
  push: 4_096,
  email: 1_048_576,
  voice: 4_096,
} as const satisfies Record<(typeof CHANNELS)[number], number>;

export const MAX_TTL_SECONDS = 30 * 86_400;
export const MAX_DEDUP_SECONDS = 7 * 86_400;
export const MAX_METADATA_BYTES = 8_192;
/** `sendAt` may lie this far ahead. */
export const MAX_AHEAD_MS = 366 * 86_400_000;
/** A `sendAt` this far in the past is taken for now (clocks differ); older ones are mistakes. */
export const PAST_TOLERANCE_MS = 60_000;

/** Shape of one message as the doors take it. What needs knowledge beyond types is checked by `checkRequest`. */
export const MessageRequest = z.strictObject({
  to: z.string().min(1).max(4_096).describe('E.164 number, e-mail address or device token, by channel'),
  from: z.string().min(1).max(320).describe('What the recipient sees: number, short code, name or address'),
  channel: z.enum(CHANNELS),
  body: z.string().min(1).max(MAX_BODY_CHARACTERS.email),
  subject: z.string().min(1).max(998).optional().describe('E-mail only'),
  category: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9 _.-]{0,63}$/, 'letters, digits, space, _ . - and at most 64 characters')
    .optional()
    .describe('What the caller says it is, e.g. otp, receipt, marketing; can only make treatment stricter'),
  ttlSeconds: z.int().min(1).max(MAX_TTL_SECONDS).optional().describe('Useless after this; then it expires'),
  sendAt: z.iso
    .datetime({ offset: true })
    .optional()
    .describe('Not before this instant, ISO 8601 with offset'),
  dedupSeconds: z
    .int()
    .min(1)
    .max(MAX_DEDUP_SECONDS)
    .optional()
    .describe('The same text from this sender to this recipient within so long is the same message'),
  metadata: z.record(z.string().max(64), z.json()).optional().describe('Facts about recipient and message'),
});

export type MessageRequest = z.infer<typeof MessageRequest>;
