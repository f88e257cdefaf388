import { createRegistry } from '../../models/artifact/registry.ts';
import type { CliContext } from './context.ts';
import { callServer } from './remote.ts';

/** `laneway models challenge VERSION|--stop` */
export function challengeCommand(context: CliContext, reference: string | undefined): void {
  const registry = createRegistry(context.home);
  if (reference === undefined) {
    registry.challenge(undefined);
    context.print('no model challenges the champion any more');
    return;
  }
  registry.challenge(reference);
  const { challenger } = registry.aliases();
  context.print(`${challenger} now answers in shadow; a running server starts it within seconds`);
  context.print('see         npx laneway models disagreements');
}

interface Answer {
  readonly class: string;
  readonly band: string;
  readonly probability: number;
}
interface DisagreementLine {
  readonly fingerprint: string;
  readonly kind: string;
  readonly champion: Answer;
  readonly challenger: Answer;
  readonly count: number;
  readonly lastAt: string;
}
interface ModelsAnswer {
  readonly champion: { readonly version: string };
  readonly challenger: null | {
    readonly version: string;
    readonly state: string;
    readonly compared: number;
    readonly disagreed: { readonly class: number; readonly treatment: number };
    readonly dropped: number;
    readonly failed: number;
  };
}

const words = ({ class: named, band, probability }: Answer) => `${named} ${probability.toFixed(3)} ${band}`;

/** `laneway models disagreements` */
export async function disagreementsCommand(context: CliContext, limit: number): Promise<void> {
  const { champion, challenger } = (await callServer(context, 'GET', '/v1/models')) as ModelsAnswer;
  if (!challenger) {
    context.note('No model challenges the champion. Start one with: npx laneway models challenge VERSION');
    return;
  }
  const { version, state, compared, disagreed, dropped, failed } = challenger;
  context.print(`champion ${champion.version}, challenger ${version} (${state})`);
  context.print(
    `${compared} compared: ${disagreed.class} of another class, ${disagreed.treatment} of another treatment; ${dropped} dropped, ${failed} failed`,
  );
  const path = `/v1/models/disagreements?limit=${limit}`;
  const { disagreements } = (await callServer(context, 'GET', path)) as { disagreements: DisagreementLine[] };
  for (const one of disagreements) {
    context.print(
      `${one.lastAt}  ${one.fingerprint}  ${String(one.count).padStart(5)} times  ${one.kind.padEnd(9)}  ${words(one.champion)} -> ${words(one.challenger)}`,
    );
  }
}

interface DriftAnswer {
  readonly modelVersion: string;
  readonly state: 'watching' | 'learning' | 'no-reference';
  readonly messages: number;
  readonly readings: readonly {
    readonly monitor: string;
    readonly value: number;
    readonly threshold: number;
    readonly alarm: boolean;
  }[];
  readonly shiftedSenders: readonly {
    readonly sender: string;
    readonly before: number;
    readonly now: number;
  }[];
}

const STATES: Readonly<Record<DriftAnswer['state'], string>> = {
  watching: 'watching',
  learning: 'learning: too few messages for an alarm',
  'no-reference': 'the model carries no reference, so only senders are watched; train it again',
};

/** `laneway models drift`; false when a monitor alarms. */
export async function driftCommand(context: CliContext): Promise<boolean> {
  const drift = (await callServer(context, 'GET', '/v1/models/drift')) as DriftAnswer;
  const { modelVersion, state, messages, readings, shiftedSenders } = drift;
  context.print(`model ${modelVersion}: ${messages} messages in the window, ${STATES[state]}`);
  for (const { monitor, value, threshold, alarm } of readings) {
    context.print(
      `${monitor.padEnd(14)} ${value.toFixed(3).padStart(7)}  alarm from ${threshold.toFixed(2)}  ${alarm ? 'ALARM' : 'ok'}`,
    );
  }
  for (const { sender, before, now } of shiftedSenders)
    context.print(`sender ${sender}: mean P(promotional) was ${before.toFixed(2)}, is ${now.toFixed(2)}`);
  return readings.every(({ alarm }) => !alarm);
}
