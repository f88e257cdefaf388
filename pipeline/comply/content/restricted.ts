/**
 * Categories that carriers, platforms and laws restrict. Each needs words of the thing *and*, where the word alone is
 * innocent, words of selling: a receipt for wine is no advertisement for it. Patterns are tested on text from `folded`
 * and have bounded gaps only. English foremost, with the commonest words of other languages.
 */
const SELLING =
  /\d\s?%|\b(?:off|sale|deals?|offers?|discount|save|buy|shop|order (?:now|online)|in stock|free (?:shipping|delivery|shot|bottle|drink|round|pint)|specials?|now only|from (?:just|only)|happy hour|tastings?|book (?:now|a table)|join us|tonight|new arrivals?|oferta|descuento|promo\w{0,8}|angebot|rabatt|offerta|sconto|remise)\b|[$£€₹]\s?\d/;

const DRINK =
  /\b(?:beers?|wines?|whisk(?:e)?ys?|bourbon|vodka|gin|rum|tequila|mezcal|champagne|prosecco|merlot|chardonnay|cocktails?|margaritas?|liquors?|spirits|brewery|ipa|lager|ales?|sake|soju|cerveza|vino|vinho|cerveja|bier|biere|wein|birra|alcohol)\b/;
const ARMS =
  /\b(?:handguns?|pistols?|rifles?|shotguns?|ar-?15|ak-?47|firearms?|glock|ammo|ammunition|silencers?|suppressors?|9 ?mm|revolvers?|gun (?:shop|store|show|sale)s?|guns)\b/;
const SMOKE =
  /\b(?:cigarettes?|cigars?|vapes?|vaping|vape ?(?:juice|pods?|kit)|e-?liquids?|e-?juice|e-?cig\w{0,7}|nicotine|tobacco|hookah|shisha|snus|juul|zyn|cigarrillos|zigaretten)\b/;
const QUITTING = /\b(?:quit|stop|give up)\b[^.\n]{0,30}\b(?:smoking|tobacco|vaping|nicotine)\b/;

const SEXUAL =
  /\b(?:porn\w{0,6}|xxx (?:videos?|movies?|pics|photos|cams?|content)|x-rated|nudes?\b(?! lipstick| palette| shade| colou?r| heels?)|hot singles|hook ?-?ups?|escort (?:service|girl|agency)s?|call girls?|adult (?:videos?|content|cams?|chat|dating|toys?)|cam ?(?:girls?|boys?)|onlyfans|sex (?:toys?|chat|cams?|dates?|dating|shop)|sexting|milfs?|fetish|erotic\w?|strip ?club|horny)\b/;

const GAMBLING_STRONG =
  /\b(?:casinos?|free spins|sportsbooks?|roulette|blackjack|baccarat|bet(?:ting)? bonus|free bets?|place (?:a|your) bets?|slot (?:games?|machines?)|online (?:betting|gambling|poker|slots)|rummy|teen patti|apuestas|apostas|wetten|scommesse)\b/;
const GAMBLING_WEAK = /\b(?:bet|bets|betting|jackpots?|poker|lottery|lotto|bingo|wagers?|odds|spins?)\b/g;

const GROUPS =
  'jews?|muslims?|christians?|hindus?|blacks?|whites?|asians?|arabs?|immigrants?|migrants?|refugees?|gays?|lesbians?|trans(?:gender)?(?: people)?|gypsies|roma';
const HATE = [
  new RegExp(
    String.raw`\b(?:kill|exterminate|eradicate|gas|hang|shoot|burn|lynch|deport|get rid of|wipe out|cleanse)\b(?:\s\w+){0,2}?\s(?:all|every|the|those|these)?\s?(?:\w+\s)?(?:${GROUPS})\b`,
  ),
  new RegExp(
    String.raw`\b(?:${GROUPS})\b(?:\s\w+){0,2}?\s(?:are|is)\s(?:\w+\s){0,2}?(?:vermin|subhuman|parasites?|animals|scum|filth|inferior|a plague|rats|cockroaches)\b`,
  ),
  /\b(?:white power|sieg heil|heil hitler|white supremacy now|race war now|14 ?\/ ?88)\b/,
];

/** What a restricted category is called by detectors. */
export type Restricted = 'sexual' | 'hate' | 'alcohol' | 'firearms' | 'tobacco' | 'gambling';

/** Which restricted categories the text belongs to. */
export function restrictedIn(plain: string): Readonly<Record<Restricted, boolean>> {
  const sells = SELLING.test(plain);
  const weak = new Set(plain.match(GAMBLING_WEAK));
  return {
    sexual: SEXUAL.test(plain),
    hate: HATE.some((pattern) => pattern.test(plain)),
    alcohol: sells && DRINK.test(plain),
    firearms: sells && ARMS.test(plain),
    tobacco: sells && SMOKE.test(plain) && !QUITTING.test(plain),
    gambling: GAMBLING_STRONG.test(plain) || (weak.size > 1 && sells),
  };
}
