import type { z } from 'zod';
import { redact } from '../detail.ts';
import type { Receipt, WebhookReading, WebhookRequest } from '../provider.ts';
import type { Secret } from '../secret.ts';
import { jsonOf } from './answer.ts';
import { signatureFault } from './signature.ts';
import type { ReceiptSpec } from './spec.ts';
import { at, textAt } from './template.ts';

function contentOf(request: WebhookRequest): unknown {
  const text = Buffer.from(request.body).toString('utf8');
  const type = request.headers['content-type'] ?? '';
  return type.startsWith('application/x-www-form-urlencoded')
    ? Object.fromEntries(new URLSearchParams(text))
    : jsonOf(text);
}

/** ISO 8601, or seconds or milliseconds since the epoch; what cannot be read is now. */
function timeOf(text: string | undefined, nowMs: number): number {
  if (text === undefined) return nowMs;
  if (/^\d{9,11}$/.test(text)) return Number(text) * 1_000;
  const ms = /^\d{12,14}$/.test(text) ? Number(text) : Date.parse(text);
  return Number.isFinite(ms) ? ms : nowMs;
}

/** Checks the signature, then reads the receipts; what is not final is counted and left. */
export function readReceipts(
  spec: z.infer<typeof ReceiptSpec>,
  secret: Secret,
  request: WebhookRequest,
  nowMs: number,
): WebhookReading {
  const signed = spec.url === undefined ? request : { ...request, url: spec.url };
  const fault = signatureFault(spec.signature, secret, signed, nowMs);
  if (fault !== undefined) return { kind: 'forged', detail: fault };
  const content = contentOf(request);
  if (content === undefined || content === null) return { kind: 'malformed', detail: 'the body is not JSON' };
  const entries = spec.list === undefined ? [content] : at(content, spec.list);
  if (!Array.isArray(entries)) return { kind: 'malformed', detail: `there is no list at ${spec.list}` };
  const receipts: Receipt[] = [];
  let ignored = 0;
  for (const [i, entry] of entries.entries()) {
    const [ref, status] = [textAt(entry, spec.ref), textAt(entry, spec.status)];
    if (ref === undefined || status === undefined) {
      return { kind: 'malformed', detail: `entry ${i} has no ${ref === undefined ? spec.ref : spec.status}` };
    }
    const detail = textAt(entry, spec.detail);
    const about = {
      providerRef: ref,
      atMs: timeOf(textAt(entry, spec.at), nowMs),
      ...(detail === undefined ? {} : { detail: redact(detail) }),
    };
    if (spec.delivered.includes(status)) receipts.push({ ...about, status: 'delivered' });
    else if (spec.undelivered.includes(status)) receipts.push({ ...about, status: 'undelivered' });
    else ignored++;
  }
  return { kind: 'receipts', receipts, ignored };
}
