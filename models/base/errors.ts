/**
 * The one error type of Laneway: a stable `code` for programs, a message that names the field, line or fix
 * for people. Anything else that is thrown is a bug.
 */
export class LanewayError extends Error {
  override readonly name = 'LanewayError';
  /** Stable, machine-readable, `UPPER_SNAKE_CASE`; documented, never reused for another meaning. */
  readonly code: string;
  /** What the reader can do about it, one sentence; printed after the message. */
  readonly fix: string | undefined;
  /** Where it happened: `file:line`, a JSON pointer, an option name. */
  readonly where: string | undefined;

  constructor(
    code: string,
    message: string,
    options: { fix?: string; where?: string; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.fix = options.fix;
    this.where = options.where;
  }
}

/** The text of anything thrown, for logs and wrapping. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
