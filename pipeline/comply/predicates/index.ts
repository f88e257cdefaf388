import { consent } from './consent.ts';
import { detectorClear, hasElement, urlHostsNotIn } from './content.ts';
import { countAtMost } from './count-at-most.ts';
import type { PredicateDefinition } from './define.ts';
import { field } from './field.ts';
import { localTimeIn } from './local-time-in.ts';
import { all, any, not } from './logic.ts';
import { messageIs } from './message-is.ts';
import { notOnRegistry } from './not-on-registry.ts';
import { notSuppressed } from './not-suppressed.ts';
import { senderIdMatches } from './sender-id.ts';
import { withinOfEvent } from './within-event.ts';

/** The rule language: a new predicate is one file and one entry here. */
const DEFINITIONS: readonly PredicateDefinition[] = [
  all,
  any,
  not,
  field,
  messageIs,
  localTimeIn,
  withinOfEvent,
  countAtMost,
  consent,
  notSuppressed,
  notOnRegistry,
  hasElement,
  detectorClear,
  urlHostsNotIn,
  senderIdMatches,
];

export const PREDICATES: ReadonlyMap<string, PredicateDefinition> = new Map(
  DEFINITIONS.map((definition) => [definition.name, definition]),
);
