import { eld } from 'eld/small';
import { mapPlaceholders } from './placeholders.ts';
import { tokenise } from './tokenize.ts';

/** What is looked at; the language of a long text shows early. */
const READ_CHARACTERS = 600;
/** Below this many words there is too little to tell English from a brand name. */
const FEW_WORDS = 4;
const MANY_WORDS = 8;
const LEAST_STOP_SHARE = 0.05;

const words = (list: string): ReadonlySet<string> => new Set(list.split(' '));

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

/**
 * Whether a text is English enough for a model of English to be sure of it. Script share first, then stop
 * words against those of languages often written in Latin letters without accents, then character n-grams
 * (eld). A text of hardly any words counts as English when none of them is another language's: codes and amounts have
 * no language.
 *
 * @param canonical the result of `canonicalise`, so that equal canonical texts get one answer
 */
export function isLikelyEnglish(canonical: string): boolean {
  const prose = mapPlaceholders(canonical.slice(0, READ_CHARACTERS), () => ' ');
  if (isForeignScript(prose)) return false;
  const tokens = tokenise(prose);
  if (tokens.length < FEW_WORDS) return !tokens.some((token) => OTHER_WORDS.has(token));
  let stop = 0;
  let foreign = 0;
  for (const token of tokens) {
    if (STOP_WORDS.has(token)) stop++;
    if (OTHER_WORDS.has(token)) foreign++;
  }
  if (foreign >= 2 && foreign * 2 > stop) return false;
  const share = stop / tokens.length;
  if (share >= 0.2) return true;
  if (tokens.length >= MANY_WORDS && share < LEAST_STOP_SHARE && foreign > 0) return false;
  const detected = eld.detect(prose);
  return detected.language === 'en' || (detected.language === '' && foreign === 0);
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
