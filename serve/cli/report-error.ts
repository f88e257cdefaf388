import { CommanderError } from 'commander';
import { LanewayError, messageOf } from '../../models/base/errors.ts';

/** What a failed command leaves behind: lines for standard error and the code the process ends with. */
export interface ErrorReport {
  readonly lines: readonly string[];
  /** 0 for what is no failure (`--help`), 2 when what the caller gave is at fault, 1 for everything else. */
  readonly exitCode: 0 | 1 | 2;
}

/** Codes of errors that the caller can mend in the command or its data. */
const CALLERS_FAULT =
  /^(USAGE|OPTION_|DATA_|ROW_|CORPUS_|TEMPLATE_|MODEL_(UNKNOWN|NO_PREVIOUS|IS_CHAMPION)$|FEEDBACK_NONE$|GATE_NO_LABELS$|TRAIN_|INVALID_|RULE_PACK|CALIBRATION_TOO_SMALL$)/;

/** Faults of the system that a person can do something about; everything else is a bug. */
const SYSTEM_FAULTS: Readonly<Record<string, readonly [code: string, message: string, fix: string]>> = {
  ENOSPC: [
    'DISK_FULL',
    'no space is left on the disk',
    'Free some space, or write elsewhere: --out, or LANEWAY_HOME for the data folder. Nothing half-written was kept.',
  ],
  EDQUOT: ['DISK_FULL', 'the disk quota is used up', 'Free some space, or write elsewhere.'],
  EACCES: ['NO_PERMISSION', 'permission denied', 'Check the owner and mode of that path.'],
  EPERM: ['NO_PERMISSION', 'operation not permitted', 'Check the owner and mode of that path.'],
  EROFS: ['NO_PERMISSION', 'the file system is read-only', 'Write elsewhere: --out, or LANEWAY_HOME.'],
  ENOENT: ['PATH_NOT_FOUND', 'no such file or folder', 'Check the path, or make the folder.'],
  ENOTDIR: ['PATH_NOT_FOUND', 'a part of the path is not a folder', 'Check the path.'],
  EISDIR: ['PATH_IS_FOLDER', 'that is a folder, not a file', 'Name a file.'],
  EADDRINUSE: ['PORT_IN_USE', 'the port is taken by another process', 'Choose another with PORT=8788.'],
  EMFILE: ['TOO_MANY_FILES', 'too many files are open', 'Raise the limit: ulimit -n 4096.'],
};

/** Turns whatever was thrown into what a person reads: one or two lines, never a stack but for a bug. */
export function describeError(error: unknown): ErrorReport {
  if (error instanceof CommanderError) return describeUsage(error);
  if (error instanceof LanewayError) {
    const system = systemFaultOf(error.cause);
    const line = formatLine(error.code, error.message, error.where, error.fix);
    if (system && system.exitCode === 1 && /space|quota/.test(system.lines[0]!)) {
      return { lines: [...line, ...system.lines], exitCode: 1 };
    }
    return { lines: line, exitCode: CALLERS_FAULT.test(error.code) ? 2 : 1 };
  }
  const system = systemFaultOf(error);
  if (system) return system;
  const stack = error instanceof Error && error.stack ? error.stack : messageOf(error);
  return { lines: [`error INTERNAL: ${stack}`, 'This is a bug in Laneway.'], exitCode: 1 };
}

function describeUsage(error: CommanderError): ErrorReport {
  if (error.exitCode === 0) return { lines: [], exitCode: 0 };
  // Commander answers a command group without its command with the help text.
  if (error.code === 'commander.help') return { lines: [], exitCode: 2 };
  const message = error.message.replace(/^error: /, '');
  return { lines: [`error USAGE: ${message}. Fix: see npx laneway --help`], exitCode: 2 };
}

function systemFaultOf(error: unknown): ErrorReport | undefined {
  const { code, path, port } = (error ?? {}) as NodeJS.ErrnoException & { port?: number };
  const known = code === undefined ? undefined : SYSTEM_FAULTS[code];
  if (!known) return undefined;
  const [name, message, fix] = known;
  const where = path ?? (port === undefined ? undefined : `port ${port}`);
  return { lines: formatLine(name, message, where, fix), exitCode: 1 };
}

function formatLine(
  code: string,
  message: string,
  where: string | undefined,
  fix: string | undefined,
): string[] {
  const place = where === undefined || message.includes(where) ? '' : ` (${where})`;
  const end = fix === undefined ? '' : `. Fix: ${fix}`;
  return [`error ${code}: ${message.replace(/\.$/, '')}${place}${end}`];
}
