import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../models/base/json.ts';
import type { ConsentState } from './consent/consent.ts';
import { contentOf } from './content/content.ts';
import { evaluate, replay } from './evaluate.ts';
import type { Facts, MessageFacts, RecipientFacts } from './facts.ts';
import { compileRules } from './language/compile.ts';
import { loadPacks, parsePack } from './language/load.ts';
import { candidateZones } from './place/zones.ts';
import type { Channel, Evaluation, Pack } from './types.ts';

// Packs as they once were: what is tested here is the engine, whatever becomes of the packs.
const ruleset = compileRules(loadPacks(fileURLToPath(new URL('./packs.fixture/', import.meta.url))));
const NOON_NY = Date.parse('2026-07-15T16:00:00Z');
const iso = (ms: number): string => new Date(ms).toISOString();

const written: ConsentState = {
  channel: 'any',
  purpose: 'marketing',
  status: 'granted',
  level: 'express-written',
  sinceMs: Date.parse('2026-01-01'),
};
const SALE = 'ACME: 20% off everything this week. Reply STOP to end';
const CODE = 'Your ACME code is 445566. It ends in 5 minutes.';

interface Situation {
  readonly to?: string;
  readonly body?: string;
  readonly channel?: Channel;
  readonly treatment?: MessageFacts['treatment'];
  readonly message?: Partial<MessageFacts>;
  readonly recipient?: Partial<RecipientFacts>;
  readonly facts?: Partial<Facts>;
}

function factsOf(situation: Situation): Facts {
  const { to = '+12125550147', body = SALE, channel = 'sms', treatment = 'promotional' } = situation;
  const { jurisdictions, zones, basis } = candidateZones({ to });
  return {
    message: { channel, class: treatment, treatment, ...contentOf(body, channel), ...situation.message },
    recipient: { jurisdictions, zones, zoneBasis: basis, ...situation.recipient },
    sender: { id: 'ACME', brand: 'Acme' },
    consent: [written],
    suppression: [],
    registries: {},
    counters: {},
    ...situation.facts,
  };
}

const ask = (situation: Situation, atMs = NOON_NY): Evaluation => evaluate(ruleset, factsOf(situation), atMs);
const verdictOf = (evaluation: Evaluation, ruleId: string) =>
  evaluation.verdicts.find((verdict) => verdict.ruleId === ruleId);

describe('outcomes', () => {
  it('sends advertising with written consent and a way out at noon', () => {
    expect(ask({}).outcome).toEqual({ kind: 'send' });
  });

  it('sends a code at night: quiet hours bind advertising', () => {
    const evaluation = ask(
      { body: CODE, treatment: 'transactional', facts: { consent: [] } },
      NOON_NY + 11 * 3_600_000,
    );
    expect(evaluation.outcome).toEqual({ kind: 'send' });
    expect(evaluation.treatment).toBe('transactional');
    expect(evaluation.warnings).toContain('us-tcpa-pec-informational');
  });

  it('blocks advertising that nobody agreed to, and says by which rules', () => {
    const { outcome, verdicts } = ask({ facts: { consent: [] } });
    expect(outcome).toEqual({
      kind: 'block',
      ruleIds: ['all-promotional-permission', 'us-tcpa-pewc'],
      suppressRecipient: false,
    });
    const verdict = verdicts.find(({ ruleId }) => ruleId === 'us-tcpa-pewc')!;
    expect(verdict).toMatchObject({ result: 'fail', consequence: 'block', effect: 'block' });
    expect(verdict.explanation).toContain('There is no record of express-written consent to marketing.');
  });

  it.each([
    ['+12125550147', 'US'],
    ['+447400123456', 'GB'],
    ['+919812345678', 'IN'],
    ['+4915112345678', 'DE'],
    ['+99912345678', 'nowhere'],
  ])('never sends advertising to %s (%s) without a record of consent', (to) => {
    const { outcome } = ask({ to, facts: { consent: [] } });
    expect(outcome.kind).toBe('block');
    expect(ask({ to, facts: { consent: undefined as never } }).outcome.kind).not.toBe('send');
  });

  it('puts suppression before every other reason', () => {
    const { outcome } = ask({
      body: '20% off',
      facts: { suppression: [{ purpose: 'marketing', channel: 'sms', sinceMs: 0, reason: 'stop-keyword' }] },
    });
    expect(outcome).toMatchObject({ kind: 'block', suppressRecipient: true });
    expect(outcome.kind === 'block' && outcome.ruleIds[0]).toBe('us-tcpa-revocation');
  });

  it('asks every rule although an early one already blocks', () => {
    const evaluation = ask({ body: 'sale', facts: { consent: [] } }, NOON_NY + 11 * 3_600_000);
    const failed = evaluation.verdicts.filter(({ result }) => result === 'fail').map(({ ruleId }) => ruleId);
    expect(failed).toEqual([
      'all-promotional-permission',
      'us-tcpa-quiet-hours',
      'us-tcpa-pewc',
      'us-ctia-opt-out-wording',
    ]);
    expect(evaluation.required).toEqual([
      { ruleId: 'us-ctia-opt-out-wording', what: 'opt-out-instruction', autoInsert: true },
    ]);
  });

  it('holds, and names what is missing, when nothing forbids but a fact is unknown', () => {
    const { outcome } = ask({ facts: { suppression: undefined as never } });
    expect(outcome).toMatchObject({ kind: 'hold', missing: ['suppression'] });
    expect(ask({ recipient: { zones: [] } }).outcome).toEqual({
      kind: 'hold',
      ruleIds: ['us-tcpa-quiet-hours'],
      missing: ['recipient.zones'],
    });
  });

  it('blocks rather than holds when a rule is definitely broken beside an unknown', () => {
    const { outcome } = ask({ facts: { suppression: undefined as never, consent: [] } });
    expect(outcome.kind).toBe('block');
  });
});

describe('deferral', () => {
  it('waits for the recipient, not for the server: both zones of the Florida panhandle', () => {
    const evaluation = ask(
      { to: '+18505550147', facts: { counters: noneSent() } },
      Date.parse('2026-07-15T12:30:00Z'),
    );
    expect(evaluation.outcome).toEqual({
      kind: 'defer',
      untilMs: Date.parse('2026-07-15T13:00:00Z'),
      ruleIds: ['us-tcpa-quiet-hours', 'us-fl-hours'],
    });
    expect(verdictOf(evaluation, 'us-fl-hours')!.explanation).toContain('wed 07:30 in America/Chicago');
  });

  it('takes the intersection of windows, not the latest of separate answers', () => {
    // One rule is open in the morning, the other in the afternoon and the next morning: only the latter suits both.
    const packs = [window('one', '08:00', '12:00'), window('two', '11:00', '18:00')];
    const both = compileRules(packs);
    const facts = { ...factsOf({}), recipient: { jurisdictions: ['QQ'], zones: ['Europe/London'] } };
    const { outcome } = evaluate(both, facts, Date.parse('2026-01-14T12:30:00Z'));
    expect(outcome).toMatchObject({ kind: 'defer', untilMs: Date.parse('2026-01-15T11:00:00Z') });
  });

  it('asks the rules as they will stand then: one that begins in between counts', () => {
    const late = window('late', '10:00', '18:00', '2026-01-15');
    const rules = compileRules([window('one', '08:00', '20:00'), late]);
    const facts = { ...factsOf({}), recipient: { jurisdictions: ['QQ'], zones: ['Europe/London'] } };
    const { outcome, notApplicable } = evaluate(rules, facts, Date.parse('2026-01-14T21:00:00Z'));
    expect(outcome).toMatchObject({ kind: 'defer', untilMs: Date.parse('2026-01-15T10:00:00Z') });
    expect(notApplicable).toEqual(['late-hours']);
  });

  it('waits for a cap to free and for the window after that', () => {
    const times = ['2026-07-15T00:30:00Z', '2026-07-15T13:00:00Z', '2026-07-15T14:00:00Z'].map((t) =>
      Date.parse(t),
    );
    const counters = { 'solicitations:recipient:rolling-24-hours': { timesMs: times } };
    const { outcome } = ask({ to: '+13055550147', facts: { counters } });
    // The first frees at 20:30 in Miami, when the window has shut.
    expect(outcome).toEqual({
      kind: 'defer',
      untilMs: Date.parse('2026-07-16T12:00:00Z'),
      ruleIds: ['us-fl-frequency'],
    });
  });

  it('lets go exactly at the instant it named', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(
          '+12125550147',
          '+18505550147',
          '+14015550147',
          '+447400123456',
          '+918012345678',
          '+5511987654321',
        ),
        fc.integer({ min: Date.parse('2026-01-01'), max: Date.parse('2027-12-31') }),
        (to, atMs) => {
          const facts = { ...factsOf({ to }), counters: noneSent(), registries: fresh(atMs) };
          const { outcome } = evaluate(ruleset, facts, atMs);
          if (outcome.kind === 'send') return;
          expect(outcome.kind).toBe('defer');
          if (outcome.kind !== 'defer') return;
          expect(outcome.untilMs).toBeGreaterThan(atMs);
          const then = { ...facts, registries: fresh(outcome.untilMs) };
          expect(evaluate(ruleset, then, outcome.untilMs).outcome).toEqual({ kind: 'send' });
          expect(evaluate(ruleset, then, outcome.untilMs - 1).outcome.kind).toBe('defer');
        },
      ),
      { seed: 99, numRuns: 200 },
    );
  });
});

describe('reclassification', () => {
  it('treats a receipt with a coupon as advertising, and asks everything again', () => {
    const evaluation = ask({
      body: 'Paid $12. Thanks! Get 20% off with code SAVE20. Reply STOP to end',
      treatment: 'transactional',
      facts: { consent: [] },
    });
    expect(evaluation.treatment).toBe('promotional');
    expect(evaluation.reclassifiedBy).toEqual(['us-dual-purpose-text']);
    expect(evaluation.outcome.kind).toBe('block');
    expect(verdictOf(evaluation, 'us-tcpa-pewc')!.result).toBe('fail');
  });

  it('is strict about what was not looked at', () => {
    const evaluation = ask({ treatment: 'transactional', message: { detectors: {}, category: 'otp' } });
    expect(evaluation.treatment).toBe('promotional');
    expect(evaluation.reclassifiedBy).toEqual(['all-otp-stays-pure', 'us-dual-purpose-text']);
  });
});

describe('layers and places', () => {
  it('binds the packs of every candidate country, and the default where there is none', () => {
    const packsAt = (jurisdictions: string[]) =>
      new Set(ask({ recipient: { jurisdictions } }).verdicts.map(({ pack }) => pack));
    expect(packsAt(['US', 'US-NY'])).toEqual(new Set(['global', 'us']));
    expect(packsAt(['US', 'US-FL'])).toEqual(new Set(['global', 'us', 'us-states']));
    expect(packsAt(['CA', 'US'])).toEqual(new Set(['global', 'us', 'zz']));
    expect(packsAt(['PK'])).toEqual(new Set(['global', 'zz']));
    expect(packsAt([])).toEqual(new Set(['global', 'zz']));
  });

  it('switches rules at the right instant', () => {
    const stopped: Situation = {
      body: CODE,
      treatment: 'transactional',
      facts: { suppression: [{ purpose: 'marketing', channel: 'sms', sinceMs: 0, reason: 'stop-keyword' }] },
    };
    const turn = Date.parse('2027-01-31T00:00:00Z');
    expect(ask(stopped, turn - 1).outcome).toEqual({ kind: 'send' });
    expect(ask(stopped, turn).outcome).toEqual({
      kind: 'block',
      ruleIds: ['us-tcpa-revoke-all'],
      suppressRecipient: true,
    });
  });

  it('blocks commercial e-mail without address and unsubscribe, and names what to add', () => {
    const mail = ask({
      channel: 'email',
      body: 'Great deals',
      to: 'a@example.com',
      recipient: { jurisdictions: ['US'] },
    });
    expect(mail.outcome.kind).toBe('block');
    expect(mail.required.map(({ what }) => what)).toEqual([
      'list-unsubscribe',
      'postal-address',
      'unsubscribe-link',
    ]);
  });

  it('says what must be looked up', () => {
    const needs = ruleset.needs(['US', 'US-FL'], 'sms');
    expect(needs.registries).toEqual(expect.arrayContaining(['us-ndnc', 'us-rnd']));
    expect(needs.events).toEqual(expect.arrayContaining(['last-inquiry', 'last-transaction']));
    expect(needs.counters.map(({ id }) => id)).toEqual(['solicitations:recipient:rolling-24-hours']);
  });
});

describe('replay', () => {
  const anyFacts = fc.record({
    to: fc.constantFrom(
      '+12125550147',
      '+18505550147',
      '+447400123456',
      '+919812345678',
      '+4915112345678',
      'a@b.example',
    ),
    body: fc.constantFrom(SALE, CODE, 'Sale bit.ly/x', 'Pay 4111 1111 1111 1111'),
    channel: fc.constantFrom<Channel>('sms', 'email', 'push', 'voice'),
    treatment: fc.constantFrom<MessageFacts['treatment']>('promotional', 'transactional'),
    consent: fc.constantFrom(undefined, [], [written]),
    suppression: fc.constantFrom(
      undefined,
      [],
      [{ purpose: 'marketing', channel: 'any', sinceMs: 0, reason: 'objection' } as const],
    ),
  });

  it('gives the same bytes from nothing but what was recorded', () => {
    fc.assert(
      fc.property(
        anyFacts,
        fc.integer({ min: 1_760_000_000_000, max: 1_860_000_000_000 }),
        (situation, atMs) => {
          const { consent, suppression, ...rest } = situation;
          const facts = factsOf({ ...rest, facts: { consent, suppression } as Partial<Facts> });
          const first = evaluate(ruleset, facts, atMs);
          const stored = JSON.parse(canonicalJson(first)) as Evaluation;
          expect(canonicalJson(replay(ruleset, stored))).toBe(canonicalJson(first));
        },
      ),
      { seed: 41, numRuns: 400 },
    );
  });

  it('does not change its arguments, and knows no hidden state', () => {
    const facts = factsOf({ to: '+18005550147' });
    const before = canonicalJson(facts);
    const first = canonicalJson(evaluate(ruleset, facts, NOON_NY));
    evaluate(ruleset, factsOf({ to: '+447400123456' }), NOON_NY + 1);
    expect(canonicalJson(evaluate(ruleset, facts, NOON_NY))).toBe(first);
    expect(canonicalJson(facts)).toBe(before);
    expect(iso(NOON_NY)).toBe('2026-07-15T16:00:00.000Z');
  });
});

describe('strictness', () => {
  it('an unknown never lets through what the known fact would stop', () => {
    const strip: (keyof Facts)[] = ['consent', 'suppression', 'registries', 'counters'];
    fc.assert(
      fc.property(
        fc.constantFrom('+12125550147', '+13055550147', '+447400123456', '+919812345678', '+4915112345678'),
        fc.subarray(strip),
        fc.constantFrom([], [written]),
        (to, gone, consent) => {
          const facts: Record<string, unknown> = { ...factsOf({ to, facts: { consent } }) };
          const known = evaluate(ruleset, facts as unknown as Facts, NOON_NY).outcome.kind;
          for (const name of gone) delete facts[name];
          const less = evaluate(ruleset, facts as unknown as Facts, NOON_NY).outcome.kind;
          if (known === 'block' || known === 'hold') expect(less).not.toBe('send');
        },
      ),
      { seed: 5, numRuns: 200 },
    );
  });
});

function noneSent(): NonNullable<Facts['counters']> {
  return {
    'solicitations:recipient:rolling-24-hours': { timesMs: [] },
    'solicitations:recipient:rolling-7-days': { timesMs: [] },
  };
}

function fresh(atMs: number): NonNullable<Facts['registries']> {
  return { 'in-dnd': { listed: false, checkedAtMs: atMs } };
}

/** A pack of one daytime window in a country of its own. */
function window(name: string, from: string, to: string, since = '2020-01-01'): Pack {
  return parsePack(
    `pack: ${name}
title: ${name}
jurisdiction: QQ
rules:
  - id: ${name}-hours
    title: Hours
    basis: Act
    reference: { kind: knowledge }
    layer: statute
    confidence: high
    needsVerification: false
    channels: [sms]
    treatment: both
    effective: { from: "${since}" }
    require: { localTimeIn: { windows: [{ days: every, from: "${from}", to: "${to}" }] } }
    effect: defer
    onMissingData: strict
    explanation: Daytime only.
    examples:
      - { name: a, expect: allow }
      - { name: b, expect: deny }
`,
    `${name}.yaml`,
  );
}
