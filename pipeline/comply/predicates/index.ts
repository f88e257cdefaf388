import { consent, consentRecordHas, retains } from './consent.ts';
import {
  detectorClear,
  hasElement,
  keywordHandled,
  languageIs,
  phoneCount,
  phonesIn,
  urlCount,
  urlHostsIn,
  urlHostsNotIn,
} from './content.ts';
import { countAtMost, distinctAtMost, rateAtMost } from './count-at-most.ts';
import type { PredicateDefinition } from './define.ts';
import { equals, field } from './field.ts';
import { localTimeIn } from './local-time-in.ts';
import { all, any, not } from './logic.ts';
import { messageIs } from './message-is.ts';
import { domainNotOnList, notOnRegistry, registered, registryAnswer } from './not-on-registry.ts';
import { notSuppressed } from './not-suppressed.ts';
import { ageAtLeast, areaCodeIn, candidateIncluded, notInEmergencyArea } from './place.ts';
import { respectsPreference } from './respects-preference.ts';
import { senderIdMatches } from './sender-id.ts';
import { headerEquals, headerMatches, subjectStartsWith, textMatches, textStartsWith } from './text.ts';
import { dutyDoneWithin, withinOfEvent } from './within-event.ts';

/** The rule language: a new predicate is one definition and one entry here. */
const DEFINITIONS: readonly PredicateDefinition[] = [
  all,
  any,
  not,
  field,
  equals,
  messageIs,
  localTimeIn,
  withinOfEvent,
  dutyDoneWithin,
  notInEmergencyArea,
  respectsPreference,
  countAtMost,
  distinctAtMost,
  rateAtMost,
  consent,
  consentRecordHas,
  retains,
  notSuppressed,
  notOnRegistry,
  domainNotOnList,
  registryAnswer,
  registered,
  areaCodeIn,
  candidateIncluded,
  ageAtLeast,
  hasElement,
  detectorClear,
  textStartsWith,
  subjectStartsWith,
  textMatches,
  headerMatches,
  headerEquals,
  urlHostsIn,
  urlHostsNotIn,
  urlCount,
  phoneCount,
  phonesIn,
  languageIs,
  keywordHandled,
  senderIdMatches,
];

export const PREDICATES: ReadonlyMap<string, PredicateDefinition> = new Map(
  DEFINITIONS.map((definition) => [definition.name, definition]),
);
