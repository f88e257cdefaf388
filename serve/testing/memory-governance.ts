import { compileRules } from '../../pipeline/comply/language/compile.ts';
import type { Pipeline } from '../../pipeline/compose.ts';
import { countViolations } from '../../pipeline/record/violations.ts';

const VERSION = '0000000000000000';
const REPORT = { compared: 0, changed: 0, unreadable: 0, outcomes: {}, rules: [] };

/** For tests of the doors: nothing is on record and nothing changes. */
export function memoryGovernance(): Pipeline['governance'] {
  const ruleset = compileRules([]);
  const state = () => ({
    inForce: { version: VERSION, fromMs: -Infinity, seq: 0 },
    previous: undefined,
    coming: [],
    shadow: undefined,
    nextSeq: 1,
    shipped: VERSION,
    refused: undefined,
  });
  return {
    trail: {
      transact: async (_db, _recipients, work) => work(undefined as never, async () => undefined),
      append: async () => undefined,
    },
    rules: {
      ruleset: () => ruleset,
      byVersion: () => ruleset,
      evaluate: () => {
        throw new Error('not asked here');
      },
      contentOf: () => {
        throw new Error('not asked here');
      },
      state,
      releases: async () => [{ version: VERSION, digest: '0'.repeat(64), madeAtMs: 0, origin: 'shipped' }],
      find: async (version) => (version === VERSION ? ruleset : undefined),
      upload: async () => undefined,
      give: async () => state(),
      rollback: async () => state(),
      shadow: {
        version: undefined,
        set: () => undefined,
        observe: () => undefined,
        flush: async () => undefined,
        report: async () => ({ ...REPORT, dropped: 0 }),
      },
      refresh: async () => undefined,
      diff: async () => REPORT,
    },
    audit: {
      violations: async () => countViolations().figures(),
      publicKey: '',
      verify: async () => ({
        ok: true,
        chains: 0,
        blocks: 0,
        entries: 0,
        checkpoints: 0,
        unsigned: 0,
        dropped: 0,
        problems: [],
        more: false,
      }),
      query: async () => ({ columns: ['n'], rows: [{ n: 1 }], more: false }),
      export: async function* () {
        yield { type: 'entry', subject: 'm1' };
      },
      replay: async () => ({
        replayed: 0,
        same: 0,
        different: 0,
        erased: 0,
        dropped: 0,
        unreadable: 0,
        rulesUnknown: 0,
        differing: [],
      }),
      checkpoints: async () => [],
      checkpoint: async () => undefined,
      act: async () => undefined,
      dropExpired: async () => 0,
    },
    erase: async () => ({ found: false, rid: undefined, messages: 0, objections: 0 }),
  };
}
