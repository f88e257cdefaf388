import { PLACEHOLDERS } from '../text/placeholders.ts';
import type { TokenScan } from '../text/token-scan.ts';
import { createTokenTable } from '../text/token-table.ts';

/**
 * Wordings that tell business messages apart, by group: words and phrases of up to four tokens, lower case,
 * as `tokenise` gives them; `<family>` stands for any placeholder of that family.
 */
export const PHRASE_GROUPS = Object.freeze({
  callToAction:
    'buy|shop|shop now|order now|book now|book your|book a|register|register now|apply now|apply for|download|install|' +
    'click|tap|click here|visit|join|enrol|enroll|subscribe|sign up|avail|grab|get it|explore|discover|check out|' +
    'browse|try now|try it|start now|upgrade|recharge now|renew now|claim|redeem|unlock|switch to|refer|call now|call us|' +
    'give a missed call|missed call to|hurry|rush|learn more|find out|know more|see more|swipe|play now|watch now|' +
    'order today|book today|call today|reserve|invest|vote|donate|rsvp|get yours|treat yourself|dont miss|' +
    "don't miss|stock up|shop online|walk in|come in|stop by",
  replyKeyword:
    'reply yes|reply y|reply with|sms to|text to|txt to|reply c|reply <number>|send yes|reply to win|text win|sms yes',
  free: 'free|freebie|complimentary|no cost|gratis|on us|zero cost|free delivery|free shipping|free trial|at no charge',
  discount:
    'off|discount|discounts|cashback|coupon|coupons|voucher|vouchers|promo|promo code|save|savings|sale|sales|' +
    'clearance|deal|deals|bogo|buy one|buy <number> get|lowest price|lowest prices|best price|best prices|price drop|half price|flat <percent>|' +
    'upto <percent>|up to <percent>|extra <percent>|<percent> off|<amount> off|flat <amount>|markdown|bargain|special price|discounted',
  offer:
    'offer|offers|special|exclusive|bonus|reward|rewards|gift|gifts|benefits|perks|bundle|combo|bumper|mega|' +
    'bonanza|fest|festival|carnival|introducing|launch|launching|new arrivals|new collection|now open|season|black friday|' +
    'cyber monday|trending|must have|limited edition|pre approved|pre-approved|preapproved|eligible for|selected for|loan|loans|instant loan',
  win: 'win|won|winner|winners|prize|prizes|lucky|jackpot|contest|lottery|draw|congratulations|congrats|spin|scratch|quiz|bet|bets|casino|awarded',
  urgency:
    'today only|only today|hurry|last chance|last day|last few|limited|limited time|limited period|limited seats|' +
    'limited stock|ending soon|ends today|ends tonight|ends soon|ends tomorrow|ends sunday|final hours|final days|' +
    "while stocks last|till stocks last|while supplies last|selling fast|almost gone|act now|act fast|don't wait|dont wait|" +
    "now or never|final call|before it's gone|before they're gone|closing soon|closes soon|expires soon|expires tonight|valid till|valid until|only <number> left|" +
    'offer ends|offer valid|sale ends|flash|today|tonight|this weekend|this week|now',
  optOut:
    'reply stop|text stop|txt stop|send stop|stop to|to stop|opt out|optout|opt-out|unsubscribe|unsub|to end|stop2end|' +
    'stop to end|stop to opt|to unsubscribe|no longer wish|manage preferences|email preferences|dnd|stoptoend|stop to quit|to cancel',
  terms:
    't&c|tnc|t&cs|tc|tcs|t&capply|terms apply|conditions apply|terms and conditions|<terms>|min spend|minimum spend|' +
    'apr|representative|subject to|whilst|msg&data|data rates|rates may apply|msg rates|gamble responsibly|gambleaware|eligibility|exclusions apply',
  security:
    "do not share|don't share|dont share|never share|not share|do not disclose|don't disclose|not disclose|do not reveal|never ask|never asks|" +
    "will never|not you|wasn't you|was not you|wasn't me|didn't request|did not request|if you did not|if you didn't|" +
    'not done by you|not initiated|not authorised|not authorized|not recognise|not recognize|unauthorised|unauthorized|' +
    'suspicious|secret|confidential|keep it|with anyone|anyone else|to block|report fraud|if not you|if not done|didnt request|secure your account|ignore this',
  code:
    'otp|passcode|one time|one-time|verification code|security code|login code|access code|confirmation code|authentication|' +
    'verification|verify your|pin|password|2fa|is your code|your code|use code|mpin|activation code|tac|one time password|sign in|log in|login|passkey',
  debitCredit:
    'debited|credited|withdrawn|deposited|transferred|spent|charged|sent to|received from|paid|refunded|reversed|deducted|' +
    'remitted|payment of|purchase of|transaction of|txn of|spent at|was made|was used|debit|credit of|withdrawal of|transfer of|payment received|posted',
  fulfilment:
    'delivered|shipped|dispatched|despatched|out for delivery|on its way|on the way|in transit|packed|arriving|arrives|will arrive|picked up|' +
    'ready for pickup|ready to collect|ready for collection|has been delivered|delivery attempt|left with|handed over|your parcel|your package|courier|tracking',
  stateChange:
    'confirmed|scheduled|rescheduled|processed|declined|cancelled|canceled|completed|activated|deactivated|updated|changed|' +
    'received|approved|rejected|registered|booked|generated|issued|submitted|failed|successful|successfully|unsuccessful|' +
    'has been|have been|was successful|is successful|is confirmed|is ready|is complete|is active|reset|resolved|closed|blocked|locked|suspended|verified|delayed|restored|renewed',
  account:
    'account|a/c|acct|ac|acc|balance|bal|avl bal|available balance|avl|avbl|card ending|debit card|credit card|limit|statement|upi|imps|neft|ach|iban|wallet|atm|pos|account ending|avail',
  order:
    'order|your order|order no|invoice|receipt|ticket|ticket no|booking|booking id|reservation|pnr|itinerary|ref|reference|' +
    'transaction id|txn|txn id|awb|consignment|complaint|service request|request no|case|policy no|policy number|application no|order id|ref no',
  appointment:
    'appointment|appt|visit on|reminder|reminding you|your visit|check-up|consultation|your session|interview|meeting|scheduled for|' +
    'scheduled on|scheduled at|class is|exam|result|results|boarding|gate|departs|departure|flight|arrival|seat|check in|checkin|prescription|vaccination|dr',
  due: 'due|due date|due on|overdue|is due|payable|pay by|outstanding|minimum due|amount due|bill for|your bill|autopay|auto pay|autopayment|mandate|emi|past due|unpaid|premium due|renewal date|instalment|installment',
  expiry:
    'expires|expire|expiring|expiry|will expire|expired|valid for|valid till|validity|is valid|used <percent>|data used|have used|quota|usage|exhausted|remaining',
  dear: 'dear customer|dear user|dear sir|dear member|dear client|dear student|dear parent|dear valued|valued customer|dear applicant|dear subscriber|dear cardholder|dear guest|dear passenger',
  greeting:
    '^ dear|^ hi|^ hello|^ hey|^ good morning|^ good afternoon|^ good evening|^ greetings|<subject> dear|^ namaste|hi there',
  yours: "you|your|yours|u|ur|yourself|you're|you've|you'll",
  ours: "we|our|us|ours|we've|we're|we'll|team",
  thanks: 'thank you|thanks|thanks for|thank you for|regards|sincerely|cheers|best wishes',
  feedback:
    'feedback|rate|rate us|rate your|survey|your experience|how did we|review|share your experience|how was',
  newsletter:
    'newsletter|view in browser|view online|view this email|web version|edition|issue|headlines|this email|mailing list|' +
    'was sent to|received this|privacy policy|all rights reserved|copyright|forward to|read more|sponsored|advertisement|weekly|digest|subscribed|subscription|update your profile|webinar',
  wishes:
    'happy|wishes|wish you|celebrate|celebrating|celebration|birthday|anniversary|diwali|christmas|eid|new year|holi|merry|festive|thanksgiving|ramadan|easter',
  superlative:
    'best|amazing|great|biggest|hottest|latest|top|unbeatable|lowest|cheapest|premium|exciting|awesome|perfect|ultimate|unlimited|guaranteed|fabulous|stunning|incredible|wow|luxury|favourite|favorite|fave',
});

export type PhraseGroup = keyof typeof PHRASE_GROUPS;
export const GROUP_NAMES = Object.freeze(Object.keys(PHRASE_GROUPS)) as readonly PhraseGroup[];

const BEGIN = '^';
const phrasesOf = (name: PhraseGroup): string[][] =>
  PHRASE_GROUPS[name].split('|').map((phrase) => phrase.trim().split(/[ -]/));

/** Every token that phrases are made of, and the placeholders, which stand for their families. */
const TOKENS = createTokenTable([
  ...new Set([...PLACEHOLDERS.map(({ name }) => `<${name}>`), ...GROUP_NAMES.flatMap(phrasesOf).flat()]),
]);
const FAMILY_TOKENS = Int32Array.from({ length: TOKENS.size }, (_, token) => token);
for (const { name, family } of PLACEHOLDERS)
  FAMILY_TOKENS[TOKENS.numberOf(`<${name}>`)] = TOKENS.numberOf(`<${family}>`);

/** The tokens of a text as phrases know them; -1: in no phrase. */
export type PhraseTokens = ArrayLike<number>;

/** @param tokens from `tokenise` without punctuation */
export function phraseTokens(tokens: readonly string[]): PhraseTokens {
  return tokens.map((token) => familyOf(TOKENS.numberOf(token)));
}

/** The same of one token of a scan. */
export function phraseTokenAt({ lower, start, end, hash }: TokenScan, at: number): number {
  return familyOf(TOKENS.find(lower, start[at]!, end[at]!, hash[at]!));
}

const familyOf = (token: number): number => (token < 0 ? -1 : FAMILY_TOKENS[token]!);

/** Trie over tokens; `groups` are those whose phrase ends here. */
interface Node {
  readonly next: Map<number, Node>;
  readonly groups: number[];
}

const node = (): Node => ({ next: new Map(), groups: [] });

function grow(): Node {
  const root = node();
  GROUP_NAMES.forEach((name, group) => {
    for (const phrase of phrasesOf(name)) {
      let at = root;
      for (const token of phrase) {
        const number = TOKENS.numberOf(token);
        let next = at.next.get(number);
        if (next === undefined) {
          next = node();
          at.next.set(number, next);
        }
        at = next;
      }
      at.groups.push(group);
    }
  });
  return root;
}

const ROOT = grow();
/** What a text that begins is at. */
const START = ROOT.next.get(TOKENS.numberOf(BEGIN));
/** Nodes behind the first token of a phrase. */
const FIRST = Array.from({ length: TOKENS.size }, (_, token) => ROOT.next.get(token));

/** First and one past the last token of a phrase. */
export type PhraseRange = readonly [start: number, end: number];

/**
 * Where phrases of a group stand, the longest one of each starting token.
 *
 * @param tokens from `tokenise` without punctuation
 */
export function findPhrases(tokens: readonly string[], name: PhraseGroup): PhraseRange[] {
  const group = GROUP_NAMES.indexOf(name);
  const read = phraseTokens(tokens);
  const found: PhraseRange[] = [];
  const look = (start: number, from: Node | undefined) => {
    let at = from;
    let end = -1;
    for (let i = start; at !== undefined && i < read.length; i++) {
      at = at.next.get(read[i]!);
      if (at?.groups.includes(group)) end = i + 1;
    }
    if (end >= 0) found.push([start, end]);
  };
  look(0, START);
  for (let start = 0; start < read.length; start++) look(start, ROOT);
  return found;
}

/**
 * Counts the phrases of every group, into one slot per name of {@link GROUP_NAMES}. Of phrases of one group
 * that start at the same token only the longest counts.
 *
 * @param tokens of which the first `count` are read
 */
export function countPhrases(tokens: PhraseTokens, count: number, counts: Uint16Array): void {
  counts.fill(0);
  if (count > 0) walk(tokens, count, 1, START?.next.get(tokens[0]!), counts);
  for (let start = 0; start < count; start++) {
    const token = tokens[start]!;
    if (token >= 0) walk(tokens, count, start + 1, FIRST[token], counts);
  }
}

/** Counts what ends from the node on that the token before `next` led to. */
function walk(
  tokens: PhraseTokens,
  count: number,
  next: number,
  from: Node | undefined,
  counts: Uint16Array,
): void {
  let at = from;
  let seen = 0;
  for (let i = next; at !== undefined; i++) {
    for (const group of at.groups) {
      const bit = 1 << group;
      if ((seen & bit) === 0 && counts[group]! < 65_535) counts[group]!++;
      seen |= bit;
    }
    if (i >= count) return;
    at = at.next.get(tokens[i]!);
  }
}
