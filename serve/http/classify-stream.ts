import { z } from '@hono/zod-openapi';
import type { Classifier } from '../../models/verdict.ts';
import type { Admission } from './admission.ts';
import { classifyBatch, type ObserveItem } from './classify.ts';
import type { Door } from './door.ts';
import type { ModelPorts } from './model-doors.ts';
import { type NdjsonLine, readNdjson } from './ndjson.ts';
import { itemProblem, ProblemError } from './problem.ts';
import * as schemas from './schemas.ts';

export interface StreamPorts {
  readonly classify: Classifier['classify'];
  readonly models: Pick<ModelPorts, 'observe'>;
  readonly admission: Admission;
}

/** Lines that are classified together, and the most that one stream has in hand. */
const SLICE = 256;
const NDJSON = 'application/x-ndjson';
const NDJSON_TYPE = /^application\/(?:x-)?(?:ndjson|jsonl)\s*(?:;|$)/i;

/**
 * Any number of messages in one request: a line of JSON in, a line of JSON out, in order, while the request still
 * arrives. Who reads the answer slowly slows the reading of the request, so memory stays bounded.
 */
export function streamDoor(ports: StreamPorts): Door {
  return {
    method: 'post',
    path: '/v1/classify/stream',
    summary: 'Say what each of any number of messages is',
    description:
      'Newline-delimited JSON both ways: each line is what /v1/classify takes; each answer has the number of its line, and the verdict or an error. A wrong line holds up no other.',
    body: {
      schema: schemas.ClassifyRequest,
      example: { text: 'Your parcel arrives today' },
      type: NDJSON,
    },
    answer: {
      status: 200,
      description: 'A line for each line that is not blank',
      schema: z.object({ line: z.number().int() }).loose(),
      type: NDJSON,
    },
    refusals: ['UNSUPPORTED_MEDIA_TYPE', 'EMPTY_BODY', 'OVERLOADED'],
    handle(c) {
      const type = c.req.header('Content-Type') ?? '';
      if (!NDJSON_TYPE.test(type)) {
        throw new ProblemError('UNSUPPORTED_MEDIA_TYPE', 'The body is not newline-delimited JSON.', {
          fix: `Send Content-Type: ${NDJSON}.`,
        });
      }
      const { body } = c.req.raw;
      if (!body) {
        throw new ProblemError('EMPTY_BODY', 'The request has no body.', { fix: 'Send a line a message.' });
      }
      const release = ports.admission.admit(SLICE);
      const { tenant } = c.var;
      const observe: ObserveItem = (seen) => ports.models.observe({ tenant, ...seen });
      const answers = answerLines(body, ports.classify, observe);
      const encoder = new TextEncoder();
      return c.body(
        new ReadableStream<Uint8Array>(
          {
            async pull(controller) {
              try {
                const { done, value } = await answers.next();
                if (!done) {
                  controller.enqueue(encoder.encode(value));
                  return;
                }
                controller.close();
              } catch (error) {
                controller.error(error);
              }
              release();
            },
            async cancel() {
              release();
              await answers.return(undefined);
            },
          },
          // Nothing is computed before somebody reads.
          { highWaterMark: 0 },
        ),
        200,
        { 'Content-Type': NDJSON },
      );
    },
  };
}

async function* answerLines(
  body: ReadableStream<Uint8Array>,
  classify: Classifier['classify'],
  observe: ObserveItem,
): AsyncGenerator<string, void> {
  for await (const lines of readNdjson(body)) {
    for (let from = 0; from < lines.length; from += SLICE)
      yield await answerSlice(lines.slice(from, from + SLICE), classify, observe);
  }
}

async function answerSlice(
  lines: readonly NdjsonLine[],
  classify: Classifier['classify'],
  observe: ObserveItem,
): Promise<string> {
  const good = lines.flatMap((one) => ('value' in one ? [one.value] : []));
  const { results } = await classifyBatch(classify, good, observe);
  let next = 0;
  let text = '';
  for (const one of lines) {
    const answer =
      'value' in one
        ? results[next++]!
        : { error: itemProblem(one.problem.code, one.problem.message, one.problem.fields) };
    text += `${JSON.stringify({ line: one.line, ...answer })}\n`;
  }
  return text;
}
