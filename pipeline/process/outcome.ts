import { canonicalJson } from '../../models/base/json.ts';
import type { DeliveryOutcome } from '../deliver/provider.ts';
import { retryDelayMs } from '../deliver/retry.ts';
import type { Transition } from '../store/transition.ts';
import type { Leaving } from './call.ts';
import { queryFor } from './dispatch.ts';
import type { Workshop } from './ports.ts';

/** The step that records what a provider said. */
export function stepAfter(shop: Workshop, leaving: Leaving, outcome: DeliveryOutcome): Transition {
  const { message, provider, step } = leaving;
  const attempt = step.opens!.attempt;
  const atMs = shop.clock();
  const base = {
    tenant: message.tenant,
    id: message.id,
    version: message.version + 1,
    lane: step.lane,
    atMs,
  };
  switch (outcome.kind) {
    case 'taken':
      return {
        ...base,
        to: 'sent',
        sentAtMs: atMs,
        event: 'sent',
        data: canonicalJson({ attempt, provider: provider.name, providerRef: outcome.providerRef }),
        closes: { attempt, outcome: 'sent', providerRef: outcome.providerRef },
      };
    case 'refused':
      return died(base, attempt, 'failed', outcome, provider.name);
    case 'retry': {
      // Another provider is not bound by what this one asked for.
      const bound = !shop.providers.elsewhere(queryFor(message, [provider.name]));
      const waitMs = retryDelayMs(
        shop.settings.retry,
        failuresOf(shop, attempt),
        shop.random,
        bound ? outcome.retryAfterMs : 0,
      );
      if (waitMs === undefined) return died(base, attempt, 'retry', outcome, provider.name);
      return later(base, attempt, 'retry', outcome, atMs + waitMs);
    }
    case 'ambiguous': {
      const again = provider.honoursKeys || shop.settings.ambiguous[message.lane] === 'resend';
      const waitMs = retryDelayMs(shop.settings.retry, failuresOf(shop, attempt), shop.random);
      if (again && waitMs !== undefined) return later(base, attempt, 'ambiguous', outcome, atMs + waitMs);
      return {
        ...base,
        to: 'unknown',
        reason: outcome.code,
        event: 'unknown',
        data: canonicalJson({ attempt, code: outcome.code, detail: outcome.detail }),
        closes: { attempt, outcome: 'ambiguous', code: outcome.code, detail: outcome.detail },
      };
    }
  }
}

/** Attempts go on counting after a redrive; each life has the policy's number of them. */
function failuresOf(shop: Workshop, attempt: number): number {
  return ((attempt - 1) % shop.settings.retry.maxAttempts) + 1;
}

type Base = Pick<Transition, 'tenant' | 'id' | 'version' | 'lane' | 'atMs'>;
type Failure = Exclude<DeliveryOutcome, { kind: 'taken' }>;

function later(
  base: Base,
  attempt: number,
  outcome: 'retry' | 'ambiguous',
  { code, detail }: Failure,
  dueAtMs: number,
): Transition {
  return {
    ...base,
    to: 'retrying',
    dueAtMs,
    reason: code,
    event: 'retrying',
    data: canonicalJson({ attempt, outcome, code, detail, dueAtMs }),
    closes: { attempt, outcome, code, detail },
  };
}

function died(
  base: Base,
  attempt: number,
  outcome: 'failed' | 'retry',
  { code, detail }: Failure,
  provider: string,
): Transition {
  return {
    ...base,
    to: 'failed',
    reason: code,
    frees: true,
    event: 'failed',
    data: canonicalJson({ attempt, code, detail }),
    closes: { attempt, outcome, code, detail },
    dies: { code, detail, attempts: attempt, provider, transient: outcome === 'retry' },
  };
}
