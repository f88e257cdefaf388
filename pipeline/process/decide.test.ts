import { describe, expect, it } from 'vitest';
import { createRuleBook } from '../comply/compliance.ts';
import { parsePack } from '../comply/language/load.ts';
import type { Pack } from '../comply/types.ts';
import { keywordClassifier } from '../compose.fixture.ts';
import { type KnownFacts, NO_FACTS } from '../facts/standing.ts';
import { type DryRun, type Lookups, tryDecision } from './decide.ts';
import type { KnownContacts } from './ports.ts';

const NOON = Date.parse('2026-07-15T16:00:00Z');
const SALE = { to: '+12125550147', from: 'ACME', channel: 'sms', body: 'ACME sale: all shoes 20% off' };

/** A pack of many rules that all know which version they are of. */
function packOf(version: string, id: string, rules = 40): Pack {
  const rule = (i: number): string => `  - id: ${id}-${i}
    title: Version ${version}
    basis: Act ${version}
    reference: { kind: knowledge }
    layer: statute
    confidence: high
    needsVerification: false
    channels: [sms]
    treatment: both
    effective: { from: "2020-01-01" }
    require: { any: [{ consent: { level: express, purpose: marketing } }, { textStartsWith: { any: ["${version}${i}"] } }] }
    effect: block
    onMissingData: strict
    explanation: Version ${version}.
    examples:
      - { name: a, expect: allow, facts: { message: { text: "${version}${i} hello" } } }
      - { name: d, expect: deny, facts: { message: { text: "hello" } } }
`;
  const head = `pack: ${id}\ntitle: ${version}\njurisdiction: "*"\nrules:\n`;
  return parsePack(head + Array.from({ length: rules }, (_, i) => rule(i)).join(''), `${id}.yaml`);
}

const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const nobody: KnownContacts = {
  contact: () => ({
    consentEvents: [],
    suppression: [],
    registries: {},
    added: {},
    mark: { consent: 0, suppression: 0 },
  }),
  denied: () => ({ 'denied-sender': false, 'denied-content': false }),
};
const nothing: KnownFacts = { of: () => NO_FACTS };
const empty: Lookups = {
  contacts: async () => nobody,
  facts: async () => nothing,
  counts: async () => () => ({ version: 0, counted: [] }),
  metadata: async () => undefined,
};

async function decide(book: ReturnType<typeof createRuleBook>, lookups: Lookups): Promise<DryRun> {
  const shop = { compliance: book, classifier: keywordClassifier(), report: () => undefined };
  const result = await tryDecision(shop, lookups, 'acme', SALE, NOON);
  if (result.kind !== 'decided') throw new Error(JSON.stringify(result.problems));
  return result.dryRun;
}

describe('hot swap', () => {
  it('never mixes two versions in one decision, whenever the packs change under it', async () => {
    const old = [packOf('old', 'aa'), packOf('old', 'bb')];
    const fresh = [packOf('new', 'aa'), packOf('new', 'bb')];
    const book = createRuleBook({ packs: old });
    let swaps = 0;
    const swap = (): void => {
      book.activate(swaps++ % 2 === 0 ? fresh : old);
    };
    // The packs change between reading the rule set and asking it, and again before the counters are known.
    const swapping: Lookups = {
      ...empty,
      async contacts() {
        await pause();
        swap();
        return nobody;
      },
      facts: async () => nothing,
      async counts() {
        await pause();
        swap();
        return () => ({ version: 0, counted: [] });
      },
    };
    const runs = await Promise.all(Array.from({ length: 60 }, () => decide(book, swapping)));
    expect(swaps).toBe(120);
    const seen = new Set<string>();
    for (const { evaluation } of runs) {
      const ruleset = book.byVersion(evaluation.rulesetVersion)!;
      const versions = new Map(ruleset.packs.map((pack) => [pack.id, pack.version]));
      expect(evaluation.verdicts).toHaveLength(80);
      for (const verdict of evaluation.verdicts) expect(verdict.packVersion).toBe(versions.get(verdict.pack));
      expect(new Set(evaluation.verdicts.map(({ title }) => title)).size).toBe(1);
      // Every question to the text was asked as these rules ask it.
      expect(evaluation.verdicts.every(({ result }) => result === 'fail')).toBe(true);
      seen.add(evaluation.rulesetVersion);
    }
    for (let i = 0; seen.size < 2 && i < 2; i++) {
      seen.add((await decide(book, empty)).evaluation.rulesetVersion);
      swap();
    }
    expect(seen.size).toBe(2);
  });

  it('goes back in one step: the same packs are the same version', () => {
    const old = [packOf('old', 'aa')];
    const book = createRuleBook({ packs: old });
    const before = book.ruleset().version;
    book.activate([packOf('new', 'aa')]);
    expect(book.ruleset().version).not.toBe(before);
    expect(book.activate(old).version).toBe(before);
  });
});

describe('dry run', () => {
  it('names the least that would let a message through, tried on the rules', async () => {
    const book = createRuleBook({ packs: [packOf('old', 'aa', 3)] });
    const { evaluation, change, earliestMs } = await decide(book, empty);
    expect(evaluation.outcome.kind).toBe('block');
    expect(earliestMs).toBe(Infinity);
    // Three rules, each with two ways out: one consent serves them all.
    expect(change).toEqual({ changes: ['express consent to marketing is on record'], atMs: NOON });
  });

  it('says what is wrong with a message', async () => {
    const shop = {
      compliance: createRuleBook({ packs: [packOf('old', 'aa', 1)] }),
      classifier: keywordClassifier(),
      report: () => undefined,
    };
    const result = await tryDecision(shop, empty, 'acme', { ...SALE, to: 'nobody' }, NOON);
    expect(result).toMatchObject({ kind: 'invalid', problems: [{ field: '/to' }] });
  });
});
