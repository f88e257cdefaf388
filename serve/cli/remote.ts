import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LanewayError, messageOf } from '../../models/base/errors.ts';
import type { CliContext } from './context.ts';

/** What says that no server runs on this folder. */
export const NO_SERVER: ReadonlySet<string> = new Set(['SERVER_UNREACHABLE', 'API_KEY_MISSING']);

/** Calls the server that runs on the data folder, with the folder's key: the store belongs to that one process. */
export async function callServer(
  context: CliContext,
  method: 'GET' | 'POST' | 'PUT',
  path: string,
  body?: unknown,
): Promise<unknown> {
  return (await answerOf(context, method, path, body)).json();
}

/** A long answer of the server, as it comes. */
export async function* streamServer(context: CliContext, path: string): AsyncGenerator<string> {
  const { body } = await answerOf(context, 'GET', path);
  const decoder = new TextDecoder();
  for await (const part of body as AsyncIterable<Uint8Array>) yield decoder.decode(part, { stream: true });
}

async function answerOf(
  context: CliContext,
  method: 'GET' | 'POST' | 'PUT',
  path: string,
  body?: unknown,
): Promise<Response> {
  const url = context.env['LANEWAY_URL'] || `http://127.0.0.1:${context.env['PORT'] || 8787}`;
  const keyFile = join(context.home, 'api-key');
  if (!existsSync(keyFile)) {
    throw new LanewayError('API_KEY_MISSING', 'there is no API key yet; the first start makes one', {
      where: keyFile,
      fix: 'Start Laneway with npm start, or point LANEWAY_HOME to its data folder.',
    });
  }
  let response: Response;
  try {
    response = await fetch(new URL(path, url), {
      method,
      headers: {
        authorization: `Bearer ${readFileSync(keyFile, 'utf8').trim()}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch (error) {
    throw new LanewayError('SERVER_UNREACHABLE', `no Laneway answers at ${url}`, {
      fix: 'Start it with npm start, or name it with PORT or LANEWAY_URL.',
      cause: new Error(messageOf(error)),
    });
  }
  if (response.ok) return response;
  const answer = (await response.json().catch(() => ({}))) as Problem;
  const fields = (answer.errors ?? []).map(({ field, message }) => `${field ?? ''} ${message ?? ''}`.trim());
  throw new LanewayError(
    answer.code ?? `HTTP_${response.status}`,
    [answer.detail ?? answer.title ?? `the server answered ${response.status}`, ...fields].join('; '),
    { where: `${method} ${path}` },
  );
}

interface Problem {
  readonly code?: string;
  readonly title?: string;
  readonly detail?: string;
  readonly errors?: readonly { readonly field?: string; readonly message?: string }[];
}

/** `laneway consent grant|revoke RECIPIENT` */
export async function consentCommand(
  context: CliContext,
  kind: 'granted' | 'revoked',
  recipient: string,
  flags: { readonly channel?: string; readonly purpose?: string; readonly level?: string },
): Promise<void> {
  const { channel, purpose, level } = flags;
  const answer = await callServer(context, 'POST', '/v1/consent', {
    recipient,
    kind,
    ...(channel ? { channel } : {}),
    ...(purpose ? { purpose } : {}),
    ...(level ? { level } : {}),
    method: 'cli',
  });
  context.print(JSON.stringify(answer));
}
