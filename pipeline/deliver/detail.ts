import type { DeliveryRequest } from './provider.ts';

const LONGEST = 200;

/**
 * What a provider said, fit for logs and timelines: one line without the recipient, the body, addresses and long
 * numbers that it may quote.
 */
export function redact(text: string, request?: Pick<DeliveryRequest, 'to' | 'body'>): string {
  let plain = text;
  for (const part of request ? [request.body, request.to, request.to.replace(/^\+/, '')] : []) {
    if (part.length > 2) plain = plain.replaceAll(part, '[...]');
  }
  return plain
    .replace(/[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g, '[address]')
    .replace(/\+?\d[\d\s().-]{5,}\d/g, '[number]')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, LONGEST);
}
