import { createHmac } from 'node:crypto';
import { createTransport } from 'nodemailer';
import { z } from 'zod';
import type { Clock } from '../../../models/base/clock.ts';
import type { DeliveryOutcome, DeliveryRequest, Provider } from '../provider.ts';
import { type Secret, SecretRef } from '../secret.ts';
import { readDeliveryStatus } from './delivery-status.ts';
import { failureOf } from './failure.ts';
import { createUnsubscribeLinks, type UnsubscribeLinks } from './unsubscribe-link.ts';

const PLACES = ['tenant', 'messageId', 'to', 'token'] as const;
const unsubscribeUrl = z
  .string()
  .regex(/^https:\/\/[^/{]+\//, 'must begin with https://')
  .refine(
    (text) =>
      [...text.matchAll(/\{\{\s*(\w+)\s*\}\}/g)].every(([, name]) => PLACES.some((one) => one === name)),
    `may ask for ${PLACES.map((name) => `{{${name}}}`).join(', ')} only`,
  )
  .refine((text) => text.includes('{{'), 'must tell one recipient from another, e.g. by {{token}}');

const publicAddress = z
  .string()
  .regex(
    /^(?:https:\/\/[^/{}\s]+|http:\/\/(?:127\.0\.0\.1|localhost)(?::\d+)?)(?:\/[^{}\s]*)?$/,
    'must be an https:// address',
  )
  .transform((text) => text.replace(/\/+$/, ''));

/** A mail server that takes submissions. */
export const SmtpSpec = z
  .strictObject({
    kind: z.literal('smtp'),
    host: z.string().min(1),
    port: z.int().min(1).max(65_535).default(587),
    /** `starttls` and `tls` refuse to go on without a good certificate; `none` is for this machine only. */
    security: z.enum(['starttls', 'tls', 'none']).default('starttls'),
    caFile: z.string().optional(),
    auth: z.strictObject({ user: z.string().min(1), password: SecretRef }).optional(),
    /** Name that we greet with; default the machine's. */
    greetAs: z.string().optional(),
    /** Where delivery status notifications go; default the sender of each message. */
    returnPath: z.email().optional(),
    /** Asks for delivery status notifications where the server knows them. */
    dsn: z.boolean().default(true),
    /** Signs notifications that are posted to the receipts door. */
    receiptSecret: SecretRef.optional(),
    /**
     * One-click unsubscription (RFC 8058), for promotional mail: by Laneway's own door at its public address
     * (`hosted`), or by a page of yours (`url`).
     */
    unsubscribe: z
      .strictObject({
        hosted: publicAddress.optional(),
        url: unsubscribeUrl.optional(),
        mailto: z.email().optional(),
        secret: SecretRef.optional(),
      })
      .refine((given) => (given.hosted === undefined) !== (given.url === undefined), {
        error: 'needs either hosted or url',
      })
      .refine(
        (given) =>
          given.secret !== undefined || !(given.hosted !== undefined || given.url?.includes('token')),
        { path: ['secret'], error: 'is needed for {{token}} and for hosted links' },
      )
      .optional(),
    dkim: z
      .strictObject({ domain: z.string().min(1), selector: z.string().min(1), key: SecretRef })
      .optional(),
    connections: z.int().min(1).max(100).default(5),
    messagesPerConnection: z.int().min(1).max(100_000).default(100),
    timeoutMs: z.int().min(100).max(300_000).default(20_000),
  })
  .refine(({ security, host }) => security !== 'none' || /^(?:127\.|localhost$|::1$)/.test(host), {
    path: ['security'],
    error: 'may be none for a server on this machine only',
  });
export type SmtpSpec = z.infer<typeof SmtpSpec>;

export interface SmtpParts {
  readonly clock: Clock;
  readonly secret: (ref: SecretRef, field: string) => Secret;
  /** PEM of `caFile`. */
  readonly ca?: string;
}

/**
 * E-mail through a mail server, over a pool of connections. A message is known by its envelope id (RFC 3461), which
 * comes back in notifications; mail servers know no idempotency keys.
 */
export function createSmtpProvider(name: string, spec: SmtpSpec, parts: SmtpParts): Provider {
  const { secret } = parts;
  const receiptSecret = spec.receiptSecret && secret(spec.receiptSecret, 'receiptSecret');
  const tokenSecret = spec.unsubscribe?.secret && secret(spec.unsubscribe.secret, 'unsubscribe.secret');
  const hosted = spec.unsubscribe?.hosted;
  const links =
    hosted === undefined || !tokenSecret ? undefined : createUnsubscribeLinks(tokenSecret, name, hosted);
  const pool = createTransport({
    pool: true,
    host: spec.host,
    port: spec.port,
    secure: spec.security === 'tls',
    requireTLS: spec.security === 'starttls',
    ignoreTLS: spec.security === 'none',
    ...(spec.greetAs === undefined ? {} : { name: spec.greetAs }),
    ...(spec.auth
      ? { auth: { user: spec.auth.user, pass: secret(spec.auth.password, 'auth.password').reveal() } }
      : {}),
    tls: { minVersion: 'TLSv1.2', ...(parts.ca === undefined ? {} : { ca: parts.ca }) },
    ...(spec.dkim
      ? {
          dkim: {
            domainName: spec.dkim.domain,
            keySelector: spec.dkim.selector,
            privateKey: secret(spec.dkim.key, 'dkim.key').reveal(),
          },
        }
      : {}),
    maxConnections: spec.connections,
    maxMessages: spec.messagesPerConnection,
    // A message whose connection broke may have been taken: whoever knows the policy decides, not the pool.
    maxRequeues: 0,
    connectionTimeout: spec.timeoutMs,
    greetingTimeout: spec.timeoutMs,
    socketTimeout: spec.timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  let closed = false;

  async function send(request: DeliveryRequest): Promise<DeliveryOutcome> {
    const domain = request.from.slice(request.from.lastIndexOf('@') + 1);
    try {
      await pool.sendMail({
        envelope: { from: spec.returnPath ?? request.from, to: request.to },
        from: request.from,
        to: request.to,
        subject: request.subject ?? '',
        text: request.body,
        messageId: `<${request.idempotencyKey}@${domain}>`,
        headers: request.lane === 'promotional' ? unsubscription(spec, request, links, tokenSecret) : {},
        ...(spec.dsn
          ? {
              dsn: {
                id: request.idempotencyKey,
                return: 'headers' as const,
                notify: ['success', 'failure', 'delay'],
                recipient: request.to,
              },
            }
          : {}),
      });
      return { kind: 'taken', providerRef: request.idempotencyKey };
    } catch (error) {
      return failureOf(error, request);
    }
  }

  return {
    name,
    channels: ['email'],
    honoursKeys: false,
    maxBatch: Math.min(1_000, 10 * spec.connections),
    async deliver(requests) {
      if (closed) {
        const shut = { kind: 'retry', code: 'CLOSED', detail: 'this process is stopping' } as const;
        return requests.map(() => shut);
      }
      return Promise.all(requests.map(send));
    },
    onReceipts() {
      // Notifications are mail: whatever receives it posts them to the receipts door.
    },
    async readWebhook(request) {
      if (!receiptSecret) return { kind: 'malformed', detail: 'no receiptSecret is configured' };
      return readDeliveryStatus(receiptSecret, request, parts.clock());
    },
    readUnsubscription: (token) => links?.read(token),
    async ping() {
      if (closed) throw new Error('closed');
      await pool.verify();
    },
    async close() {
      if (closed) return;
      closed = true;
      pool.close();
    },
  };
}

/** `List-Unsubscribe` with `List-Unsubscribe-Post` (RFC 2369, RFC 8058): one click, no page in between. */
function unsubscription(
  { unsubscribe }: SmtpSpec,
  request: DeliveryRequest,
  links: UnsubscribeLinks | undefined,
  tokenSecret: Secret | undefined,
): Record<string, string> {
  if (!unsubscribe) return {};
  const values: Readonly<Record<(typeof PLACES)[number], string>> = {
    tenant: request.tenant,
    messageId: request.messageId,
    to: request.to,
    token: tokenSecret === undefined ? '' : unsubscribeToken(tokenSecret, request),
  };
  const filled = unsubscribe.url?.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, place: (typeof PLACES)[number]) =>
    encodeURIComponent(values[place]),
  );
  const url = filled ?? links?.of(request) ?? '';
  const mail =
    unsubscribe.mailto === undefined
      ? ''
      : `, <mailto:${unsubscribe.mailto}?subject=unsubscribe%20${request.messageId}>`;
  return { 'List-Unsubscribe': `<${url}>${mail}`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' };
}

/** Proves that a link to unsubscribe is ours: HMAC-SHA256 of tenant and message, base64url. */
export function unsubscribeToken(
  secret: Secret,
  { tenant, messageId }: Pick<DeliveryRequest, 'tenant' | 'messageId'>,
): string {
  return createHmac('sha256', secret.reveal()).update(`${tenant}\n${messageId}`).digest('base64url');
}
