import { z } from '@hono/zod-openapi';
import { ORDER_KINDS } from '../../pipeline/rules/order.ts';

const instant = z.iso.datetime({ offset: true });
const epochMs = z.int().min(0).max(8_640_000_000_000_000);
const words = (max: number) => z.string().trim().min(1).max(max);
const version = z.string().regex(/^[0-9a-f]{16}$/, 'must be 16 hex digits');
const digest = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hex digits');

const Standing = z.object({
  version: z.string(),
  from: instant.nullable().describe('null: from the first start on'),
  order: z.int().describe('0: what came with Laneway'),
});

export const RulesView = z.object({
  inForce: Standing,
  previous: Standing.nullable().describe('Where a rollback goes'),
  coming: z.array(Standing),
  shadow: z.string().nullable(),
  shipped: z.string(),
  nextOrder: z.int(),
  refused: z.string().nullable().describe('Why an order on record is not followed here'),
  packs: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      jurisdiction: z.string(),
      version: z.string(),
      rules: z.int(),
    }),
  ),
});

export const RuleVersion = z.object({ version: z.string(), digest: z.string() });
export const RuleVersions = z.object({
  versions: z.array(
    RuleVersion.extend({ origin: z.enum(['shipped', 'uploaded']), madeAt: instant.nullable() }),
  ),
});

export const PacksUpload = z.strictObject({
  packs: z
    .record(z.string().regex(/^[\w-]{1,64}\.yaml$/, 'must be a name such as us.yaml'), z.string())
    .describe('File name to YAML text; all packs that are to be in force together'),
});

export const SignedOrderBody = z.strictObject({
  order: z.strictObject({
    format: z.literal(1),
    seq: z
      .int()
      .min(1)
      .max(2 ** 40),
    kind: z.enum(ORDER_KINDS),
    version,
    digest,
    effectiveAtMs: epochMs,
    issuedAtMs: epochMs,
    author: words(128),
    reason: words(500),
  }),
  keyId: z.string().max(64),
  signature: z.string().max(256),
});

export const ORDER_EXAMPLE = {
  order: {
    format: 1,
    seq: 1,
    kind: 'activate',
    version: '0123456789abcdef',
    digest: '0'.repeat(64),
    effectiveAtMs: 1_767_225_600_000,
    issuedAtMs: 1_767_139_200_000,
    author: 'ann',
    reason: 'new quiet hours',
  },
  keyId: '0123456789abcdef',
  signature: '0'.repeat(128),
};

export const Because = z.strictObject({ author: words(128), reason: words(500) });

export const DiffRequest = z.strictObject({
  before: words(64),
  after: words(64),
  from: instant.optional(),
  to: instant.optional(),
  limit: z
    .int()
    .min(1)
    .max(1_000_000)
    .optional()
    .describe('Decisions at most, oldest first; default 100,000'),
});

export const ChangeReport = z.object({
  compared: z.int(),
  changed: z.int(),
  unreadable: z.int().describe('Erased, or their retention is over'),
  outcomes: z.record(z.string(), z.int()).describe('E.g. "send > block"'),
  rules: z.array(
    z.object({
      ruleId: z.string(),
      before: z.string(),
      after: z.string(),
      decisions: z.int(),
      examples: z.array(z.string()).describe('Ids of messages'),
    }),
  ),
});
export const ShadowView = ChangeReport.extend({ version: z.string().nullable(), dropped: z.int() });

export const AuditQuery = z.strictObject({ query: z.string().min(1).max(10_000) });
export const AuditAnswer = z.object({
  columns: z.array(z.string()),
  rows: z.array(z.record(z.string(), z.unknown())),
  more: z.boolean().describe('There are more rows than the 1,000 shown'),
});

export const AuditReport = z.object({
  ok: z.boolean(),
  chains: z.int(),
  blocks: z.int(),
  entries: z.int(),
  checkpoints: z.int(),
  unsigned: z.int().describe('Blocks that no checkpoint covers yet'),
  dropped: z.int().describe('Contents that retention has dropped'),
  problems: z.array(z.object({ code: z.string(), where: z.string(), detail: z.string() })),
  more: z.boolean(),
});

export const Span = z.strictObject({
  from: instant.optional(),
  to: instant.optional(),
  limit: z.int().min(1).max(10_000_000).optional().describe('Decisions at most; default all'),
});
export const ReplayReport = z.object({
  replayed: z.int(),
  same: z.int(),
  different: z.int(),
  erased: z.int(),
  dropped: z.int(),
  unreadable: z.int(),
  rulesUnknown: z.int(),
  differing: z.array(z.string()),
});
export const ExportQuery = z.strictObject({ from: instant.optional(), to: instant.optional() });
export const CheckpointQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(1_000).default(20),
});
export const Checkpoints = z.object({
  publicKey: z.string().describe('PEM'),
  checkpoints: z.array(
    z.object({
      seq: z.int(),
      at: instant,
      hash: z.string(),
      keyId: z.string(),
      signature: z.string(),
    }),
  ),
});
export const CheckpointMade = z.object({ seq: z.int().nullable().describe('null: nothing had been added') });

export const ErasureRequest = z.strictObject({
  recipient: z.string().min(1).max(4_096),
  author: words(128),
  reason: words(500),
});
export const ErasureDone = z.object({
  found: z.boolean(),
  messages: z.int().describe('Blanked; those on their way were stopped'),
  objections: z.int().describe('Stay in force, under a keyed hash of the address'),
});

const Tally = z.object({ asked: z.int(), failed: z.int(), unknown: z.int() });
const Group = z.object({
  decisions: z.int(),
  violating: z.int().describe('With at least one rule that is not met'),
  outcomes: z.record(z.string(), z.int()),
});
export const ViolationsView = z.object({
  decisions: z.int(),
  violating: z.int(),
  fromMs: z.number().nullable(),
  toMs: z.number().nullable(),
  rules: z.array(
    Tally.extend({
      ruleId: z.string(),
      pack: z.string(),
      basis: z.string(),
      needsVerification: z.boolean(),
      decided: z.int().describe('How often it was among the rules that decided'),
      byRegion: z.record(z.string(), Tally),
      byClass: z.object({ transactional: Tally, promotional: Tally }),
    }),
  ),
  regions: z.record(z.string(), Group),
  classes: z.object({ transactional: Group, promotional: Group }),
  outcomes: z.record(z.string(), z.int()),
  rulesetVersions: z.array(z.string()),
});
