import type { Band, MessageClass } from '../../models/verdict.ts';

/** The regime a message gets, and what decided it. */
export interface Treatment {
  readonly treatment: MessageClass;
  /**
   * `verdict`: the classifier is sure that it is transactional; `promotional`: the classifier says promotional;
   * `unsure`: it is not sure, so the strict regime applies; `claim`: the caller itself called it promotional.
   */
  readonly because: 'verdict' | 'promotional' | 'unsure' | 'claim';
}

/** Caller categories that are advertising by their own account. Compared in lower case, `_` and space as `-`. */
const PROMOTIONAL_CLAIMS: ReadonlySet<string> = new Set([
  'promotional',
  'promotion',
  'promo',
  'marketing',
  'advertising',
  'advertisement',
  'campaign',
  'newsletter',
  'offer',
  'sale',
  'loyalty-offer',
]);

/** Does the caller itself say that this is advertising? */
export function claimsPromotional(claim: string | undefined): boolean {
  if (claim === undefined) return false;
  return PROMOTIONAL_CLAIMS.has(
    claim
      .trim()
      .toLowerCase()
      .replaceAll(/[\s_]+/g, '-'),
  );
}

/**
 * The regime for a message. Transactional treatment is an exception that the text must earn: class transactional
 * *and* band sure. A claim can only make it stricter; no claim ever loosens it.
 * @param input.verdict what the classifier said; `undefined` (it could not answer) counts as unsure
 * @param input.claim the caller's `category`, free text
 */
export function treatmentOf(input: {
  readonly verdict: { readonly class: MessageClass; readonly band: Band } | undefined;
  readonly claim?: string | undefined;
}): Treatment {
  const { verdict, claim } = input;
  if (verdict?.class === 'promotional') return { treatment: 'promotional', because: 'promotional' };
  if (verdict?.band !== 'sure') return { treatment: 'promotional', because: 'unsure' };
  if (claimsPromotional(claim)) return { treatment: 'promotional', because: 'claim' };
  return { treatment: 'transactional', because: 'verdict' };
}
