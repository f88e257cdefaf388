import smpp from 'smpp';
import { septetsOf } from '../../comply/content/segments.ts';

/** A message as it goes over the air: one part, or several with a header that puts them together again. */
export interface Encoded {
  /** `data_coding`: 0 the carrier's default alphabet (GSM 03.38), 8 UCS-2. */
  readonly dataCoding: 0 | 8;
  readonly parts: readonly { readonly udh?: Buffer; readonly message: Buffer }[];
}

const ROOM = { gsm: { alone: 160, joined: 153 }, ucs2: { alone: 70, joined: 67 } } as const;
const MOST_PARTS = 255;

/**
 * Encodes a text in GSM 03.38 where all of it can be, else in UCS-2, and splits what does not fit into one message
 * (3GPP TS 23.038, 23.040; concatenation with an 8-bit reference). Neither an escape pair nor a surrogate pair is cut.
 *
 * @param reference ties the parts of one message together, 0 to 255
 * @returns undefined where 255 parts do not hold it
 */
export function encodeParts(text: string, reference: number): Encoded | undefined {
  const chars = [...text];
  const inGsm = chars.every((char) => septetsOf(char) !== undefined);
  const widthOf = (char: string): number => (inGsm ? septetsOf(char)! : char.length);
  const room = inGsm ? ROOM.gsm : ROOM.ucs2;
  const encode = (part: string): Buffer =>
    Buffer.from(inGsm ? smpp.encodings.ASCII.encode(part) : smpp.encodings.UCS2.encode(part));
  const dataCoding = inGsm ? 0 : 8;
  const width = chars.reduce((sum, char) => sum + widthOf(char), 0);
  if (width <= room.alone) return { dataCoding, parts: [{ message: encode(text) }] };
  const texts: string[] = [];
  let part = '';
  let filled = 0;
  for (const char of chars) {
    if (filled + widthOf(char) > room.joined) {
      texts.push(part);
      part = '';
      filled = 0;
    }
    part += char;
    filled += widthOf(char);
  }
  texts.push(part);
  if (texts.length > MOST_PARTS) return undefined;
  return {
    dataCoding,
    parts: texts.map((one, i) => ({
      udh: Buffer.from([5, 0, 3, reference & 0xff, texts.length, i + 1]),
      message: encode(one),
    })),
  };
}

/** How SMPP writes an address: its type of number, numbering plan and digits or name. */
export interface SmppAddress {
  readonly ton: number;
  readonly npi: number;
  readonly addr: string;
}

const INTERNATIONAL = 1;
const NETWORK_SPECIFIC = 3;
const ALPHANUMERIC = 5;
const ISDN = 1;

export function addressOf(text: string): SmppAddress {
  if (text.startsWith('+')) return { ton: INTERNATIONAL, npi: ISDN, addr: text.slice(1) };
  if (/^\d+$/.test(text)) return { ton: NETWORK_SPECIFIC, npi: 0, addr: text };
  return { ton: ALPHANUMERIC, npi: 0, addr: text };
}
