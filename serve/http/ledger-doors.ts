import { z } from '@hono/zod-openapi';
import type { Clock } from '../../models/base/clock.ts';
import { checkRecipient } from '../../pipeline/accept/address.ts';
import { PAST_TOLERANCE_MS } from '../../pipeline/accept/request.ts';
import type { Pipeline } from '../../pipeline/compose.ts';
import type { ImportRecord } from '../../pipeline/ledger/desk.ts';
import { type DenylistEntry, whyRefused } from '../../pipeline/suppress/denylist.ts';
import { BODY_REFUSALS, checkShape, invalidRequest, readJson } from './body.ts';
import { channelOf } from './classify.ts';
import type { Door } from './door.ts';
import * as schemas from './ledger-schemas.ts';
import { ProblemError } from './problem.ts';
import { queryOf } from './query.ts';

interface Ports {
  readonly pipeline: Pick<Pipeline, 'consent' | 'consentDesk' | 'inbound' | 'registries' | 'denylist'>;
  readonly clock: Clock;
  readonly newId: () => string;
}

const iso = (ms: number): string => new Date(ms).toISOString();
const RECIPIENT = z.strictObject({ recipient: z.string().describe('With + as %2B') });

/** What people write, and the ledger as a whole. */
export function ledgerDoors(ports: Ports): Door[] {
  return [...inboundDoors(ports), ...importDoors(ports), ...registryDoors(ports), ...denylistDoors(ports)];
}

function addressOf(address: string, field: string, channel = channelOf(address)): string {
  const checked = checkRecipient(channel, address);
  if (checked.ok) return checked.address;
  throw invalidRequest([{ field, code: checked.code, message: checked.message }]);
}

function inboundDoors({ pipeline: { inbound, consent }, clock }: Ports): Door[] {
  return [
    {
      method: 'post',
      path: '/v1/inbound',
      summary: 'Hand over what a person wrote to us',
      description:
        'Opt-outs and opt-ins, by keyword or in own words, are recognised in the languages of the packs and done at once: ledger, suppression list and one confirmation, in one transaction. A complaint (`complaint: true`) stops marketing for good, gets no confirmation and counts most against the sender. Repeat it with the same id until it is answered.',
      body: {
        schema: schemas.InboundRequest,
        example: { id: 'mo-1', from: '+12125550123', to: '+12125550100', channel: 'sms', text: 'STOP' },
      },
      answer: { status: 200, description: 'What was done', schema: schemas.InboundResponse },
      refusals: [...BODY_REFUSALS, 'INBOUND_ID_REUSED', 'STORE_UNAVAILABLE'],
      async handle(c) {
        const { id, from, to, channel, text, complaint, at, brand } = checkShape(
          schemas.InboundRequest,
          await readJson(c.req.raw),
        );
        const nowMs = clock();
        const atMs = at === undefined ? nowMs : Date.parse(at);
        if (atMs > nowMs + PAST_TOLERANCE_MS)
          throw invalidRequest([{ field: '/at', code: 'IN_FUTURE', message: 'lies in the future' }]);
        const recipient = addressOf(from, '/from', channel);
        const said = { id, recipient, sender: to, channel, text, complaint, atMs, brand };
        return c.json(await inbound.take(c.var.tenant, said));
      },
    },
    {
      method: 'get',
      path: '/v1/consent/events',
      summary: 'The consent ledger in order of arrival',
      query: schemas.ConsentEventsQuery,
      answer: { status: 200, description: 'A page', schema: schemas.ConsentEventsPage },
      refusals: ['INVALID_QUERY'],
      async handle(c) {
        const { after, limit } = queryOf(schemas.ConsentEventsQuery, c.req.query());
        const events = await consent.list(c.var.tenant, { afterSeq: after, limit });
        return c.json({ events, next: events.length < limit ? null : events.at(-1)!.seq });
      },
    },
  ];
}

function viewImport({ startedAtMs, finishedAtMs, ...rest }: ImportRecord) {
  return {
    ...rest,
    startedAt: iso(startedAtMs),
    finishedAt: finishedAtMs === null ? null : iso(finishedAtMs),
  };
}

function importDoors({ pipeline: { consentDesk } }: Ports): Door[] {
  return [
    {
      method: 'post',
      path: '/v1/consent/imports',
      summary: 'Begin an import of consents',
      description:
        'The id follows from the hash of the file: the same file again goes on where it ended, and each of its rows is recorded once.',
      body: {
        schema: schemas.ImportBegin,
        example: { fileName: 'optins.csv', fileHash: 'a'.repeat(64), importedBy: 'ann' },
      },
      answer: { status: 201, description: 'Begun', schema: schemas.ImportView },
      refusals: BODY_REFUSALS,
      async handle(c) {
        const about = checkShape(schemas.ImportBegin, await readJson(c.req.raw));
        return c.json(viewImport(await consentDesk.begin(c.var.tenant, about)), 201);
      },
    },
    {
      method: 'get',
      path: '/v1/consent/imports',
      summary: 'Imports of consents, newest first',
      answer: { status: 200, description: 'The imports', schema: schemas.Imports },
      async handle(c) {
        return c.json({ imports: (await consentDesk.imports(c.var.tenant)).map(viewImport) });
      },
    },
    {
      method: 'post',
      path: '/v1/consent/imports/{id}/rows',
      summary: 'Add up to 1,000 rows of the file to an import',
      description: 'Bad rows are named by line and hold up no other.',
      body: {
        schema: schemas.ImportRows,
        example: { rows: [{ line: 2, values: { recipient: '+12125550123', at: '2026-01-31T12:00:00Z' } }] },
      },
      answer: { status: 200, description: 'Recorded', schema: schemas.ImportResult },
      refusals: [...BODY_REFUSALS, 'NOT_FOUND'],
      async handle(c) {
        const { rows } = checkShape(schemas.ImportRows, await readJson(c.req.raw));
        return c.json(await consentDesk.rows(c.var.tenant, c.req.param('id')!, rows));
      },
    },
    {
      method: 'post',
      path: '/v1/consent/imports/{id}/finish',
      summary: 'End an import',
      answer: { status: 200, description: 'Ended', schema: schemas.ImportView },
      refusals: ['NOT_FOUND'],
      async handle(c) {
        return c.json(viewImport(await consentDesk.finish(c.var.tenant, c.req.param('id')!)));
      },
    },
  ];
}

function registryDoors({ pipeline: { registries } }: Ports): Door[] {
  const nameIn = (text: string | undefined): string => {
    const checked = schemas.RegistryName.safeParse(text);
    if (checked.success) return checked.data;
    throw new ProblemError('NOT_FOUND', 'That is no name of a registry: lower-case letters, digits and -.');
  };
  const view = (status: Awaited<ReturnType<typeof registries.list>>[number]) => {
    const { asOfMs, loadedAtMs, ...rest } = status;
    return { ...rest, asOf: iso(asOfMs), loadedAt: loadedAtMs === null ? null : iso(loadedAtMs) };
  };
  return [
    {
      method: 'get',
      path: '/v1/registries',
      summary: 'Do-not-contact registries, with source and age',
      answer: { status: 200, description: 'The registries', schema: schemas.Registries },
      async handle(c) {
        return c.json({ registries: (await registries.list(c.var.tenant)).map(view) });
      },
    },
    {
      method: 'get',
      path: '/v1/registries/lookup',
      summary: 'What each registry says of an address',
      query: RECIPIENT,
      answer: { status: 200, description: 'The answers', schema: schemas.RegistryAnswers },
      refusals: ['INVALID_QUERY', 'INVALID_REQUEST'],
      async handle(c) {
        const recipient = addressOf(queryOf(RECIPIENT, c.req.query()).recipient, '/recipient');
        return c.json({ recipient, answers: await registries.lookup(c.var.tenant, recipient) });
      },
    },
    {
      method: 'post',
      path: '/v1/registries/{name}/activate',
      summary: 'Put a loaded copy of a registry in force',
      body: { schema: schemas.RegistryActivate, example: { file: 'us-ndnc-0123456789ab.lwreg' } },
      answer: { status: 200, description: 'In force', schema: schemas.Registries.shape.registries.element },
      refusals: [
        ...BODY_REFUSALS,
        'NOT_FOUND',
        'REGISTRY_FILE_UNREADABLE',
        'REGISTRY_FILE_DAMAGED',
        'REGISTRY_KEY_MISMATCH',
        'REGISTRY_OLDER',
      ],
      async handle(c) {
        const name = nameIn(c.req.param('name'));
        const { file, force } = checkShape(schemas.RegistryActivate, await readJson(c.req.raw));
        return c.json(view(await registries.activate(c.var.tenant, name, file, { force })));
      },
    },
    {
      method: 'post',
      path: '/v1/registries/{name}/entries',
      summary: 'Add single entries to a registry, at once',
      body: { schema: schemas.RegistryEntries, example: { entries: [{ recipient: '+12125550123' }] } },
      answer: { status: 201, description: 'Added' },
      refusals: [...BODY_REFUSALS, 'NOT_FOUND'],
      async handle(c) {
        const name = nameIn(c.req.param('name'));
        const { entries } = checkShape(schemas.RegistryEntries, await readJson(c.req.raw));
        const checked = entries.map(({ recipient, listedSince }, i) => ({
          recipient: addressOf(recipient, `/entries/${i}/recipient`),
          ...(listedSince === undefined ? {} : { listedSinceMs: Date.parse(listedSince) }),
        }));
        await registries.add(c.var.tenant, name, checked);
        return c.json({ added: checked.length }, 201);
      },
    },
    {
      method: 'post',
      path: '/v1/registries/{name}/http',
      summary: 'Ask a registry over HTTP',
      description:
        'Laneway sends `{"recipients":[...]}` and reads `{"answers":[{"recipient","listed","listedSince"?,"answer"?,...}]}`. Answers are kept for `ttlSeconds`; without an answer the rules go by what they do on missing data.',
      body: {
        schema: schemas.RegistryHttp,
        example: { url: 'https://registry.example/lookup', prefixes: ['+39'] },
      },
      answer: { status: 201, description: 'In force from the next message on' },
      refusals: [...BODY_REFUSALS, 'NOT_FOUND'],
      async handle(c) {
        const name = nameIn(c.req.param('name'));
        await registries.configure(
          c.var.tenant,
          name,
          checkShape(schemas.RegistryHttp, await readJson(c.req.raw)),
        );
        return c.json({ name, kind: 'http' }, 201);
      },
    },
  ];
}

function viewDenied({ createdAtMs, untilMs, ...entry }: DenylistEntry) {
  return {
    ...entry,
    createdAt: iso(createdAtMs),
    ...(untilMs === undefined ? {} : { until: iso(untilMs) }),
  };
}

function denylistDoors({ pipeline: { denylist }, clock, newId }: Ports): Door[] {
  return [
    {
      method: 'get',
      path: '/v1/denylist',
      summary: 'Senders and contents that are not let through',
      answer: { status: 200, description: 'The entries', schema: schemas.Denylist },
      async handle(c) {
        return c.json({ entries: (await denylist.entries(c.var.tenant)).map(viewDenied) });
      },
    },
    {
      method: 'post',
      path: '/v1/denylist',
      summary: 'Deny a sender or a content',
      description:
        'Counts from the next message on, on every process. Expressions that could explode are refused.',
      body: {
        schema: schemas.DenyRequest,
        example: { kind: 'content-pattern', pattern: 'verify your wallet', reason: 'phishing wave' },
      },
      answer: { status: 201, description: 'In force', schema: schemas.DenyEntry },
      refusals: [...BODY_REFUSALS, 'DENYLIST_ID_TAKEN'],
      async handle(c) {
        const { id, until, ...request } = checkShape(schemas.DenyRequest, await readJson(c.req.raw));
        const why = whyRefused(request.kind, request.pattern);
        if (why !== undefined)
          throw invalidRequest([{ field: '/pattern', code: 'UNSAFE_PATTERN', message: why }]);
        const entry: DenylistEntry = {
          ...request,
          id: id ?? newId(),
          createdAtMs: clock(),
          ...(until === undefined ? {} : { untilMs: Date.parse(until) }),
        };
        if (await denylist.add(c.var.tenant, entry)) return c.json(viewDenied(entry), 201);
        throw new ProblemError('DENYLIST_ID_TAKEN', 'The id was used for another entry.', {
          fix: 'Leave the id out, or choose another.',
        });
      },
    },
    {
      method: 'delete',
      path: '/v1/denylist/{id}',
      summary: 'Let a denied sender or content through again',
      answer: { status: 200, description: 'Ended; it stays on record' },
      refusals: ['NOT_FOUND'],
      async handle(c) {
        const id = c.req.param('id')!;
        if (await denylist.remove(c.var.tenant, id, clock())) return c.json({ id, removed: true });
        throw new ProblemError('NOT_FOUND', 'There is no entry of that id in force.');
      },
    },
  ];
}
