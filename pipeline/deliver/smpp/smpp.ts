import pLimit from 'p-limit';
import type { Pdu } from 'smpp';
import { z } from 'zod';
import type { Clock } from '../../../models/base/clock.ts';
import type { Random } from '../../../models/base/random.ts';
import type {
  DeliveryOutcome,
  DeliveryRequest,
  InboundListener,
  Provider,
  ReceiptListener,
} from '../provider.ts';
import { type Secret, SecretRef } from '../secret.ts';
import { createInboundTexts, textOf, WAIT_MS, type Whole } from './inbound.ts';
import { createJoinedReceipts } from './joined.ts';
import { openLink, type Submitted } from './link.ts';
import { addressOf, encodeParts } from './parts.ts';
import { failureOf, receiptOf } from './status.ts';

/** A carrier that speaks SMPP 3.4. */
export const SmppSpec = z.strictObject({
  kind: z.literal('smpp'),
  host: z.string().min(1),
  port: z.int().min(1).max(65_535).default(2_775),
  tls: z.boolean().default(false),
  /** PEM of the authority that signed the carrier's certificate, where it is not a public one. */
  caFile: z.string().optional(),
  systemId: z.string().min(1).max(15),
  password: SecretRef,
  systemType: z.string().max(12).default(''),
  /** Submissions without an answer at a time. */
  window: z.int().min(1).max(1_000).default(10),
  enquireSeconds: z.number().min(0.05).max(600).default(15),
  timeoutMs: z.int().min(100).max(120_000).default(10_000),
  /** Some carriers answer with a hexadecimal id and write it in decimal into the receipt. */
  receiptIds: z.enum(['same', 'decimal']).default('same'),
});
export type SmppSpec = z.infer<typeof SmppSpec>;

export interface SmppParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly password: Secret;
  readonly ca?: string;
  readonly report: (error: unknown, doing: string) => void;
}

/** `esm_class`: bits 2 to 5 say what a `deliver_sm` is; this one is a receipt. */
const IS_RECEIPT = 0x04;
const MESSAGE_KINDS = 0x3c;
/** Success and final failure. */
const WANT_RECEIPT = 1;
const TRY_AGAIN_STATUS = 0x64;
/** A later part of a long message is offered again this often while the carrier is busy. */
const PART_TRIES = 5;

/**
 * SMPP 3.4 over one transceiver session: submissions in a window, long messages in parts, receipts acknowledged when
 * they are on record. SMPP knows no idempotency keys.
 */
export function createSmppProvider(name: string, spec: SmppSpec, parts: SmppParts): Provider {
  const { clock, random } = parts;
  const joined = createJoinedReceipts();
  const window = pLimit(spec.window);
  const inbound = createInboundTexts();
  const alone = pLimit(1);
  let listeners: readonly ReceiptListener[] = [];
  let readers: readonly InboundListener[] = [];
  let reference = random.below(256);
  let closed = false;
  const link = openLink({
    host: spec.host,
    port: spec.port,
    tls: spec.tls,
    ca: parts.ca,
    systemId: spec.systemId,
    password: parts.password.reveal(),
    systemType: spec.systemType,
    enquireMs: spec.enquireSeconds * 1_000,
    answerMs: spec.timeoutMs,
    random,
    onDeliver,
    onFault: (fault) => parts.report(new Error(`${name}: ${fault}`), 'keeping SMPP sessions'),
  });

  async function onDeliver(pdu: Pdu): Promise<number> {
    if (((pdu.esm_class ?? 0) & MESSAGE_KINDS) !== IS_RECEIPT) return onWritten(pdu);
    const receipt = receiptOf(textOf(pdu), { id: pdu.receipted_message_id, state: pdu.message_state });
    if (receipt?.status === undefined) return 0;
    const id = spec.receiptIds === 'decimal' ? hexOf(receipt.id) : receipt.id;
    const told = joined.settle(id, receipt.status);
    if (!told) return 0;
    const { ref, status } = told;
    try {
      const receipts = [{ providerRef: ref, status, atMs: clock(), detail: receipt.detail }];
      await Promise.all(listeners.map((listener) => listener(receipts)));
      return 0;
    } catch {
      return TRY_AGAIN_STATUS;
    }
  }

  async function passOn({ from, to, text, done }: Whole, atMs: number): Promise<void> {
    await Promise.all(readers.map((read) => read({ from, to, text, channel: 'sms', atMs })));
    done();
  }

  /** What people write: acknowledged when it is done, or the carrier brings it again. */
  async function onWritten(pdu: Pdu): Promise<number> {
    const atMs = clock();
    try {
      const whole = inbound.add(pdu, atMs);
      if (whole) await passOn(whole, atMs);
      return 0;
    } catch (error) {
      parts.report(error, 'taking what a person wrote');
      return TRY_AGAIN_STATUS;
    }
  }

  /** Parts are acknowledged one by one: a text of which one never comes may be a STOP nevertheless. */
  const passOverdue = (nowMs: number): Promise<void> =>
    alone(async () => {
      for (const text of inbound.overdue(nowMs)) {
        try {
          await passOn(text, clock());
        } catch (error) {
          parts.report(error, 'taking what a person wrote');
        }
      }
    });
  const looking = setInterval(() => void passOverdue(clock()), WAIT_MS / 4);
  looking.unref();

  const submit = (fields: Readonly<Record<string, unknown>>): Promise<Submitted> =>
    window(() => link.submit(fields));

  async function send(request: DeliveryRequest): Promise<DeliveryOutcome> {
    reference = (reference + 1) & 0xff;
    const encoded = encodeParts(request.body, reference);
    if (!encoded) return { kind: 'refused', code: 'TOO_LONG', detail: 'the body needs more than 255 parts' };
    const [source, destination] = [addressOf(request.from), addressOf(request.to)];
    const common = {
      source_addr_ton: source.ton,
      source_addr_npi: source.npi,
      source_addr: source.addr,
      dest_addr_ton: destination.ton,
      dest_addr_npi: destination.npi,
      destination_addr: destination.addr,
      registered_delivery: WANT_RECEIPT,
      data_coding: encoded.dataCoding,
    };
    const group = joined.begin();
    let ref: string | undefined;
    for (const part of encoded.parts) {
      const outcome = await sendPart({ ...common, short_message: part }, ref !== undefined);
      if (outcome.kind !== 'taken') {
        if (ref === undefined) return outcome;
        return { kind: 'ambiguous', code: 'PARTLY_TAKEN', detail: `a later part failed: ${outcome.code}` };
      }
      const id = spec.receiptIds === 'decimal' ? outcome.providerRef.toUpperCase() : outcome.providerRef;
      ref ??= id;
      group.add(id);
    }
    group.end();
    return { kind: 'taken', providerRef: ref! };
  }

  /** @param begun parts before it were taken, so this one is worth waiting for */
  async function sendPart(
    fields: Readonly<Record<string, unknown>>,
    begun: boolean,
  ): Promise<DeliveryOutcome> {
    for (let tries = 1; ; tries++) {
      const outcome = outcomeOf(await submit(fields));
      if (!begun || outcome.kind !== 'retry' || outcome.cause !== 'rate' || tries >= PART_TRIES)
        return outcome;
      await new Promise((resolve) => setTimeout(resolve, outcome.retryAfterMs));
    }
  }

  return {
    name,
    channels: ['sms'],
    honoursKeys: false,
    maxBatch: Math.min(1_000, 2 * spec.window),
    async deliver(requests) {
      if (closed) {
        const shut = { kind: 'retry', code: 'CLOSED', detail: 'this process is stopping' } as const;
        return requests.map(() => shut);
      }
      return Promise.all(requests.map(send));
    },
    onReceipts(listener) {
      listeners = [...listeners, listener];
    },
    onInbound(listener) {
      readers = [...readers, listener];
    },
    async ping() {
      if (link.fault !== undefined) throw new Error(link.fault);
    },
    async close() {
      if (closed) return;
      closed = true;
      clearInterval(looking);
      await link.close();
      await passOverdue(Number.POSITIVE_INFINITY);
    },
  };
}

function outcomeOf(submitted: Submitted): DeliveryOutcome {
  switch (submitted.kind) {
    case 'unsent':
      return { kind: 'retry', code: 'UNREACHABLE', detail: submitted.why };
    case 'lost':
      return { kind: 'ambiguous', code: 'ANSWER_LOST', detail: submitted.why };
    case 'answer': {
      const { command_status: status, message_id: id } = submitted.pdu;
      if (status !== 0) return failureOf(status);
      if (id) return { kind: 'taken', providerRef: id };
      return { kind: 'ambiguous', code: 'BAD_ANSWER', detail: 'taken without a message id' };
    }
  }
}

function hexOf(decimal: string): string {
  return /^\d+$/.test(decimal) ? BigInt(decimal).toString(16).toUpperCase() : decimal;
}
