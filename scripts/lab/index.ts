import { writeFileSync } from 'node:fs';
import { monotonicMs, systemClock } from '../../models/base/clock.ts';
import { LanewayError } from '../../models/base/errors.ts';
import { describeMachine } from '../bench/machine.ts';
import { FAULTS } from './faults.ts';
import { labPage } from './page.ts';
import { isClean, type RunReport, runFaults } from './run.ts';
import type { ScenarioReport } from './scenario.ts';
import { SCENARIOS, seedsFrom } from './scenarios.ts';
import { openWorld } from './world/world.ts';

export interface LabFlags {
  /** Random runs, default 3. */
  readonly runs?: number;
  /** Messages in each, default 2,000. */
  readonly messages?: number;
  /** Adverts of the campaign during logins, default 10 times `messages`. */
  readonly campaign?: number;
  /** The same seed gives the same faults, default 1. */
  readonly seed?: number;
  /** Scenarios after the runs, with commas between them: zone, disk, takeover, spike, campaign, all or none. */
  readonly scenarios?: string;
  /** Goes on with new runs for so long instead of counting them, minutes. */
  readonly soak?: number;
  /** Default `lab.html`. */
  readonly out?: string;
}

export interface LabOutput {
  readonly print: (line: string) => void;
  readonly note: (line: string) => void;
}

const STRIKES = 4;
const MAX_STRIKE_MS = 3_000;
const PATIENCE_MS = 600_000;

/** Runs the lab and writes its page after every run. @returns whether everything held */
export async function runLab(flags: LabFlags, { print, note }: LabOutput): Promise<boolean> {
  const { messages = 2_000, seed = 1, out = 'lab.html' } = flags;
  const chosen = chooseScenarios(flags.scenarios ?? 'all');
  const runs: RunReport[] = [];
  const scenarios: ScenarioReport[] = [];
  const skipped: string[] = [];
  const machine = describeMachine();
  const facts = {
    machine: `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Node ${machine.node}`,
    at: new Date(systemClock()).toISOString(),
    skipped,
  };
  const write = (): void => writeFileSync(out, labPage(runs, scenarios, facts));
  const untilMs = flags.soak === undefined ? undefined : monotonicMs() + flags.soak * 60_000;
  const seeds = seedsFrom(seed, untilMs === undefined ? (flags.runs ?? 3) : 100_000);
  if (seeds.length > 0) {
    note('Starting PostgreSQL, Redis, the carrier and the processes ...');
    const world = await openWorld({ seed });
    try {
      for (const [i, one] of seeds.entries()) {
        if (untilMs !== undefined && monotonicMs() > untilMs) break;
        const report = await runFaults(world, {
          seed: one,
          messages,
          faults: FAULTS,
          strikes: STRIKES,
          maxStrikeMs: MAX_STRIKE_MS,
          patienceMs: PATIENCE_MS,
        });
        runs.push(report);
        write();
        print(
          `run ${i + 1}, seed ${one}: ${report.acknowledged} acknowledged, lost ${report.lost}, delivered twice ${report.deliveredTwice}, unknown ${report.ambiguous}, ${(report.tookMs / 1_000).toFixed(1)} s; ${report.faults.map((fault) => fault.name).join(', ')}`,
        );
      }
    } finally {
      await world.close();
    }
  }
  for (const scenario of chosen) {
    note(`${scenario.name} ...`);
    const report = await scenario.run({ messages, campaign: flags.campaign ?? messages * 10 });
    if ('skipped' in report) skipped.push(report.skipped);
    else scenarios.push(report);
    write();
    print(
      'skipped' in report
        ? `skipped: ${report.skipped}`
        : `${report.name}: ${report.clean ? 'held' : 'DID NOT HOLD'}; ${Object.entries(report.figures)
            .map(([figure, value]) => `${figure} ${value}`)
            .join(', ')}`,
    );
  }
  const held = runs.every(isClean) && scenarios.every((one) => one.clean);
  print(
    `${runs.length} runs, ${runs.reduce((all, run) => all + run.acknowledged, 0)} messages: lost ${runs.reduce((all, run) => all + run.lost, 0)}, delivered twice ${runs.reduce((all, run) => all + run.deliveredTwice, 0)}; written to ${out}`,
  );
  return held;
}

function chooseScenarios(names: string): typeof SCENARIOS {
  if (names === 'all') return SCENARIOS;
  if (names === 'none') return [];
  return names.split(',').map((name) => {
    const found = SCENARIOS.find((one) => one.name === name.trim());
    if (found) return found;
    throw new LanewayError(
      'OPTION_INVALID',
      `--scenarios ${name}: there are ${SCENARIOS.map((one) => one.name).join(', ')}, all and none`,
    );
  });
}
