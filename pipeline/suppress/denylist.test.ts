import { describe, expect, it } from 'vitest';
import { compileDenylist, type DenylistEntry, whyRefused } from './denylist.ts';

const entry = (change: Partial<DenylistEntry>): DenylistEntry => ({
  id: 'd',
  kind: 'sender',
  pattern: 'EVIL',
  reason: 'r',
  source: 's',
  createdAtMs: 0,
  ...change,
});
const ask = (entries: readonly DenylistEntry[], sender: string, body: string, nowMs = 5) =>
  compileDenylist(entries).ask({ sender, body }, nowMs);

describe('denylist', () => {
  it('knows senders, patterns of senders and contents, and lets the rest go', () => {
    const list = [
      entry({}),
      entry({ kind: 'sender-pattern', pattern: '^PAYP[A4]L' }),
      entry({ kind: 'content-pattern', pattern: 'claim your prize' }),
    ];
    expect(ask(list, 'evil', 'hello')).toEqual({ 'denied-sender': true, 'denied-content': false });
    expect(ask(list, 'PAYP4L-SEC', 'hello')['denied-sender']).toBe(true);
    expect(ask(list, 'SHOP', 'Cláim your PRIZE')).toEqual({ 'denied-sender': false, 'denied-content': true });
    expect(ask(list, 'SHOP', 'hello')).toEqual({ 'denied-sender': false, 'denied-content': false });
  });

  it('ends by itself, exclusive', () => {
    expect(ask([entry({ untilMs: 5 })], 'EVIL', 'x', 4)['denied-sender']).toBe(true);
    expect(ask([entry({ untilMs: 5 })], 'EVIL', 'x', 5)['denied-sender']).toBe(false);
  });

  it('refuses what could explode, what does not compile and what stops everything', () => {
    expect(whyRefused('content-pattern', '(a+)+$')).toMatch(/explode/);
    expect(whyRefused('content-pattern', '(?=a)b')).toMatch(/look-around/);
    expect(whyRefused('content-pattern', 'a*')).toMatch(/every message/);
    expect(whyRefused('sender', '(')).toBeUndefined();
    expect(whyRefused('content-pattern', 'verify your wallet')).toBeUndefined();
  });
});
