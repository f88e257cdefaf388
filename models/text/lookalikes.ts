/**
 * Letters that look like Latin ones (a hand-picked subset of the Unicode confusables, UTS #39). A word is
 * folded when it mixes Latin with Cyrillic or Greek; a word made wholly of look-alikes only where Latin
 * prevails in the text. A message that is really Russian or Greek keeps its letters.
 */
const PAIRS =
  'АA ВB СC ЕE НH ІI ЈJ КK МM ОO РP ЅS ТT ХX УY ҮY ԌG ԜW ЗZ ' +
  'аa сc ԁd еe ѐe һh іi јj ӏl оo рp ԛq ѕs ԝw хx уy үy кk мm тt вb нh ' +
  'ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX ' +
  'αa βb εe ηn ιi κk νv οo ρp τt υu χx ωw γy σo';

/** Small capitals and phonetic letters: Latin by script, ornament in any message we classify. */
const ORNAMENTS =
  'ᴀA ʙB ᴄC ᴅD ᴇE ғF ɢG ʜH ɪI ᴊJ ᴋK ʟL ᴍM ɴN ᴏO ᴘP ʀR ꜱS ᴛT ᴜU ᴠV ᴡW ʏY ᴢZ ɑa ɡg ɩi ʋv ⅼl ꞓc ɾr ɵo';

const table = (pairs: string): ReadonlyMap<string, string> =>
  new Map(pairs.split(' ').map((pair) => [pair.slice(0, -1), pair.slice(-1)]));

const LOOKALIKES = table(PAIRS);
const ORNAMENTAL = table(ORNAMENTS);

const FOREIGN = /[\p{Script=Cyrillic}\p{Script=Greek}]/u;
const FOREIGN_LETTERS = /[\p{Script=Cyrillic}\p{Script=Greek}]/gu;
const WORDS = /[\p{L}\p{M}]+/gu;
const ORNAMENT_LETTERS = new RegExp(`[${[...ORNAMENTAL.keys()].join('')}]`, 'gu');
const BLOCK_LETTERS = /[\u{1F130}-\u{1F149}\u{1F150}-\u{1F169}\u{1F170}-\u{1F189}]/gu;
const BLOCK_STARTS = [0x1f130, 0x1f150, 0x1f170] as const;

/** Zeros of the decimal digit blocks met in business messages; each block is ten code points. */
const DIGIT_ZEROS = [
  0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0,
  0xf20, 0x1040, 0x17e0, 0x1810,
] as const;
const OTHER_DIGITS = new RegExp(
  `[${DIGIT_ZEROS.map((z) => `${String.fromCharCode(z)}-${String.fromCharCode(z + 9)}`).join('')}]`,
  'g',
);

const foldLetters = (word: string): string =>
  word.replace(FOREIGN_LETTERS, (letter) => LOOKALIKES.get(letter) ?? letter);

/**
 * Folds look-alike letters and foreign digits.
 * @param text compatibility-decomposed (NFKD) text without placeholders' written forms
 */
export function foldLookalikes(text: string): string {
  let folded = text
    .replace(OTHER_DIGITS, (digit) => {
      const code = digit.charCodeAt(0);
      const zero = DIGIT_ZEROS.find((z) => code >= z && code < z + 10)!;
      return String(code - zero);
    })
    .replace(ORNAMENT_LETTERS, (letter) => ORNAMENTAL.get(letter)!)
    .replace(BLOCK_LETTERS, (letter) => {
      const code = letter.codePointAt(0)!;
      const start = BLOCK_STARTS.findLast((s) => code >= s)!;
      return String.fromCharCode(65 + code - start);
    });
  if (!FOREIGN.test(folded)) return folded;

  folded = folded.replace(WORDS, (word) =>
    /[A-Za-z]/.test(word) && FOREIGN.test(word) ? foldLetters(word) : word,
  );
  const latin = folded.match(/[A-Za-z]/g)?.length ?? 0;
  const foreign = folded.match(FOREIGN_LETTERS)?.length ?? 0;
  if (foreign === 0 || latin < 2 * foreign) return folded;
  return folded.replace(WORDS, (word) => {
    if (!FOREIGN.test(word)) return word;
    for (const letter of word) if (!LOOKALIKES.has(letter) && !/\p{M}/u.test(letter)) return word;
    return foldLetters(word);
  });
}
