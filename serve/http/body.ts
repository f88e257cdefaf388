import type { z } from 'zod';
import { type ProblemCode, ProblemError, type ProblemField } from './problem.ts';

/** Largest body of one request, bytes. */
export const MAX_BODY_BYTES = 1_048_576;
/** Of a request with one message, whose text may be that of a long mail. */
export const MAX_MESSAGE_BYTES = 8 * 1_048_576;
/** Deepest nesting of lists and objects; more is no message and would cost stack in everything that walks it. */
export const MAX_DEPTH = 32;

/** What reading and checking a body may be refused with. */
export const BODY_REFUSALS: readonly ProblemCode[] = [
  'EMPTY_BODY',
  'INVALID_UTF8',
  'INVALID_JSON',
  'JSON_TOO_DEEP',
  'BODY_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'INVALID_REQUEST',
];

const JSON_TYPE = /^application\/(?:[a-z0-9.+-]+\+)?json\s*(?:;|$)/i;

/**
 * Reads a request's body as JSON, bounded in bytes and depth while it arrives.
 *
 * @throws ProblemError `UNSUPPORTED_MEDIA_TYPE`, `BODY_TOO_LARGE`, `EMPTY_BODY`, `INVALID_UTF8`, `INVALID_JSON`,
 *   `JSON_TOO_DEEP`
 */
export async function readJson(request: Request, maxBytes = MAX_BODY_BYTES): Promise<unknown> {
  const type = request.headers.get('content-type') ?? '';
  const bytes = await readBytes(request, maxBytes);
  if (bytes.length === 0) {
    throw new ProblemError('EMPTY_BODY', 'The request has no body.', { fix: 'Send a JSON object.' });
  }
  if (!JSON_TYPE.test(type)) {
    throw new ProblemError(
      'UNSUPPORTED_MEDIA_TYPE',
      type === '' ? 'The request has no Content-Type.' : 'The Content-Type of the request is not JSON.',
      { fix: 'Send Content-Type: application/json.' },
    );
  }
  return parseBytes(bytes);
}

/**
 * A body, or one line of one, as JSON.
 *
 * @throws ProblemError `EMPTY_BODY`, `INVALID_UTF8`, `INVALID_JSON`, `JSON_TOO_DEEP`
 */
export function parseBytes(bytes: Uint8Array): unknown {
  const value = parse(decode(bytes));
  if (isDeeper(value, MAX_DEPTH)) {
    throw new ProblemError('JSON_TOO_DEEP', `The body is nested deeper than ${MAX_DEPTH} levels.`, {
      fix: 'Send a flatter object.',
    });
  }
  return value;
}

/**
 * Reads a request's body, bounded while it arrives.
 *
 * @throws ProblemError `BODY_TOO_LARGE`
 */
export async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array> {
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge(maxBytes);
  if (!request.body) return new Uint8Array();
  const parts: Uint8Array[] = [];
  let size = 0;
  const reader = (request.body as ReadableStream<Uint8Array>).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(parts);
    size += value.length;
    if (size > maxBytes) {
      await reader.cancel().catch(() => undefined);
      throw tooLarge(maxBytes);
    }
    parts.push(value);
  }
}

function tooLarge(maxBytes: number): ProblemError {
  return new ProblemError('BODY_TOO_LARGE', `The body is larger than ${maxBytes} bytes.`, {
    fix: 'Send fewer messages in one request.',
    // What is left of the body is not read.
    headers: { Connection: 'close' },
  });
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new ProblemError('INVALID_UTF8', 'The body has bytes that are not UTF-8.', {
      fix: 'Encode the body as UTF-8.',
    });
  }
}

function parse(text: string): unknown {
  if (text.trim() === '') {
    throw new ProblemError('EMPTY_BODY', 'The body is blank.', { fix: 'Send a JSON object.' });
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const at = /position (\d+)/.exec((error as Error).message)?.[1];
    const where = at === undefined ? '' : ` at ${lineAndColumn(text, Number(at))}`;
    throw new ProblemError('INVALID_JSON', `The body is not JSON${where}.`, {
      fix: 'Check quotes, commas and brackets.',
    });
  }
}

function lineAndColumn(text: string, position: number): string {
  const before = text.slice(0, position).split('\n');
  return `line ${before.length}, column ${before.at(-1)!.length + 1}`;
}

function isDeeper(value: unknown, limit: number): boolean {
  const open: [unknown, number][] = [[value, 1]];
  for (let next = open.pop(); next; next = open.pop()) {
    const [held, depth] = next;
    if (held === null || typeof held !== 'object') continue;
    if (depth > limit) return true;
    for (const member of Object.values(held)) open.push([member, depth + 1]);
  }
  return false;
}

/** Checks a value against a shape, naming every field that is wrong. @throws ProblemError `INVALID_REQUEST` */
export function checkShape<S extends z.ZodType>(schema: S, value: unknown): z.infer<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw invalidRequest(fieldsOf(result.error.issues));
}

export function invalidRequest(fields: readonly ProblemField[]): ProblemError {
  const [first] = fields;
  const more = fields.length > 1 ? ` (and ${fields.length - 1} more)` : '';
  const detail = first ? `${first.field || 'The body'}: ${first.message}${more}` : 'The body is wrong.';
  return new ProblemError('INVALID_REQUEST', detail, {
    fields,
    fix: 'Correct the fields named in "errors" and send it again.',
  });
}

const step = (key: PropertyKey): string => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;
const pointer = (path: readonly PropertyKey[]): string => path.map(step).join('');

/** What zod found, one entry a field. */
export function fieldsOf(issues: readonly z.core.$ZodIssue[]): ProblemField[] {
  return issues.flatMap((issue): ProblemField[] => {
    const field = pointer(issue.path);
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        field: field + step(key),
        code: 'UNKNOWN_FIELD',
        message: 'is not a field of this request',
      }));
    }
    return [{ field, code: codeOf(issue), message: issue.message }];
  });
}

function codeOf(issue: z.core.$ZodIssue): string {
  const name = issue.path.at(-1);
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined && issue.message.includes('undefined') ? 'MISSING' : 'INVALID_TYPE';
    case 'too_small':
      return issue.origin === 'string' || issue.origin === 'array' ? 'EMPTY' : 'TOO_SMALL';
    case 'too_big':
      return issue.origin === 'string' ? 'TOO_LONG' : issue.origin === 'array' ? 'TOO_MANY' : 'TOO_BIG';
    case 'invalid_value':
      return name === 'channel' ? 'UNKNOWN_CHANNEL' : 'INVALID_VALUE';
    default:
      return 'INVALID_VALUE';
  }
}
