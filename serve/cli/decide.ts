import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { LanewayError, messageOf } from '../../models/base/errors.ts';
import type { CliContext } from './context.ts';
import { callServer } from './remote.ts';

export interface DecideFlags {
  readonly to?: string;
  readonly from?: string;
  readonly channel?: string;
  readonly body?: string;
  readonly subject?: string;
  readonly category?: string;
  /** JSON object of facts. */
  readonly metadata?: string;
  /** File with the message as JSON; `-` is standard input. */
  readonly message?: string;
  /** ISO instant; default now. */
  readonly at?: string;
  readonly json?: boolean;
}

interface RuleLine {
  readonly rule: string;
  readonly title: string;
  readonly basis: string;
  readonly result: 'pass' | 'fail' | 'unknown';
  readonly consequence: string;
  readonly explanation: string;
}
interface Decision {
  readonly at: string;
  readonly outcome: string;
  readonly rules: readonly string[];
  readonly missing: readonly string[];
  readonly earliestAllowedAt: string | null;
  readonly smallestChange: { readonly changes: readonly string[]; readonly at: string } | null;
  readonly class: string | null;
  readonly probability: number | null;
  readonly treatment: string;
  readonly reclassifiedBy: readonly string[];
  readonly verdicts: readonly RuleLine[];
  readonly notApplicable: readonly string[];
  readonly clock: { readonly zones: readonly string[]; readonly basis: string };
}

function parsed(what: string, source: string): unknown {
  try {
    return JSON.parse(source);
  } catch (error) {
    throw new LanewayError('USAGE', `${what} is not JSON: ${messageOf(error)}`);
  }
}

async function messageFrom(flags: DecideFlags): Promise<unknown> {
  const { to, from, channel, body, subject, category, metadata, message } = flags;
  const base =
    message === undefined
      ? {}
      : parsed('the message', message === '-' ? await text(process.stdin) : readFileSync(message, 'utf8'));
  const said = { to, from, channel, body, subject, category };
  return {
    ...(base as object),
    ...Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)),
    ...(metadata === undefined ? {} : { metadata: parsed('--metadata', metadata) }),
  };
}

const MARKS: Readonly<Record<RuleLine['result'], string>> = {
  pass: 'met',
  fail: 'NOT MET',
  unknown: 'NOT KNOWN',
};

/** `laneway decide`: asks the running server what it would decide; nothing is stored or sent. */
export async function decideCommand(context: CliContext, flags: DecideFlags): Promise<void> {
  const query = flags.at === undefined ? '' : `?at=${encodeURIComponent(flags.at)}`;
  const answer = await callServer(context, 'POST', `/v1/decide${query}`, await messageFrom(flags));
  if (flags.json === true) {
    context.print(JSON.stringify(answer, null, 2));
    return;
  }
  const decision = answer as Decision;
  const { outcome, rules, earliestAllowedAt, smallestChange, clock, verdicts } = decision;
  const chance = decision.probability === null ? '' : `, P(promotional) ${decision.probability.toFixed(3)}`;
  context.print(
    `${outcome.toUpperCase()} at ${decision.at}${rules.length === 0 ? '' : ` by ${rules.join(', ')}`}`,
  );
  context.print(
    `treated as ${decision.treatment} (class ${decision.class ?? 'not known'}${chance}${decision.reclassifiedBy.length === 0 ? '' : `, reclassified by ${decision.reclassifiedBy.join(', ')}`})`,
  );
  context.print(`clock: ${clock.zones.join(', ') || 'no zone is known'} (from ${clock.basis})`);
  if (decision.missing.length > 0) context.print(`missing: ${decision.missing.join(', ')}`);
  if (outcome !== 'send') {
    context.print(`earliest time it may go: ${earliestAllowedAt ?? 'never, while things stand as they do'}`);
  }
  if (smallestChange !== null) {
    context.print(`it would go at ${smallestChange.at} if:`);
    for (const change of smallestChange.changes) context.print(`  - ${change}`);
  }
  for (const result of ['fail', 'unknown', 'pass'] as const) {
    for (const one of verdicts.filter((verdict) => verdict.result === result)) {
      context.print(`${MARKS[result].padEnd(10)}${one.rule}: ${one.title} (${one.basis})`);
      if (result !== 'pass') context.print(`          ${one.explanation} [${one.consequence}]`);
    }
  }
  context.print(`${decision.notApplicable.length} more rules of these places do not bind this message`);
}
