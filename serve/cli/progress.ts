import cliProgress from 'cli-progress';
import { monotonicMs } from '../../models/base/clock.ts';

/** Shows how far phases of work are, on standard error. */
export interface Progress {
  /** Sets the state of a phase; another phase than the last one ends that one. */
  show(phase: string, done: number, total: number): void;
  /** Ends the last phase. */
  end(): void;
}

/** Without a terminal a line is printed at the start of a phase, then at most this often, and at its end. */
const LINE_EVERY_MS = 10_000;

/**
 * Bars with an estimate of the time left on a terminal, plain lines elsewhere.
 *
 * @param stream default standard error, so that standard output stays a command's own
 */
export function createProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  return stream.isTTY ? barProgress(stream) : lineProgress((line) => stream.write(`${line}\n`));
}

function barProgress(stream: NodeJS.WriteStream): Progress {
  let bar: cliProgress.SingleBar | undefined;
  let current: string | undefined;
  const end = () => {
    if (bar) {
      bar.update(bar.getTotal());
      bar.stop();
    }
    bar = undefined;
    current = undefined;
  };
  return {
    show(phase, done, total) {
      if (phase !== current) {
        end();
        current = phase;
        bar = new cliProgress.SingleBar(
          {
            stream,
            format: `${phase.padEnd(24)} {bar} {percentage}% {value}/{total} ETA {eta_formatted}`,
            formatTime: cliProgress.Format.TimeFormat,
            hideCursor: true,
            gracefulExit: false,
          },
          cliProgress.Presets.shades_classic,
        );
        bar.start(Math.max(total, 1), done);
        return;
      }
      bar?.setTotal(Math.max(total, 1));
      bar?.update(done);
    },
    end,
  };
}

/** Plain lines; exported for its test. */
export function lineProgress(print: (line: string) => void, clock: () => number = monotonicMs): Progress {
  let current: { phase: string; startedMs: number; shownMs: number } | undefined;
  const end = () => {
    if (current) print(`${current.phase}: done in ${seconds(clock() - current.startedMs)}`);
    current = undefined;
  };
  return {
    show(phase, done, total) {
      const nowMs = clock();
      if (current?.phase !== phase) {
        end();
        current = { phase, startedMs: nowMs, shownMs: nowMs };
        print(`${phase} ...`);
        return;
      }
      if (nowMs - current.shownMs < LINE_EVERY_MS || done <= 0) return;
      current.shownMs = nowMs;
      const leftMs = ((nowMs - current.startedMs) * Math.max(0, total - done)) / done;
      print(`${phase}: ${done} of ${total}, about ${seconds(leftMs)} left`);
    },
    end,
  };
}

function seconds(ms: number): string {
  const whole = Math.round(ms / 100) / 10;
  return whole < 90 ? `${whole} s` : `${Math.floor(whole / 60)} min ${Math.round(whole % 60)} s`;
}
