import { hasCardNumber } from './cards.ts';

/**
 * Data about a person that a message should not carry, or should not ask for. Patterns are tested on text from
 * `folded`, have bounded gaps only, and so take time linear in the text.
 */

const sentencesOf = (plain: string): string[] => plain.split(/[.!?\n。！？]+/);

/** The code on a card, its PIN, or what is on its magnetic stripe (PCI DSS 3.3). "Security code" alone is a login code. */
const CARD_SECRETS = [
  /\b(?:cvv2?|cvc2?|cid|card (?:verification|security) (?:code|value|number))\b[^\d\n]{0,12}\d{3,4}(?!\d)/,
  /\b(?:card|atm|debit|credit)(?: card)? pin\b[^\d\n]{0,8}\d{4,6}(?!\d)/,
  /%b\d{13,19}\^|;\d{13,19}=\d{4}/,
];

/** Does the text hold a card security code, a card's PIN or track data? */
export const hasCardSecret = (plain: string): boolean => CARD_SECRETS.some((pattern) => pattern.test(plain));

const ACCOUNT =
  /\b(?:account|acct|a\/c|routing|sort code|policy|loan)\b\W{0,3}(?:number|no|num|nr)?\W{0,4}(?:is\W{1,2})?(\d(?:[ -]?\d){7,16})(?![\d*x])/;
const SOCIAL_SECURITY = /(?<![\d-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\d-])/;
const CREDENTIAL =
  /\b(?<!(?:time|one) )(?:password|passcode|passwort|contrasena|mot de passe|user ?name)\b(?: is|:| =)\s{0,3}(?!expired|reset|changed|incorrect|required|protected|\d+\b)[^\s,.]{4,}/;
const IBAN = /\b[a-z]{2}\d{2}(?: ?[a-z0-9]{4}){3,7}(?: ?[a-z0-9]{1,3})?\b/g;

/** Check digits of ISO 13616: the number, its first four characters last, letters as 10 to 35, leaves 1 over 97. */
function isIban(written: string): boolean {
  const plain = written.replaceAll(' ', '');
  if (plain.length < 15 || plain.length > 34) return false;
  let rest = 0;
  for (const char of plain.slice(4) + plain.slice(0, 4)) {
    const value = Number.parseInt(char, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}

/** An account number that is not masked, a social security number, a password: what a bank must not write openly. */
export function hasOpenAccount(text: string, plain: string): boolean {
  return (
    ACCOUNT.test(plain) ||
    SOCIAL_SECURITY.test(plain) ||
    CREDENTIAL.test(plain) ||
    [...plain.matchAll(IBAN)].some(([written]) => isIban(written)) ||
    hasCardNumber(text)
  );
}

const CONDITIONS =
  'hiv|aids|hepatitis|herpes|chlamydia|syphilis|cancer|tumou?r|diabet\\w{1,3}|asthma|epilepsy|depression|bipolar|schizophrenia|pregnan\\w{1,2}|miscarriage|infertility|addiction|dementia|alzheimer\\w{0,2}|covid(?:-19)?|std|sti|hypertension';
const MEDICINES =
  'metformin|insulin|sertraline|fluoxetine|citalopram|lisinopril|atorvastatin|levothyroxine|albuterol|methadone|buprenorphine|viagra|sildenafil|truvada|prep|chemotherapy|antidepressants?|antipsychotics?|opioids?|xanax|alprazolam|adderall|ozempic|semaglutide|warfarin';
const HEALTH = [
  new RegExp(
    String.raw`\b(?:diagnos(?:is|ed)|tested|test(?:ed)? positive|screen(?:ed|ing)|treatment|therapy|appointment|results?|clinic|support)\b[^.\n]{0,40}\b(?:${CONDITIONS})\b`,
  ),
  new RegExp(
    String.raw`\b(?:your|the patient's)\s+(?:[a-z]+\s+){0,2}?(?:${CONDITIONS}|diagnosis|biopsy|mammogram|colonoscopy)\b`,
  ),
  new RegExp(
    String.raw`\b(?:${MEDICINES})\b[^.\n]{0,40}\b(?:\d{1,4} ?m?c?g|refills?|prescription|dose|tablets?|pick ?up)\b|\b(?:refill|prescription|dose)\b[^.\n]{0,30}\b(?:${MEDICINES})\b`,
  ),
  /\b(?:lab|test|blood|biopsy|scan|x-?ray|mri|a1c|cholesterol|glucose)\b[^.\n]{0,40}\b(?:positive|negative|abnormal|normal|elevated|benign|malignant|\d{1,3}(?:\.\d)? ?(?:mg\/dl|mmol|%))/,
];

/** Health data of the one who is addressed: a condition, a medicine by name, the result of a test. */
export const hasHealthData = (plain: string): boolean => HEALTH.some((pattern) => pattern.test(plain));

const ASK =
  /\b(?:confirm|verify|update|provide|send|reply with|enter|share|submit|give|tell|fill in|input|kemas ?kini|sahkan|berikan|hantar|masukkan|isi(?:kan)?|nyatakan)\b\W{1,3}(?:(?:us|me|with|your|the|in|full|valid|correct|new|all|bank|account|card|here|now|back|to|by|and|a|copy|of|sms|text|following|anda|semula|kepada|kami)\W{1,3}){0,6}(?:passwords?|passcode|pin|otp|tac|one[- ]time (?:code|password)|cvv|card (?:number|details|info)|account (?:number|details|info\w{0,7})|bank(?:ing)? (?:details|info\w{0,7}|account)|social security|ssn|mother'?s maiden|date of birth|(?:ic|nric|id|mykad|passport) (?:number|no|copy|photo)|nric|log-?in details|credentials|personal (?:details|info\w{0,7}|data)|kata laluan|no(?:mbor)?\.? (?:akaun|kad|ic|telefon)|maklumat (?:peribadi|bank|akaun|kad)|butiran (?:peribadi|bank|akaun|kad))\b(?!\W{0,4}(?:is\W{1,2})?\d)/;
/** A sentence that says not to do it asks for nothing. */
const REFUSES = /\b(?:never|not|n't|dont|cannot|nobody|no one|without|jangan|tidak|tiada|usah)\b|n['’]t\b/;

/** Does it ask the recipient for credentials or personal data? Warnings against doing so do not count. */
export const asksForData = (plain: string): boolean =>
  sentencesOf(plain).some((sentence) => ASK.test(sentence) && !REFUSES.test(sentence));

const BILLING =
  /\b(?:amount due|balance due|past due|overdue|outstanding (?:balance|amount|payment)|payment (?:is )?(?:due|overdue|reminder|late)|pay (?:now|your (?:bill|invoice|balance))|your (?:bill|invoice)\b|collections? agency|debt collect\w{2,3}|final notice|minimum payment|settle your)\b/;

/** Billing or collection of a debt, which some exemptions do not cover. */
export const hasBilling = (plain: string): boolean => BILLING.test(plain);
