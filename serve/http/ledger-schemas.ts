import { z } from '@hono/zod-openapi';
import { CHANNELS } from '../../pipeline/comply/types.ts';
import { DENY_KINDS } from '../../pipeline/suppress/denylist.ts';
import { HttpRegistrySettings } from '../../pipeline/suppress/http-registry.ts';
import { MAX_BATCH, MAX_TEXT_CHARACTERS } from './schemas.ts';

const id = z.string().regex(/^[\x21-\x7e]{1,128}$/, '1 to 128 printable ASCII characters');
const instant = z.iso.datetime({ offset: true });
const name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'lower-case letters, digits and -, at most 64');
const recipient = z.string().min(1).max(4_096);

export const InboundRequest = z.strictObject({
  id: id.describe('Of the inbound message, as the carrier calls it; the same id twice is one message'),
  from: recipient.describe('The person who wrote'),
  to: z.string().min(1).max(320).describe('Our number, short code, name or address'),
  channel: z.enum(CHANNELS),
  text: z.string().max(MAX_TEXT_CHARACTERS),
  complaint: z
    .boolean()
    .optional()
    .describe('The person did not write: they reported a message of ours as spam'),
  at: instant.optional().describe('When it was written; absent: now'),
  brand: z.string().min(1).max(128).optional().describe('Only this brand was meant'),
});
export const InboundResponse = z.object({
  id: z.string(),
  wish: z.object({
    kind: z.enum(['stop', 'start', 'help', 'none']),
    scope: z.enum(['marketing', 'all']).optional(),
    by: z.enum(['keyword', 'free-text', 'complaint', 'one-click']).optional(),
    language: z.string().optional(),
  }),
  changed: z.boolean().describe('Whether it changed what the person may be sent'),
  confirmation: z.string().nullable().describe('Id of the one confirmation, when this message made it'),
  noConfirmation: z.enum(['no-stop', 'confirmed-before', 'too-late', 'no-way-back', 'complaint']).nullable(),
  inHand: z.array(z.string()).describe('Messages that a provider had in hand: they may still arrive'),
  repeated: z.boolean().describe('The id was answered before'),
});

export const ConsentEventsQuery = z.strictObject({
  after: z.coerce.number().int().min(0).default(0).describe('`next` of the page before'),
  limit: z.coerce.number().int().min(1).max(MAX_BATCH).default(100),
});
export const ConsentEventsPage = z.object({
  events: z.array(
    z.object({ seq: z.int(), recipient: z.string(), event: z.record(z.string(), z.unknown()) }),
  ),
  next: z.int().nullable(),
});

export const ImportBegin = z.strictObject({
  fileName: z.string().regex(/^[^\p{C}/\\]{1,255}$/u, 'a name without a folder'),
  fileHash: z.string().regex(/^[0-9a-f]{64}$/, 'SHA-256 in hex'),
  importedBy: z.string().regex(/^[^\p{C}]{1,128}$/u, '1 to 128 characters'),
});
export const ImportView = z.object({
  id: z.string(),
  fileName: z.string(),
  fileHash: z.string(),
  importedBy: z.string(),
  startedAt: z.string(),
  finishedAt: z.string().nullable(),
  recorded: z.int(),
  repeated: z.int(),
  bad: z.int(),
});
export const Imports = z.object({ imports: z.array(ImportView) });
export const ImportRows = z.strictObject({
  rows: z
    .array(
      z.strictObject({
        line: z.int().min(1).max(2_000_000_000),
        values: z.record(z.string().max(64), z.string().max(4_096)),
      }),
    )
    .min(1)
    .max(MAX_BATCH),
});
export const ImportResult = z.object({
  recorded: z.int(),
  repeated: z.int(),
  bad: z.array(z.object({ line: z.int(), field: z.string(), code: z.string(), message: z.string() })),
});

const Answer = z.record(z.string(), z.unknown());
export const Registries = z.object({
  registries: z.array(
    z.object({
      name: z.string(),
      kind: z.enum(['store', 'file', 'http']),
      source: z.string().nullable(),
      asOf: z.string().describe('Date of the copy; age counts from here'),
      entries: z.int(),
      file: z.string().nullable(),
      loadedAt: z.string().nullable(),
      lookups: z
        .record(z.string(), z.number())
        .optional()
        .describe('Of this process, since it opened the file'),
    }),
  ),
});
export const RegistryAnswers = z.object({
  recipient: z.string(),
  answers: z.record(z.string(), Answer),
});
export const RegistryActivate = z.strictObject({
  file: z.string().min(1).max(128).describe('In the registry folder, as laneway registry load wrote it'),
  force: z.boolean().default(false).describe('Also when the copy in force is of a later date'),
});
export const RegistryEntries = z.strictObject({
  entries: z
    .array(z.strictObject({ recipient, listedSince: instant.optional() }))
    .min(1)
    .max(MAX_BATCH),
});
export const RegistryHttp = HttpRegistrySettings;
export const RegistryName = name;

export const DenyRequest = z.strictObject({
  id: id.optional().describe('Absent: made'),
  kind: z.enum(DENY_KINDS),
  pattern: z.string().min(1).max(320).describe('A sender, or an expression of RE2; case aside'),
  reason: z.string().regex(/^[^\p{C}]{1,256}$/u, '1 to 256 characters'),
  source: z
    .string()
    .regex(/^[^\p{C}]{1,128}$/u, '1 to 128 characters')
    .default('api'),
  until: instant.optional(),
});
export const DenyEntry = z.object({
  id: z.string(),
  kind: z.enum(DENY_KINDS),
  pattern: z.string(),
  reason: z.string(),
  source: z.string(),
  createdAt: z.string(),
  until: z.string().optional(),
});
export const Denylist = z.object({ entries: z.array(DenyEntry) });
