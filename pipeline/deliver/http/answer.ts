import type { Clock } from '../../../models/base/clock.ts';
import { redact } from '../detail.ts';
import type { DeliveryOutcome, DeliveryRequest } from '../provider.ts';
import type { HttpSpec } from './spec.ts';
import { textAt } from './template.ts';

/** What came back over the wire. */
export interface HttpAnswer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly text: string;
}

const LONGEST_RETRY_AFTER_MS = 3_600_000;
/** The provider or something before it gave up: nobody says whether the message was taken. */
const OPEN_QUESTION = [408, 500, 502, 504];
/** Our own set-up or account is at fault, no message: another provider may do better. */
const NOT_THE_MESSAGE = [401, 402, 403, 404, 405, 407, 415];

/** `Retry-After` after RFC 9110: seconds or a date; undefined where it says nothing that can be used. */
export function retryAfterMs(header: string | null, nowMs: number): number | undefined {
  if (header === null || header.trim() === '') return undefined;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1_000 : Date.parse(header) - nowMs;
  if (!Number.isFinite(ms)) return undefined;
  return Math.min(LONGEST_RETRY_AFTER_MS, Math.max(0, Math.round(ms)));
}

/** @returns the value, or undefined where the text is not JSON */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

type AnswerSpec = HttpSpec['answer'];

/** What one result of a provider says of one message: its reference, or its own error code. */
export function resultOf(
  spec: AnswerSpec,
  value: unknown,
  request: DeliveryRequest,
  otherwise: DeliveryOutcome,
): DeliveryOutcome {
  const code = textAt(value, spec.errorCode);
  const said = textAt(value, spec.errorDetail);
  const detail = said === undefined ? otherwiseDetail(otherwise) : redact(said, request);
  const ref = textAt(value, spec.ref);
  if (ref !== undefined && otherwise.kind !== 'refused') return { kind: 'taken', providerRef: ref };
  if (code === undefined) return otherwise;
  return spec.retryCodes.includes(code)
    ? { kind: 'retry', code, detail, cause: 'provider' }
    : { kind: 'refused', code, detail };
}

const otherwiseDetail = (outcome: DeliveryOutcome): string => ('detail' in outcome ? outcome.detail : '');

/** What an answer says of the message that it answers. */
export function outcomeOf(
  spec: AnswerSpec,
  answer: HttpAnswer,
  request: DeliveryRequest,
  clock: Clock,
): DeliveryOutcome {
  const failure = failureOf(spec, answer, clock);
  const value = jsonOf(answer.text);
  if (failure === undefined) {
    return resultOf(spec, value, request, {
      kind: 'ambiguous',
      code: 'BAD_ANSWER',
      detail: `status ${answer.status} with a body that ${value === undefined ? 'is not JSON' : 'has no id'}`,
    });
  }
  return failure.kind === 'refused' ? resultOf(spec, value, request, failure) : failure;
}

/** What a status says on its own; undefined: the body decides. */
export function failureOf(spec: AnswerSpec, answer: HttpAnswer, clock: Clock): DeliveryOutcome | undefined {
  const { status } = answer;
  if (status >= 200 && status < 300) return undefined;
  const code = `HTTP_${status}`;
  const detail = `the provider answered ${status}`;
  const wait = retryAfterMs(answer.retryAfter, clock());
  const later = wait === undefined ? {} : { retryAfterMs: wait };
  if (status === 429) return { kind: 'retry', code, detail, cause: 'rate', ...later };
  if (OPEN_QUESTION.includes(status) && !spec.notTaken.includes(status)) {
    return { kind: 'ambiguous', code, detail };
  }
  if (status >= 500 || status < 400 || NOT_THE_MESSAGE.includes(status) || spec.notTaken.includes(status)) {
    return { kind: 'retry', code, detail, ...later };
  }
  return { kind: 'refused', code, detail };
}
