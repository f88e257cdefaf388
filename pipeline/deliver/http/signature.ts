import { createHmac, timingSafeEqual } from 'node:crypto';
import type { WebhookRequest } from '../provider.ts';
import type { Secret } from '../secret.ts';
import type { SignatureSpec } from './spec.ts';

/** A call whose own time is further off than this is a replay or a forgery. */
const TOLERANCE_MS = 300_000;

function same(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** A Unix time in seconds close to ours. */
function isFresh(seconds: string | undefined, nowMs: number): boolean {
  return (
    seconds !== undefined &&
    /^\d{1,12}$/.test(seconds) &&
    Math.abs(Number(seconds) * 1_000 - nowMs) <= TOLERANCE_MS
  );
}

/**
 * Is the call from who holds the secret? Compares in constant time.
 *
 * @returns what is wrong, or undefined
 */
export function signatureFault(
  spec: SignatureSpec,
  secret: Secret,
  request: WebhookRequest,
  nowMs: number,
): string | undefined {
  switch (spec.kind) {
    case 'hmac': {
      const given = request.headers[spec.header.toLowerCase()];
      if (given === undefined) return `the header ${spec.header} is missing`;
      if (!given.startsWith(spec.prefix)) return `the header ${spec.header} has another form`;
      const mac = createHmac(spec.algorithm, secret.reveal());
      if (spec.timestampHeader !== undefined) {
        const at = request.headers[spec.timestampHeader.toLowerCase()];
        if (!isFresh(at, nowMs)) return `the time in ${spec.timestampHeader} is missing or too far off`;
        mac.update(`${at}.`);
      }
      const right = mac.update(request.body).digest();
      const ours = Buffer.from(given.slice(spec.prefix.length), spec.encoding);
      return same(right, ours) ? undefined : 'the signature does not match';
    }
    case 'standard-webhooks': {
      const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': given } = request.headers;
      if (id === undefined || given === undefined)
        return 'the headers webhook-id or webhook-signature are missing';
      if (!isFresh(at, nowMs)) return 'webhook-timestamp is missing or too far off';
      const key = Buffer.from(secret.reveal().replace(/^whsec_/, ''), 'base64');
      const right = createHmac('sha256', key).update(`${id}.${at}.`).update(request.body).digest();
      const matches = given
        .split(' ')
        .some((one) => one.startsWith('v1,') && same(right, Buffer.from(one.slice(3), 'base64')));
      return matches ? undefined : 'no signature matches';
    }
    case 'twilio': {
      const given = request.headers['x-twilio-signature'];
      if (given === undefined) return 'the header X-Twilio-Signature is missing';
      const fields = [...new URLSearchParams(Buffer.from(request.body).toString('utf8'))];
      const text = fields
        .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
        .reduce((sum, [name, value]) => sum + name + value, request.url);
      const right = createHmac('sha1', secret.reveal()).update(text, 'utf8').digest();
      return same(right, Buffer.from(given, 'base64')) ? undefined : 'the signature does not match';
    }
  }
}
