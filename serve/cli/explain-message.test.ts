import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../models/verdict.ts';
import { explainMessage } from './explain-message.ts';

const verdict: Verdict = {
  class: 'promotional',
  band: 'unsure',
  probability: 0.6,
  risk: 0.01,
  reasons: [
    { feature: 'word:sale', text: "the word 'sale'", contribution: 0.2 },
    { feature: 'signal:codes', text: "numbers of a code's length", contribution: -0.1 },
    { feature: 'bias', text: 'what the model expects before reading', contribution: 0.5 },
  ],
  modelVersion: 'm',
  fingerprint: '0'.repeat(32),
  stage: 'lexical',
};

describe('a message explained', () => {
  it('marks what spoke for and against, and lists every reason with its share', () => {
    const lines = explainMessage('Big SALE\ncode 482913', verdict, { styled: false });
    expect(lines[0]).toBe('promotional, unsure   P(promotional) 0.600   scam risk 0.010   stage lexical');
    expect(lines.slice(2, 4)).toEqual(['Big +SALE+', 'code -482913-']);
    expect(lines).toContain("+0.200  the word 'sale'");
    expect(lines).toContain("-0.100  numbers of a code's length");
  });

  it('colours every line by itself', () => {
    const text = explainMessage('Big SALE', verdict, { styled: true }).join('\n');
    expect(text).toContain('\u001b[33m');
    expect(text).toContain('\u001b[36m');
  });

  it('lets no control character of a message reach the terminal', () => {
    const text = explainMessage('a\u001b[2J sale\u0007 \u202ec', verdict, { styled: false }).join('');
    expect(text).not.toMatch(/[\u001b\u0007\u202e]/);
    expect(text).toContain('[U+001B]');
  });
});
