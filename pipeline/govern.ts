import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import type { Clock } from '../models/base/clock.ts';
import { type Checkpointer, createCheckpointer } from './audit/checkpoint.ts';
import { type Erasure, eraseRecipient } from './audit/erase.ts';
import { type ExportSpan, exportAudit } from './audit/export.ts';
import { asksArchives, checkQuery, type QueryAnswer, queryAudit } from './audit/query.ts';
import { queryWithArchives } from './audit/query-archives.ts';
import { dropExpired } from './audit/retain.ts';
import { type AuditTrail, createAuditTrail } from './audit/trail.ts';
import { type AuditReport, verifyAudit } from './audit/verify.ts';
import { createWriters, type Writers } from './audit/writers.ts';
import type { RuleSet } from './comply/types.ts';
import { holdsKeys, type Keyring, openKeyring } from './keys/keyring.ts';
import { type MasterKey, openFileMasterKey } from './keys/master-key.ts';
import { openSigningKey, type SigningKey, trustedKeys } from './keys/signing-key.ts';
import { createLoop, type Loop } from './process/loop.ts';
import type { Compliance } from './process/ports.ts';
import { createRecordDictionaries, type RecordDictionaries } from './record/common-text.ts';
import { readDecisions } from './record/read-decisions.ts';
import { replayKnown } from './record/replay.ts';
import { countViolations, type Violations } from './record/violations.ts';
import type { ChangeReport } from './rules/compare.ts';
import { openRulesDesk, type RulesDesk } from './rules/desk.ts';
import { type DecisionSpan, diffOnRecord, recordedDecisions } from './rules/diff.ts';
import { createLargeBodies, type LargeBodies } from './store/large-bodies.ts';
import type { Store } from './store/open.ts';

/** Recorded decisions taken again. */
export interface ReplayReport {
  readonly replayed: number;
  readonly same: number;
  readonly different: number;
  readonly erased: number;
  readonly dropped: number;
  readonly unreadable: number;
  readonly rulesUnknown: number;
  /** Ids of messages whose decisions came out otherwise; at most 20. */
  readonly differing: readonly string[];
}

export interface CheckpointLine {
  readonly seq: number;
  readonly at_ms: number;
  readonly hash: string;
  readonly key_id: string;
  readonly signature: string;
}

/** Who did something to Laneway itself. */
export interface AdminAct {
  readonly tenant: string;
  /** `models.promote`, `dead-letters.redrive`, ... */
  readonly subject: string;
  readonly payload: object;
}

/** Rules that change without stopping, the audit trail over everything, and the keys that both stand on. */
export interface Governance {
  readonly keyring: Keyring;
  readonly writers: Writers;
  /** What decision records are packed by. */
  readonly dictionaries: RecordDictionaries;
  readonly trail: AuditTrail;
  /** Large texts, under the same master key. */
  readonly bodies: LargeBodies;
  readonly rules: RulesDesk & {
    /** Which recorded decisions would have been others. */
    diff(before: RuleSet, after: RuleSet, span: DecisionSpan): Promise<ChangeReport>;
  };
  readonly audit: {
    verify(): Promise<AuditReport>;
    /** SQL over the trail and over what retention took out of the store. */
    query(tenant: string, query: string): Promise<QueryAnswer>;
    export(span: ExportSpan): AsyncGenerator<object>;
    replay(span: DecisionSpan): Promise<ReplayReport>;
    /** How often rules were asked, not met and not known in decisions of the span that can still be read. */
    violations(tenant: string, span: { readonly fromMs: number; readonly toMs: number }): Promise<Violations>;
    checkpoints(limit: number): Promise<CheckpointLine[]>;
    /** @returns its number; undefined: nothing had been added */
    checkpoint(): Promise<number | undefined>;
    /** PEM of the key that signs checkpoints. */
    readonly publicKey: string;
    act(act: AdminAct): Promise<void>;
    dropExpired(): Promise<number>;
  };
  erase(
    who: { readonly tenant: string; readonly recipient: string },
    by: { readonly author: string; readonly reason: string },
  ): Promise<Erasure>;
  /** Follows what other processes put on record, signs checkpoints, drops what need not be kept. */
  readonly loop: Loop;
  /** A last checkpoint; everything before it is signed. */
  close(): Promise<void>;
}

export interface GovernanceParts {
  readonly store: Store;
  readonly dataDir: string;
  readonly clock: Clock;
  readonly shipped: Compliance;
  readonly masterKey?: MasterKey | undefined;
  readonly report: (error: unknown, doing: string) => void;
  /** Awaited where other work may go first. */
  readonly pause: () => Promise<void>;
}

/** Another process's order is followed within this time, ms. */
const LOOK_MS = 300;
const CHECKPOINT_MS = 60_000;
const RETENTION_MS = 6 * 3_600_000;
const MOST_DIFFERING = 20;

/** File names in the data folder's `keys`. */
export const AUDIT_KEY = 'audit-signing';
export const RULES_KEY = 'rules-signing';

/** The key that signs orders here; none where the operator keeps it elsewhere and left only its public half. */
function rulesSigner(keys: string): SigningKey | undefined {
  const file = join(keys, RULES_KEY);
  if (!existsSync(file) && existsSync(`${file}.pub`)) return undefined;
  return openSigningKey(file, true);
}

/** @throws LanewayError `MASTER_KEY_*`, `SIGNING_KEY_UNREADABLE`, `RULES_*` */
export async function openGovernance(parts: GovernanceParts): Promise<Governance> {
  const { store, dataDir, clock, report, pause } = parts;
  const keys = join(dataDir, 'keys');
  const master = parts.masterKey ?? openFileMasterKey(dataDir, !(await holdsKeys(store.urgent)));
  const keyring = await openKeyring(store.urgent, master, clock);
  const bodies = createLargeBodies(master, keyring);
  const writers = createWriters(() => randomBytes(9).toString('base64url'));
  const trail = createAuditTrail(keyring, writers);
  const auditKey = openSigningKey(join(keys, AUDIT_KEY), true);
  const checkpointer = createCheckpointer(auditKey);
  const signer = rulesSigner(keys);
  const desk = await openRulesDesk({
    db: store.urgent,
    trail,
    clock,
    shipped: parts.shipped,
    trusted: () => {
      const own = trustedKeys(keys, signer ? [signer] : []);
      const others = trustedKeys(join(keys, 'trusted-rules'));
      // The other keys of the folder sign other things.
      return new Map([...own].filter(([id]) => id !== auditKey.keyId).concat([...others]));
    },
    signer,
    report,
  });
  const db = store.bulk;

  return {
    keyring,
    writers,
    dictionaries: createRecordDictionaries(),
    trail,
    bodies,
    rules: {
      ...desk,
      diff: (before, after, span) => diffOnRecord({ keyring, db, bodies, pause }, before, after, span),
    },
    audit: {
      verify: () =>
        verifyAudit(
          db,
          new Map([...trustedKeys(join(keys, 'trusted-audit')), ...trustedKeys(undefined, [auditKey])]),
          pause,
        ),
      query: (tenant, query) =>
        asksArchives(checkQuery(query))
          ? queryWithArchives(store, join(dataDir, 'archive'), tenant, query)
          : queryAudit(store, tenant, query),
      export: (span) => exportAudit(keyring, db, span),
      replay: (span) => replayRecorded({ keyring, store, desk, pause }, span),
      violations: (tenant, span) => violationsOn({ keyring, db, pause }, tenant, span),
      checkpoints: (limit) =>
        db
          .selectFrom('audit_checkpoints')
          .select(['seq', 'at_ms', 'hash', 'key_id', 'signature'])
          .orderBy('seq', 'desc')
          .limit(limit)
          .execute(),
      checkpoint: () => checkpointer.sign(db, clock()),
      publicKey: auditKey.publicKey,
      act: ({ tenant, subject, payload }) =>
        trail.append(store.urgent, [{ kind: 'admin', tenant, atMs: clock(), subject, payload }]),
      dropExpired: () => dropExpired({ db, trail }, clock(), pause),
    },
    erase: async (who, by) => {
      const erasure = await eraseRecipient({ db: store.urgent, keyring, trail }, who, by, clock());
      // The row with the wrapped key is dead, but still on disk until its place is taken.
      if (erasure.rid !== undefined) await sql`vacuum recipient_keys`.execute(db);
      return erasure;
    },
    loop: createGovernanceLoop({ store, clock, report, keyring, trail, desk, checkpointer, pause }),
    async close() {
      await desk.shadow.flush();
      await checkpointer.sign(db, clock());
    },
  };
}

interface LoopParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly report: (error: unknown, doing: string) => void;
  readonly keyring: Keyring;
  readonly trail: AuditTrail;
  readonly desk: RulesDesk;
  readonly checkpointer: Checkpointer;
  readonly pause: () => Promise<void>;
}

function createGovernanceLoop(parts: LoopParts): Loop {
  const { store, clock, keyring, desk } = parts;
  let checkpointedMs = clock();
  let retainedMs = -Infinity;
  let erasedSeenMs = clock();
  return createLoop('governing', parts.report, async () => {
    await desk.refresh();
    const nowMs = clock();
    // A little overlap: another process's clock may be behind.
    const erased = await sql<{ rid: string; at: number }>`
      select rid, erased_at_ms as at from recipient_keys where erased_at_ms >= ${erasedSeenMs - 10_000}::bigint`.execute(
      store.bulk,
    );
    keyring.forget(erased.rows.map((row) => row.rid));
    erasedSeenMs = nowMs;
    if (nowMs - checkpointedMs >= CHECKPOINT_MS || nowMs < checkpointedMs) {
      checkpointedMs = nowMs;
      await parts.pause();
      await parts.checkpointer.sign(store.bulk, nowMs);
      await desk.shadow.flush();
    }
    if (nowMs - retainedMs >= RETENTION_MS) {
      retainedMs = nowMs;
      await dropExpired({ db: store.bulk, trail: parts.trail }, nowMs, parts.pause);
    }
    return LOOK_MS;
  });
}

/** Decisions counted without a pause. */
const COUNTED_AT_ONCE = 100;

async function violationsOn(
  { keyring, db, pause }: Pick<LoopParts, 'keyring' | 'pause'> & { readonly db: Store['bulk'] },
  tenant: string,
  span: { readonly fromMs: number; readonly toMs: number },
): Promise<Violations> {
  const counting = countViolations();
  let n = 0;
  for await (const record of readDecisions(db, keyring, tenant, span)) {
    if (n++ % COUNTED_AT_ONCE === 0) await pause();
    counting.add(record);
  }
  return counting.figures();
}

async function replayRecorded(
  {
    keyring,
    store,
    desk,
    pause,
  }: {
    readonly keyring: Keyring;
    readonly store: Store;
    readonly desk: RulesDesk;
    readonly pause: () => Promise<void>;
  },
  span: DecisionSpan,
): Promise<ReplayReport> {
  const count = { replayed: 0, same: 0, different: 0, erased: 0, dropped: 0, unreadable: 0, rulesUnknown: 0 };
  const differing: string[] = [];
  for await (const { row, opened } of recordedDecisions(keyring, store.bulk, span, pause)) {
    count.replayed++;
    const again = await replayKnown(opened, desk);
    if (again.kind === 'ruleset-unknown') count.rulesUnknown++;
    else count[again.kind]++;
    if (again.kind === 'different' && differing.length < MOST_DIFFERING) differing.push(row.message_id);
  }
  return { ...count, differing };
}
