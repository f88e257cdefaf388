import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { DeliveryRequest, Unsubscription } from '../provider.ts';
import type { Secret } from '../secret.ts';

const IV_BYTES = 12;
const TAG_BYTES = 16;
const LONGEST_TOKEN = 2_048;

const keyOf = (secret: Secret, name: string): Buffer =>
  Buffer.from(hkdfSync('sha256', secret.reveal(), '', `laneway unsubscribe ${name}`, 32));

/**
 * Links by which people leave marketing mail, answered by Laneway's own door. A link holds who and which mail, closed
 * under the secret (AES-256-GCM): it cannot be guessed or changed, shows no address, and works after its message has
 * left the store.
 */
export interface UnsubscribeLinks {
  of(request: Pick<DeliveryRequest, 'tenant' | 'messageId' | 'to' | 'from'>): string;
  /** @returns what the token of a link says; undefined: it is not ours */
  read(token: string): Unsubscription | undefined;
}

/**
 * @param name the provider's: links of one are none of another
 * @param base public address of Laneway, without a slash at its end
 */
export function createUnsubscribeLinks(secret: Secret, name: string, base: string): UnsubscribeLinks {
  const key = keyOf(secret, name);
  return {
    of({ tenant, messageId, to, from }) {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, iv);
      const text = JSON.stringify([tenant, messageId, to, from]);
      const closed = Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return `${base}/u/${name}/${closed.toString('base64url')}`;
    },
    read(token) {
      if (token.length > LONGEST_TOKEN || !/^[A-Za-z0-9_-]+$/.test(token)) return undefined;
      const closed = Buffer.from(token, 'base64url');
      if (closed.length <= IV_BYTES + TAG_BYTES) return undefined;
      try {
        const opener = createDecipheriv('aes-256-gcm', key, closed.subarray(0, IV_BYTES), {
          authTagLength: TAG_BYTES,
        }).setAuthTag(closed.subarray(-TAG_BYTES));
        const text = Buffer.concat([opener.update(closed.subarray(IV_BYTES, -TAG_BYTES)), opener.final()]);
        const [tenant, messageId, recipient, sender] = JSON.parse(text.toString('utf8')) as string[];
        return { tenant: tenant!, messageId: messageId!, recipient: recipient!, sender: sender! };
      } catch {
        return undefined;
      }
    },
  };
}
