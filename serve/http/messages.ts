import type { AcceptItem, AcceptResult } from '../../pipeline/accept/accept.ts';
import type { Pipeline } from '../../pipeline/compose.ts';
import { type ItemProblem, itemProblem, ProblemError, problemErrorOf } from './problem.ts';

export interface AcceptedView {
  readonly id: string;
  readonly state: 'accepted' | 'scheduled';
  readonly repeated: boolean;
}

/** @throws ProblemError for a message that is refused */
export async function acceptOne(
  pipeline: Pick<Pipeline, 'accept'>,
  tenant: string,
  request: unknown,
  idempotencyKey: string | undefined,
): Promise<AcceptedView> {
  const [result] = await pipeline.accept(tenant, [
    { request, ...(idempotencyKey === undefined ? {} : { idempotencyKey }) },
  ]);
  if (result!.kind === 'accepted') return viewOf(result!);
  const plain = problemErrorOf(result!.error);
  throw new ProblemError(plain.code, plain.message, { fix: fixOf(plain), fields: result!.problems });
}

/** The pipeline's own words for fields are "problems"; a problem document calls them "errors". */
function fixOf({ code, fix }: ProblemError): string | undefined {
  return code === 'INVALID_MESSAGE' ? 'Correct the fields named in "errors" and send it again.' : fix;
}

function viewOf({ id, state, repeated }: Extract<AcceptResult, { kind: 'accepted' }>): AcceptedView {
  return { id, state, repeated };
}

/**
 * Accepts a batch. A key for the whole batch gives each item its own (`KEY#0`, `KEY#1`, ...), so a repeated batch gets
 * the same answers; an item's own `idempotencyKey` goes before it.
 */
export async function acceptBatch(
  pipeline: Pick<Pipeline, 'accept'>,
  tenant: string,
  items: readonly unknown[],
  batchKey: string | undefined,
): Promise<{ accepted: number; rejected: number; results: (AcceptedView | { error: ItemProblem })[] }> {
  const results = await pipeline.accept(
    tenant,
    items.map((item, i) => itemOf(item, batchKey === undefined ? undefined : `${batchKey}#${i}`)),
  );
  const accepted = results.filter((result) => result.kind === 'accepted').length;
  return {
    accepted,
    rejected: results.length - accepted,
    results: results.map((result) => {
      if (result.kind === 'accepted') return viewOf(result);
      const { code, message } = problemErrorOf(result.error);
      return { error: itemProblem(code, message, result.problems) };
    }),
  };
}

function itemOf(item: unknown, fallbackKey: string | undefined): AcceptItem {
  const plain = item !== null && typeof item === 'object' && !Array.isArray(item);
  if (plain && Object.hasOwn(item, 'idempotencyKey')) {
    const { idempotencyKey, ...request } = item as Record<string, unknown>;
    // A key that is no text is refused as one that cannot be used.
    return { request, idempotencyKey: typeof idempotencyKey === 'string' ? idempotencyKey : '' };
  }
  return { request: item, ...(fallbackKey === undefined ? {} : { idempotencyKey: fallbackKey }) };
}
