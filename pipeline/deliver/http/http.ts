import { once } from 'node:events';
import { connect } from 'node:net';
import pLimit from 'p-limit';
import type { Clock } from '../../../models/base/clock.ts';
import { messageOf } from '../../../models/base/errors.ts';
import type { DeliveryOutcome, DeliveryRequest, Provider } from '../provider.ts';
import type { Secret, SecretRef } from '../secret.ts';
import { failureOf, type HttpAnswer, jsonOf, outcomeOf, resultOf } from './answer.ts';
import { readReceipts } from './receipts.ts';
import type { HttpSpec } from './spec.ts';
import { at, fill, fillJson } from './template.ts';

export interface HttpParts {
  readonly clock: Clock;
  /** Reads the secret that a field of the spec refers to. */
  readonly secret: (ref: SecretRef, field: string) => Secret;
}

const MOST_ANSWER_BYTES = 262_144;
const PING_MS = 3_000;
/** Nothing of the request had left when these happened. */
const NEVER_LEFT =
  /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|CERT_.*|.*SELF_SIGNED.*|UNABLE_TO_.*|ERR_TLS_.*|ERR_SSL_.*)$/;

/**
 * Any provider with an HTTP API: the request is filled from templates, the answer read by JSON pointers, receipts come
 * by signed webhook. With `batch` one call carries many messages.
 */
export function createHttpProvider(name: string, spec: HttpSpec, parts: HttpParts): Provider {
  const { request: shape } = spec;
  const authorization = authHeader(spec, parts);
  const receiptSecret =
    spec.receipts && parts.secret(spec.receipts.signature.secret, 'receipts.signature.secret');
  const limit = pLimit(spec.connections);
  const ending = new AbortController();

  async function call(url: string, headers: Record<string, string>, body?: string): Promise<HttpAnswer> {
    const answer = await fetch(url, {
      method: shape.method,
      headers: { accept: 'application/json', ...headers, ...authorization },
      redirect: 'manual',
      signal: AbortSignal.any([AbortSignal.timeout(spec.timeoutMs), ending.signal]),
      ...(body === undefined ? {} : { body }),
    });
    return {
      status: answer.status,
      retryAfter: answer.headers.get('retry-after'),
      text: await readText(answer),
    };
  }

  async function one(request: DeliveryRequest): Promise<DeliveryOutcome> {
    const headers = Object.fromEntries(
      Object.entries(shape.headers).map(([key, value]) => [key, fill(value, request, headerSafe)]),
    );
    const url = fill(shape.url, request, encodeURIComponent);
    try {
      const answer = await call(url, { ...headers, ...typeOf(spec) }, bodyOf(spec, request));
      return outcomeOf(spec.answer, answer, request, parts.clock);
    } catch (error) {
      return brokenOff(error, spec.timeoutMs);
    }
  }

  async function many(
    batch: NonNullable<HttpSpec['batch']>,
    requests: readonly DeliveryRequest[],
  ): Promise<DeliveryOutcome[]> {
    const items = requests.map((request) => fillJson(shape.json ?? {}, request));
    try {
      const answer = await call(
        batch.url,
        { 'content-type': 'application/json' },
        JSON.stringify({ [batch.field]: items }),
      );
      const failure = failureOf(spec.answer, answer, parts.clock);
      // A refusal of the whole call says nothing of any one message: each is asked about alone.
      if (failure?.kind === 'refused')
        return Promise.all(requests.map((request) => limit(() => one(request))));
      if (failure) return requests.map(() => failure);
      const results = at(jsonOf(answer.text), batch.results);
      return requests.map((request, i) =>
        resultOf(spec.answer, Array.isArray(results) ? results[i] : undefined, request, {
          kind: 'ambiguous',
          code: 'BAD_ANSWER',
          detail: `the answer has no result for item ${i} at ${batch.results}`,
        }),
      );
    } catch (error) {
      const broken = brokenOff(error, spec.timeoutMs);
      return requests.map(() => broken);
    }
  }

  return {
    name,
    channels: spec.channels,
    honoursKeys: spec.honoursKeys,
    maxBatch: spec.batch?.max ?? Math.min(spec.connections, 100),
    async deliver(requests) {
      if (ending.signal.aborted) {
        const shut = { kind: 'retry', code: 'CLOSED', detail: 'this process is stopping' } as const;
        return requests.map(() => shut);
      }
      if (spec.batch && requests.length > 1) return limit(() => many(spec.batch!, requests));
      return Promise.all(requests.map((request) => limit(() => one(request))));
    },
    onReceipts() {
      // They come by webhook only.
    },
    async readWebhook(request) {
      if (!spec.receipts || !receiptSecret)
        return { kind: 'malformed', detail: 'no receipts are configured' };
      return readReceipts(spec.receipts, receiptSecret, request, parts.clock());
    },
    ping: () => reach(new URL(shape.url.replaceAll(/\{\{\s*\w+\s*\}\}/g, 'x'))),
    async close() {
      ending.abort();
    },
  };
}

function authHeader({ request: { auth } }: HttpSpec, { secret }: HttpParts): Record<string, string> {
  switch (auth?.kind) {
    case undefined:
      return {};
    case 'bearer':
      return { authorization: `Bearer ${secret(auth.token, 'token').reveal()}` };
    case 'basic': {
      const pair = `${auth.user}:${secret(auth.password, 'token').reveal()}`;
      return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
    }
    case 'header':
      return { [auth.name]: secret(auth.value, 'value').reveal() };
  }
}

/** A value can end no header line. */
const headerSafe = (value: string): string => value.replace(/[^\t\x20-\x7e]/g, '');

function typeOf({ request }: HttpSpec): Record<string, string> {
  if (request.json !== undefined) return { 'content-type': 'application/json' };
  return request.form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' };
}

function bodyOf({ request: { json, form } }: HttpSpec, request: DeliveryRequest): string | undefined {
  if (json !== undefined) return JSON.stringify(fillJson(json, request));
  if (form === undefined) return undefined;
  const fields = Object.entries(form).map(([key, value]): [string, string] => [key, fill(value, request)]);
  return new URLSearchParams(fields).toString();
}

/** Reads no more than an honest answer needs. */
async function readText(answer: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of answer.body ?? []) {
    bytes += (chunk as Uint8Array).length;
    if (bytes > MOST_ANSWER_BYTES) break;
    chunks.push(chunk as Uint8Array);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function brokenOff(error: unknown, timeoutMs: number): DeliveryOutcome {
  const { cause } = error as { readonly cause?: { readonly code?: string } };
  const code = cause?.code ?? '';
  if (error instanceof Error && error.name === 'TimeoutError') {
    return { kind: 'ambiguous', code: 'TIMEOUT', detail: `no answer within ${timeoutMs} ms` };
  }
  if (NEVER_LEFT.test(code)) return { kind: 'retry', code: 'UNREACHABLE', detail: `no connection: ${code}` };
  return {
    kind: 'ambiguous',
    code: 'ANSWER_LOST',
    detail: `the connection broke: ${code || messageOf(error)}`,
  };
}

/** A connection can be had; nothing is sent over it. */
async function reach(url: URL): Promise<void> {
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
  const socket = connect({ host: url.hostname.replace(/^\[|\]$/g, ''), port });
  socket.setTimeout(PING_MS, () => socket.destroy(new Error(`no connection within ${PING_MS} ms`)));
  try {
    await once(socket, 'connect');
  } finally {
    socket.destroy();
  }
}
