import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';

const SCRIPT = fileURLToPath(new URL('./peer.fixture.pl', import.meta.url));

/** A message as the carrier put it together. */
export interface Submission {
  readonly id: string;
  readonly fields: readonly string[];
  readonly hex: string;
}

/** A carrier on Net::SMPP, in a process of its own. */
export interface SmppPeer {
  readonly port: number;
  /** Everything that has happened, a line each, fields apart. */
  readonly log: readonly (readonly string[])[];
  order(text: string): Promise<void>;
  submissions(): Submission[];
  stop(): Promise<void>;
}

/** Why there can be no peer on this machine, or undefined. */
export function noPeer(): string | undefined {
  return spawnSync('perl', ['-MNet::SMPP', '-e', '1']).status === 0
    ? undefined
    : 'no Net::SMPP on this machine (Debian: apt-get install libnet-smpp-perl)';
}

/** @param port the same as before for one that comes back; 0: any */
export async function startSmppPeer(port = 0): Promise<SmppPeer> {
  const child: ChildProcessWithoutNullStreams = spawn('perl', [SCRIPT, String(port)]);
  const log: string[][] = [];
  child.stderr.resume();
  createInterface(child.stdout).on('line', (line) => log.push(line.split('\t')));
  const find = (kind: string): string[] | undefined => log.find(([first]) => first === kind);
  await vi.waitFor(() => {
    if (!find('port')) throw new Error('the peer does not listen yet');
  }, 30_000);
  return {
    port: Number(find('port')![1]),
    log,
    async order(text) {
      const [name] = text.split(' ');
      const before = log.filter(([kind, of]) => kind === 'done' && of === name).length;
      child.stdin.write(`${text}\n`);
      await vi.waitFor(() => {
        if (log.filter(([kind, of]) => kind === 'done' && of === name).length === before)
          throw new Error(text);
      }, 30_000);
    },
    submissions: () =>
      log
        .filter(([kind]) => kind === 'submit')
        .map(([, id = '', ...rest]) => ({ id, fields: rest.slice(0, -1), hex: rest.at(-1) ?? '' })),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

const BASIC =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u001bÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
const EXTENDED: Readonly<Record<number, string>> = {
  10: '\f',
  20: '^',
  40: '{',
  41: '}',
  47: '\\',
  60: '[',
  61: '~',
  62: ']',
  64: '|',
  101: '€',
};

/** Puts the parts together as a telephone would: by their header, out of either alphabet. */
export function textsOf(submissions: readonly Submission[]): string[] {
  const joined = new Map<string, { order: number; text: string }[]>();
  for (const [i, { fields, hex }] of submissions.entries()) {
    const [, , , , esm, coding] = fields;
    const bytes = Buffer.from(hex, 'hex');
    const long = (Number(esm) & 0x40) !== 0;
    const payload = long ? bytes.subarray(bytes[0]! + 1) : bytes;
    const key = long ? `${bytes[3]}/${bytes[4]}` : `alone ${i}`;
    const parts = joined.get(key) ?? [];
    parts.push({ order: long ? bytes[5]! : 1, text: Number(coding) === 8 ? ucs2(payload) : gsm(payload) });
    joined.set(key, parts);
  }
  return [...joined.values()].map((parts) =>
    parts
      .sort((a, b) => a.order - b.order)
      .map(({ text }) => text)
      .join(''),
  );
}

const ucs2 = (bytes: Buffer): string => Buffer.from(bytes).swap16().toString('utf16le');

function gsm(bytes: Buffer): string {
  let text = '';
  for (let i = 0; i < bytes.length; i++) {
    text += bytes[i] === 0x1b ? (EXTENDED[bytes[++i]!] ?? '?') : BASIC[bytes[i]!];
  }
  return text;
}
