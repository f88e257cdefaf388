import { createInterface, emitKeypressEvents, type Key } from 'node:readline';
import type { Readable } from 'node:stream';
import type { ReadStream } from 'node:tty';

/** Keys of a person, one at a time; undefined when there are no more. */
export interface KeySource {
  next(): Promise<string | undefined>;
  close(): void;
}

const isTerminal = (input: Readable): input is ReadStream => (input as Partial<ReadStream>).isTTY === true;

/** Single key presses of a terminal; from anything else the first letter of each line. */
export function openKeys(input: Readable): KeySource {
  return isTerminal(input) ? terminalKeys(input) : lineKeys(input);
}

function lineKeys(input: Readable): KeySource {
  const lines = createInterface({ input });
  const iterator = lines[Symbol.asyncIterator]();
  return {
    async next() {
      for (;;) {
        const { done, value } = await iterator.next();
        if (done) return undefined;
        const key = (value as string).trim().charAt(0).toLowerCase();
        if (key !== '') return key;
      }
    },
    close: () => lines.close(),
  };
}

function terminalKeys(input: ReadStream): KeySource {
  const typed: (string | undefined)[] = [];
  let waiting: ((key: string | undefined) => void) | undefined;
  const give = (key: string | undefined): void => {
    if (waiting) waiting(key);
    else typed.push(key);
    waiting = undefined;
  };
  const heard = (_text: string | undefined, key: Key): void => {
    const { name, ctrl } = key;
    if (ctrl && (name === 'c' || name === 'd')) give('q');
    else if (!ctrl && name !== undefined) give(name.toLowerCase());
  };
  const ended = (): void => give(undefined);
  emitKeypressEvents(input);
  input.setRawMode(true);
  input.on('keypress', heard).once('end', ended);
  input.resume();
  return {
    next: () =>
      typed.length > 0
        ? Promise.resolve(typed.shift())
        : new Promise((resolve) => {
            waiting = resolve;
          }),
    close() {
      input.off('keypress', heard).off('end', ended);
      input.setRawMode(false);
      input.pause();
    },
  };
}
