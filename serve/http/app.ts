import { randomUUID } from 'node:crypto';
import { z } from '@hono/zod-openapi';
import { type Context, Hono } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { monotonicMs } from '../../models/base/clock.ts';
import type { Pipeline } from '../../pipeline/compose.ts';
import { type Admission, createAdmission } from './admission.ts';
import { streamDoor } from './classify-stream.ts';
import { renderDocs } from './docs.ts';
import type { Door, DoorEnv } from './door.ts';
import { createDoors, type DoorPorts } from './doors.ts';
import type { Metrics } from './metrics.ts';
import { describeDoors } from './openapi.ts';
import { PROBLEMS, ProblemError, problemErrorOf, problemOf } from './problem.ts';
import { Readiness } from './schemas.ts';
import { UNSUBSCRIBE_PATH } from './unsubscribe.ts';

export interface RequestLine {
  readonly requestId: string;
  readonly method: string;
  /** Without the query, which may hold an address, and without the token of an unsubscription link, which is a key. */
  readonly path: string;
  readonly status: number;
  readonly ms: number;
  /** The problem's code, when it was refused. */
  readonly code?: string;
}

export interface AppOptions extends Omit<DoorPorts, 'metrics'> {
  readonly pipeline: DoorPorts['pipeline'] & Pick<Pipeline, 'stats'>;
  readonly metrics: Metrics;
  /** Is this `Authorization` header good? */
  readonly authorized: (authorization: string | undefined) => boolean;
  /** Whose messages they are that come with the key. */
  readonly tenant: string;
  readonly version: string;
  readonly readiness: () => Promise<z.infer<typeof Readiness>>;
  /** `starting` and `stopping` refuse everything but `/healthz`, `/readyz` and `/metrics`. */
  readonly phase: () => 'starting' | 'serving' | 'stopping';
  /** False: nothing but those three is to be had here, for a process that serves no clients. Default true. */
  readonly open?: boolean;
  /** Messages that may be in hand for classifying together; more are refused with 429. Default 20,000. */
  readonly mostInHand?: number;
  readonly onRequest?: (line: RequestLine) => void;
  /** Faults that became a 500 or 503. */
  readonly onFault?: (error: unknown, requestId: string) => void;
}

const REQUEST_ID = /^[\w.-]{1,64}$/;
const ALWAYS_OPEN: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics']);

const MOST_IN_HAND = 20_000;

/** The pipeline, taking no more to classify than may be in hand. */
function admitting<P extends Pick<Pipeline, 'classify'>>(pipeline: P, admission: Admission): P {
  const classify: Pipeline['classify'] = async (inputs, options) => {
    const release = admission.admit(inputs.length);
    try {
      return await pipeline.classify(inputs, options);
    } finally {
      release();
    }
  };
  return Object.assign(Object.create(pipeline) as P, { classify });
}

function mayBeOverloaded(door: Door): Door {
  if (!door.path.startsWith('/v1/classify')) return door;
  return { ...door, refusals: [...(door.refusals ?? []), 'OVERLOADED'] };
}

/** The HTTP API as a fetch handler; it listens nowhere yet. */
export function createApp(options: AppOptions): Hono<DoorEnv> {
  const app = new Hono<DoorEnv>();
  const system = systemDoors(options);
  const admission = createAdmission(options.mostInHand ?? MOST_IN_HAND);
  const pipeline = admitting(options.pipeline, admission);
  const doors = [
    ...createDoors({ ...options, pipeline }).map(mayBeOverloaded),
    streamDoor({
      classify: options.pipeline.classify.bind(options.pipeline),
      models: options.models,
      admission,
    }),
    ...system,
  ];
  const openDoors = doors.filter((door) => door.open);
  // Written when first asked for: it takes longer than all else here.
  let openapi: object | undefined;
  let docs: string | undefined;
  const describe = (): object => {
    openapi ??= describeDoors(doors, options.version);
    return openapi;
  };

  app.use(async (c, next) => {
    const started = monotonicMs();
    const given = c.req.header('X-Request-Id') ?? '';
    c.set('requestId', REQUEST_ID.test(given) ? given : randomUUID());
    c.set('tenant', options.tenant);
    await next();
    c.header('X-Request-Id', c.var.requestId);
    c.header('X-Content-Type-Options', 'nosniff');
    const { status } = c.res;
    const ms = monotonicMs() - started;
    const code = c.res.headers.get('X-Problem-Code') ?? undefined;
    c.res.headers.delete('X-Problem-Code');
    options.metrics.requestDone(c.req.method, routeOf(doors, c.req.path), status, ms / 1_000);
    options.onRequest?.({
      requestId: c.var.requestId,
      method: c.req.method,
      path: c.req.path.startsWith(LINKS) ? UNSUBSCRIBE_PATH : c.req.path,
      status,
      ms: Math.round(ms * 100) / 100,
      ...(code === undefined ? {} : { code }),
    });
  });
  app.use(async (c, next) => {
    if (options.open === false && !ALWAYS_OPEN.has(c.req.path)) throw notHere();
    const phase = options.phase();
    if (phase !== 'serving' && !ALWAYS_OPEN.has(c.req.path)) throw notServing(phase);
    const open = openDoors.some(
      (door) => door.method.toUpperCase() === c.req.method && pattern(door.path).test(c.req.path),
    );
    if (c.req.path.startsWith('/v1/') && !open && !options.authorized(c.req.header('Authorization'))) {
      throw unauthorized(c.req.header('Authorization'));
    }
    await next();
  });

  for (const door of doors) {
    app.on(door.method.toUpperCase(), door.path.replaceAll(/\{(\w+)\}/g, ':$1'), (c) => door.handle(c));
  }
  app.get('/openapi.json', (c) => c.json(describe()));
  app.get('/docs', (c) => {
    c.header('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'");
    docs ??= renderDocs(describe());
    return c.html(docs);
  });
  app.notFound((c) => answer(c, missing(doors, c.req.method, c.req.path)));
  app.onError((error, c) => {
    const problem = problemErrorOf(error);
    if (PROBLEMS[problem.code].status >= 500) options.onFault?.(error, c.var.requestId);
    return answer(c, problem);
  });
  return app;
}

function answer(c: Context<DoorEnv>, error: ProblemError): Response {
  const problem = problemOf(error, c.var.requestId);
  for (const [name, value] of Object.entries(error.headers)) c.header(name, value);
  c.header('X-Problem-Code', error.code);
  c.header('Content-Type', 'application/problem+json');
  return c.body(JSON.stringify(problem), problem.status as ContentfulStatusCode);
}

function notServing(phase: 'starting' | 'stopping'): ProblemError {
  const code = phase === 'starting' ? 'STARTING' : 'SHUTTING_DOWN';
  return new ProblemError(code, `Laneway is ${phase}; nothing was taken.`, {
    fix: 'Send it again in a moment, with the same Idempotency-Key.',
    headers: { 'Retry-After': '1' },
  });
}

function notHere(): ProblemError {
  return new ProblemError('NOT_FOUND', 'This process serves no clients.', {
    fix: 'Ask a process of role api or all.',
  });
}

function unauthorized(given: string | undefined): ProblemError {
  return new ProblemError(
    'UNAUTHORIZED',
    given === undefined ? 'The request has no API key.' : 'The API key is not the one of this Laneway.',
    {
      fix: 'Send "Authorization: Bearer KEY" with the key in the file api-key of the data folder.',
      headers: { 'WWW-Authenticate': 'Bearer realm="laneway"' },
    },
  );
}

/** However such a link came in, whole or not. */
const LINKS = UNSUBSCRIBE_PATH.slice(0, UNSUBSCRIBE_PATH.indexOf('{'));

const pattern = (path: string): RegExp => new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`);
const PAGES: readonly { readonly method: string; readonly path: string }[] = [
  { method: 'get', path: '/openapi.json' },
  { method: 'get', path: '/docs' },
];

/** The name of a route for metrics: never the path itself, which anyone may choose. */
function routeOf(doors: readonly Door[], path: string): string {
  return [...doors, ...PAGES].find((door) => pattern(door.path).test(path))?.path ?? 'other';
}

function missing(doors: readonly Door[], method: string, path: string): ProblemError {
  const methods = [...doors, ...PAGES]
    .filter((door) => pattern(door.path).test(path))
    .map((door) => door.method.toUpperCase());
  if (methods.length === 0) {
    return new ProblemError('NOT_FOUND', 'There is nothing at this path.', { fix: 'See /docs.' });
  }
  return new ProblemError('METHOD_NOT_ALLOWED', `${method} is not allowed here.`, {
    fix: `Use ${methods.join(' or ')}.`,
    headers: { Allow: methods.join(', ') },
  });
}

/** What operators and machines ask; open, since Laneway listens on loopback. */
function systemDoors(options: AppOptions): Door[] {
  return [
    {
      method: 'get',
      path: '/healthz',
      summary: 'Does the process live?',
      open: true,
      answer: { status: 200, description: 'It does', schema: z.object({ status: z.literal('ok') }) },
      handle: (c) => c.json({ status: 'ok' }),
    },
    {
      method: 'get',
      path: '/readyz',
      summary: 'Can it take messages, and what is not as it should be?',
      description: 'Ready as long as the store answers; 503 otherwise. What is degraded is named.',
      open: true,
      answer: { status: 200, description: 'Ready', schema: Readiness },
      async handle(c) {
        const readiness = await options.readiness();
        return c.json(readiness, readiness.ready ? 200 : 503);
      },
    },
    {
      method: 'get',
      path: '/metrics',
      summary: 'Metrics for Prometheus',
      open: true,
      answer: { status: 200, description: 'Text exposition format', type: 'text/plain' },
      async handle(c) {
        const text = await options.metrics.text(() => options.pipeline.stats());
        return c.body(text, 200, { 'Content-Type': options.metrics.contentType });
      },
    },
  ];
}
