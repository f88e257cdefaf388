import { parseBytes } from './body.ts';
import { ProblemError } from './problem.ts';

/** One line of newline-delimited JSON: its number from 1 on, and what it holds or what is wrong with it. */
export type NdjsonLine =
  | { readonly line: number; readonly value: unknown }
  | { readonly line: number; readonly problem: ProblemError };

/** Longest line, bytes; the rest of a longer one is passed over. */
export const MAX_LINE_BYTES = 262_144;
const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * Reads newline-delimited JSON as it arrives, holding no more than one chunk and one line. Blank lines are counted and
 * left out; a wrong line is told and holds up no other.
 */
export async function* readNdjson(body: ReadableStream<Uint8Array>): AsyncGenerator<NdjsonLine[]> {
  const reader = body.getReader();
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  let line = 0;
  const finish = (last: Uint8Array): NdjsonLine | undefined => {
    line++;
    const tooLong = heldBytes + last.length > MAX_LINE_BYTES;
    const bytes = held.length === 0 ? last : Buffer.concat([...held, last]);
    held = [];
    heldBytes = 0;
    if (tooLong) return { line, problem: tooLongProblem() };
    return readLine(line, bytes);
  };
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      const lines: NdjsonLine[] = [];
      let from = 0;
      for (let at = value.indexOf(NEWLINE); at >= 0; at = value.indexOf(NEWLINE, from)) {
        const found = finish(value.subarray(from, at));
        if (found) lines.push(found);
        from = at + 1;
      }
      heldBytes += value.length - from;
      // Of a line that is too long nothing is kept but that it is.
      if (heldBytes > MAX_LINE_BYTES) held = [];
      else if (from < value.length) held.push(value.slice(from));
      if (lines.length > 0) yield lines;
    }
    const last = heldBytes > 0 ? finish(new Uint8Array()) : undefined;
    if (last) yield [last];
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function readLine(line: number, bytes: Uint8Array): NdjsonLine | undefined {
  const end = bytes.at(-1) === CARRIAGE_RETURN ? bytes.length - 1 : bytes.length;
  if (bytes.subarray(0, end).every((byte) => byte === 0x20 || byte === 0x09)) return undefined;
  try {
    return { line, value: parseBytes(bytes.subarray(0, end)) };
  } catch (error) {
    if (error instanceof ProblemError) return { line, problem: error };
    throw error;
  }
}

function tooLongProblem(): ProblemError {
  return new ProblemError('BODY_TOO_LARGE', `The line is longer than ${MAX_LINE_BYTES} bytes.`);
}
