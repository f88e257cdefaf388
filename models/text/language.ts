import { eld } from 'eld/small';
import { mapPlaceholders } from './placeholders.ts';
import { scanTokens, WORD_TOKEN } from './token-scan.ts';
import { createTokenTable } from './token-table.ts';
import { tokenise } from './tokenize.ts';

/** What is looked at; the language of a long text shows early. */
const READ_CHARACTERS = 600;
/** Below this many words there is too little to tell English from a brand name. */
const FEW_WORDS = 4;
const MANY_WORDS = 8;
const LEAST_STOP_SHARE = 0.05;

const words = (list: string): readonly string[] => list.split(' ');

const STOP_WORDS = words(
  'the a an and or of to in on at by for with from is are was were be been has have had will would can could you ' +
    'your we our us it its this that these those not no do does did if as so but up out now all any more get only ' +
    'i my me he she they them his her their please here there when what which who how just about into than then ' +
    'also may until till before after per via off new',
);
/**
 * Words of romanised Hindi and Urdu, Swahili, Indonesian, Tagalog, Spanish, Portuguese, French and German that English
 * does not have.
 */
const OTHER_WORDS = words(
  'hai hain ka ki ke ko se mein aap aapka aapke aapki apna apne apni kare karen karein kya nahi nahin liye aur ' +
    'yeh woh bhi jaye jayega raha rahe rha rhe hua hui gaya gayi kal abhi sirf paye paayein karo bhej dijiye hoga ' +
    'na ya wa kwa ni yako yangu umepokea kutoka salio lako tafadhali kila wewe bila hii ' +
    'yang dan untuk anda dengan dari tidak di ini itu ada akan bisa saya kamu gratis ' +
    'ang mga ng sa po ko mo para iyong ' +
    'umetuma kwenda malipo yamekamilika hadiah pemenang jt dll ' +
    'foi conta valor pelo pela voce sua seu nao uma del las los una por que compraste transferiste pagaste recibiste ' +
    'vous votre avez pour und ist nicht wurde ihre',
);

const TOKENS = createTokenTable([...new Set([...STOP_WORDS, ...OTHER_WORDS])]);
const STOP = 1;
const OTHER = 2;
const MARKS = new Uint8Array(TOKENS.size);
for (const word of STOP_WORDS) MARKS[TOKENS.numberOf(word)]! |= STOP;
for (const word of OTHER_WORDS) MARKS[TOKENS.numberOf(word)]! |= OTHER;

/** Words of a text by what they say of its language. */
interface WordCount {
  all: number;
  stop: number;
  foreign: number;
}

/**
 * Whether a text is English enough for a model of English to be sure of it. Script share first, then stop
 * words against those of languages often written in Latin letters without accents, then character n-grams
 * (eld). A text of hardly any words counts as English when none of them is another language's: codes and amounts have
 * no language.
 *
 * @param canonical the result of `canonicalise`, so that equal canonical texts get one answer
 */
export function isLikelyEnglish(canonical: string): boolean {
  return englishByWords(canonical) ?? englishByGrams(canonical);
}

/** {@link isLikelyEnglish} where script and words alone tell, which costs next to nothing; undefined elsewhere. */
export function englishByWords(canonical: string): boolean | undefined {
  const { all, stop, foreign } = countWords(canonical);
  if (all < 0) return false;
  if (all < FEW_WORDS) return foreign === 0;
  if (foreign >= 2 && foreign * 2 > stop) return false;
  const share = stop / all;
  if (share >= 0.2) return true;
  if (all >= MANY_WORDS && share < LEAST_STOP_SHARE && foreign > 0) return false;
  return undefined;
}

/** {@link isLikelyEnglish} where {@link englishByWords} does not tell; a hundred times as dear. */
export function englishByGrams(canonical: string): boolean {
  const { language } = eld.detect(proseOf(canonical));
  return language === 'en' || (language === '' && countWords(canonical).foreign === 0);
}

const proseOf = (canonical: string): string =>
  mapPlaceholders(canonical.slice(0, READ_CHARACTERS), () => ' ');

/** `all` is negative where letters of another script say enough. */
function countWords(canonical: string): WordCount {
  const counted: WordCount = { all: 0, stop: 0, foreign: 0 };
  const add = (token: number): void => {
    counted.all++;
    if (token < 0) return;
    if ((MARKS[token]! & STOP) !== 0) counted.stop++;
    if ((MARKS[token]! & OTHER) !== 0) counted.foreign++;
  };
  const scan = canonical.length <= READ_CHARACTERS ? scanTokens(canonical) : undefined;
  if (scan) {
    const { count, lower, start, end, hash, kind } = scan;
    for (let i = 0; i < count; i++)
      if (kind[i] === WORD_TOKEN) add(TOKENS.find(lower, start[i]!, end[i]!, hash[i]!));
    return counted;
  }
  const prose = proseOf(canonical);
  if (isForeignScript(prose)) return { ...counted, all: -1 };
  for (const token of tokenise(prose)) add(TOKENS.numberOf(token));
  return counted;
}

/** Whether more than a fifth of the letters are others than A to Z. */
function isForeignScript(prose: string): boolean {
  let latin = 0;
  let plain = true;
  for (let i = 0; i < prose.length; i++) {
    const unit = prose.charCodeAt(i);
    if (unit > 127) plain = false;
    else if ((unit | 32) >= 97 && (unit | 32) <= 122) latin++;
  }
  if (plain) return false;
  const other = prose.match(/(?![A-Za-z])\p{L}/gu)?.length ?? 0;
  return other > 0.2 * (latin + other);
}
