import { type Selectable, sql } from 'kysely';
import { sha256 } from '../../models/base/sha256.ts';
import { ridOf } from '../keys/sealed.ts';
import { isSignedBy, type TrustedKeys } from '../keys/signing-key.ts';
import type { AuditBlocksTable, AuditEntriesTable, Db } from '../store/schema.ts';
import { checkpointHash, checkpointText, type Heads } from './checkpoint.ts';
import { blockHash, entryHash, GENESIS } from './entry.ts';

/** Something that is not as it was written, and where. */
export interface AuditProblem {
  /** Stable. */
  readonly code:
    | 'entry-changed'
    | 'content-changed'
    | 'content-missing'
    | 'block-changed'
    | 'block-missing'
    | 'entry-missing'
    | 'entry-astray'
    | 'chain-cut'
    | 'decision-unchained'
    | 'decision-missing'
    | 'decision-changed'
    | 'checkpoint-changed'
    | 'checkpoint-missing'
    | 'checkpoint-unsigned';
  /** Table and row, e.g. `audit_entries writer=... block=3 ord=1`. */
  readonly where: string;
  readonly detail: string;
}

export interface AuditReport {
  readonly ok: boolean;
  readonly chains: number;
  readonly blocks: number;
  readonly entries: number;
  readonly checkpoints: number;
  /** Blocks that no checkpoint covers yet: whoever can write to the store could still cut them off unseen. */
  readonly unsigned: number;
  /** Contents that retention has dropped. */
  readonly dropped: number;
  readonly problems: readonly AuditProblem[];
  /** There are more problems than are listed. */
  readonly more: boolean;
}

const PAGE = 500;
const MOST_PROBLEMS = 100;

interface Walk {
  found(code: AuditProblem['code'], where: string, detail: string): void;
  /** What signed checkpoints say of each chain, by block. */
  readonly signed: ReadonlyMap<string, ReadonlyMap<number, string>>;
  /** Instant of the last retention run on record; contents that were due by then may be gone. */
  readonly retainedMs: number;
  readonly count: { chains: number; blocks: number; entries: number; unsigned: number; dropped: number };
  pause(): Promise<void>;
}

type Block = Selectable<AuditBlocksTable>;
type Entry = Selectable<AuditEntriesTable> & {
  readonly d_outcome: string | null;
  readonly d_hash: string | null;
  readonly d_record: string | null;
  readonly d_at_ms: number | null;
  readonly d_there: boolean;
};

/**
 * Recomputes everything: each entry, its content, each link of each chain, each checkpoint and its signature, and
 * that no decision stands outside the chain. Reads page by page.
 *
 * @param trusted keys whose checkpoints count; they come from outside the store
 * @param pause awaited between pages, where other work may go first
 */
export async function verifyAudit(
  db: Db,
  trusted: TrustedKeys,
  pause: () => Promise<void> = async () => undefined,
): Promise<AuditReport> {
  const problems: AuditProblem[] = [];
  let more = false;
  const found: Walk['found'] = (code, where, detail) => {
    if (problems.length < MOST_PROBLEMS) problems.push({ code, where, detail });
    else more = true;
  };
  const { signed, checkpoints } = await verifyCheckpoints(db, trusted, found);
  const retained = await sql<{ at: number | null }>`
    select max(at_ms) as at from audit_entries where kind = 'retention'`.execute(db);
  const count = { chains: 0, blocks: 0, entries: 0, unsigned: 0, dropped: 0 };
  const walk: Walk = { found, signed, retainedMs: retained.rows[0]?.at ?? -Infinity, count, pause };
  const writers = await sql<{
    writer: string;
  }>`select distinct writer from audit_blocks order by writer`.execute(db);
  for (const { writer } of writers.rows) await verifyChain(db, writer, walk);
  const there = new Set(writers.rows.map((row) => row.writer));
  for (const [writer, heads] of signed) {
    if (!there.has(writer))
      found('chain-cut', `audit_blocks writer=${writer}`, `all ${Math.max(...heads.keys())} blocks are gone`);
  }
  await verifyStrays(db, found);
  return { ok: problems.length === 0, ...count, checkpoints, problems, more };
}

async function verifyCheckpoints(
  db: Db,
  trusted: TrustedKeys,
  found: Walk['found'],
): Promise<{ signed: Map<string, Map<number, string>>; checkpoints: number }> {
  const signed = new Map<string, Map<number, string>>();
  let after = 0;
  let prev = GENESIS;
  let checkpoints = 0;
  for (;;) {
    const page = await db
      .selectFrom('audit_checkpoints')
      .selectAll()
      .where('seq', '>', after)
      .orderBy('seq')
      .limit(PAGE)
      .execute();
    for (const row of page) {
      const where = `audit_checkpoints seq=${row.seq}`;
      if (row.seq !== after + 1)
        found('checkpoint-missing', where, `checkpoints ${after + 1} to ${row.seq - 1} are gone`);
      else if (row.prev_hash !== prev)
        found('checkpoint-changed', where, 'it does not go on from the one before');
      const key = trusted.get(row.key_id);
      if (checkpointHash(row) !== row.hash) found('checkpoint-changed', where, 'its hash is another');
      else if (key === undefined)
        found('checkpoint-unsigned', where, `key ${row.key_id} is not among those trusted`);
      else if (!isSignedBy(key, checkpointText(row.hash), row.signature))
        found('checkpoint-unsigned', where, 'the signature is not of this checkpoint');
      else {
        for (const [writer, [block, hash]] of Object.entries(JSON.parse(row.heads) as Heads)) {
          const heads = signed.get(writer) ?? new Map<number, string>();
          signed.set(writer, heads.set(block, hash));
        }
      }
      after = row.seq;
      prev = row.hash;
      checkpoints++;
    }
    if (page.length < PAGE) return { signed, checkpoints };
  }
}

async function verifyChain(db: Db, writer: string, walk: Walk): Promise<void> {
  const { found, count } = walk;
  const heads = walk.signed.get(writer) ?? new Map<number, string>();
  const lastSigned = Math.max(0, ...heads.keys());
  count.chains++;
  let after = 0;
  let prev = GENESIS;
  for (;;) {
    await walk.pause();
    const blocks = await db
      .selectFrom('audit_blocks')
      .selectAll()
      .where('writer', '=', writer)
      .where('block', '>', after)
      .orderBy('block')
      .limit(PAGE)
      .execute();
    const entries = blocks.length === 0 ? new Map<number, Entry[]>() : await entriesOf(db, writer, blocks);
    for (const block of blocks) {
      const where = `audit_blocks writer=${writer} block=${block.block}`;
      if (block.block !== after + 1)
        found('block-missing', where, `blocks ${after + 1} to ${block.block - 1} are gone`);
      else if (block.prev_hash !== prev)
        found('block-changed', where, 'it does not go on from the one before');
      verifyBlock(block, entries.get(block.block) ?? [], walk);
      const head = heads.get(block.block);
      if (head !== undefined && head !== block.hash)
        found('block-changed', where, 'a signed checkpoint has another hash for it');
      count.blocks++;
      if (block.block > lastSigned) count.unsigned++;
      after = block.block;
      prev = block.hash;
    }
    if (blocks.length < PAGE) break;
  }
  if (lastSigned > after)
    found('chain-cut', `audit_blocks writer=${writer}`, `it ended at ${lastSigned}, now at ${after}`);
}

async function entriesOf(db: Db, writer: string, blocks: readonly Block[]): Promise<Map<number, Entry[]>> {
  const found = await sql<Entry>`
    select e.*, d.outcome as d_outcome, d.hash as d_hash, d.record as d_record, d.created_at_ms as d_at_ms,
      d.message_id is not null as d_there
    from audit_entries e
    left join decisions d
      on e.kind = 'decision' and d.tenant = e.tenant and d.message_id = e.subject and d.seq = e.seq
    where e.writer = ${writer} and e.block between ${blocks[0]!.block} and ${blocks.at(-1)!.block}
    order by e.block, e.ord`.execute(db);
  const byBlock = new Map<number, Entry[]>();
  for (const entry of found.rows) {
    const own = byBlock.get(entry.block);
    if (own) own.push(entry);
    else byBlock.set(entry.block, [entry]);
  }
  return byBlock;
}

function verifyBlock(block: Block, entries: readonly Entry[], walk: Walk): void {
  const { found } = walk;
  const where = `audit_blocks writer=${block.writer} block=${block.block}`;
  walk.count.entries += entries.length;
  if (entries.length !== block.entries)
    found('entry-missing', where, `it was made with ${block.entries} entries and has ${entries.length}`);
  for (const [i, entry] of entries.entries()) {
    const at = `audit_entries writer=${block.writer} block=${block.block} ord=${entry.ord}`;
    if (entry.ord !== i + 1) found('entry-missing', at, `entry ${i + 1} should stand here`);
    if (entryHash(entry) !== entry.entry_hash)
      found('entry-changed', at, 'a column is not as it was written');
    if (entry.kind === 'decision') verifyDecision(entry, at, walk);
    else verifyContent(entry, entry.body, at, walk);
  }
  const hashes = entries.map((entry) => entry.entry_hash);
  if (blockHash(block, hashes) !== block.hash)
    found('block-changed', where, 'its hash is not that of its place, its time and its entries');
}

function verifyContent(entry: Entry, content: string | null, at: string, walk: Walk): void {
  if (content === null) {
    if (entry.keep_until_ms === null || entry.keep_until_ms > walk.retainedMs)
      walk.found('content-missing', at, 'its content is gone, and no retention run was to drop it');
    walk.count.dropped++;
  } else if (sha256(content) !== entry.content_hash) {
    walk.found('content-changed', at, 'its content is not as it was written');
  } else if (entry.recipient !== null && (ridOf(content) ?? entry.recipient) !== entry.recipient) {
    walk.found('content-changed', at, 'its content is of another recipient');
  }
}

function verifyDecision(entry: Entry, at: string, walk: Walk): void {
  if (entry.body !== null) walk.found('entry-changed', at, 'a decision has no content here');
  const row = `decisions message_id=${entry.subject} seq=${entry.seq} (${at})`;
  if (!entry.d_there) {
    walk.found('decision-missing', row, 'the decision is gone');
    return;
  }
  verifyContent(entry, entry.d_record, row, walk);
  if (
    entry.d_outcome !== entry.outcome ||
    entry.d_hash !== entry.content_hash ||
    entry.d_at_ms !== entry.at_ms
  )
    walk.found('decision-changed', row, 'outcome, hash or time are not as they were written');
}

/** Rows that no chain leads to. */
async function verifyStrays(db: Db, found: Walk['found']): Promise<void> {
  const limit = MOST_PROBLEMS + 1;
  const unchained = await sql<{ message_id: string; seq: number }>`
    select d.message_id, d.seq from decisions d
    where not exists (
      select 1 from audit_entries e
      where e.kind = 'decision' and e.tenant = d.tenant and e.subject = d.message_id and e.seq = d.seq
    ) limit ${limit}`.execute(db);
  for (const { message_id, seq } of unchained.rows)
    found('decision-unchained', `decisions message_id=${message_id} seq=${seq}`, 'no entry leads to it');
  const astray = await sql<{ writer: string; block: number; ord: number }>`
    select e.writer, e.block, e.ord from audit_entries e
    where not exists (select 1 from audit_blocks b where b.writer = e.writer and b.block = e.block)
    limit ${limit}`.execute(db);
  for (const { writer, block, ord } of astray.rows)
    found('entry-astray', `audit_entries writer=${writer} block=${block} ord=${ord}`, 'its block is gone');
}
