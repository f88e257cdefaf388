import { MAX_BODY_CHARACTERS } from '../accept/request.ts';
import { type AdditionWords, complete, type Text } from '../comply/content/additions.ts';
import type { ContentExtras } from '../comply/content/content.ts';
import { segmentsOf } from '../comply/content/segments.ts';
import { type Facts, factReader } from '../comply/facts.ts';
import type { Evaluation, RequiredAddition, RuleSet } from '../comply/types.ts';
import type { MessageRow } from '../store/messages.ts';
import type { Compliance } from './ports.ts';

/** A message with what rules required written into it, and what they say of that text. */
export interface Complete {
  readonly evaluation: Evaluation;
  readonly facts: Facts;
  /** As it goes out. */
  readonly text: Text;
  readonly added: readonly RequiredAddition[];
}

/** Labels make a text longer, which other rules may mind; what they ask for is written in the next round. */
const MOST_ROUNDS = 3;

const SAID = {
  allowed: factReader('message.autoInsert'),
  brand: factReader('sender.brand'),
  contact: factReader('sender.contact'),
  legalEntity: factReader('sender.legalEntity'),
  identificationUrl: factReader('sender.identificationUrl'),
  mersis: factReader('sender.mersis'),
  postalAddress: factReader('sender.postalAddress'),
  optOutText: factReader('sender.optOutText'),
  stopNumber: factReader('sender.stopNumber'),
  freeOptOutNumber: factReader('sender.freeOptOutNumber'),
  unsubscribeUrl: factReader('unsubscribe.url'),
  twoWay: factReader('sender.twoWay'),
} as const;

function wordsOf(facts: Facts): AdditionWords {
  const text = (name: keyof typeof SAID): string | undefined => {
    const value = SAID[name](facts);
    return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
  };
  const { type } = facts.sender;
  const canReply = SAID.twoWay(facts);
  return {
    brand: text('brand'),
    contact: text('contact'),
    legalEntity: text('legalEntity'),
    identificationUrl: text('identificationUrl'),
    mersis: text('mersis'),
    postalAddress: text('postalAddress'),
    optOutText: text('optOutText'),
    stopNumber: text('stopNumber'),
    freeOptOutNumber: text('freeOptOutNumber'),
    unsubscribeUrl: text('unsubscribeUrl'),
    // A name as the sender cannot be answered, unless the sender says so.
    canReply: typeof canReply === 'boolean' ? canReply : type === 'long-code' || type === 'short-code',
    countries: facts.recipient.jurisdictions.filter((code) => code.length === 2),
  };
}

/**
 * Asks every rule; where some only want for an element or label that the sender lets Laneway write
 * (`metadata.autoInsert`), writes it, reads the longer text anew with its length and segments, and asks every rule
 * again, until nothing more is to be added. Pure: the same message at the same instant is completed alike each time.
 *
 * @param extras what stands beside its body (`extrasOf`)
 */
export function askComplete(
  compliance: Pick<Compliance, 'evaluate' | 'contentOf'>,
  ruleset: RuleSet,
  message: MessageRow,
  extras: ContentExtras,
  facts: Facts,
  atMs: number,
): Complete {
  let text: Text = { subject: message.subject ?? undefined, body: message.body };
  let current = facts;
  let evaluation = compliance.evaluate(ruleset, current, atMs);
  const added: RequiredAddition[] = [];
  if (SAID.allowed(facts) !== true) return { evaluation, facts, text, added };
  const labels = new Set(
    ruleset.rules.filter(({ rule }) => rule.effect === 'require-label').map(({ rule }) => rule.id),
  );
  const words = wordsOf(facts);
  for (let round = 0; round < MOST_ROUNDS && evaluation.required.length > 0; round++) {
    const wanted = evaluation.required.filter(({ ruleId }) => !added.some((one) => one.ruleId === ruleId));
    const isLabel = (ruleId: string): boolean => labels.has(ruleId);
    const more = complete(text, message.channel, wanted, words, isLabel, current.message);
    if (more.added.length === 0 || more.text.body.length > MAX_BODY_CHARACTERS[message.channel]) break;
    text = more.text;
    added.push(...more.added);
    const content = compliance.contentOf(text.body, message.channel, {
      ...extras,
      subject: text.subject,
      patterns: ruleset.patterns(message.channel),
    });
    const segments = segmentsOf(message.channel, text.body);
    // What was found stays found, and what others looked for (denylists) stays told: additions take nothing away.
    const before = Object.entries(current.message.detectors ?? {});
    const kept = before.filter(([name, yes]) => yes || !(name in content.detectors));
    const detectors = { ...content.detectors, ...Object.fromEntries(kept) };
    current = { ...current, message: { ...current.message, ...content, detectors, segments } };
    evaluation = compliance.evaluate(ruleset, current, atMs);
  }
  return { evaluation, facts: current, text, added };
}
