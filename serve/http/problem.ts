import { LanewayError } from '../../models/base/errors.ts';

/** One field that is wrong, and where. */
export interface ProblemField {
  /** JSON pointer (RFC 6901) into the body, or the name of a header or query parameter. */
  readonly field: string;
  /** Stable, `UPPER_SNAKE_CASE`. */
  readonly code: string;
  readonly message: string;
}

/** Problem details after RFC 9457, with `code` as the stable name for programs. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly fix?: string;
  readonly errors?: readonly ProblemField[];
  readonly requestId?: string;
}

/** A problem without what only a whole response has: what a batch says of one item. */
export type ItemProblem = Pick<Problem, 'code' | 'title' | 'detail' | 'errors'>;

interface Kind {
  readonly status: number;
  readonly title: string;
}

/** Every code that the doors answer with. Codes are never reused for another meaning. */
export const PROBLEMS = {
  EMPTY_BODY: { status: 400, title: 'The body is empty' },
  INVALID_UTF8: { status: 400, title: 'The body is not UTF-8' },
  INVALID_JSON: { status: 400, title: 'The body is not JSON' },
  JSON_TOO_DEEP: { status: 400, title: 'The JSON is nested too deeply' },
  INVALID_IDEMPOTENCY_KEY: { status: 400, title: 'The idempotency key cannot be used' },
  INVALID_QUERY: { status: 400, title: 'A query parameter is wrong' },
  MALFORMED_RECEIPT: { status: 400, title: 'The receipts cannot be read' },
  FORGED_RECEIPT: { status: 401, title: 'The signature of the receipts is missing or wrong' },
  UNAUTHORIZED: { status: 401, title: 'The API key is missing or wrong' },
  RULES_UNSIGNED: { status: 403, title: 'The order is not signed by a trusted key' },
  RULES_SIGNATURE_INVALID: { status: 403, title: 'The signature is not of this order' },
  RULES_UNKNOWN: { status: 404, title: 'There are no such rules' },
  NOT_FOUND: { status: 404, title: 'There is no such thing' },
  METHOD_NOT_ALLOWED: { status: 405, title: 'The method is not allowed here' },
  DENYLIST_ID_TAKEN: { status: 409, title: 'The id was used for another entry' },
  FEEDBACK_ID_REUSED: { status: 409, title: 'The id was used for another statement' },
  INBOUND_ID_REUSED: { status: 409, title: 'The id was used for another inbound message' },
  REGISTRY_OLDER: { status: 409, title: 'The copy in force is newer' },
  REGISTRY_FILE_UNREADABLE: { status: 422, title: 'The registry file cannot be read' },
  REGISTRY_FILE_DAMAGED: { status: 422, title: 'The registry file is damaged' },
  REGISTRY_KEY_MISMATCH: { status: 422, title: 'The registry file was made elsewhere' },
  IDEMPOTENCY_KEY_REUSED: { status: 409, title: 'The idempotency key was used with another body' },
  RULES_ORDER_STALE: { status: 409, title: 'Another order was given meanwhile' },
  RULES_NO_KEY: { status: 409, title: 'There is no key here to sign with' },
  RULES_NOTHING_BEFORE: { status: 409, title: 'Nothing was in force before' },
  BODY_TOO_LARGE: { status: 413, title: 'The body is too large' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, title: 'The body must be JSON' },
  INVALID_REQUEST: { status: 422, title: 'The request has fields that are wrong' },
  INVALID_MESSAGE: { status: 422, title: 'The message has fields that are wrong' },
  BATCH_TOO_LARGE: { status: 422, title: 'Too many in a batch' },
  RULES_ORDER_LATE: { status: 422, title: 'The order takes effect in the past' },
  RULES_DAMAGED: { status: 422, title: 'The packs are not what they say they are' },
  RULE_PACK_INVALID: { status: 422, title: 'The packs have mistakes' },
  AUDIT_QUERY_REFUSED: { status: 422, title: 'The query may not be asked' },
  AUDIT_QUERY_FAILED: { status: 422, title: 'The query could not be answered' },
  OVERLOADED: { status: 429, title: 'Too much at once' },
  INTERNAL: { status: 500, title: 'Laneway failed' },
  STORE_UNAVAILABLE: { status: 503, title: 'The store does not answer' },
  LANE_DRAINING: { status: 503, title: 'The lane takes no new messages' },
  STARTING: { status: 503, title: 'Laneway is starting' },
  SHUTTING_DOWN: { status: 503, title: 'Laneway is stopping' },
} as const satisfies Record<string, Kind>;

export type ProblemCode = keyof typeof PROBLEMS;

/** A refusal on its way to the client; caught by the app and nowhere else. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly code: ProblemCode;
  readonly fields: readonly ProblemField[];
  readonly fix: string | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: ProblemCode,
    detail: string,
    more: {
      readonly fields?: readonly ProblemField[];
      readonly fix?: string | undefined;
      readonly headers?: Readonly<Record<string, string>>;
    } = {},
  ) {
    super(detail);
    this.code = code;
    this.fields = more.fields ?? [];
    this.fix = more.fix;
    this.headers = more.headers ?? {};
  }
}

const isProblemCode = (code: string): code is ProblemCode => Object.hasOwn(PROBLEMS, code);

/** Retrying may help: say when. */
const RETRY_AFTER: Readonly<Record<string, string>> = { 'Retry-After': '1' };

/**
 * What a client is told of anything thrown. Faults of Laneway itself say nothing of their inside: a store's own
 * message may quote what it was given. The log has them under the request id.
 */
export function problemErrorOf(thrown: unknown): ProblemError {
  if (thrown instanceof ProblemError) return thrown;
  if (thrown instanceof LanewayError && isProblemCode(thrown.code)) {
    if (PROBLEMS[thrown.code].status < 500) {
      return new ProblemError(thrown.code, thrown.message, { fix: thrown.fix });
    }
    return new ProblemError(thrown.code, `${PROBLEMS[thrown.code].title}; nothing was answered as done.`, {
      fix: thrown.fix,
      headers: RETRY_AFTER,
    });
  }
  return new ProblemError(
    'INTERNAL',
    'The request could not be served; the log has why, under this request id.',
    {
      fix: 'Send it again; if it persists, report the request id.',
    },
  );
}

/** @returns the body of an `application/problem+json` answer */
export function problemOf(error: ProblemError, requestId: string): Problem {
  return {
    type: `urn:laneway:problem:${error.code.toLowerCase().replaceAll('_', '-')}`,
    title: PROBLEMS[error.code].title,
    status: PROBLEMS[error.code].status,
    code: error.code,
    detail: error.message,
    ...(error.fix === undefined ? {} : { fix: error.fix }),
    ...(error.fields.length === 0 ? {} : { errors: error.fields }),
    requestId,
  };
}

/** What a batch says of one item that was refused. */
export function itemProblem(
  code: ProblemCode,
  detail: string,
  fields: readonly ProblemField[] = [],
): ItemProblem {
  return { code, title: PROBLEMS[code].title, detail, ...(fields.length === 0 ? {} : { errors: fields }) };
}
