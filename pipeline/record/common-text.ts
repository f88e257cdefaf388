import { canonicalJson } from '../../models/base/json.ts';
import { treatmentOf } from '../classify/treatment.ts';
import type { Channel } from '../comply/channel.ts';
import { contentOf } from '../comply/content/content.ts';
import { evaluate } from '../comply/evaluate.ts';
import type { Facts } from '../comply/facts.ts';
import type { RuleSet } from '../comply/types.ts';
import { keepDictionary } from '../keys/dictionaries.ts';
import type { Dictionary } from '../keys/sealed.ts';
import type { Db } from '../store/schema.ts';
import { recorded } from './decision.ts';

/** Dictionaries of decision records, one for each set of jurisdictions and channel under a rule set. */
export interface RecordDictionaries {
  /** @throws what the store says when one that is new cannot be kept */
  of(
    db: Db,
    ruleset: RuleSet,
    jurisdictions: readonly string[],
    channel: Channel,
    nowMs: number,
  ): Promise<Dictionary>;
}

const MOST_KEPT = 1_000;
const DAY_MS = 86_400_000;

/**
 * What records of these rules have in common, and nothing that is of a message: the record of an empty one to a
 * recipient of whom nothing is known but a consent.
 *
 * @param atMs which rules are in effect; the day counts
 */
export function commonText(
  ruleset: RuleSet,
  jurisdictions: readonly string[],
  channel: Channel,
  atMs: number,
): string {
  const content = contentOf('', channel, { patterns: ruleset.patterns(channel) });
  const { counters } = ruleset.needs(jurisdictions, channel);
  const facts: Facts = {
    message: {
      channel,
      class: 'promotional',
      treatment: 'promotional',
      category: 'marketing',
      risk: 0,
      segments: 1,
      ...content,
      elements: ['opt-out-instruction', 'opt-out-instruction-at-end', 'recognisable-as-advertising'],
      detectors: { 'denied-content': false, 'denied-sender': false, ...content.detectors },
    },
    recipient: { jurisdictions: [...jurisdictions], zones: [], zoneBasis: 'area-code', areaCode: '000' },
    sender: { id: '', type: 'alphanumeric' },
    consent: [{ channel: 'any', level: 'express-written', purpose: 'any', sinceMs: 1, status: 'granted' }],
    suppression: [],
    registries: {},
    counters: Object.fromEntries(counters.map(({ id }) => [id, { timesMs: [] }])),
    events: { 'opt-out': null },
  };
  const { verdicts, ...evaluation } = recorded(
    evaluate(ruleset, facts, Math.floor(atMs / DAY_MS) * DAY_MS + DAY_MS / 2),
  );
  return canonicalJson({
    atMs: 0,
    channel,
    claim: 'marketing',
    evaluation: { ...evaluation, outcome: { kind: 'send' }, atMs: 0, verdicts },
    format: 1,
    lane: 'promotional',
    messageId: '',
    tenant: '',
    treatment: treatmentOf({ verdict: undefined, claim: 'marketing' }),
    verdict: {
      band: 'sure',
      class: 'promotional',
      fingerprint: '',
      modelVersion: '',
      probability: 0.9,
      reasons: [],
    },
  });
}

export function createRecordDictionaries(): RecordDictionaries {
  const kept = new Map<string, Promise<Dictionary>>();
  return {
    of(db, ruleset, jurisdictions, channel, nowMs) {
      const key = `${ruleset.version} ${channel} ${jurisdictions.join()}`;
      const there = kept.get(key);
      if (there) return there;
      if (kept.size >= MOST_KEPT) kept.clear();
      const made = keepDictionary(db, commonText(ruleset, jurisdictions, channel, nowMs));
      kept.set(key, made);
      made.catch(() => kept.delete(key));
      return made;
    },
  };
}
