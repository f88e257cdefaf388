import { symbol } from '../placeholders.ts';
import { CLUE } from './clues.ts';
import { DIGIT, END, type ShapeRule, START, trimEnd } from './rule.ts';

const SIGNS = '$£€₹₨¥₦₱₽₩₺₫฿₪₵₴₸₲₡₭₮৳﷼';
/** Written before or after the number. */
const CODES =
  'USD|GBP|EUR|INR|AED|NPR|PKR|LKR|BDT|NGN|KES|KSHS?|GHS|GH¢|ZAR|UGX|TZS|TSHS?|USHS?|ETB|RWF|ZMW|BWP|MWK|XOF|XAF|MAD|SGD|HKD|AUD|NZD|CAD|MYR|PHP|IDR|THB|VND|CHF|SEK|NOK|DKK|PLN|CZK|HUF|TRY|BRL|MXN|ARS|CLP|COP|PEN|SAR|QAR|KWD|BHD|OMR|JOD|EGP|ILS|JPY|CNY|RMB|KRW|TWD|RUB|UAH|MZN|AOA|BHT|MUR|SCR|SLL|GMD|MMK|KHR|LAK|MNT|KZT|UZS|GEL|AMD|AZN|RON|BGN|RSD|ISK|MOP|UYU|PYG|BOB|CRC|GTQ|DOP|JMD|TTD|IQD|IRR|LBP|TND|DZD|LYD|SDG|SOS|DJF|CDF';
const BEFORE = `Rs\\.?|Re\\.?|RM|Rp\\.?|Kr\\.?|Php|Ksh\\.?|Tk\\.?|NRs\\.?|Nu\\.?|SR|Dhs?\\.?|GH¢`;
const AFTER = `dollars?|rupees?|rs\\.?|euros?|pounds?|quid|pence|cents?|bucks?|baht|birr|naira|cedis?|rands?|shillings?|dirhams?|riyals?|ringgit|rupiah|pesos?|yen|yuan|won|taka|paisa|paise|zł|kr|TL|p`;
const NUMBER = '(\\d[\\d,.]*)';
const SCALE = '( ?(?:k|m|mn|bn|lakhs?|lacs?|crores?|cr|million|billion|thousand|hundred)(?![A-Za-z0-9]))?';
const TAIL = '(?: ?/-)?';

/** The placeholder of a sum written as `number` ("1,234.50"), `scale` ("lakh") if any. */
export function amountKind(number: string, scale: string | undefined): string {
  const parts = /^([\d,.]*?)(?:[.,](\d{1,2}))?$/.exec(number);
  const whole = (parts?.[1] ?? number).replace(/\D/g, '').replace(/^0+(?=\d)/, '');
  const cents = parts?.[2];
  const size =
    whole.length > 4 || (scale !== undefined && !/hundred/i.test(scale)) ? 3 : whole.length > 2 ? 2 : 1;
  if (scale !== undefined) return `amountround${size}`;
  if (cents !== undefined && cents.length === 2) {
    if (cents === '00') return `amountzero${size}`;
    return /^(?:99|95|49|97)$/.test(cents) ? `amountprice${size}` : `amountcents${size}`;
  }
  if (cents !== undefined) return `amountcents${size}`;
  if (/^\d{0,6}(?:99|49)$|^[1-9]9$/.test(whole)) return `amountprice${size}`;
  const round =
    whole.length === 1 || /^\d[05]$/.test(whole) || /^\d{1,2}0+$/.test(whole) || /^\d{1,4}50$/.test(whole);
  return round ? `amountround${size}` : `amountinteger${size}`;
}

function shapeAmount(number: string, scale: string | undefined): string {
  const [kept, rest] = trimEnd(number, '.,');
  return (
    symbol(amountKind(kept, rest === '' ? scale : undefined)) + rest + (rest === '' ? '' : (scale ?? ''))
  );
}

export const MONEY_RULES: readonly ShapeRule[] = [
  {
    name: 'sign before',
    all: CLUE.sign | CLUE.digit,
    needs: new RegExp(`[${SIGNS}]`),
    pattern: new RegExp(`(?<![A-Za-z0-9])(?:[A-Z]{1,2})?[${SIGNS}] ?[.:]? ?${NUMBER}${SCALE}${TAIL}`, 'g'),
    shape: (_, number, scale) => shapeAmount(number!, scale),
  },
  {
    name: 'code before',
    all: CLUE.digit,
    any: CLUE.currencyBefore | CLUE.sign,
    needs: DIGIT,
    pattern: new RegExp(
      `${START}(?:${BEFORE}|${CODES})[ .:]{0,3}(?:(?:${CODES})[ .]{0,2})?${NUMBER}${SCALE}${TAIL}`,
      'gi',
    ),
    shape: (_, number, scale) => shapeAmount(number!, scale),
  },
  {
    name: 'rand and naira',
    all: CLUE.rand,
    needs: /[RN]\d/,
    pattern: new RegExp(`${START}[RN](\\d{2,3}(?:[, ]\\d{3}){0,2}(?:\\.\\d{2})?)${END}`, 'g'),
    shape: (_, number) => shapeAmount(number!, undefined),
  },
  {
    name: 'code after',
    all: CLUE.digit,
    any: CLUE.currencyBehind | CLUE.sign,
    needs: DIGIT,
    pattern: new RegExp(
      `(?<![A-Za-z0-9.,])${NUMBER}(?: ?(lakhs?|lacs?|crores?|million|billion|thousand|hundred|k))? ?(?:(?:${AFTER}|${CODES})${END}|[${SIGNS}](?!\\d)|/-)`,
      'gi',
    ),
    shape: (match, number, scale) => {
      const [kept, rest] = trimEnd(number!, '.,');
      return rest === '' ? symbol(amountKind(kept, scale)) : match!;
    },
  },
  {
    name: 'scaled number',
    all: CLUE.scaled,
    needs: /\d ?[KLMCklc]/,
    pattern: /(?<![A-Za-z0-9.,])\d[\d.,]{0,8} ?(?:[KLM]|k|Cr|[Ll]akhs?|[Ll]acs?|[Cc]rores?)(?![A-Za-z0-9])/g,
    shape: () => symbol('scaled'),
  },
  {
    name: 'per cent',
    all: CLUE.percent,
    needs: /%|per ?cent|pct/i,
    pattern: /(?<![A-Za-z0-9.,])(\d[\d.,]*) ?(?:%|per ?cent(?![A-Za-z0-9])|pct(?![A-Za-z0-9]))/gi,
    shape: (match, number) => {
      const value = Number(number!.replace(',', '.'));
      if (Number.isNaN(value)) return match!;
      return symbol(percentKind(value));
    },
  },
];

function percentKind(value: number): string {
  if (!Number.isInteger(value)) return 'pctdecimal';
  if (value < 10) return 'pct5';
  if (value < 20) return 'pct10';
  if (value < 40) return 'pct20';
  if (value < 70) return 'pct40';
  if (value < 100) return 'pct70';
  return value === 100 ? 'pctwhole' : 'pctover';
}
