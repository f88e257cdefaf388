import type { Chosen } from '../../../train/review/choose.ts';
import type { KeySource } from './keys.ts';

/** What a person said of a message. */
export type Answer = { readonly label: 'transactional' | 'promotional' } | { readonly risk: true };

export interface SessionPorts {
  readonly keys: KeySource;
  /** Shows a message; `at` counts from 1. */
  show(message: Chosen, at: number): Promise<void>;
  say(line: string): void;
  /** Writes a label down for good. */
  record(message: Chosen, answer: Answer): Promise<void>;
}

export interface SessionResult {
  readonly labelled: number;
  readonly skipped: number;
}

const ANSWERS: Readonly<Record<string, Answer>> = {
  t: { label: 'transactional' },
  p: { label: 'promotional' },
  s: { risk: true },
};
const NAMES: Readonly<Record<string, string>> = {
  t: 'transactional',
  p: 'promotional',
  s: 'scam',
  k: 'skipped',
};

/** The last decision, which `u` takes back: it is written down only when the next one is made, or at the end. */
interface Pending {
  readonly at: number;
  readonly message: Chosen;
  /** Undefined: skipped. */
  readonly answer: Answer | undefined;
}

/** Shows messages one after another and takes a key for each. */
export async function runReview(messages: readonly Chosen[], ports: SessionPorts): Promise<SessionResult> {
  const { keys, show, say, record } = ports;
  let [labelled, skipped] = [0, 0];
  let pending: Pending | undefined;
  const settle = async (): Promise<void> => {
    const settled = pending;
    pending = undefined;
    if (settled?.answer) {
      await record(settled.message, settled.answer);
      labelled++;
    } else if (settled) skipped++;
  };

  let at = 0;
  let shown = -1;
  while (at < messages.length) {
    const message = messages[at]!;
    if (shown !== at) await show(message, at + 1);
    shown = at;
    const key = await keys.next();
    if (key === undefined || key === 'q') break;
    if (key === 'u') {
      if (pending) {
        at = pending.at;
        pending = undefined;
        say('taken back');
      } else say('nothing to take back: an answer stands once the next one is given');
      continue;
    }
    if (!Object.hasOwn(NAMES, key)) {
      say(`"${key}" is no answer: t, p, s, k, u or q`);
      continue;
    }
    await settle();
    pending = { at, message, answer: ANSWERS[key] };
    say(NAMES[key]!);
    at++;
    // The last answer can be taken back too.
    if (at === messages.length && (await lastWord(keys, say))) {
      at = pending.at;
      pending = undefined;
      shown = -1;
    }
  }
  await settle();
  return { labelled, skipped };
}

/** True when the last answer is taken back. */
async function lastWord(keys: KeySource, say: (line: string) => void): Promise<boolean> {
  say('That was the last one: u takes it back, any other key ends.');
  return (await keys.next()) === 'u';
}
