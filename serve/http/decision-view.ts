import type { DecisionView } from '../../pipeline/view.ts';

export function viewDecision(decision: DecisionView) {
  const { seq, outcome, kind } = decision;
  if (kind !== 'open') {
    return { seq, outcome, readable: kind === 'unreadable' ? 'no' : kind, hash: null, record: null };
  }
  const record = JSON.parse(decision.bytes) as Record<string, unknown>;
  return { seq, outcome, readable: 'yes', hash: decision.hash, record };
}
