import { OpenAPIHono, type RouteConfig, z } from '@hono/zod-openapi';
import type { Door } from './door.ts';
import { PROBLEMS, type ProblemCode } from './problem.ts';
import { ProblemBody } from './schemas.ts';

const SECURITY = 'apiKey';

/** The OpenAPI 3.1 document of the doors. */
export function describeDoors(doors: readonly Door[], version: string): object {
  const app = new OpenAPIHono();
  app.openAPIRegistry.registerComponent('securitySchemes', SECURITY, {
    type: 'http',
    scheme: 'bearer',
    description: 'The key in the file api-key of the data folder',
  });
  const problem = app.openAPIRegistry.register('Problem', ProblemBody);
  for (const door of doors) app.openAPIRegistry.registerPath(pathOf(door, problem));
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Laneway',
      version,
      description:
        'Learns what a business message is and sends it the right way. Errors are problem details (RFC 9457) with a stable code.',
    },
  });
}

function pathOf(door: Door, problem: z.ZodType): RouteConfig {
  const names = [...door.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!);
  const params = z.object(Object.fromEntries(names.map((name) => [name, z.string()])));
  const { status, description, schema, type = 'application/json' } = door.answer;
  return {
    method: door.method,
    path: door.path,
    summary: door.summary,
    ...(door.description === undefined ? {} : { description: door.description }),
    ...(door.open ? {} : { security: [{ [SECURITY]: [] }] }),
    request: {
      ...(names.length > 0 ? { params } : {}),
      ...(door.query ? { query: door.query } : {}),
      ...(door.headers ? { headers: door.headers } : {}),
      ...(door.body
        ? {
            body: {
              required: true,
              content: {
                [door.body.type ?? 'application/json']: {
                  schema: door.body.schema,
                  example: door.body.example,
                },
              },
            },
          }
        : {}),
    },
    responses: {
      [status]: { description, content: { [type]: { schema: schema ?? z.string() } } },
      ...refusalsOf(door, problem),
    },
  };
}

function refusalsOf(door: Door, problem: z.ZodType): RouteConfig['responses'] {
  const codes: readonly ProblemCode[] = [
    ...(door.open ? [] : (['UNAUTHORIZED'] as const)),
    ...(door.refusals ?? []),
    'INTERNAL',
  ];
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of codes) {
    const { status } = PROBLEMS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, those]) => [
      status,
      { description: those.join(', '), content: { 'application/problem+json': { schema: problem } } },
    ]),
  );
}
