import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeHtml, html, raw } from './html.ts';

describe('html', () => {
  it('escapes holes and keeps markup of its own', () => {
    const inner = html`<b>${'<i>&"\''}</b>`;
    expect(html`<p title="${'"><script>'}">${inner}${[inner, '<']}${3}${raw('<hr>')}</p>`.markup).toBe(
      '<p title="&quot;&gt;&lt;script&gt;"><b>&lt;i&gt;&amp;&quot;&#39;</b><b>&lt;i&gt;&amp;&quot;&#39;</b>&lt;3<hr></p>',
    );
  });

  it('lets no text open a tag, leave an attribute or turn the direction', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(escapeHtml(text)).not.toMatch(/[<>"'\u0000\u200b\u202e\u2066]|&(?!amp;|lt;|gt;|quot;|#39;)/);
      }),
      { seed: 3, numRuns: 500 },
    );
  });

  it('shows what would hide', () => {
    expect(escapeHtml('a\u202eb\u200b\u0007')).toBe('a[U+202E]b[U+200B][U+0007]');
  });

  it('gives ordinary text back', () => {
    expect(escapeHtml('Größe 5 – 50% off 🎉\nZwei')).toBe('Größe 5 – 50% off 🎉\nZwei');
  });
});
