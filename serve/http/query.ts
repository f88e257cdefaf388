import type { z } from '@hono/zod-openapi';
import { ProblemError } from './problem.ts';

/** A bare `+` in a query means a space: a number that came so is a number all the same. */
const addressIn = (text: string): string => (/^ \d/.test(text) ? `+${text.slice(1)}` : text);

/** Checks query parameters, naming every one that is wrong. @throws ProblemError `INVALID_QUERY` */
export function queryOf<S extends z.ZodType>(schema: S, query: Record<string, string>): z.infer<S> {
  const { recipient } = query;
  const given = recipient === undefined ? query : { ...query, recipient: addressIn(recipient) };
  const checked = schema.safeParse(given);
  if (checked.success) return checked.data;
  const fields = checked.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({
          field: key,
          code: 'UNKNOWN_FIELD',
          message: 'is not a parameter of this request',
        }))
      : [{ field: issue.path.join('.'), code: 'INVALID_VALUE', message: issue.message }],
  );
  throw new ProblemError('INVALID_QUERY', `${fields[0]!.field}: ${fields[0]!.message}`, { fields });
}
