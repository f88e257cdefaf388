import type { z } from 'zod';
import { isZone } from '../comply/time/localtime.ts';
import { checkRecipient, checkSender } from './address.ts';
import {
  MAX_AHEAD_MS,
  MAX_BODY_CHARACTERS,
  MAX_METADATA_BYTES,
  MessageRequest,
  PAST_TOLERANCE_MS,
} from './request.ts';

/** One thing wrong with a request, and where. */
export interface FieldProblem {
  /** JSON pointer (RFC 6901) into the request, e.g. `/to`; empty for the request itself. */
  readonly field: string;
  /** Stable, `UPPER_SNAKE_CASE`. */
  readonly code: string;
  readonly message: string;
}

/** A request with normalised addresses and instants. */
export interface CheckedRequest extends MessageRequest {
  readonly sendAtMs: number | undefined;
  /** The canonical request, as it was sent: what idempotency compares. */
  readonly original: MessageRequest;
}

export type RequestCheck =
  | { readonly ok: true; readonly request: CheckedRequest }
  | { readonly ok: false; readonly problems: readonly FieldProblem[] };

/** C0 and C1 controls but tab and line ends. */
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/;
const CONTROL_OR_BREAK = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
const LONE_SURROGATE = /\p{Surrogate}/u;

function pointer(path: readonly PropertyKey[]): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

function shapeProblems(issues: readonly z.core.$ZodIssue[]): FieldProblem[] {
  return issues.flatMap((issue): FieldProblem[] => {
    const field = pointer(issue.path);
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        field: `${field}${pointer([key])}`,
        code: 'UNKNOWN_FIELD',
        message: 'is not a field of a message',
      }));
    }
    return [{ field, code: codeOf(field, issue), message: issue.message }];
  });
}

function codeOf(field: string, issue: z.core.$ZodIssue): string {
  if (field === '/channel') return 'UNKNOWN_CHANNEL';
  switch (issue.code) {
    case 'invalid_type':
      return 'INVALID_TYPE';
    case 'too_small':
      return issue.origin === 'string' ? 'EMPTY' : 'TOO_SMALL';
    case 'too_big':
      return issue.origin === 'string' ? 'TOO_LONG' : 'TOO_BIG';
    default:
      return 'INVALID_VALUE';
  }
}

/**
 * Characters that no message may have: controls and halves of surrogate pairs.
 *
 * @param breaks are tab and line ends allowed?
 */
export function characterProblems(
  field: string,
  text: string,
  breaks: 'allowed' | 'forbidden',
): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const at = text.search(breaks === 'allowed' ? CONTROL : CONTROL_OR_BREAK);
  if (at >= 0) {
    const code = text.charCodeAt(at).toString(16).padStart(4, '0');
    problems.push({
      field,
      code: 'CONTROL_CHARACTER',
      message: `has a control character U+${code} at ${at}`,
    });
  }
  if (LONE_SURROGATE.test(text)) {
    problems.push({
      field,
      code: 'LONE_SURROGATE',
      message: 'has half of a surrogate pair: not valid Unicode',
    });
  }
  return problems;
}

function textProblems(request: MessageRequest): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const look = (field: string, text: string | undefined, breaks: 'allowed' | 'forbidden'): void => {
    if (text !== undefined) problems.push(...characterProblems(field, text, breaks));
  };
  look('/to', request.to, 'forbidden');
  look('/from', request.from, 'forbidden');
  look('/subject', request.subject, 'forbidden');
  look('/body', request.body, 'allowed');
  if (request.body.trim() === '') {
    problems.push({ field: '/body', code: 'EMPTY', message: 'has nothing but white space' });
  }
  const limit = MAX_BODY_CHARACTERS[request.channel];
  if (request.body.length > limit) {
    problems.push({
      field: '/body',
      code: 'TOO_LONG',
      message: `has ${request.body.length} characters; ${request.channel} takes at most ${limit}`,
    });
  }
  if (request.subject !== undefined && request.channel !== 'email') {
    problems.push({ field: '/subject', code: 'NOT_FOR_CHANNEL', message: 'is for e-mail only' });
  }
  const metadata = request.metadata === undefined ? '' : JSON.stringify(request.metadata);
  if (Buffer.byteLength(metadata) > MAX_METADATA_BYTES) {
    problems.push({
      field: '/metadata',
      code: 'TOO_LONG',
      message: `is larger than ${MAX_METADATA_BYTES} bytes`,
    });
  }
  return problems;
}

function timeProblems(sendAtMs: number | undefined, nowMs: number): FieldProblem[] {
  if (sendAtMs === undefined) return [];
  if (sendAtMs < nowMs - PAST_TOLERANCE_MS) {
    return [{ field: '/sendAt', code: 'SEND_AT_IN_PAST', message: 'lies in the past' }];
  }
  if (sendAtMs > nowMs + MAX_AHEAD_MS) {
    return [{ field: '/sendAt', code: 'SEND_AT_TOO_FAR', message: 'lies more than a year ahead' }];
  }
  return [];
}

/** A zone that does not exist would be no zone, and a message could go out at night for a slip of the pen. */
function zoneProblems(metadata: MessageRequest['metadata']): FieldProblem[] {
  return ['timezone', 'deviceZone'].flatMap((name): FieldProblem[] => {
    const zone = metadata?.[name];
    if (zone === undefined || zone === null || (typeof zone === 'string' && isZone(zone))) return [];
    const message = 'is no time zone of tzdata, such as America/New_York';
    return [{ field: `/metadata/${name}`, code: 'UNKNOWN_TIME_ZONE', message }];
  });
}

/**
 * Checks one request completely: all problems, not the first.
 *
 * @param input anything, as parsed from JSON
 */
export function checkRequest(input: unknown, nowMs: number): RequestCheck {
  const shaped = MessageRequest.safeParse(input);
  if (!shaped.success) return { ok: false, problems: shapeProblems(shaped.error.issues) };
  const request = shaped.data;
  const sendAtMs = request.sendAt === undefined ? undefined : Date.parse(request.sendAt);
  const problems = [...textProblems(request), ...timeProblems(sendAtMs, nowMs)];
  problems.push(...zoneProblems(request.metadata));
  const to = checkRecipient(request.channel, request.to);
  const from = checkSender(request.channel, request.from);
  if (!to.ok) problems.unshift({ field: '/to', code: to.code, message: to.message });
  if (!from.ok) problems.push({ field: '/from', code: from.code, message: from.message });
  if (problems.length > 0 || !to.ok || !from.ok) return { ok: false, problems };
  return {
    ok: true,
    request: { ...request, to: to.address, from: from.address, sendAtMs, original: request },
  };
}
