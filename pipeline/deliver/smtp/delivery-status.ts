import PostalMime from 'postal-mime';
import { redact } from '../detail.ts';
import { signatureFault } from '../http/signature.ts';
import type { Receipt, WebhookReading, WebhookRequest } from '../provider.ts';
import type { Secret } from '../secret.ts';

const ACTIONS: Readonly<Record<string, Receipt['status']>> = {
  delivered: 'delivered',
  failed: 'undelivered',
};

/** `Name: value` fields of one block, names in lower case, folded lines joined. */
function fieldsOf(block: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of block.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon > 0) fields.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  return fields;
}

/**
 * A delivery status notification (RFC 3464) as mail, posted with `X-Laneway-Signature: sha256=<hex>`, HMAC-SHA256 of
 * the body. The message is known by its envelope id.
 */
export async function readDeliveryStatus(
  secret: Secret,
  request: WebhookRequest,
  nowMs: number,
): Promise<WebhookReading> {
  const spec = {
    kind: 'hmac',
    algorithm: 'sha256',
    header: 'X-Laneway-Signature',
    encoding: 'hex',
    prefix: 'sha256=',
    secret: { env: '-' },
  } as const;
  const fault = signatureFault(spec, secret, request, nowMs);
  if (fault !== undefined) return { kind: 'forged', detail: fault };
  const mail = await PostalMime.parse(request.body, {
    forceRfc822Attachments: true,
    attachmentEncoding: 'utf8',
  });
  const report = mail.attachments.find(({ mimeType }) => mimeType === 'message/delivery-status');
  if (!report) return { kind: 'malformed', detail: 'the mail has no part of type message/delivery-status' };
  const text =
    typeof report.content === 'string'
      ? report.content
      : Buffer.from(report.content as ArrayBuffer).toString();
  const [about, ...recipients] = text.split(/\r?\n(?:[ \t]*\r?\n)+/).map(fieldsOf);
  const providerRef = about?.get('original-envelope-id');
  if (providerRef === undefined)
    return { kind: 'malformed', detail: 'the report has no Original-Envelope-Id' };
  const receipts: Receipt[] = [];
  let ignored = 0;
  for (const fields of recipients.filter((one) => one.has('action'))) {
    const status = ACTIONS[fields.get('action')!.toLowerCase()];
    if (status === undefined) ignored++;
    else
      receipts.push({
        providerRef,
        status,
        atMs: nowMs,
        detail: redact(`status ${fields.get('status') ?? 'unknown'}`),
      });
  }
  return { kind: 'receipts', receipts, ignored };
}
