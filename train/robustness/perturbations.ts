import type { Random } from '../../models/base/random.ts';

/**
 * Rewrites a share of a text's tokens in the way senders (or their keyboards) do, leaving its meaning to a
 * human reader untouched.
 *
 * @param share of the tokens that can be changed, 0 to 1; 0 gives the text back
 */
export type Perturbation = (text: string, share: number, random: Random) => string;

/** A run of what is not blank; addresses are left alone, for a changed link would be another link. */
const TOKENS = /\S+/g;
const ADDRESS = /[/@]|\w\.\w/;
const LETTERS = /[A-Za-z]{2}/;

/** Applies `change` to the given share of tokens with at least two letters. */
function onTokens(change: (token: string, random: Random) => string): Perturbation {
  return (text, share, random) =>
    text.replace(TOKENS, (token) =>
      LETTERS.test(token) && !ADDRESS.test(token) && random.next() < share ? change(token, random) : token,
    );
}

/** Applies `change` to about `often` of the letters of a token, and to at least one where any can change. */
function onLetters(
  change: (letter: string, random: Random) => string,
  often: number,
): (token: string, random: Random) => string {
  return (token, random) => {
    const places: number[] = [];
    for (let i = 0; i < token.length; i++) {
      if (/[A-Za-z]/.test(token[i]!) && change(token[i]!, random) !== token[i]) places.push(i);
    }
    if (places.length === 0) return token;
    const sure = random.pick(places);
    let out = '';
    for (let i = 0; i < token.length; i++) {
      const chosen = i === sure || (places.includes(i) && random.next() < often);
      out += chosen ? change(token[i]!, random) : token[i]!;
    }
    return out;
  };
}

const LOOKALIKES: Readonly<Record<string, string>> = {
  a: 'а',
  c: 'с',
  e: 'е',
  i: 'і',
  o: 'о',
  p: 'р',
  s: 'ѕ',
  x: 'х',
  y: 'у',
  A: 'А',
  B: 'В',
  C: 'С',
  E: 'Е',
  H: 'Н',
  K: 'К',
  M: 'М',
  O: 'О',
  P: 'Р',
  T: 'Т',
  X: 'Х',
};
const LEET: Readonly<Record<string, string>> = {
  a: '4',
  e: '3',
  i: '1',
  o: '0',
  s: '5',
  A: '4',
  E: '3',
  I: '1',
  O: '0',
};
const INVISIBLE = ['\u200b', '\u200c', '\u200d', '\u2060', '\u00ad', '\ufeff'] as const;
const MARKS = ['\u0300', '\u0301', '\u0307', '\u0323', '\u0331', '\u0336', '\u0337'] as const;
const BOILERPLATE = [
  'This message is intended for the named recipient only.',
  'Please do not reply to this message.',
  'Sent on behalf of our customer care team.',
  'Thank you for being with us.',
  'For help visit our help centre or call customer care.',
] as const;

/** Cyrillic letters in place of Latin ones. */
export const lookAlikes = onTokens(onLetters((letter) => LOOKALIKES[letter] ?? letter, 0.5));
/** Digits in place of letters, in about a third of those that have one. */
export const leet = onTokens(onLetters((letter) => LEET[letter] ?? letter, 0.3));
/** Invisible characters inside words. */
export const zeroWidth = onTokens(onLetters((letter, random) => letter + random.pick(INVISIBLE), 0.3));
/** Combining marks on letters. */
export const strayDiacritics = onTokens(onLetters((letter, random) => letter + random.pick(MARKS), 0.4));
/** Blanks between the letters of words of three letters or more. */
export const spacedLetters = onTokens((token) =>
  /^[A-Za-z]{3,}$/.test(token) ? [...token].join(' ') : token,
);
/** Each letter upper or lower case at random. */
export const randomCase = onTokens((token, random) =>
  [...token].map((char) => (random.next() < 0.5 ? char.toLowerCase() : char.toUpperCase())).join(''),
);
/** Fullwidth letters. */
export const fullWidth = onTokens((token) =>
  token.replace(/[A-Za-z]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) + 0xfee0)),
);

/** The beginning cut off, as archives of messages do: up to `share` of the text, at most 12 characters. */
export const truncatedStart: Perturbation = (text, share, random) => {
  const most = Math.min(12, Math.floor(text.length * share));
  return most < 1 ? text : text.slice(1 + random.below(most));
};

/** Neutral sentences added at the end, one for every quarter of `share` begun. */
export const appendedBoilerplate: Perturbation = (text, share, random) => {
  let out = text;
  for (let i = 0; i < Math.ceil(share * 4); i++) out += ` ${random.pick(BOILERPLATE)}`;
  return out;
};

/** All of them by name, in the order reports print them. */
export const PERTURBATIONS: Readonly<Record<string, Perturbation>> = Object.freeze({
  lookAlikes,
  zeroWidth,
  leet,
  spacedLetters,
  strayDiacritics,
  fullWidth,
  randomCase,
  truncatedStart,
  appendedBoilerplate,
});

/** What each kind does, in words for a report. */
export const PERTURBATION_WORDS: Readonly<Record<string, string>> = Object.freeze({
  lookAlikes: 'Cyrillic letters that look like Latin ones',
  zeroWidth: 'invisible characters inside words',
  leet: 'digits in place of letters',
  spacedLetters: 'blanks between the letters of a word',
  strayDiacritics: 'accents and strokes on letters',
  fullWidth: 'fullwidth letters',
  randomCase: 'capital and small letters at random',
  truncatedStart: 'the first characters cut off',
  appendedBoilerplate: 'neutral sentences added at the end',
});
