import { describe, expect, it } from 'vitest';
import type { ConsentState } from '../consent/consent.ts';
import { contentOf } from '../content/content.ts';
import type { Facts, MessageFacts } from '../facts.ts';
import { addBusinessDays } from '../time/business-days.ts';
import { holidayTest } from '../time/calendar.ts';
import type { Compiled, Need, PatternSpec, PredicateNode, Truth } from '../types.ts';
import { PREDICATES } from './index.ts';

const needs: Need[] = [];
const compile = (node: PredicateNode): Compiled => {
  const [name, args] = Object.entries(node)[0]!;
  return PREDICATES.get(name)!.compile(args, {
    compile,
    calendar: (which) => (which === 'C' ? (date) => date === '2026-07-03' : undefined),
    latencyMarginMs: 60_000,
    need: (what) => needs.push(what),
  });
};
const at = (text: string): number => Date.parse(text);
const NOW = at('2026-07-15T16:00:00Z');
const DAY = 86_400_000;

type Parts = { readonly [S in keyof Facts]?: unknown };
const facts = (parts: Parts = {}): Facts =>
  ({
    ...parts,
    message: { channel: 'sms', class: 'promotional', treatment: 'promotional', ...(parts.message as object) },
    recipient: { jurisdictions: ['US'], zones: ['America/New_York'], ...(parts.recipient as object) },
    sender: { id: 'ACME', brand: 'Acme', ...(parts.sender as object) },
  }) as Facts;
const granted = (over: Partial<ConsentState> = {}): ConsentState => ({
  channel: 'sms',
  purpose: 'marketing',
  status: 'granted',
  level: 'express',
  sinceMs: at('2026-01-01'),
  ...over,
});

/** Predicate, what is known, what follows. Each predicate has a pass, a fail and an unknown that differ in one fact. */
const CASES: readonly (readonly [string, PredicateNode, Parts, Truth])[] = [
  [
    'a fact that is there',
    { field: { path: 'campaign.id', is: 'present' } },
    { campaign: { id: 'c' } },
    'pass',
  ],
  [
    'a fact that is known to be none',
    { field: { path: 'campaign.id', is: 'present' } },
    { campaign: { id: null } },
    'fail',
  ],
  ['a fact that nobody asked for', { field: { path: 'campaign.id', is: 'absent' } }, {}, 'unknown'],
  [
    'an instant to come',
    { field: { path: 'record.retentionUntilMs', is: 'future' } },
    { record: { retentionUntilMs: NOW + 1 } },
    'pass',
  ],
  [
    'an instant gone by',
    { field: { path: 'record.retentionUntilMs', is: 'future' } },
    { record: { retentionUntilMs: NOW } },
    'fail',
  ],
  [
    'two facts that agree',
    { field: { path: 'recipient.languageChoice', is: '==', other: 'campaign.id' } },
    { recipient: { languageChoice: 'fr' }, campaign: { id: 'fr' } },
    'pass',
  ],
  [
    'a second fact that is missing',
    { field: { path: 'recipient.languageChoice', is: '==', other: 'campaign.id' } },
    { recipient: { languageChoice: 'fr' } },
    'unknown',
  ],
  [
    'words that map',
    { equals: { a: 'message.dltClass', b: 'template.dltType', map: { promotional: 'P' } } },
    { message: { dltClass: 'promotional' }, template: { dltType: 'P' } },
    'pass',
  ],
  [
    'words that do not',
    { equals: { a: 'message.dltClass', b: 'template.dltType', map: { promotional: 'P' } } },
    { message: { dltClass: 'service' }, template: { dltType: 'P' } },
    'fail',
  ],
  [
    'a word that is missing',
    { equals: { a: 'message.dltClass', b: 'template.dltType' } },
    { message: { dltClass: 'P' } },
    'unknown',
  ],
  [
    'the latest of two events',
    { withinOfEvent: { event: ['grant', 'notice'], duration: 'P2Y' } },
    { events: { grant: at('2020-01-01'), notice: at('2026-01-01') } },
    'pass',
  ],
  [
    'one event too old, one never',
    { withinOfEvent: { event: ['grant', 'notice'], duration: 'P2Y' } },
    { events: { grant: at('2020-01-01'), notice: null } },
    'fail',
  ],
  [
    'one event too old, one not known',
    { withinOfEvent: { event: ['grant', 'notice'], duration: 'P2Y' } },
    { events: { grant: at('2020-01-01') } },
    'unknown',
  ],
  ['nothing due', { dutyDoneWithin: { duty: 'd', within: 'P14D' } }, { duties: { d: null } }, 'pass'],
  [
    'due and late',
    { dutyDoneWithin: { duty: 'd', within: 'P14D' } },
    { duties: { d: { sinceMs: NOW - 14 * DAY } } },
    'fail',
  ],
  [
    'due, not late',
    { dutyDoneWithin: { duty: 'd', within: 'P14D' } },
    { duties: { d: { sinceMs: NOW - 14 * DAY + 1 } } },
    'pass',
  ],
  [
    'an emergency elsewhere',
    { notInEmergencyArea: { feed: 'f', maxAge: 'P1D' } },
    { feeds: { f: { checkedAtMs: NOW, active: [{ area: 'MX-YUC', sinceMs: 0 }] } } },
    'pass',
  ],
  [
    'an emergency in a parish of the state, the parish not known',
    { notInEmergencyArea: { feed: 'f', maxAge: 'P1D' } },
    {
      recipient: { jurisdictions: ['US', 'US-LA'] },
      feeds: { f: { checkedAtMs: NOW, active: [{ area: 'US-LA/Orleans', sinceMs: 0 }] } },
    },
    'fail',
  ],
  [
    'the same, in another parish',
    { notInEmergencyArea: { feed: 'f', maxAge: 'P1D' } },
    {
      recipient: { jurisdictions: ['US', 'US-LA'], county: 'Caddo' },
      feeds: { f: { checkedAtMs: NOW, active: [{ area: 'US-LA/Orleans', sinceMs: 0 }] } },
    },
    'pass',
  ],
  [
    'an old answer of the feed',
    { notInEmergencyArea: { feed: 'f', maxAge: 'P1D' } },
    { feeds: { f: { checkedAtMs: NOW - DAY, active: [] } } },
    'unknown',
  ],
  ['no wish', { respectsPreference: { preference: 'p' } }, { preferences: { p: [] } }, 'pass'],
  [
    'a wish for quiet at this hour',
    { respectsPreference: { preference: 'p' } },
    { preferences: { p: [{ days: [3], fromMinute: 700, toMinute: 800 }] } },
    'fail',
  ],
  ['wishes not looked up', { respectsPreference: { preference: 'p' } }, {}, 'unknown'],
  [
    'a tier with room',
    {
      countAtMost: {
        maxFrom: {
          by: 'sender.vettingScore',
          table: [
            [75, 9],
            [0, 2],
          ],
        },
        count: 'messages',
        key: ['brand'],
        unit: 'segments',
        window: { rolling: 'P1D' },
      },
    },
    {
      sender: { vettingScore: 80 },
      message: { segments: 4 },
      counters: { 'messages-segments:brand:rolling-24-hours': { timesMs: [NOW - 1], weights: [5] } },
    },
    'pass',
  ],
  [
    'a lower tier',
    {
      countAtMost: {
        maxFrom: {
          by: 'sender.vettingScore',
          table: [
            [75, 9],
            [0, 2],
          ],
        },
        count: 'messages',
        key: ['brand'],
        unit: 'segments',
        window: { rolling: 'P1D' },
      },
    },
    {
      sender: { vettingScore: 74 },
      message: { segments: 1 },
      counters: { 'messages-segments:brand:rolling-24-hours': { timesMs: [NOW - 1], weights: [5] } },
    },
    'fail',
  ],
  [
    'a tier that is not known',
    {
      countAtMost: {
        maxFrom: { by: 'sender.vettingScore', table: [[0, 2]] },
        count: 'messages',
        key: ['brand'],
        window: { rolling: 'P1D' },
      },
    },
    { counters: { 'messages:brand:rolling-24-hours': { timesMs: [] } } },
    'unknown',
  ],
  [
    'the first ever',
    { countAtMost: { max: 1, count: 'consent-requests', key: ['recipient'], window: 'lifetime' } },
    { counters: { 'consent-requests:recipient:lifetime': { timesMs: [] } } },
    'pass',
  ],
  [
    'a second ever, ten years on',
    { countAtMost: { max: 1, count: 'consent-requests', key: ['recipient'], window: 'lifetime' } },
    { counters: { 'consent-requests:recipient:lifetime': { timesMs: [at('2016-01-01')] } } },
    'fail',
  ],
  [
    'one before the opt-out',
    {
      countAtMost: {
        max: 1,
        count: 'opt-out-confirmations',
        key: ['recipient'],
        window: { since: 'opt-out' },
      },
    },
    {
      events: { 'opt-out': NOW - 60_000 },
      counters: { 'opt-out-confirmations:recipient:since-opt-out': { timesMs: [NOW - 70_000] } },
    },
    'pass',
  ],
  [
    'one after the opt-out',
    {
      countAtMost: {
        max: 1,
        count: 'opt-out-confirmations',
        key: ['recipient'],
        window: { since: 'opt-out' },
      },
    },
    {
      events: { 'opt-out': NOW - 60_000 },
      counters: { 'opt-out-confirmations:recipient:since-opt-out': { timesMs: [NOW - 50_000] } },
    },
    'fail',
  ],
  [
    'the same channel again',
    {
      distinctAtMost: {
        max: 1,
        of: 'channel',
        count: 'messages',
        key: ['recipient'],
        window: { rolling: 'P7D' },
      },
    },
    { counters: { 'messages-channels:recipient:rolling-7-days': { timesMs: [NOW - 1], values: ['sms'] } } },
    'pass',
  ],
  [
    'a second channel',
    {
      distinctAtMost: {
        max: 1,
        of: 'channel',
        count: 'messages',
        key: ['recipient'],
        window: { rolling: 'P7D' },
      },
    },
    { counters: { 'messages-channels:recipient:rolling-7-days': { timesMs: [NOW - 1], values: ['voice'] } } },
    'fail',
  ],
  [
    'a rate at the limit',
    { rateAtMost: { metric: 'spam', scope: 'domain', max: 0.003, window: 'P1D' } },
    { metrics: { 'spam:domain:24-hours': { value: 0.003, asOfMs: NOW } } },
    'pass',
  ],
  [
    'a rate above it',
    { rateAtMost: { metric: 'spam', scope: 'domain', max: 0.003, window: 'P1D' } },
    { metrics: { 'spam:domain:24-hours': { value: 0.0031, asOfMs: NOW } } },
    'fail',
  ],
  [
    'an old figure',
    { rateAtMost: { metric: 'spam', scope: 'domain', max: 0.003, window: 'P1D' } },
    { metrics: { 'spam:domain:24-hours': { value: 0, asOfMs: NOW - DAY } } },
    'unknown',
  ],
  [
    'consent that proves enough',
    { consent: { level: 'express', purpose: 'marketing', evidence: ['signature'] } },
    { consent: [granted({ evidence: ['signature', 'seller-name'] })] },
    'pass',
  ],
  [
    'consent without a signature',
    { consent: { level: 'express', purpose: 'marketing', evidence: ['signature'] } },
    { consent: [granted()] },
    'fail',
  ],
  [
    'consent on another ground',
    { consent: { level: 'implied', purpose: 'marketing', bases: ['purchase'] } },
    { consent: [granted({ level: 'implied', basis: 'inquiry' })] },
    'fail',
  ],
  [
    'consent that was bought',
    { consent: { level: 'express', purpose: 'marketing', notSources: ['purchased'] } },
    { consent: [granted({ source: 'purchased' })] },
    'fail',
  ],
  [
    'consent of another campaign',
    { consent: { level: 'express', purpose: 'marketing', sameCampaign: true } },
    { consent: [granted({ campaign: 'a' })], campaign: { id: 'b' } },
    'fail',
  ],
  [
    'consent too long ago',
    { consent: { level: 'express', purpose: 'marketing', maxAge: 'P6M' } },
    { consent: [granted()] },
    'fail',
  ],
  [
    'consent after the register',
    { consent: { level: 'express', purpose: 'marketing', afterRegistry: 'r' } },
    {
      consent: [granted()],
      registries: { r: { listed: true, listedSinceMs: at('2025-12-31'), checkedAtMs: NOW } },
    },
    'pass',
  ],
  [
    'consent before the register',
    { consent: { level: 'express', purpose: 'marketing', afterRegistry: 'r' } },
    {
      consent: [granted()],
      registries: { r: { listed: true, listedSinceMs: at('2026-01-02'), checkedAtMs: NOW } },
    },
    'fail',
  ],
  [
    'a record with all fields',
    { consentRecordHas: { fields: ['method', 'withdrawal-path'] } },
    { consent: [granted({ method: 'form', evidence: ['withdrawal-path'] })] },
    'pass',
  ],
  [
    'a record that lacks one',
    { consentRecordHas: { fields: ['method', 'wordingVersion'] } },
    { consent: [granted({ method: 'form' })] },
    'fail',
  ],
  ['records not asked for', { consentRecordHas: { fields: 'method' } }, {}, 'unknown'],
  [
    'records kept long enough',
    { retains: { what: 'proof', duration: 'P5Y' } },
    { retention: { proof: { keeps: 'P60M' } } },
    'pass',
  ],
  [
    'records kept too short',
    { retains: { what: 'proof', duration: 'P5Y' } },
    { retention: { proof: { keeps: 'P4Y' } } },
    'fail',
  ],
  ['a setting that nobody looked up', { retains: { what: 'proof', duration: 'P5Y' } }, {}, 'unknown'],
  [
    'a stop that ended early holds on',
    { notSuppressed: { purposes: ['marketing'], minDuration: 'P10Y' } },
    {
      suppression: [
        {
          purpose: 'marketing',
          channel: 'sms',
          sinceMs: at('2020-01-01'),
          untilMs: at('2021-01-01'),
          reason: 'stop-keyword',
        },
      ],
    },
    'fail',
  ],
  [
    'a stop of another brand',
    { notSuppressed: { purposes: ['marketing'] } },
    { suppression: [{ purpose: 'marketing', channel: 'sms', brand: 'Other', sinceMs: 0, reason: 'x' }] },
    'pass',
  ],
  [
    'the same where all brands are one',
    { notSuppressed: { purposes: ['marketing'], brand: 'any' } },
    { suppression: [{ purpose: 'marketing', channel: 'sms', brand: 'Other', sinceMs: 0, reason: 'x' }] },
    'fail',
  ],
  [
    'a stop for another reason',
    { notSuppressed: { purposes: ['all'], reasons: ['hard-bounce'] } },
    { suppression: [{ purpose: 'all', channel: 'sms', sinceMs: 0, reason: 'import' }] },
    'pass',
  ],
  [
    'an entry for other channels',
    { notOnRegistry: { registry: 'r', maxAge: 'P1D', by: ['channel'] } },
    { registries: { r: { listed: true, channels: ['voice'], checkedAtMs: NOW } } },
    'pass',
  ],
  [
    'an entry for this one',
    { notOnRegistry: { registry: 'r', maxAge: 'P1D', by: ['channel'] } },
    { registries: { r: { listed: true, channels: ['sms'], checkedAtMs: NOW } } },
    'fail',
  ],
  [
    'an entry by category, the category not known',
    { notOnRegistry: { registry: 'r', maxAge: 'P1D', by: ['category'] } },
    { registries: { r: { listed: true, categories: ['1'], checkedAtMs: NOW } } },
    'fail',
  ],
  [
    'an entry within its grace of business days',
    { notOnRegistry: { registry: 'r', maxAge: 'P31D', grace: { businessDays: 10, calendar: 'C' } } },
    { registries: { r: { listed: true, listedSinceMs: at('2026-07-02T10:00:00Z'), checkedAtMs: NOW } } },
    'pass',
  ],
  [
    'a domain on the list',
    { domainNotOnList: { list: 'r', maxAge: 'P30D' } },
    { registries: { r: { listed: true, checkedAtMs: NOW } } },
    'fail',
  ],
  [
    'the answer by channel',
    { registryAnswer: { registry: 'r', maxAge: 'P1D', is: ['ONAY'] } },
    { registries: { r: { listed: false, answer: 'RET', answers: { sms: 'ONAY' }, checkedAtMs: NOW } } },
    'pass',
  ],
  [
    'another answer',
    { registryAnswer: { registry: 'r', maxAge: 'P1D', isNot: ['RET'] } },
    { registries: { r: { listed: false, answer: 'RET', checkedAtMs: NOW } } },
    'fail',
  ],
  [
    'an answer about a later date than the consent',
    { registryAnswer: { registry: 'r', maxAge: 'P1D', is: ['no'], asOf: 'consent' } },
    {
      consent: [granted()],
      registries: { r: { listed: false, answer: 'no', asOfMs: at('2026-02-01'), checkedAtMs: NOW } },
    },
    'unknown',
  ],
  [
    'an answer about its date',
    { registryAnswer: { registry: 'r', maxAge: 'P1D', is: ['no'], asOf: 'consent' } },
    {
      consent: [granted()],
      registries: { r: { listed: false, answer: 'no', asOfMs: at('2026-01-01'), checkedAtMs: NOW } },
    },
    'pass',
  ],
  [
    'a registration in force',
    { registered: { what: 'campaign', authority: 'tcr', has: ['use-case-matches'] } },
    { registrations: { 'tcr/campaign': { state: 'approved', attributes: ['use-case-matches'] } } },
    'pass',
  ],
  [
    'a registration of another use',
    { registered: { what: 'campaign', authority: 'tcr', has: ['use-case-matches'] } },
    { registrations: { 'tcr/campaign': { state: 'approved' } } },
    'fail',
  ],
  [
    'a registration run out',
    { registered: { what: 'campaign', authority: 'tcr' } },
    { registrations: { 'tcr/campaign': { state: 'approved', untilMs: NOW } } },
    'fail',
  ],
  [
    'no registration',
    { registered: { what: 'campaign', authority: 'tcr' } },
    { registrations: { 'tcr/campaign': null } },
    'fail',
  ],
  ['a registration not looked up', { registered: { what: 'campaign', authority: 'tcr' } }, {}, 'unknown'],
  [
    'an area code of the state',
    { areaCodeIn: { regions: ['US-FL'] } },
    { recipient: { areaCode: '850' } },
    'pass',
  ],
  [
    'an area code of the country',
    { areaCodeIn: { regions: ['US'] } },
    { recipient: { areaCode: '416' } },
    'fail',
  ],
  [
    'a code that tells no region',
    { areaCodeIn: { regions: ['US'] } },
    { recipient: { areaCode: '800' } },
    'unknown',
  ],
  ['a number of another plan', { areaCodeIn: { regions: ['US'] } }, {}, 'fail'],
  [
    'a candidate left out',
    { candidateIncluded: { candidate: 'US-FL', when: { areaCodeIn: { regions: ['US-FL'] } } } },
    { recipient: { areaCode: '850' } },
    'fail',
  ],
  [
    'a candidate that need not be in',
    { candidateIncluded: { candidate: 'US-FL', when: { areaCodeIn: { regions: ['US-FL'] } } } },
    { recipient: { areaCode: '212' } },
    'pass',
  ],
  [
    'old enough there',
    { ageAtLeast: { years: 16, byCountry: { FR: 15 } } },
    { recipient: { age: 15, jurisdictions: ['FR'] } },
    'pass',
  ],
  [
    'not old enough for every candidate',
    { ageAtLeast: { years: 16, byCountry: { FR: 15 } } },
    { recipient: { age: 15, jurisdictions: ['DE', 'FR'] } },
    'fail',
  ],
  ['an age that is not known', { ageAtLeast: { years: 16 } }, {}, 'unknown'],
  [
    'links to listed hosts',
    { urlHostsIn: { list: 'l' } },
    { message: { urlHosts: ['m.bank.example'] }, lists: { l: ['bank.example'] } },
    'pass',
  ],
  [
    'a link elsewhere',
    { urlHostsIn: { list: 'l' } },
    { message: { urlHosts: ['bank.example.evil.example'] }, lists: { l: ['bank.example'] } },
    'fail',
  ],
  [
    'links, and the list not at hand',
    { urlHostsIn: { list: 'l' } },
    { message: { urlHosts: ['a.example'] } },
    'unknown',
  ],
  ['no links: nothing to compare', { urlHostsIn: { list: 'l' } }, { message: { urlHosts: [] } }, 'pass'],
  [
    'a public shortener',
    { urlHostsNotIn: { list: 'public-shorteners' } },
    { message: { urlHosts: ['bit.ly'] } },
    'fail',
  ],
  ['too many links', { urlCount: { max: 0 } }, { message: { urlCount: 1 } }, 'fail'],
  ['no phone number', { phoneCount: { max: 0 } }, { message: { phoneCount: 0 } }, 'pass'],
  [
    'a number not on the list',
    { phonesIn: { list: 'l' } },
    { message: { phones: ['+911600123456'] }, lists: { l: [] } },
    'fail',
  ],
  [
    'two languages where both may be',
    { languageIs: { any: ['fr'] } },
    { message: { languages: ['en', 'fr'] } },
    'pass',
  ],
  [
    'two languages where one may be',
    { languageIs: { any: ['fr'], bilingual: false } },
    { message: { languages: ['en', 'fr'] } },
    'fail',
  ],
  ['a language that is not known', { languageIs: { any: ['fr'] } }, {}, 'unknown'],
  [
    'a complete answer to HELP',
    { keywordHandled: { keywords: ['HELP'], replyHas: ['contact'] } },
    { replies: { HELP: { elements: ['contact'] } } },
    'pass',
  ],
  [
    'an answer that lacks the contact',
    { keywordHandled: { keywords: ['HELP'], replyHas: ['contact'] } },
    { replies: { HELP: { elements: [] } } },
    'fail',
  ],
];

describe('predicates', () => {
  it.each(CASES)('%s', (_what, node, parts, expected) => {
    const predicate = compile(node);
    expect(predicate.test(facts(parts), NOW)).toBe(expected);
    expect(predicate.explain(facts(parts), NOW)).not.toBe('');
    expect(predicate.nextChange(facts(parts), NOW)).toBeGreaterThan(NOW);
  });

  it('each have a case here or beside', () => {
    const named = (node: unknown): string[] =>
      node !== null && typeof node === 'object'
        ? Object.entries(node).flatMap(([k, v]) => [k, ...named(v)])
        : [];
    const beside = 'all any not messageIs localTimeIn hasElement detectorClear senderIdMatches'.split(' ');
    const asText = 'textStartsWith subjectStartsWith textMatches headerMatches headerEquals'.split(' ');
    const covered = new Set([...CASES.flatMap(([, node]) => named(node)), ...beside, ...asText]);
    expect([...PREDICATES.keys()].filter((name) => !covered.has(name))).toEqual([]);
  });
});

describe('questions to the text', () => {
  const ask = (node: PredicateNode, body: string, extras: Parameters<typeof contentOf>[2] = {}): Truth => {
    needs.length = 0;
    const predicate = compile(node);
    const patterns = needs.flatMap((need): PatternSpec[] => ('pattern' in need ? [need.pattern] : []));
    const message: Partial<MessageFacts> = contentOf(body, 'email', { ...extras, patterns });
    return predicate.test(facts({ message }), NOW);
  };
  const label = { textStartsWith: { any: ['(광고)'], where: 'subject-or-body', exact: true } };

  it('finds labels at the start, in the subject where there is one', () => {
    expect(ask(label, '(광고) Acme')).toBe('pass');
    expect(ask(label, ' (광고) Acme')).toBe('fail');
    expect(ask(label, '(광고) Acme', { subject: 'Sale' })).toBe('fail');
    expect(ask(label, 'Sale', { subject: '(광고) Sale' })).toBe('pass');
    expect(ask({ textStartsWith: { any: ['<ADV> '] } }, ' <adv> sale')).toBe('pass');
    expect(ask({ subjectStartsWith: { any: ['ADV'] } }, 'ADV')).toBe('fail');
  });

  it('matches patterns of the whole text, and headers by any case', () => {
    expect(
      ask({ textMatches: { pattern: '\\bSTOP\\b.{0,12}\\b36\\d{3}\\b' } }, 'Soldes. STOP au 36111'),
    ).toBe('pass');
    expect(ask({ textMatches: { pattern: '^RM\\s?0' } }, 'Free: RM0')).toBe('fail');
    expect(ask({ textMatches: { pattern: '\\bstop\\b', ignoreCase: true } }, 'Reply STOP')).toBe('pass');
    const headers = {
      'list-unsubscribe': '<https://a.example/u>',
      'List-Unsubscribe-Post': ' List-Unsubscribe=One-Click ',
    };
    expect(
      ask({ headerMatches: { name: 'List-Unsubscribe', pattern: '<https://[^>]+>' } }, 'x', { headers }),
    ).toBe('pass');
    expect(ask({ headerMatches: { name: 'List-Unsubscribe', pattern: '<https://[^>]+>' } }, 'x')).toBe(
      'fail',
    );
    expect(
      ask({ headerEquals: { name: 'List-Unsubscribe-Post', value: 'List-Unsubscribe=One-Click' } }, 'x', {
        headers,
      }),
    ).toBe('pass');
  });

  it('are unknown when nobody read the text', () => {
    expect(compile(label).test(facts(), NOW)).toBe('unknown');
  });
});

describe('time of the law', () => {
  it('counts ten federal business days over Thanksgiving', () => {
    const federal = holidayTest('us', {
      library: ['US'],
      add: [],
      remove: ['2026-11-27'],
      years: [2026, 2026],
    });
    expect(new Date(addBusinessDays(at('2026-11-23T15:00:00Z'), 10, federal)! - 1).toISOString()).toMatch(
      /^2026-12-08T23:59/,
    );
    expect(addBusinessDays(at('2026-12-29'), 10, federal)).toBeUndefined();
  });

  it('rolls twenty-four hours through the night of the clocks, not to the same time tomorrow', () => {
    const cap = compile({
      countAtMost: { max: 1, count: 'messages', key: ['recipient'], window: { rolling: 'PT24H' } },
    });
    const sent = at('2026-10-31T20:30:00-04:00');
    const known = facts({ counters: { 'messages:recipient:rolling-24-hours': { timesMs: [sent] } } });
    expect(cap.test(known, sent + 1)).toBe('fail');
    expect(new Date(cap.nextChange(known, sent + 1)).toISOString()).toBe(
      new Date(at('2026-11-01T19:30:00-05:00')).toISOString(),
    );
  });

  it('shuts on the holidays of every region that may be', () => {
    const open = compile({
      localTimeIn: {
        windows: [{ days: 'every', from: '08:00', to: '20:00' }],
        shutOn: { byRegion: { 'US-RI': 'C', 'US-FL': 'C' } },
      },
    });
    const noon = at('2026-07-03T16:00:00Z');
    expect(open.test(facts(), noon)).toBe('fail');
    expect(open.test(facts({ recipient: { jurisdictions: ['US', 'US-RI'] } }), noon + DAY)).toBe('pass');
  });
});
