import { z } from '@hono/zod-openapi';

const instant = z.iso.datetime({ offset: true });

/** Facts of one request at most. */
export const MAX_FACTS = 1_000;

export const FactsRequest = z.strictObject({
  facts: z
    .array(
      z.strictObject({
        path: z
          .string()
          .min(1)
          .max(200)
          .describe('As rules name it: sender.postalAddress, registrations.in-dlt/header, lists.in-dlt-urls'),
        value: z
          .unknown()
          .describe(
            'By its kind: text, number, true or false, instant, list of texts; a registration {"state", "attributes"?, "until"?, "checkedAt"?} or null; an event\'s last instant or null; a duty {"since", "doneAt"?} or null; a feed {"checkedAt"?, "active": [{"area", "since", "until"?}]}; preferences [{"days", "fromMinute", "toMinute"}]',
          ),
        source: z.string().trim().min(1).max(500).describe('Who says so: a register, a file, a person'),
        asOf: instant.optional().describe('Since when it is so; of two the later counts; default now'),
        until: instant.optional().describe('Exclusive; a past instant withdraws the fact'),
      }),
    )
    .min(1)
    .max(MAX_FACTS),
  author: z.string().trim().min(1).max(128).optional().describe('Who states them; default api'),
});

export const FactsView = z.object({
  facts: z
    .array(
      z.object({
        path: z.string(),
        value: z.unknown(),
        source: z.string(),
        asOf: instant,
        until: instant.nullable(),
        inForce: z.boolean().describe('false: it has ended, and is not known any more'),
      }),
    )
    .describe('The latest of each path'),
});
