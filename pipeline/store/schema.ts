import type { Generated, Kysely, Transaction } from 'kysely';
import type { AuditEntry } from '../audit/entry.ts';
import type { Channel } from '../comply/types.ts';

/** The two regimes' lanes: each its own queues, workers and share. */
export type Lane = 'transactional' | 'promotional';

/** Where a message stands. See {@link SETTLED_STATES} for those that need no further work by the pipeline. */
export const MESSAGE_STATES = [
  /** Committed and answered `202`; waits for classification. */
  'accepted',
  /** Accepted with a `sendAt` that has not come. */
  'scheduled',
  /** Classified; in its lane. */
  'queued',
  /** In its lane behind an earlier message of the same sender to the same recipient. */
  'waiting',
  /** A rule said "later"; `dueAtMs` says when it is asked again. */
  'deferred',
  /** An attempt is recorded and the provider is being called. */
  'sending',
  /** A transient failure; `dueAtMs` says when the next attempt is. */
  'retrying',
  /** The provider took it. */
  'sent',
  'delivered',
  'undelivered',
  /** A rule forbids it. */
  'blocked',
  /** A rule wants a person to look. */
  'held',
  /** Its time to live ran out first. */
  'expired',
  /** Dead letter: permanent error or attempts used up. */
  'failed',
  /** An attempt may or may not have reached the provider, which cannot tell repeats apart: held by policy. */
  'unknown',
] as const;

export type MessageState = (typeof MESSAGE_STATES)[number];

export const SETTLED_STATES = [
  'sent',
  'delivered',
  'undelivered',
  'blocked',
  'held',
  'expired',
  'failed',
  'unknown',
] as const satisfies readonly MessageState[];

/** States in which a message holds back later ones of the same sender, recipient and lane. */
export const IN_LINE_STATES = [
  'accepted',
  'queued',
  'waiting',
  'sending',
  'retrying',
] as const satisfies readonly MessageState[];

export function isSettled(state: MessageState): boolean {
  return (SETTLED_STATES as readonly MessageState[]).includes(state);
}

/** Times are milliseconds since the epoch, UTC. JSON is kept as text: the bytes that were written come back. */
export interface MessagesTable {
  tenant: string;
  id: string;
  /** Order of acceptance. */
  seq: Generated<number>;
  state: MessageState;
  /** Optimistic lock: every transition names the version it saw. */
  version: Generated<number>;
  lane: Lane;
  /** Hash of tenant, sender and recipient: what keeps its order. */
  order_key: string;
  channel: Channel;
  sender: string;
  recipient: string;
  subject: string | null;
  /** Empty where `body_ref` says that it is kept elsewhere. */
  body: string;
  /** Of a large text; see `large-bodies.ts`. */
  body_ref: string | null;
  /** The caller's own category, free text. */
  claim: string | null;
  /** JSON object of the caller's own facts, or null. */
  metadata: string | null;
  accepted_at_ms: number;
  send_at_ms: number | null;
  expires_at_ms: number | null;
  /** When a `scheduled`, `deferred` or `retrying` message is taken up again. */
  due_at_ms: number | null;
  /** While `sending`: when another process may take it for abandoned. */
  lease_until_ms: number | null;
  attempts: Generated<number>;
  /** JSON of the classifier's verdict, null until classified. */
  verdict: string | null;
  /** Why it stands where it stands, one stable word or rule id. */
  reason: string | null;
  sent_at_ms: number | null;
  updated_at_ms: number;
}

export interface IdempotencyKeysTable {
  tenant: string;
  key: string;
  /** SHA-256 of the canonical request. */
  body_hash: string;
  message_id: string;
  created_at_ms: number;
  /** From then on the key is as good as new; null: never. */
  expires_at_ms: number | null;
}

export type AttemptOutcome = 'sent' | 'retry' | 'failed' | 'ambiguous';

export interface AttemptsTable {
  tenant: string;
  message_id: string;
  attempt: number;
  provider: string;
  /** The key under which the provider recognises a repeat. */
  provider_key: string;
  started_at_ms: number;
  ended_at_ms: number | null;
  outcome: AttemptOutcome | null;
  provider_ref: string | null;
  error_code: string | null;
  error_detail: string | null;
}

export interface ReceiptsTable {
  tenant: string;
  provider: string;
  provider_ref: string;
  status: 'delivered' | 'undelivered';
  message_id: string | null;
  at_ms: number;
  received_at_ms: number;
  detail: string | null;
}

export interface DecisionsTable {
  tenant: string;
  message_id: string;
  /** 1 for the first evaluation; a deferred message is judged again at each release. */
  seq: number;
  outcome: string;
  /** SHA-256 of `record` as it was written. */
  hash: string;
  /** The decision record, sealed (`record/decision-entry.ts`); null: its retention is over. */
  record: string | null;
  created_at_ms: number;
}

export interface EventsTable {
  tenant: string;
  seq: Generated<number>;
  message_id: string;
  type: string;
  at_ms: number;
  /** JSON object or null. */
  data: string | null;
}

export interface DeadLettersTable {
  tenant: string;
  message_id: string;
  /** Which of the message's deaths: its version then, so a later one is larger. */
  death: number;
  code: string;
  detail: string;
  lane: Lane;
  attempts: number;
  at_ms: number;
  redriven_at_ms: number | null;
  discarded_at_ms: number | null;
  discard_reason: string | null;
  /** Who was called last, if anybody was. */
  provider: string | null;
  /** Attempts used up, not refused for good. */
  transient: Generated<boolean>;
  /** How often it was handed out for inspection. */
  receives: Generated<number>;
  /** Until then it is not handed out again. */
  hidden_until_ms: number | null;
}

/** What an operator said of a lane. See `lane-states.ts`. */
export interface LaneStatesTable {
  tenant: string;
  lane: Lane;
  state: 'running' | 'paused' | 'draining';
  reason: string | null;
  actor: string;
  since_ms: number;
}

/** Messages that are worked on alone, and how often that began without an end. See `suspects.ts`. */
export interface SuspectsTable {
  tenant: string;
  message_id: string;
  stalls: number;
  at_ms: number;
}

export interface ConsentEventsTable {
  tenant: string;
  seq: Generated<number>;
  recipient: string;
  /** The event's own id: the same id twice is one event. */
  event_id: string;
  at_ms: number;
  /** JSON of the consent event as the compliance module defines it. */
  event: string;
}

export interface SuppressionsTable {
  tenant: string;
  seq: Generated<number>;
  recipient: string;
  /** Hash of the entry without its times: the same reason said again is one entry. */
  entry_key: string;
  since_ms: number;
  /** JSON of the entry as the compliance module defines it. */
  entry: string;
}

/** What counts towards frequency rules, from reservation on. */
export interface CapReservationsTable {
  tenant: string;
  key: string;
  message_id: string;
  at_ms: number;
  weight: Generated<number>;
  value: string | null;
}

/** One counter of frequency rules; see `caps.ts`. */
export interface CapKeysTable {
  tenant: string;
  key: string;
  version: number;
}

/** One do-not-contact registry's load: when it was current, so that staleness is known. */
export interface RegistrySnapshotsTable {
  tenant: string;
  registry: string;
  as_of_ms: number;
  entries: number;
  /** `store`: rows of `registry_entries`; `file`: sorted keys on disk; `http`: asked one by one. */
  kind: Generated<'store' | 'file' | 'http'>;
  /** Where the copy came from, in words. */
  source: string | null;
  /** Name of the file in the registry folder. */
  file: string | null;
  loaded_at_ms: number | null;
  /** JSON of an HTTP registry's settings. */
  settings: string | null;
}

/** Answers of registries that are asked, kept while they are fresh. */
export interface RegistryAnswersTable {
  tenant: string;
  registry: string;
  recipient: string;
  answer: string;
  checked_at_ms: number;
}

export interface InboundMessagesTable {
  tenant: string;
  id: string;
  /** Who wrote. */
  recipient: string;
  /** Our number or address that was written to. */
  sender: string;
  channel: Channel;
  /** JSON of what it meant. */
  wish: string;
  /** SHA-256 of the text; what a repeated id is compared with. */
  text_hash: string;
  at_ms: number;
  received_at_ms: number;
  /** JSON of what was done, as it was answered. */
  answer: string;
}

export interface ConsentImportsTable {
  tenant: string;
  id: string;
  file_name: string;
  file_hash: string;
  imported_by: string;
  started_at_ms: number;
  finished_at_ms: number | null;
  recorded: Generated<number>;
  repeated: Generated<number>;
  bad: Generated<number>;
}

export interface DenylistEntriesTable {
  tenant: string;
  seq: Generated<number>;
  id: string;
  kind: 'sender' | 'sender-pattern' | 'content-pattern';
  pattern: string;
  reason: string;
  source: string;
  created_at_ms: number;
  until_ms: number | null;
  ended_at_ms: number | null;
}

/** Moves with every change of a tenant's denylist, so that each process knows when to read it again. */
export interface DenylistVersionsTable {
  tenant: string;
  version: number;
}

/** See `reputation/standing.ts`. */
export interface SenderStandingTable {
  tenant: string;
  sender: string;
  reached: number;
  incidents: number;
  penalty: number;
  at_ms: number;
}

export interface RecipientHistoryTable {
  tenant: string;
  recipient: string;
  replied_at_ms: number | null;
  opted_in_at_ms: number | null;
  opted_out_at_ms: number | null;
}

export interface RegistryEntriesTable {
  tenant: string;
  registry: string;
  recipient: string;
  listed_since_ms: number | null;
}

/** Human labels, append-only. See `feedback.ts`. */
export interface FeedbackTable {
  tenant: string;
  seq: Generated<number>;
  id: string;
  /** SHA-256 of what was said; what a repeated id is compared with. */
  content_hash: string;
  fingerprint: string;
  /** Of a message of the store, whose body is then not copied. */
  message_id: string | null;
  body: string | null;
  label: Lane | null;
  risk: boolean | null;
  note: string | null;
  source: string;
  author: string;
  at_ms: number;
}

/** A recipient's data key, wrapped by the master key; see `pipeline/keys/keyring.ts`. */
export interface RecipientKeysTable {
  rid: string;
  tenant: string;
  /** Keyed hash of the address; null once erased. */
  tag: string | null;
  wrapped: string | null;
  created_at_ms: number;
  erased_at_ms: number | null;
}

/** See `pipeline/keys/dictionaries.ts`. */
export interface SealDictionariesTable {
  id: string;
  text: string;
}

/** One link of a writer's chain; see `pipeline/audit/entry.ts`. */
export interface AuditBlocksTable {
  writer: string;
  /** From 1 on without gaps. */
  block: number;
  at_ms: number;
  entries: number;
  prev_hash: string;
  hash: string;
}

/** See `AuditEntry` for the columns. Append-only. */
export interface AuditEntriesTable extends AuditEntry {
  writer: string;
  block: number;
  ord: number;
  entry_hash: string;
}

/** What all chains stood at, signed. */
export interface AuditCheckpointsTable {
  seq: number;
  at_ms: number;
  /** JSON object: writer to `[block, hash]`. */
  heads: string;
  prev_hash: string;
  hash: string;
  key_id: string;
  signature: string;
}

/** A whole set of packs; see `pipeline/rules/release.ts`. */
export interface RuleReleasesTable {
  version: string;
  /** SHA-256 of `packs`. */
  digest: string;
  packs: string;
  origin: string;
  made_at_ms: number;
}

/** Signed orders about releases, append-only; see `pipeline/rules/order.ts`. */
export interface RuleOrdersTable {
  seq: number;
  kind: string;
  version: string;
  digest: string;
  effective_at_ms: number;
  issued_at_ms: number;
  author: string;
  reason: string;
  key_id: string;
  signature: string;
}

export interface RuleShadowsTable {
  version: string;
  process: string;
  /** JSON of a report; see `pipeline/rules/shadow.ts`. */
  findings: string;
  updated_at_ms: number;
}

/** Objections of recipients who were erased, under the keyed hash of their address. */
export interface KeptObjectionsTable {
  tenant: string;
  tag: string;
  entry_key: string;
  since_ms: number;
  entry: string;
}

export interface FactsTable {
  tenant: string;
  /** Order of arrival. */
  seq: Generated<number>;
  scope: 'tenant' | 'sender' | 'recipient';
  /** The sender as the recipient sees it; of a recipient the keyed hash of the address; of a tenant nothing. */
  subject: string;
  path: string;
  /** JSON. */
  value: string;
  source: string;
  /** Since when it is so: of two the later counts. */
  as_of_ms: number;
  /** Exclusive; null: no end. */
  until_ms: number | null;
  recorded_at_ms: number;
}

/** What messages on hold may be waiting for; see `held.ts`. */
export interface HeldNewsTable {
  seq: Generated<number>;
  /** Null: all of them; so for recipient and sender. */
  tenant: string | null;
  recipient: string | null;
  sender: string | null;
  /** First and last of the consent events that came; null: other news. */
  consent_from: number | null;
  consent_to: number | null;
  seen_at_ms: number | null;
}

/** Texts too large for a row of messages; see `large-bodies.ts`. */
export interface LargeBodiesTable {
  tenant: string;
  ref: string;
  characters: number;
  wrapped: string;
  sealed: string;
  uses: Generated<number>;
}

export interface MetaTable {
  tenant: string;
  key: string;
  value: string;
}

export interface Database {
  messages: MessagesTable;
  idempotency_keys: IdempotencyKeysTable;
  attempts: AttemptsTable;
  receipts: ReceiptsTable;
  decisions: DecisionsTable;
  events: EventsTable;
  dead_letters: DeadLettersTable;
  lane_states: LaneStatesTable;
  suspects: SuspectsTable;
  consent_events: ConsentEventsTable;
  suppressions: SuppressionsTable;
  cap_reservations: CapReservationsTable;
  cap_keys: CapKeysTable;
  registry_snapshots: RegistrySnapshotsTable;
  registry_entries: RegistryEntriesTable;
  feedback: FeedbackTable;
  recipient_keys: RecipientKeysTable;
  seal_dictionaries: SealDictionariesTable;
  audit_blocks: AuditBlocksTable;
  audit_entries: AuditEntriesTable;
  audit_checkpoints: AuditCheckpointsTable;
  inbound_messages: InboundMessagesTable;
  consent_imports: ConsentImportsTable;
  registry_answers: RegistryAnswersTable;
  denylist_entries: DenylistEntriesTable;
  denylist_versions: DenylistVersionsTable;
  sender_standing: SenderStandingTable;
  recipient_history: RecipientHistoryTable;
  rule_releases: RuleReleasesTable;
  rule_orders: RuleOrdersTable;
  rule_shadows: RuleShadowsTable;
  kept_objections: KeptObjectionsTable;
  facts: FactsTable;
  held_news: HeldNewsTable;
  large_bodies: LargeBodiesTable;
  meta: MetaTable;
}

/** A connection or a transaction: what every function of the store takes. */
export type Db = Kysely<Database> | Transaction<Database>;
