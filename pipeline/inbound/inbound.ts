import { sql } from 'kysely';
import type { Clock } from '../../models/base/clock.ts';
import { LanewayError } from '../../models/base/errors.ts';
import { canonicalJson } from '../../models/base/json.ts';
import { sha256 } from '../../models/base/sha256.ts';
import { checkSender } from '../accept/address.ts';
import { transact } from '../audit/optional.ts';
import type { Append, AuditTrail } from '../audit/trail.ts';
import type { Channel } from '../comply/channel.ts';
import {
  COMPLAINT,
  type InboundOrigin,
  type InboundWish,
  inboundWish,
  liftedBy,
  ONE_CLICK,
  OPT_OUT_REASONS,
  startConsequences,
  stopConsequences,
} from '../comply/consent/opt-out.ts';
import type { SuppressionEntry } from '../comply/facts.ts';
import { addIncidents } from '../reputation/store.ts';
import { type NewMessage, storeAccepted } from '../store/accept.ts';
import { storeConsent } from '../store/consent.ts';
import { createSuppressionList } from '../store/contacts.ts';
import type { Store } from '../store/open.ts';
import { orderKeyOf } from '../store/order-key.ts';
import { recordset } from '../store/recordset.ts';
import type { Db } from '../store/schema.ts';
import { takeSteps } from '../store/transition.ts';
import { confirmationText, houseVerdict } from './confirmation.ts';

/** What a person wrote to one of our numbers or addresses. */
export interface InboundMessage {
  /** As whoever brings it calls it; the same id twice is one message. */
  readonly id: string;
  /** The person. */
  readonly recipient: string;
  /** Ours: number, short code, name or address. */
  readonly sender: string;
  readonly channel: Channel;
  readonly text: string;
  /** Not written by the person: they reported a message of ours as spam (a button, a carrier's feedback loop). */
  readonly complaint?: boolean | undefined;
  /** Not written either: they followed the unsubscription link of a mail. */
  readonly oneClick?: boolean | undefined;
  readonly atMs: number;
  /** Only this brand of the tenant was meant. */
  readonly brand?: string | undefined;
}

/** What was done about it. */
export interface InboundAnswer {
  readonly id: string;
  readonly wish: InboundWish;
  /** Did it change what the person may be sent? */
  readonly changed: boolean;
  /** Id of the one confirmation, when this message is what made it. */
  readonly confirmation: string | null;
  /** Why there is none: nothing to confirm, confirmed before, said too long ago, no way to answer, or not asked for. */
  readonly noConfirmation: 'no-stop' | 'confirmed-before' | 'too-late' | 'no-way-back' | 'complaint' | null;
  /** Messages that a provider had in hand at that moment: they may still arrive, and are not tried again. */
  readonly inHand: readonly string[];
  /** This id was answered before; nothing was done again. */
  readonly repeated: boolean;
}

export interface InboundDesk {
  /**
   * Reads what a person wrote and does it, all in one transaction: ledger, suppression list, confirmation. Repeats and
   * concurrent deliveries of one id, and several stops at once, come to one change and one confirmation.
   *
   * @throws LanewayError `INBOUND_ID_REUSED`: the id was used for another text
   */
  take(tenant: string, inbound: InboundMessage): Promise<InboundAnswer>;
}

export interface InboundOptions {
  readonly store: Pick<Store, 'urgent'>;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly trail?: AuditTrail | undefined;
  /** Sends what was stored on its way; a failure is made good by the reconciler. */
  readonly onward: (message: NewMessage) => Promise<void>;
}

/** A confirmation is sent within five minutes of the stop, or not at all (47 CFR 64.1200(a)(12)). */
const CONFIRM_WITHIN_MS = 5 * 60_000;
const ANSWERED: ReadonlySet<Channel> = new Set(['sms', 'mms', 'rcs', 'whatsapp']);

type Stored = Omit<InboundAnswer, 'id' | 'wish' | 'repeated'>;
const UNCHANGED: Stored = { changed: false, confirmation: null, noConfirmation: 'no-stop', inHand: [] };

export function createInboundDesk(options: InboundOptions): InboundDesk {
  const { store, clock, newId, trail, onward } = options;
  return {
    async take(tenant, inbound) {
      const { id, recipient, text } = inbound;
      const complaint = inbound.complaint === true;
      const wish = complaint ? COMPLAINT : inbound.oneClick ? ONE_CLICK : inboundWish(text);
      const said = { recipient, sender: inbound.sender, text };
      const textHash = sha256(canonicalJson(complaint ? { ...said, complaint } : said));
      let sent: NewMessage | undefined;
      const answer = await transact(store.urgent, trail, [{ tenant, recipient }], async (tx, append) => {
        // Whatever this person writes is taken one after the other.
        await sql`select pg_advisory_xact_lock(hashtextextended(${`${tenant}|${recipient}`}, 5))`.execute(tx);
        const nowMs = clock();
        const fresh = await tx
          .insertInto('inbound_messages')
          .values({
            tenant,
            id,
            recipient,
            sender: inbound.sender,
            channel: inbound.channel,
            wish: canonicalJson(wish),
            text_hash: textHash,
            at_ms: inbound.atMs,
            received_at_ms: nowMs,
            answer: '',
          })
          .onConflict((oc) => oc.columns(['tenant', 'id']).doNothing())
          .returning('id')
          .executeTakeFirst();
        if (!fresh) return answeredBefore(tx, tenant, id, textHash);
        const done = await follow(tx, append, tenant, inbound, wish, nowMs);
        await tx
          .updateTable('inbound_messages')
          .set({ answer: canonicalJson(done) })
          .where('tenant', '=', tenant)
          .where('id', '=', id)
          .execute();
        return { id, wish, repeated: false, ...done };
      });
      // After the commit: what is in a queue must be in the store.
      if (sent) await onward(sent);
      return answer;

      async function follow(
        tx: Db,
        append: Append,
        tenantOf: string,
        message: InboundMessage,
        wanted: InboundWish,
        nowMs: number,
      ): Promise<Stored> {
        switch (wanted.kind) {
          case 'stop': {
            const { stored, message: confirmation } = await stop(
              tx,
              append,
              tenantOf,
              message,
              wanted,
              nowMs,
            );
            sent = confirmation;
            return stored;
          }
          case 'start':
            await heard(tx, tenantOf, message);
            return start(tx, append, tenantOf, message);
          case 'help':
          case 'none':
            await heard(tx, tenantOf, message);
            return UNCHANGED;
        }
      }
    },
  };

  async function stop(
    tx: Db,
    append: Append,
    tenant: string,
    inbound: InboundMessage,
    wish: Extract<InboundWish, { kind: 'stop' }>,
    nowMs: number,
  ): Promise<{ stored: Stored; message?: NewMessage }> {
    const { recipient, sender, channel } = inbound;
    const { event, suppression } = stopConsequences(wish, originOf(inbound));
    const list = createSuppressionList(tx);
    const before = await list.entries(tenant, recipient);
    const stoppedBefore = before.some((entry) => covers(entry, suppression));
    const isLate = nowMs - inbound.atMs > CONFIRM_WITHIN_MS;
    const canAnswer = ANSWERED.has(channel) && checkSender(channel, sender).ok;
    const isComplaint = wish.by === 'complaint';
    const late = isLate ? 'too-late' : canAnswer ? null : 'no-way-back';
    // Whoever reported us must not get one more message for it.
    const none = isComplaint ? 'complaint' : stoppedBefore ? 'confirmed-before' : late;
    const message = none === null ? confirmationOf(tenant, inbound, wish, newId(), nowMs) : undefined;
    await storeConsent(tx, tenant, [{ recipient, event }]);
    // A complaint says more than a stop before it, and cannot be taken back by the person alone.
    const complainedBefore = before.some(
      (entry) => entry.reason === 'complaint' && covers(entry, suppression),
    );
    const changes = isComplaint ? !complainedBefore : !stoppedBefore;
    if (changes) {
      await list.add(tenant, recipient, {
        ...suppression,
        ...(message === undefined ? {} : { exceptMessage: message.id }),
      });
      const kind = isComplaint ? 'complaint' : 'opt-out';
      await addIncidents(tx, [{ tenant, sender, kind, atMs: inbound.atMs }]);
    }
    await append([
      {
        kind: 'consent',
        tenant,
        atMs: nowMs,
        subject: isComplaint ? 'inbound.complaint' : 'inbound.stop',
        recipient,
        channel,
        outcome: wish.scope,
        payload: {
          inbound: inbound.id,
          sender,
          by: wish.by,
          event,
          stoppedBefore,
          confirmation: message?.id ?? null,
        },
      },
    ]);
    if (message) await storeConfirmation(tx, message, nowMs);
    const inHand = await tellInHand(tx, tenant, inbound, wish, nowMs);
    return {
      stored: {
        changed: changes,
        confirmation: message?.id ?? null,
        noConfirmation: none,
        inHand,
      },
      ...(message ? { message } : {}),
    };
  }

  async function start(tx: Db, append: Append, tenant: string, inbound: InboundMessage): Promise<Stored> {
    const { recipient, channel } = inbound;
    const event = startConsequences(originOf(inbound));
    const list = createSuppressionList(tx);
    const lifted = liftedBy(event, await list.entries(tenant, recipient));
    await storeConsent(tx, tenant, [{ recipient, event }]);
    for (const entry of lifted) await list.add(tenant, recipient, { ...entry, untilMs: inbound.atMs });
    await append([
      {
        kind: 'consent',
        tenant,
        atMs: inbound.atMs,
        subject: 'inbound.start',
        recipient,
        channel,
        payload: { inbound: inbound.id, event, lifted },
      },
    ]);
    return { ...UNCHANGED, changed: true };
  }
}

const originOf = ({ id, atMs, channel, brand }: InboundMessage): InboundOrigin => ({
  id,
  atMs,
  channel,
  brand,
});

/** Does an entry in force already stop all that the new one would? */
const covers = (entry: SuppressionEntry, wanted: SuppressionEntry): boolean =>
  OPT_OUT_REASONS.has(entry.reason) &&
  (entry.untilMs === undefined || entry.untilMs > wanted.sinceMs) &&
  (entry.purpose === 'all' || entry.purpose === wanted.purpose) &&
  (entry.channel === 'any' || entry.channel === wanted.channel) &&
  (entry.brand === undefined || entry.brand === wanted.brand);

async function answeredBefore(tx: Db, tenant: string, id: string, textHash: string): Promise<InboundAnswer> {
  const row = await tx
    .selectFrom('inbound_messages')
    .select(['wish', 'text_hash', 'answer'])
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  if (row.text_hash !== textHash) {
    throw new LanewayError('INBOUND_ID_REUSED', 'the id was used for another inbound message', {
      where: '/id',
      fix: 'Give every inbound message an id of its own, and repeat it only with the same message.',
    });
  }
  const wish = JSON.parse(row.wish) as InboundWish;
  return { id, wish, ...(JSON.parse(row.answer) as Stored), repeated: true };
}

/** Remembers that the person is there: they wrote, and not to end it. */
async function heard(tx: Db, tenant: string, { recipient, atMs }: InboundMessage): Promise<void> {
  await sql`insert into recipient_history (tenant, recipient, replied_at_ms) values (${tenant}, ${recipient}, ${atMs})
    on conflict (tenant, recipient) do update
      set replied_at_ms = greatest(recipient_history.replied_at_ms, excluded.replied_at_ms)`.execute(tx);
}

function confirmationOf(
  tenant: string,
  inbound: InboundMessage,
  wish: Extract<InboundWish, { kind: 'stop' }>,
  id: string,
  nowMs: number,
): NewMessage {
  const { sender, recipient, channel, brand } = inbound;
  return {
    tenant,
    id,
    state: 'accepted',
    lane: 'transactional',
    order_key: orderKeyOf(tenant, sender, recipient),
    channel,
    sender,
    recipient,
    subject: null,
    body: confirmationText(wish.language, wish.scope, brand),
    claim: null,
    metadata: canonicalJson({
      purpose: 'opt-out-confirmation',
      ...(brand === undefined ? {} : { sender: { brand } }),
    }),
    accepted_at_ms: nowMs,
    send_at_ms: null,
    expires_at_ms: inbound.atMs + CONFIRM_WITHIN_MS,
    idempotency_key: null,
    body_hash: '',
  };
}

/** Stores the confirmation as classified: the text is ours, so no model is asked what it is. */
async function storeConfirmation(tx: Db, message: NewMessage, nowMs: number): Promise<void> {
  const { tenant, id, body } = message;
  await storeAccepted(tx, [message]);
  await takeSteps(tx, [
    {
      tenant,
      id,
      version: 1,
      to: 'queued',
      lane: 'transactional',
      atMs: nowMs,
      event: 'classified',
      data: canonicalJson({ class: 'transactional', because: 'house-text' }),
      verdict: JSON.stringify(houseVerdict(body)),
    },
  ]);
}

/** Messages of this conversation that a provider has in hand: it is said on their timeline. */
async function tellInHand(
  tx: Db,
  tenant: string,
  { id, sender, recipient }: InboundMessage,
  { scope }: Extract<InboundWish, { kind: 'stop' }>,
  nowMs: number,
): Promise<string[]> {
  const found = await sql<{ id: string }>`
    select m.id from messages m
    where m.tenant = ${tenant} and m.order_key = ${orderKeyOf(tenant, sender, recipient)} and m.state = 'sending'
      and (${scope} = 'all' or m.lane = 'promotional') order by m.seq`.execute(tx);
  const ids = found.rows.map((row) => row.id);
  const data = canonicalJson({ inbound: id, scope });
  await sql`insert into events (tenant, message_id, type, at_ms, data)
    select ${tenant}, id, 'opt-out-in-hand', ${nowMs}::bigint, ${data}
    from ${recordset(
      { id: 'text' },
      ids.map((one) => ({ id: one })),
    )}`.execute(tx);
  return ids;
}
