import { writeFileSync } from 'node:fs';
import { systemClock } from '../../models/base/clock.ts';
import { LanewayError, messageOf } from '../../models/base/errors.ts';
import { describeMachine } from '../bench/machine.ts';
import { FAULTS } from './faults.ts';
import { openJournal } from './journal.ts';
import { labPage } from './page.ts';
import { isClean, type RunReport, runFaults } from './run.ts';
import type { ScenarioReport } from './scenario.ts';
import { SCENARIOS, seedsFrom } from './scenarios.ts';
import { soak } from './soak.ts';
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
  /** Scenarios after the runs, with commas between them: zone, disk, takeover, failover, spike, campaign, all or none. */
  readonly scenarios?: string;
  /** Goes on with the runs of the same seed and size that the journal beside the page lacks. */
  readonly resume?: boolean;
  /** Steady traffic without faults for so long after the runs, minutes. */
  readonly soak?: number;
  /** Messages a second of the soak, default 50. */
  readonly rate?: number;
  /** Default `lab.html`. */
  readonly out?: string;
}

export interface LabOutput {
  readonly print: (line: string) => void;
  readonly note: (line: string) => void;
}

const STRIKES = 4;
const MAX_STRIKE_MS = 3_000;
const PATIENCE_MS = 900_000;
const SOAK_PER_SECOND = 50;

/** A new world after so many runs: the store and the carrier's book of a long lab do not slow its later runs. */
const RUNS_A_WORLD = 5;

/** Runs the lab and writes its page after every run. @returns whether everything held */
export async function runLab(flags: LabFlags, { print, note }: LabOutput): Promise<boolean> {
  const { messages = 2_000, seed = 1, out = 'lab.html' } = flags;
  const chosen = chooseScenarios(flags.scenarios ?? 'all');
  const journal = openJournal(out.replace(/(?:\.html)?$/, '.jsonl'), { lab: seed, messages });
  const runs: RunReport[] = flags.resume ? [...journal.done] : [];
  const scenarios: ScenarioReport[] = [];
  const skipped: string[] = [];
  const machine = describeMachine();
  const facts = {
    machine: `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Node ${machine.node}`,
    at: new Date(systemClock()).toISOString(),
    skipped,
  };
  const write = (): void => writeFileSync(out, labPage(runs, scenarios, facts));
  const seeds = seedsFrom(seed, flags.runs ?? 3);
  const done = new Set(runs.map((run) => run.seed));
  const open = seeds.filter((one) => !done.has(one));
  if (runs.length > 0) note(`${runs.length} runs are done, ${open.length} to go`);
  let broken = 0;
  for (let begun = 0; begun < open.length; ) {
    note('Starting PostgreSQL, Redis, the carrier and the processes ...');
    const world = await openWorld({ seed });
    try {
      for (const one of open.slice(begun, begun + RUNS_A_WORLD)) {
        begun++;
        const report = await runFaults(world, {
          seed: one,
          messages,
          faults: FAULTS,
          strikes: STRIKES,
          maxStrikeMs: MAX_STRIKE_MS,
          patienceMs: PATIENCE_MS,
        });
        runs.push(report);
        journal.add(report);
        write();
        print(
          `run ${runs.length} of ${seeds.length}, seed ${one}: ${report.acknowledged} acknowledged, lost ${report.lost}, delivered twice ${report.deliveredTwice}, unknown ${report.ambiguous}, ${(report.tookMs / 1_000).toFixed(1)} s; ${report.faults.map((fault) => fault.name).join(', ')}`,
        );
      }
    } catch (error) {
      // The lab itself failed: the runs that are left get a new world, and this one is told of.
      broken++;
      print(`a run could not be finished: ${messageOf(error)}`);
    } finally {
      await world.close();
    }
  }
  if (flags.soak !== undefined) {
    note(`soak of ${flags.soak} minutes ...`);
    tell(await soak(flags.soak, flags.rate ?? SOAK_PER_SECOND, note));
  }
  for (const scenario of chosen) {
    note(`${scenario.name} ...`);
    const report = await scenario.run({ messages, campaign: flags.campaign ?? messages * 10 });
    if ('skipped' in report) {
      skipped.push(report.skipped);
      write();
      print(`skipped: ${report.skipped}`);
    } else tell(report);
  }
  print(
    `${runs.length} runs, ${runs.reduce((all, run) => all + run.acknowledged, 0)} messages: lost ${runs.reduce((all, run) => all + run.lost, 0)}, delivered twice ${runs.reduce((all, run) => all + run.deliveredTwice, 0)}${broken === 0 ? '' : `, ${broken} could not be finished`}; written to ${out}`,
  );
  return broken === 0 && runs.every(isClean) && scenarios.every((one) => one.clean);

  function tell(report: ScenarioReport): void {
    scenarios.push(report);
    write();
    const figures = Object.entries(report.figures).map(([figure, value]) => `${figure} ${value}`);
    print(`${report.name}: ${report.clean ? 'held' : 'DID NOT HOLD'}; ${figures.join(', ')}`);
  }
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
