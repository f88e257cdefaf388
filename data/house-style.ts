import type { Sender } from './senders.ts';
import type { SlotFiller } from './template.ts';

const GREETINGS: readonly (readonly string[])[] = [
  [],
  ['Hi ', '{name}', ', '],
  ['Dear ', '{name}', ', '],
  ['Hello ', '{name}', '! '],
  ['Dear Customer, '],
  ['Hey ', '{name}', ' - '],
];

const SIGNATURES: readonly ((name: string) => string)[] = [
  () => '',
  (name) => ` - ${name}`,
  (name) => ` -${name}`,
  (name) => ` Regards, ${name}`,
  (name) => `. Team ${name}`,
  (name) => ` Thank you, ${name}.`,
  (name) => ` ${name}`,
];

const OPT_OUTS: readonly (readonly string[])[] = [
  [],
  [' Reply STOP to opt out'],
  [' Txt STOP to end'],
  [' STOP to ', '{shortcode}'],
  [' Opt out: ', '{shorturl}'],
  [' To unsubscribe reply STOP.'],
  [' T&Cs apply. STOP to ', '{shortcode}'],
  [' Text NO to stop'],
];

const BEGINS_LIKE_A_LETTER = /^(?:hi|hello|hey|dear|subject|good (?:morning|evening|day))\b|^\W*\w+:/i;
const HAS_OPT_OUT = /\bstop\b|unsub|opt[- ]?out/i;
const SHORT_FORMS: readonly (readonly [RegExp, string])[] = [
  [/\byour\b/g, 'ur'],
  [/\byou\b/g, 'u'],
  [/\bplease\b/gi, 'pls'],
  [/\bmessage\b/gi, 'msg'],
];

/**
 * The same message in the house style of its sender: how it greets, spells and signs is the same in both classes. Only
 * adverts end with how to get rid of them, and not all do.
 *
 * @param fill gives the recipient's name and the sender's numbers
 */
export function inHouseStyle(
  text: string,
  { name, style }: Pick<Sender, 'name' | 'style'>,
  message: { readonly promotional: boolean; readonly channel: string },
  fill: SlotFiller,
): string {
  if (message.channel === 'email') return text;
  let out = style.texting && message.channel !== 'push' ? shorten(text) : text;
  const greeting = GREETINGS[style.greeting]!;
  if (greeting.length > 0 && message.channel !== 'push' && !BEGINS_LIKE_A_LETTER.test(out))
    out = write(greeting, fill) + out;
  if (!text.toLowerCase().includes(name.toLowerCase())) out += SIGNATURES[style.signature]!(name);
  if (message.promotional && message.channel !== 'push' && !HAS_OPT_OUT.test(out))
    out += write(OPT_OUTS[style.optOut]!, fill);
  return out;
}

function shorten(text: string): string {
  return SHORT_FORMS.reduce((out, [pattern, short]) => out.replace(pattern, short), text);
}

function write(parts: readonly string[], fill: SlotFiller): string {
  return parts.map((part) => (part.startsWith('{') ? fill(part.slice(1, -1)) : part)).join('');
}
