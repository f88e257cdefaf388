import { z } from '@hono/zod-openapi';
import type { Clock } from '../../models/base/clock.ts';
import { MAX_AHEAD_MS } from '../../pipeline/accept/request.ts';
import { CHANNELS, EFFECTS, LAYERS } from '../../pipeline/comply/types.ts';
import type { Pipeline } from '../../pipeline/compose.ts';
import type { DryRun } from '../../pipeline/process/decide.ts';
import { BODY_REFUSALS, readJson } from './body.ts';
import type { Door } from './door.ts';
import { ProblemError } from './problem.ts';
import { queryOf } from './query.ts';
import { MessageBody } from './schemas.ts';

interface Ports {
  readonly pipeline: Pick<Pipeline, 'decide'>;
  readonly clock: Clock;
}

const iso = (ms: number): string | null => (Number.isFinite(ms) ? new Date(ms).toISOString() : null);
const instant = z.iso.datetime({ offset: true });

const DecideQuery = z.strictObject({
  at: instant.optional().describe('The instant to decide for, past or to come; default now'),
});

const RuleAnswer = z.object({
  rule: z.string(),
  title: z.string(),
  basis: z.string().describe('The citation'),
  layer: z.enum(LAYERS),
  result: z.enum(['pass', 'fail', 'unknown']),
  consequence: z.enum([...EFFECTS, 'none']),
  explanation: z.string().describe('What the rule wants and what was found, in plain words'),
  confidence: z.enum(['high', 'medium', 'low']),
  needsVerification: z
    .boolean()
    .describe('The rule rests on doubtful ground and is applied in its strict reading'),
  doubt: z.string().optional(),
});

const DecideResponse = z.object({
  at: instant,
  outcome: z.enum(['send', 'defer', 'block', 'hold']),
  rules: z.array(z.string()).describe('Ids of the rules that decided, the strongest first'),
  missing: z.array(z.string()).describe('Facts that nobody knows, for `hold`'),
  earliestAllowedAt: instant.nullable().describe('While the facts stay as they are; null: never'),
  smallestChange: z
    .object({ changes: z.array(z.string()), at: instant })
    .nullable()
    .describe(
      'The fewest changes of facts after which it would go, tried on the rules; null: none found or needed',
    ),
  class: z
    .enum(['transactional', 'promotional'])
    .nullable()
    .describe('null: the classifier could not answer'),
  probability: z.number().nullable(),
  treatment: z.enum(['transactional', 'promotional']),
  reclassifiedBy: z.array(z.string()),
  required: z.array(z.object({ rule: z.string(), what: z.string(), autoInsert: z.boolean() })),
  added: z
    .array(z.object({ rule: z.string(), what: z.string() }))
    .describe('What Laneway would write into it, where `metadata.autoInsert` lets it'),
  text: z
    .object({ subject: z.string().nullable(), body: z.string() })
    .nullable()
    .describe('The text as it would go out then; null: as it is'),
  warnings: z.array(z.string()),
  verdicts: z.array(RuleAnswer).describe('Every rule that binds the message, met or not'),
  notApplicable: z.array(z.string()),
  clock: z.object({
    zones: z.array(z.string()).describe('Every zone the recipient may be in'),
    basis: z.string(),
    jurisdictions: z.array(z.string()),
  }),
  rulesetVersion: z.string(),
  modelVersion: z.string().nullable(),
});

/** A dry run as people and programs read it. */
export function viewDryRun({
  atMs,
  verdict,
  evaluation,
  earliestMs,
  change,
  added,
  text,
}: DryRun): z.infer<typeof DecideResponse> {
  const { outcome, facts } = evaluation;
  const words = (path: string): string[] => (Array.isArray(facts[path]) ? facts[path].map(String) : []);
  return {
    at: new Date(atMs).toISOString(),
    outcome: outcome.kind,
    rules: outcome.kind === 'send' ? [] : [...outcome.ruleIds],
    missing: outcome.kind === 'hold' ? [...outcome.missing] : [],
    earliestAllowedAt: iso(earliestMs),
    smallestChange:
      change === undefined ? null : { changes: [...change.changes], at: new Date(change.atMs).toISOString() },
    class: verdict?.class ?? null,
    probability: verdict?.probability ?? null,
    treatment: evaluation.treatment,
    reclassifiedBy: [...evaluation.reclassifiedBy],
    required: evaluation.required.map(({ ruleId, what, autoInsert }) => ({ rule: ruleId, what, autoInsert })),
    added: added.map(({ ruleId, what }) => ({ rule: ruleId, what })),
    text: added.length === 0 ? null : { subject: text.subject ?? null, body: text.body },
    warnings: [...evaluation.warnings],
    verdicts: evaluation.verdicts.map((one) => ({
      rule: one.ruleId,
      title: one.title,
      basis: one.basis,
      layer: one.layer,
      result: one.result,
      consequence: one.consequence,
      explanation: one.explanation,
      confidence: one.confidence,
      needsVerification: one.needsVerification,
      ...(one.doubt === undefined ? {} : { doubt: one.doubt }),
    })),
    notApplicable: [...evaluation.notApplicable],
    clock: {
      zones: words('recipient.zones'),
      basis: String(facts['recipient.zoneBasis'] ?? 'unknown'),
      jurisdictions: words('recipient.jurisdictions'),
    },
    rulesetVersion: evaluation.rulesetVersion,
    modelVersion: verdict?.modelVersion ?? null,
  };
}

/** Dry runs. */
export function decideDoors({ pipeline, clock }: Ports): Door[] {
  return [
    {
      method: 'post',
      path: '/v1/decide',
      summary: 'Say what would be decided about a message',
      description:
        'Classifies it and asks every rule, as of an instant, on what is known of the recipient. Nothing is stored or sent.',
      query: DecideQuery,
      body: {
        schema: MessageBody,
        example: {
          to: '+12125550123',
          from: 'ACME',
          channel: CHANNELS[0],
          body: 'Acme sale: 20% off. Reply STOP to end',
        },
      },
      answer: { status: 200, description: 'The decision and why', schema: DecideResponse },
      refusals: [...BODY_REFUSALS, 'INVALID_MESSAGE', 'INVALID_QUERY'],
      async handle(c) {
        const { at } = queryOf(DecideQuery, c.req.query());
        const nowMs = clock();
        const atMs = at === undefined ? nowMs : Date.parse(at);
        if (Math.abs(atMs - nowMs) > 10 * MAX_AHEAD_MS) {
          throw new ProblemError('INVALID_QUERY', 'at: lies more than ten years away', {
            fields: [{ field: 'at', code: 'OUT_OF_RANGE', message: 'lies more than ten years away' }],
          });
        }
        const result = await pipeline.decide(c.var.tenant, await readJson(c.req.raw), atMs);
        if (result.kind === 'invalid') {
          const [first] = result.problems;
          throw new ProblemError('INVALID_MESSAGE', `${first!.field || 'The message'}: ${first!.message}`, {
            fields: result.problems,
            fix: 'Correct the fields named in "errors" and ask again.',
          });
        }
        return c.json(viewDryRun(result.dryRun));
      },
    },
  ];
}
