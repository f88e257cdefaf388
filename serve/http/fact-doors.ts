import type { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Clock } from '../../models/base/clock.ts';
import { checkSender } from '../../pipeline/accept/address.ts';
import { characterProblems } from '../../pipeline/accept/check.ts';
import { PAST_TOLERANCE_MS } from '../../pipeline/accept/request.ts';
import type { Pipeline } from '../../pipeline/compose.ts';
import { viewValue } from '../../pipeline/facts/catalogue.ts';
import type { FactsAbout, StatedFact } from '../../pipeline/facts/desk.ts';
import type { StoredFact } from '../../pipeline/store/facts.ts';
import { BODY_REFUSALS, checkShape, invalidRequest, readJson } from './body.ts';
import { channelOf } from './classify.ts';
import { addressOf } from './contacts.ts';
import type { Door, DoorEnv } from './door.ts';
import { FactsRequest, FactsView } from './fact-schemas.ts';

interface Ports {
  readonly pipeline: Pick<Pipeline, 'facts'>;
  readonly clock: Clock;
}

const iso = (ms: number): string => new Date(ms).toISOString();

function viewFacts(facts: readonly StoredFact[], nowMs: number): z.infer<typeof FactsView> {
  return {
    facts: facts.map(({ path, value, source, asOfMs, untilMs }) => ({
      path,
      value: viewValue(path, value),
      source,
      asOf: iso(asOfMs),
      until: untilMs === undefined ? null : iso(untilMs),
      inForce: untilMs === undefined || untilMs > nowMs,
    })),
  };
}

/** The sender as messages have it, or facts would be kept under a name that no message has. */
function senderOf(id: string): string {
  const odd = characterProblems('/id', id, 'forbidden');
  if (odd.length > 0) throw invalidRequest(odd);
  if (id.length > 255) throw invalidRequest([{ field: '/id', code: 'TOO_LONG', message: 'is no sender' }]);
  const like = channelOf(id);
  const checked = checkSender(like, id);
  if (checked.ok) return checked.address;
  throw invalidRequest([{ field: '/id', code: checked.code, message: checked.message }]);
}

/** What a request states. @throws ProblemError `INVALID_REQUEST` */
function statedIn(request: z.infer<typeof FactsRequest>, nowMs: number): StatedFact[] {
  return request.facts.map(({ path, value, source, asOf, until }, i) => {
    const asOfMs = asOf === undefined ? nowMs : Date.parse(asOf);
    if (asOfMs > nowMs + PAST_TOLERANCE_MS) {
      throw invalidRequest([{ field: `/facts/${i}/asOf`, code: 'IN_FUTURE', message: 'lies in the future' }]);
    }
    return { path, value, source, asOfMs, untilMs: until === undefined ? undefined : Date.parse(until) };
  });
}

/** Facts from outside: stated once of the tenant, a sender or a recipient, read by rules for every message. */
export function factDoors({ pipeline: { facts: desk }, clock }: Ports): Door[] {
  async function put(c: Context<DoorEnv>, about: FactsAbout): Promise<Response> {
    const request = checkShape(FactsRequest, await readJson(c.req.raw));
    const stated = statedIn(request, clock());
    const result = await desk.set(c.var.tenant, about, stated, request.author ?? 'api');
    if (result.kind === 'set') return c.json(viewFacts(result.facts, clock()));
    throw invalidRequest(
      result.problems.map(({ index, member, code, message }) => ({
        field: `/facts/${index}/${member}`,
        code,
        message,
      })),
    );
  }
  const doors = (
    path: string,
    whom: string,
    example: object,
    aboutOf: (c: Context<DoorEnv>) => FactsAbout,
  ): Door[] => [
    {
      method: 'put',
      path,
      summary: `State facts of ${whom} that rules ask for`,
      description:
        'All or none. Each is appended with its source and date and is in the audit trail; the latest of a path counts, from the next message on.',
      body: { schema: FactsRequest, example: { facts: [example] } },
      answer: { status: 200, description: 'What now stands', schema: FactsView },
      refusals: BODY_REFUSALS,
      handle: (c) => put(c, aboutOf(c)),
    },
    {
      method: 'get',
      path,
      summary: `What was stated of ${whom}, the latest of each path`,
      answer: { status: 200, description: 'The facts', schema: FactsView },
      refusals: ['INVALID_REQUEST'],
      handle: async (c) => c.json(viewFacts(await desk.list(c.var.tenant, aboutOf(c)), clock())),
    },
  ];
  return [
    ...doors(
      '/v1/facts',
      'the tenant',
      { path: 'registrations.in-dlt/entity', value: { state: 'active' }, source: 'DLT portal' },
      () => ({ scope: 'tenant' }),
    ),
    ...doors(
      '/v1/senders/{id}/facts',
      'a sender',
      { path: 'sender.postalAddress', value: '1 Main Street, Springfield', source: 'imprint' },
      (c) => ({ scope: 'sender', sender: senderOf(c.req.param('id')!) }),
    ),
    ...doors(
      '/v1/recipients/{recipient}/facts',
      'a recipient',
      { path: 'recipient.age', value: 34, source: 'sign-up form' },
      (c) => ({ scope: 'recipient', recipient: addressOf(c.req.param('recipient')!, undefined) }),
    ),
  ];
}
