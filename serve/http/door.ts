import type { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { ProblemCode } from './problem.ts';

/** What the app gives every handler. */
export interface DoorEnv {
  Variables: {
    requestId: string;
    tenant: string;
  };
}

/** One operation: its description for the reference and what it does, in one place. */
export interface Door {
  readonly method: 'get' | 'post' | 'put' | 'delete';
  /** With `{name}` for parameters, as OpenAPI has it. */
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  /** Answers without an API key. */
  readonly open?: true;
  readonly headers?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: {
    readonly schema: z.ZodType;
    readonly example: unknown;
    /** Default `application/json`. */
    readonly type?: string;
  };
  readonly answer: {
    readonly status: number;
    readonly description: string;
    readonly schema?: z.ZodType;
    /** Default `application/json`. */
    readonly type?: string;
  };
  /** Codes it may refuse with, beside those of every operation. */
  readonly refusals?: readonly ProblemCode[];
  handle(c: Context<DoorEnv>): Response | Promise<Response>;
}
