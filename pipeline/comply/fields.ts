/** What a fact may hold. `instant` is epoch ms; `words` is a list of strings. */
export type FieldType = 'text' | 'number' | 'boolean' | 'instant' | 'words';

/**
 * Every single-valued fact that a rule may name in `field` and `equals`, by path. `said` ones come from the caller's
 * `metadata` under the same names (`metadata.campaign.ageGated`; members of message, recipient, sender and
 * relationship also flat, `metadata.brand`); the others are found out by Laneway. One line here is all a new fact
 * needs.
 */
const SAID = {
  'message.purpose': 'text',
  'message.emergency': 'boolean',
  'message.exemption': 'text',
  'message.similarOwnProducts': 'boolean',
  'message.mixed': 'boolean',
  'message.template': 'text',
  'message.firstAfterOptIn': 'boolean',
  'message.firstMarketing': 'boolean',
  'message.freeToEndUser': 'boolean',
  'message.sameKindGoods': 'boolean',
  'message.solePurpose': 'text',
  'message.coppaException': 'text',
  'message.hipaaException': 'text',
  'message.usesHealthData': 'boolean',
  'message.relatedToContract': 'boolean',
  'message.syntheticVoice': 'boolean',
  'message.treatedAsPrerecorded': 'boolean',
  'message.transactionalPartFirst': 'boolean',
  'message.commercialCategory': 'text',
  'message.languages': 'words',
  'message.metaCategory': 'text',
  'message.dltClass': 'text',
  'message.subject': 'text',
  'message.statedElements': 'words',
  'message.specialCategory': 'boolean',
  'message.autoInsert': 'boolean',
  'message.account': 'text',
  'message.event': 'text',
  'message.debt': 'text',
  'message.package': 'text',
  'message.carrier': 'text',
  'recipient.subscriberType': 'text',
  'recipient.age': 'number',
  'recipient.gaveAddress': 'boolean',
  'recipient.isBusiness': 'boolean',
  'recipient.isTrader': 'boolean',
  'recipient.languageChoice': 'text',
  'recipient.listedInDirectory': 'boolean',
  'recipient.lineType': 'text',
  'recipient.county': 'text',
  'sender.type': 'text',
  'sender.brand': 'text',
  'sender.legalEntity': 'text',
  'sender.postalAddress': 'text',
  'sender.identificationUrl': 'text',
  'sender.contact': 'text',
  'sender.mersis': 'text',
  'sender.optOutText': 'text',
  'sender.stopNumber': 'text',
  'sender.freeOptOutNumber': 'text',
  'sender.twoWay': 'boolean',
  'sender.isCharity': 'boolean',
  'sender.sector': 'text',
  'sender.contactSource': 'text',
  'sender.optOutOfferedAtCollection': 'boolean',
  'sender.objectionNoticeAtCollection': 'boolean',
  'sender.toldOfAdUse': 'boolean',
  'sender.contactValidForDays': 'number',
  'sender.establishmentCountry': 'text',
  'sender.isHealthEntity': 'boolean',
  'sender.campaignId': 'text',
  'sender.automatedPlatform': 'boolean',
  'sender.autodialerOrPrerecorded': 'boolean',
  'sender.autoSelectAndDial': 'boolean',
  'sender.autoSelectOrDial': 'boolean',
  'sender.registrationExemption': 'text',
  'sender.vettingScore': 'number',
  'relationship.exists': 'boolean',
  'relationship.ongoing': 'boolean',
  'relationship.personal': 'boolean',
  'relationship.contractActive': 'boolean',
  'relationship.refusedProduct': 'boolean',
  'relationship.paidSubscription': 'boolean',
  'relationship.basis': 'text',
  'relationship.basisAssessed': 'boolean',
  'relationship.refusedConsentBefore': 'boolean',
  'relationship.acceptedUnencryptedChannel': 'boolean',
  'relationship.inviteAnswered': 'boolean',
  'relationship.blockedSender': 'boolean',
  'campaign.id': 'text',
  'campaign.ageGated': 'boolean',
  'campaign.carrierClass': 'text',
  'device.platform': 'text',
  'device.notificationPermission': 'text',
  'device.optOutInApp': 'boolean',
  'device.ownPromotionChannel': 'boolean',
  'email.fromDomainAuthorised': 'boolean',
  'email.spfPass': 'boolean',
  'email.dkimPass': 'boolean',
  'email.dmarcAligned': 'boolean',
  'email.domainAligned': 'boolean',
  'email.dailyVolume': 'number',
  'template.metaCategory': 'text',
  'template.dltType': 'text',
  'unsubscribe.free': 'boolean',
  'unsubscribe.url': 'text',
  'unsubscribe.sameChannel': 'boolean',
  'unsubscribe.loginRequired': 'boolean',
  'unsubscribe.steps': 'number',
  'unsubscribe.validForDays': 'number',
  'record.retentionUntilMs': 'instant',
} as const satisfies Readonly<Record<string, FieldType>>;

const FOUND = {
  'message.channel': 'text',
  'message.class': 'text',
  'message.treatment': 'text',
  'message.category': 'text',
  'message.length': 'number',
  'message.segments': 'number',
  'message.urlCount': 'number',
  'message.phoneCount': 'number',
  'message.risk': 'number',
  'recipient.areaCode': 'text',
  'recipient.zoneBasis': 'text',
  'recipient.jurisdictions': 'words',
  'recipient.zones': 'words',
  'sender.id': 'text',
} as const satisfies Readonly<Record<string, FieldType>>;

export const SAID_FIELDS: Readonly<Record<string, FieldType>> = SAID;
/** All fields, by path. */
export const FIELDS: ReadonlyMap<string, FieldType> = new Map<string, FieldType>([
  ...Object.entries(FOUND),
  ...Object.entries(SAID),
]);

/** Sections whose members examples lay over neutral facts one by one. */
export const SECTIONS: readonly string[] = [
  ...new Set([...FIELDS.keys()].map((path) => path.slice(0, path.indexOf('.')))),
];

/** Is this a value of that type? */
export function isOfType(type: FieldType, value: unknown): boolean {
  switch (type) {
    case 'text':
      return typeof value === 'string';
    case 'boolean':
      return typeof value === 'boolean';
    case 'number':
    case 'instant':
      return typeof value === 'number' && Number.isFinite(value);
    case 'words':
      return Array.isArray(value) && value.every((item) => typeof item === 'string');
  }
}

const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
};

/** The known word that is nearest to a misspelt one, for messages; `undefined` when none is near. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    const away = distance(word.toLowerCase(), candidate.toLowerCase());
    if (away < least) [best, least] = [candidate, away];
  }
  return best;
}
