import { canonicalise } from '../../models/text/canonical.ts';
import { fingerprint } from '../../models/text/fingerprint.ts';
import type { FeedbackEntry, FeedbackLedger, FeedbackOutcome } from '../../pipeline/store/feedback.ts';

/** For tests of the doors alone: a ledger that knows one message, `m1`. */
export function memoryFeedback(): FeedbackLedger {
  const kept: FeedbackEntry[] = [];
  return {
    async append(_tenant, statements, atMs) {
      return statements.map((statement): FeedbackOutcome => {
        const { id, messageId } = statement;
        const text = statement.text ?? (messageId === 'm1' ? 'Your code is 482913' : undefined);
        if (text === undefined) return { kind: 'unknown-message', id, messageId: messageId! };
        const print = fingerprint(canonicalise(text));
        const before = kept.find((entry) => entry.id === id);
        if (before && before.label !== statement.label) return { kind: 'id-reused', id };
        if (before) return { kind: 'repeated', id, fingerprint: print };
        kept.push({ ...statement, text, seq: kept.length + 1, fingerprint: print, atMs });
        return { kind: 'recorded', id, fingerprint: print };
      });
    },
    async list(_tenant, { afterSeq = 0, limit }) {
      return kept.filter(({ seq }) => seq > afterSeq).slice(0, limit);
    },
    async unlabelled() {
      return [
        {
          id: 'm1',
          text: 'Your code is 482913',
          sender: 'BANK',
          channel: 'sms',
          verdict: {
            class: 'transactional',
            band: 'sure',
            probability: 0.01,
            fingerprint: '0'.repeat(32),
            modelVersion: 'memory-1',
          },
        },
      ];
    },
  };
}
