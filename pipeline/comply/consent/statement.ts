import { z } from 'zod';
import { CHANNELS } from '../channel.ts';
import { CONSENT_LEVELS } from './consent.ts';

const word = (most: number) => z.string().min(1).max(most);
const instant = (what: string) => z.iso.datetime({ offset: true }).describe(`${what}, ISO 8601 with offset`);

/** What someone said about being contacted, as doors and import files bring it. */
export const ConsentStatement = z
  .strictObject({
    recipient: word(4_096).describe('E.164 number, e-mail address or device token'),
    kind: z.enum(['granted', 'confirmed', 'revoked', 'expired']),
    channel: z.enum([...CHANNELS, 'any']).default('any'),
    purpose: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,63}$/, 'lower-case letters, digits and -, at most 64')
      .default('marketing')
      .describe('`marketing`, `informational`, `any`, or what a rule names'),
    level: z.enum(CONSENT_LEVELS).optional().describe('For granted and confirmed; absent: implied'),
    brand: word(128).describe('Absent: every brand').optional(),
    at: instant('When it was said; absent: now').optional(),
    expiresAt: instant('Until when it holds; an earlier end that the law sets goes before').optional(),
    method: word(64).optional().describe('web-form, paper, sms-keyword, import, ...'),
    wordingVersion: word(128).optional(),
    jurisdiction: z
      .string()
      .regex(/^[A-Z]{2}(?:-[A-Z0-9]{1,3})?$/, 'an ISO 3166 code, e.g. US or US-FL')
      .optional()
      .describe('Under whose law; absent: told from the number'),
    basis: word(64).optional().describe('What an implied permission rests on: purchase, inquiry, ...'),
    source: word(64).optional().describe('Where it came from: own-form, purchased, ...'),
    campaign: word(128).optional(),
    evidence: z
      .array(word(64))
      .max(32)
      .optional()
      .describe('What the record proves: signature, seller-name, ...'),
    proof: word(512).optional().describe('Where the proof is kept'),
    id: z
      .string()
      .regex(/^[\x21-\x7e]{1,128}$/, '1 to 128 printable ASCII characters')
      .optional()
      .describe('The same id twice is one event; absent: made'),
  })
  .refine(({ kind, level }) => level === undefined || kind === 'granted' || kind === 'confirmed', {
    path: ['level'],
    message: 'is for granted and confirmed only',
  });
export type ConsentStatement = z.output<typeof ConsentStatement>;
