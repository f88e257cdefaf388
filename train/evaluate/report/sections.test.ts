import { describe, expect, it } from 'vitest';
import { markedText } from './sections.ts';

const reasons = [
  { feature: 'word:sale', text: "the word 'sale'", contribution: 0.2 },
  { feature: 'word:order', text: "the word 'order'", contribution: -0.01 },
];

describe('marked text', () => {
  it('marks for and against by strength, and keeps every character', () => {
    const { markup } = markedText('Your order: SALE today', reasons, 100);
    expect(markup).toBe(
      'Your <mark class="t weak" title="−0.010 of the vote, for transactional">order</mark>: ' +
        '<mark class="p strong" title="+0.200 of the vote, for promotional">SALE</mark> today',
    );
  });

  it('lets no markup of a message through', () => {
    const { markup } = markedText('<b>sale</b> "order" <script>', reasons, 100);
    expect(markup.replace(/<\/?mark[^>]*>/g, '')).toBe(
      '&lt;b&gt;sale&lt;/b&gt; &quot;order&quot; &lt;script&gt;',
    );
  });

  it('cuts a long message, never inside a character', () => {
    const { markup } = markedText(`sale ${'🎉'.repeat(400)}`, reasons, 100);
    expect(markup.endsWith('🎉 …')).toBe(true);
    expect(markup).not.toMatch(/\p{Surrogate}/u);
  });
});
