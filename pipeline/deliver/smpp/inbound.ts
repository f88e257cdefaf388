import type { Pdu } from 'smpp';
import type { Inbound } from '../provider.ts';

/** Of one text that came in parts: which this is, and of how many. */
interface Part {
  readonly key: string;
  readonly total: number;
  readonly at: number;
}

interface Held extends Pick<Inbound, 'from' | 'to'> {
  readonly texts: string[];
  left: number;
  readonly sinceMs: number;
}

const INTERNATIONAL = 1;
/** Longest national short codes have eight digits: what is longer is a number with its country. */
const LONGEST_SHORT_CODE = 8;
/** A part that never comes is not waited for longer: what is there is passed on. */
export const WAIT_MS = 60_000;
const MOST_HELD = 10_000;

/** An address as messages have it: `+` before a number with its country, short codes and names as they are. */
function plainAddress(address: string, ton: number | undefined): string {
  const isNumber = /^\d+$/.test(address);
  return isNumber && (ton === INTERNATIONAL || address.length > LONGEST_SHORT_CODE) ? `+${address}` : address;
}

/** Text of a short message or, where that is empty, of its payload; unknown alphabets byte by byte. */
export function textOf(pdu: Pdu): string {
  const decoded = (held: Pdu['short_message']): string => {
    const message = held === undefined || typeof held === 'string' ? (held ?? '') : (held.message ?? '');
    return typeof message === 'string' ? message : Buffer.from(message).toString('latin1');
  };
  return decoded(pdu.short_message) || decoded(pdu.message_payload);
}

/** 3GPP TS 23.040 9.2.3.24.1 and .8 (header), or the SAR parameters of SMPP 3.4. */
function partOf(pdu: Pdu): Part | undefined {
  const from = `${pdu.source_addr}/${pdu.destination_addr}`;
  const header = typeof pdu.short_message === 'object' ? (pdu.short_message.udh ?? []) : [];
  for (const element of header) {
    const wide = element[0] === 0x08 && element.length >= 6;
    if (!wide && !(element[0] === 0x00 && element.length >= 5)) continue;
    const [total = 0, at = 0] = element.subarray(wide ? 4 : 3);
    return valid({
      key: `${from}/${Buffer.from(element.subarray(2, wide ? 4 : 3)).toString('hex')}`,
      total,
      at,
    });
  }
  const { sar_msg_ref_num: ref, sar_total_segments: total, sar_segment_seqnum: at } = pdu;
  if (ref === undefined || total === undefined || at === undefined) return undefined;
  return valid({ key: `${from}/sar${ref}`, total, at });
}

const valid = (part: Part): Part | undefined =>
  part.total > 1 && part.at >= 1 && part.at <= part.total ? part : undefined;

/** A text that may be passed on. */
export interface Whole extends Pick<Inbound, 'from' | 'to' | 'text'> {
  /** It is on record: its parts may be forgotten. Before that the last one may come again. */
  done(): void;
}

/** Puts together what people write in several parts. */
export interface InboundTexts {
  /** @returns the text that this makes whole; undefined: parts are missing */
  add(pdu: Pdu, nowMs: number): Whole | undefined;
  /** @returns texts that waited too long for a part, as far as they came; with `Infinity`, all that wait */
  overdue(nowMs: number): Whole[];
}

/** @param mostHeld texts that wait for parts at a time; the oldest waits no longer when there are more */
export function createInboundTexts(mostHeld = MOST_HELD): InboundTexts {
  const held = new Map<string, Held>();
  let crowdedOut: Whole[] = [];
  return {
    add(pdu, nowMs) {
      const part = partOf(pdu);
      if (!part) return { ...endsOf(pdu), text: textOf(pdu), done: () => undefined };
      const key = `${part.key}/${part.total}`;
      let one = held.get(key);
      if (!one) {
        if (held.size >= mostHeld) {
          const [oldest, longest] = held.entries().next().value!;
          crowdedOut.push(wholeOf(oldest, longest));
          held.delete(oldest);
        }
        const texts = new Array<string>(part.total);
        one = { ...endsOf(pdu), texts, left: part.total, sinceMs: nowMs };
        held.set(key, one);
      }
      if (one.texts[part.at - 1] === undefined) {
        one.texts[part.at - 1] = textOf(pdu);
        one.left--;
      }
      return one.left > 0 ? undefined : wholeOf(key, one);
    },
    overdue(nowMs) {
      const late = [...held].filter(([, { sinceMs }]) => nowMs - sinceMs > WAIT_MS);
      const all = [...crowdedOut, ...late.map(([key, one]) => wholeOf(key, one))];
      crowdedOut = [];
      return all;
    },
  };

  function wholeOf(key: string, one: Held): Whole {
    const { from, to, texts } = one;
    const text = texts.filter((part) => part !== undefined).join('');
    // Another text of the same number may have begun meanwhile.
    const done = (): void => void (held.get(key) === one && held.delete(key));
    return { from, to, text, done };
  }
}

/** Who wrote, and to which of our addresses. */
const endsOf = (pdu: Pdu): Pick<Inbound, 'from' | 'to'> => ({
  from: plainAddress(pdu.source_addr ?? '', pdu.source_addr_ton),
  to: plainAddress(pdu.destination_addr ?? '', pdu.dest_addr_ton),
});
