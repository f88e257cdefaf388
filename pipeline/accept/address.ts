import { phoneOf } from '../comply/place/phone.ts';
import type { Channel } from '../comply/types.ts';

/** A checked address, or what is wrong with it in one sentence. */
export type AddressCheck =
  | { readonly ok: true; readonly address: string }
  | {
      readonly ok: false;
      readonly code: 'INVALID_PHONE' | 'INVALID_EMAIL' | 'INVALID_TOKEN' | 'INVALID_SENDER';
      readonly message: string;
    };

/** `local@domain` after RFC 5321 (dot-string local part, 64 + 255 octets), without quoted strings and literals. */
const EMAIL =
  /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])$/;
const SHORT_CODE = /^\d{3,8}$/;
/** A sender name: GSM alphanumeric of up to 11, or an Indian header with its operator and suffix, e.g. `VM-HDFCBK-S`. */
const SENDER_NAME = /^(?=.*[A-Za-z])[A-Za-z0-9&._ -]{1,11}$/;
const TOKEN = /^[\x21-\x7e]{8,4096}$/;

function checkPhone(text: string): AddressCheck {
  const phone = text.startsWith('+') ? phoneOf(text) : undefined;
  if (phone?.valid) return { ok: true, address: phone.number };
  return {
    ok: false,
    code: 'INVALID_PHONE',
    message: text.startsWith('+')
      ? 'is not a number that any country assigns'
      : 'must be in E.164 form: + and country code first, e.g. +12125550123',
  };
}

function checkEmail(text: string): AddressCheck {
  const at = text.lastIndexOf('@');
  if (EMAIL.test(text) && at <= 64 && text.length <= 254) {
    return { ok: true, address: `${text.slice(0, at)}@${text.slice(at + 1).toLowerCase()}` };
  }
  return {
    ok: false,
    code: 'INVALID_EMAIL',
    message: 'is not an e-mail address of the form name@example.org',
  };
}

/** Checks and normalises a recipient: E.164 for phone channels, lower-case domain for e-mail. */
export function checkRecipient(channel: Channel, to: string): AddressCheck {
  switch (channel) {
    case 'sms':
    case 'mms':
    case 'rcs':
    case 'whatsapp':
    case 'voice':
      return checkPhone(to);
    case 'email':
      return checkEmail(to);
    case 'push':
      return TOKEN.test(to)
        ? { ok: true, address: to }
        : {
            ok: false,
            code: 'INVALID_TOKEN',
            message: 'must be a device token of 8 to 4,096 printable ASCII characters',
          };
  }
}

/** Checks a sender: a number, a short code or a name for phone channels, an address for e-mail, a name for push. */
export function checkSender(channel: Channel, from: string): AddressCheck {
  if (channel === 'email') return checkEmail(from);
  if (channel === 'push') return { ok: true, address: from };
  if (from.startsWith('+')) return checkPhone(from);
  if (SHORT_CODE.test(from) || SENDER_NAME.test(from)) return { ok: true, address: from };
  return {
    ok: false,
    code: 'INVALID_SENDER',
    message:
      'must be an E.164 number, a short code of 3 to 8 digits or a name of at most 11 letters, digits, & . _ - and spaces',
  };
}
