import { describe, expect, it } from 'vitest';
import { createRuleBook } from '../comply/compliance.ts';
import { contentOf } from '../comply/content/content.ts';
import type { Facts } from '../comply/facts.ts';
import { exampleFacts } from '../comply/language/examples.ts';
import type { CompiledRule } from '../comply/types.ts';
import type { MessageRow } from '../store/messages.ts';
import { askComplete } from './complete.ts';
import { extrasOf } from './facts.ts';

const book = createRuleBook();
const ruleset = book.ruleset();
const AT = Date.parse('2026-07-15T16:00:00Z');

const WORDS = {
  brand: 'Acme',
  contact: '02-123-4567',
  legalEntity: 'Acme Ticaret A.S.',
  identificationUrl: 'https://acme.example/imprint',
  mersis: '0123456789000015',
  postalAddress: 'Acme Inc, 500 Market Street, San Francisco CA 94105',
  stopNumber: '36111',
  freeOptOutNumber: '080-123-4567',
};
const URL = 'https://acme.example/u';

function messageOf(channel: MessageRow['channel'], body: string, metadata: object): MessageRow {
  return {
    tenant: 't',
    id: 'm',
    seq: 0,
    state: 'queued',
    version: 1,
    lane: 'promotional',
    order_key: '',
    channel,
    sender: '+12025550147',
    recipient: '+12125550147',
    subject: channel === 'email' ? 'News of the week' : null,
    body,
    body_ref: null,
    claim: null,
    metadata: JSON.stringify(metadata),
    accepted_at_ms: AT,
    send_at_ms: null,
    expires_at_ms: null,
    due_at_ms: null,
    lease_until_ms: null,
    attempts: 0,
    verdict: null,
    reason: null,
    sent_at_ms: null,
    updated_at_ms: AT,
  };
}

/** Facts of a message as the pipeline would have them, to someone under this rule. */
function situation(compiled: CompiledRule, body: string, extra: { canReply?: boolean; over?: object } = {}) {
  const { rule } = compiled;
  const channel = rule.channels[0]!;
  const { canReply = true, over = {} } = extra;
  const metadata = { message: { autoInsert: true }, sender: { ...WORDS }, unsubscribe: { url: URL } };
  const message = messageOf(channel, body, metadata);
  const base = exampleFacts(rule, { name: '', expect: 'deny', at: '', facts: {}, line: 0 });
  const content = contentOf(body, channel, {
    subject: message.subject ?? undefined,
    ...WORDS,
    patterns: ruleset.patterns(channel),
  });
  const facts: Facts = {
    ...base,
    message: { ...base.message, ...content, autoInsert: true, ...over } as Facts['message'],
    sender: {
      ...base.sender,
      ...WORDS,
      contactValidForDays: 60,
      type: 'long-code',
      twoWay: canReply,
    } as Facts['sender'],
    unsubscribe: {
      url: URL,
      free: true,
      validForDays: 60,
      sameChannel: true,
      loginRequired: false,
      steps: 1,
    },
  };
  return { message, facts };
}

const insertable = ruleset.rules.filter(({ rule }) => rule.addition?.autoInsert === true);

describe('what rules require is written in, where the sender allows it', () => {
  it('is most of what packs say may be added', () => {
    expect(insertable.length).toBeGreaterThan(25);
  });

  it.each(insertable.map((compiled) => [compiled.rule.id, compiled] as const))('%s', (id, compiled) => {
    const oneWay = compiled.rule.addition!.what.startsWith('one-way-notice');
    const { message, facts } = situation(compiled, 'Big sale today at our shop', {
      canReply: !oneWay,
      over: id === 'us-can-spam-sexually-explicit' ? { detectors: { 'sexual-content': true } } : {},
    });
    const before = book.evaluate(ruleset, facts, AT).verdicts.find(({ ruleId }) => ruleId === id);
    if (before === undefined || before.result === 'pass') return;
    const { evaluation, added, text } = askComplete(book, ruleset, message, extrasOf(message), facts, AT);
    expect(added.map(({ ruleId }) => ruleId)).toContain(id);
    const after = evaluation.verdicts.find(({ ruleId }) => ruleId === id)!;
    expect(after.result, `${text.subject ?? ''} / ${text.body} / ${after.explanation}`).toBe('pass');
    // Adding is idempotent: nothing is written twice when the text comes by again.
    const again = askComplete(book, ruleset, message, extrasOf(message), facts, AT);
    expect(again.text).toEqual(text);
  });
});
