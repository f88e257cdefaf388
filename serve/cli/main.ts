import { createContext } from './context.ts';
import { createProgram } from './program.ts';
import { describeError } from './report-error.ts';

/**
 * Runs one command line. Never throws: what goes wrong is one or two lines on standard error and an exit code of 2
 * (the command or its data is at fault) or 1.
 *
 * @param args without node and script
 */
export async function main(args: readonly string[]): Promise<void> {
  const context = createContext();
  // Who reads our output may stop at any time (`| head`); that is no fault.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  try {
    await createProgram(context).parseAsync(args, { from: 'user' });
  } catch (error) {
    context.progress.end();
    const { lines, exitCode } = describeError(error);
    for (const line of lines) context.note(line);
    process.exitCode = exitCode;
  }
}
