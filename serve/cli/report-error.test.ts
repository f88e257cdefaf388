import { CommanderError } from 'commander';
import { expect, it } from 'vitest';
import { LanewayError } from '../../models/base/errors.ts';
import { describeError } from './report-error.ts';

it('prints code, message, place and fix on one line', () => {
  const error = new LanewayError('DATA_BROKEN_QUOTE', 'a quote is open', {
    where: 'a.csv:3',
    fix: 'Close it.',
  });
  expect(describeError(error)).toEqual({
    lines: ['error DATA_BROKEN_QUOTE: a quote is open (a.csv:3). Fix: Close it.'],
    exitCode: 2,
  });
});

it('does not repeat a place that the message names', () => {
  const error = new LanewayError('FOLDER_IN_USE', '/x is in use', { where: '/x' });
  expect(describeError(error)).toEqual({ lines: ['error FOLDER_IN_USE: /x is in use'], exitCode: 1 });
});

it('says what to do when the disk is full, also when another error wraps it', () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), {
    code: 'ENOSPC',
    path: '/data/x',
  });
  const plain = describeError(full);
  expect(plain.exitCode).toBe(1);
  expect(plain.lines[0]).toMatch(
    /^error DISK_FULL: no space is left on the disk \(\/data\/x\)\. Fix: Free some space/,
  );
  const wrapped = describeError(new LanewayError('ENCODER_WRITE_FAILED', 'cannot write', { cause: full }));
  expect(wrapped.lines.join('\n')).toContain('DISK_FULL');
});

it('keeps the stack of a bug, and only of a bug', () => {
  const { lines, exitCode } = describeError(new TypeError('x is not a function'));
  expect(exitCode).toBe(1);
  expect(lines[0]).toMatch(/^error INTERNAL: TypeError: x is not a function\n\s+at /);
});

it('takes help for no failure and a wrong option for one', () => {
  expect(describeError(new CommanderError(0, 'commander.helpDisplayed', '(outputHelp)'))).toEqual({
    lines: [],
    exitCode: 0,
  });
  const wrong = describeError(
    new CommanderError(1, 'commander.unknownOption', "error: unknown option '--x'"),
  );
  expect(wrong).toEqual({
    lines: ["error USAGE: unknown option '--x'. Fix: see npx laneway --help"],
    exitCode: 2,
  });
});
