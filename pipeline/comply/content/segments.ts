import type { Channel } from '../channel.ts';

/** The default alphabet of GSM 03.38 and, after the bar, its extension, whose characters take two places. */
const BASIC = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);
const EXTENDED = new Set('\f^{}\\[~]|€');

/** Septets that a character takes, undefined where GSM 03.38 does not have it. */
export function septetsOf(char: string): 1 | 2 | undefined {
  if (BASIC.has(char)) return 1;
  return EXTENDED.has(char) ? 2 : undefined;
}

/**
 * Parts in which an SMS is carried: 160 septets, or 153 each when there are several; 70 and 67 UTF-16 units where a
 * character lies outside of GSM 03.38 (3GPP TS 23.038, 23.040). Other channels carry one.
 */
export function segmentsOf(channel: Channel, body: string): number {
  if (channel !== 'sms') return 1;
  let septets = 0;
  for (const char of body) {
    const taken = septetsOf(char);
    if (taken === undefined) return body.length <= 70 ? 1 : Math.ceil(body.length / 67);
    septets += taken;
  }
  return septets <= 160 ? 1 : Math.ceil(septets / 153);
}
