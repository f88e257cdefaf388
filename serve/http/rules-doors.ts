import type { Clock } from '../../models/base/clock.ts';
import type { Pipeline } from '../../pipeline/compose.ts';
import { rulesetNamed } from '../../pipeline/rules/desk.ts';
import { type InForce, ORDER_KINDS } from '../../pipeline/rules/order.ts';
import { readRelease } from '../../pipeline/rules/parse-aside.ts';
import { BODY_REFUSALS, checkShape, readJson } from './body.ts';
import type { Door } from './door.ts';
import * as schemas from './govern-schemas.ts';
import type { ProblemCode } from './problem.ts';

interface Ports {
  readonly pipeline: { readonly governance: Pick<Pipeline['governance'], 'rules'> };
  readonly clock: Clock;
}

/** All packs together; those that come with Laneway take 0.7 MB. */
const MAX_PACKS_BYTES = 16 * 1_048_576;
const WEEK_MS = 7 * 86_400_000;
const DIFF_LIMIT = 100_000;

const iso = (ms: number): string | null => (Number.isFinite(ms) ? new Date(ms).toISOString() : null);
const standing = ({ version, fromMs, seq }: InForce) => ({ version, from: iso(fromMs), order: seq });

const REFUSALS: readonly ProblemCode[] = [
  ...BODY_REFUSALS,
  'RULES_UNSIGNED',
  'RULES_SIGNATURE_INVALID',
  'RULES_ORDER_STALE',
  'RULES_ORDER_LATE',
  'RULES_UNKNOWN',
];

/** Rules: what is in force, and how that changes without stopping. */
export function rulesDoors({ pipeline, clock }: Ports): Door[] {
  const { rules } = pipeline.governance;
  const view = () => {
    const { inForce, previous, coming, shadow, nextSeq, shipped, refused } = rules.state();
    return {
      inForce: standing(inForce),
      previous: previous ? standing(previous) : null,
      coming: coming.map(standing),
      shadow: shadow?.version ?? null,
      shipped,
      nextOrder: nextSeq,
      refused: refused ?? null,
      packs: rules.ruleset().packs.map(({ id, title, jurisdiction, version, rules: own }) => ({
        id,
        title,
        jurisdiction,
        version,
        rules: own.length,
      })),
    };
  };
  return [
    {
      method: 'get',
      path: '/v1/rules',
      summary: 'The rules in force, those to come, and where a rollback goes',
      answer: { status: 200, description: 'What stands', schema: schemas.RulesView },
      handle: (c) => c.json(view()),
    },
    {
      method: 'get',
      path: '/v1/rules/versions',
      summary: 'Every set of packs that is or was at hand, newest first',
      answer: { status: 200, description: 'The versions', schema: schemas.RuleVersions },
      async handle(c) {
        const versions = await rules.releases();
        return c.json({
          versions: versions.map(({ madeAtMs, ...one }) => ({ ...one, madeAt: iso(madeAtMs) })),
        });
      },
    },
    {
      method: 'post',
      path: '/v1/rules/versions',
      summary: 'Bring packs, all of them together',
      description: 'They are read, validated and compiled; nothing is in force by it.',
      body: { schema: schemas.PacksUpload, example: { packs: { 'us.yaml': 'pack: us\n...' } } },
      answer: { status: 201, description: 'At hand', schema: schemas.RuleVersion },
      refusals: [...BODY_REFUSALS, 'RULE_PACK_INVALID', 'RULES_DAMAGED'],
      async handle(c) {
        const { packs } = checkShape(schemas.PacksUpload, await readJson(c.req.raw, MAX_PACKS_BYTES));
        const release = await readRelease(packs);
        await rules.upload(release);
        return c.json({ version: release.version, digest: release.digest }, 201);
      },
    },
    {
      method: 'post',
      path: '/v1/rules/orders',
      summary: 'Activate packs, ask them in shadow, or roll back: a signed order',
      description: `Ed25519 over "laneway rules order " and the canonical JSON of the order. Kinds: ${ORDER_KINDS.join(', ')}. Every process follows within a second; with an effective time to come, at that instant.`,
      body: { schema: schemas.SignedOrderBody, example: schemas.ORDER_EXAMPLE },
      answer: { status: 200, description: 'What stands now', schema: schemas.RulesView },
      refusals: REFUSALS,
      async handle(c) {
        await rules.give(checkShape(schemas.SignedOrderBody, await readJson(c.req.raw)));
        return c.json(view());
      },
    },
    {
      method: 'post',
      path: '/v1/rules/rollback',
      summary: 'Back to what was in force before, at once',
      description: "Signed with this Laneway's own key, where it has one.",
      body: { schema: schemas.Because, example: { author: 'ann', reason: 'receipts are held' } },
      answer: { status: 200, description: 'What stands now', schema: schemas.RulesView },
      refusals: [...REFUSALS, 'RULES_NO_KEY', 'RULES_NOTHING_BEFORE'],
      async handle(c) {
        const { author, reason } = checkShape(schemas.Because, await readJson(c.req.raw));
        await rules.rollback(author, reason);
        return c.json(view());
      },
    },
    {
      method: 'get',
      path: '/v1/rules/shadow',
      summary: 'What rules in shadow would have decided otherwise',
      answer: { status: 200, description: 'Counted over all processes', schema: schemas.ShadowView },
      async handle(c) {
        return c.json({ version: rules.shadow.version ?? null, ...(await rules.shadow.report()) });
      },
    },
    {
      method: 'post',
      path: '/v1/rules/diff',
      summary: 'Which recorded decisions would have been others under other rules, by rule',
      description:
        'Names: active, previous, shipped, shadow, or a version. Default span: the last seven days.',
      body: { schema: schemas.DiffRequest, example: { before: 'active', after: '0123456789abcdef' } },
      answer: { status: 200, description: 'What would change', schema: schemas.ChangeReport },
      refusals: [...BODY_REFUSALS, 'RULES_UNKNOWN'],
      async handle(c) {
        const asked = checkShape(schemas.DiffRequest, await readJson(c.req.raw));
        const toMs = asked.to === undefined ? clock() + 1 : Date.parse(asked.to);
        const fromMs = asked.from === undefined ? toMs - WEEK_MS : Date.parse(asked.from);
        const before = await rulesetNamed(rules, asked.before);
        const after = await rulesetNamed(rules, asked.after);
        const limit = asked.limit ?? DIFF_LIMIT;
        return c.json(await rules.diff(before, after, { tenant: c.var.tenant, fromMs, toMs, limit }));
      },
    },
  ];
}
