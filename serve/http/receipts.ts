import { z } from '@hono/zod-openapi';
import type { Pipeline } from '../../pipeline/compose.ts';
import { MAX_BODY_BYTES, readBytes } from './body.ts';
import type { Door } from './door.ts';
import { ProblemError } from './problem.ts';

/** Where providers call in what became of messages. Their signature opens it, not the API key. */
export function receiptDoors({ pipeline }: { readonly pipeline: Pick<Pipeline, 'receive'> }): Door[] {
  return [
    {
      method: 'post',
      path: '/v1/receipts/{provider}',
      summary: 'For providers: receipts by signed webhook',
      description:
        'The body is in the form of the provider that is configured under this name and carries its signature. Answered when the receipts are on record; repeats change nothing.',
      open: true,
      answer: {
        status: 200,
        description: 'On record',
        schema: z.object({ taken: z.int(), ignored: z.int().describe('Entries that say nothing final') }),
      },
      refusals: ['BODY_TOO_LARGE', 'NOT_FOUND', 'FORGED_RECEIPT', 'MALFORMED_RECEIPT'],
      async handle(c) {
        const request = c.req.raw;
        const body = await readBytes(request, MAX_BODY_BYTES);
        const headers = Object.fromEntries(request.headers.entries());
        const provider = c.req.param('provider') ?? '';
        const reading = await pipeline.receive(provider, { url: c.req.url, headers, body });
        switch (reading.kind) {
          case 'receipts':
            return c.json({ taken: reading.receipts.length, ignored: reading.ignored });
          case 'no-provider':
            throw new ProblemError('NOT_FOUND', 'There is no provider of that name that calls in receipts.');
          case 'forged':
            throw new ProblemError('FORGED_RECEIPT', `Nothing was recorded: ${reading.detail}.`, {
              fix: 'Check the secret of the receipts, and the public address where the signature covers it.',
            });
          case 'malformed':
            throw new ProblemError('MALFORMED_RECEIPT', `Nothing was recorded: ${reading.detail}.`, {
              fix: 'Check the pointers of the receipts in the configuration of the provider.',
            });
        }
      },
    },
  ];
}
