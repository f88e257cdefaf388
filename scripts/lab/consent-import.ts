import { spawn } from 'node:child_process';
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { monotonicMs } from '../../models/base/clock.ts';
import { freePort } from '../../pipeline/store/server.fixture.ts';

/** Where the three bad lines of a file of so many rows stand, and what is wrong with each. */
const BAD: readonly { readonly share: number; readonly row: string }[] = [
  { share: 0.1, row: '12,2026-01-02T03:04:05Z,sms,marketing,express' },
  { share: 0.5, row: '+12025550100,yesterday,sms,marketing,express' },
  { share: 0.9, row: '+12025550101,2026-01-02T03:04:05Z,sms,marketing,certainly' },
];

/** Writes a file of consents with three bad lines. @returns their numbers, the header being line 1 */
async function writeConsentFile(file: string, rows: number): Promise<number[]> {
  const bad = new Map(BAD.map(({ share, row }) => [Math.floor(rows * share), row]));
  const out = createWriteStream(file);
  const write = (line: string): Promise<void> | undefined =>
    out.write(`${line}\n`) ? undefined : new Promise((resolve) => out.once('drain', resolve));
  await write('recipient,at,channel,purpose,level');
  for (let i = 0; i < rows; i++) {
    const number = `+1${201 + Math.floor(i / 1_000_000)}${String(2_000_000 + (i % 1_000_000)).padStart(7, '0')}`;
    await write(bad.get(i) ?? `${number},2026-01-02T03:04:05Z,sms,marketing,express`);
  }
  await new Promise((resolve) => out.end(resolve));
  return [...bad.keys()].map((index) => index + 2);
}

const peakMiB = (pid: number): number =>
  Math.round(Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024);

/** Starts `laneway ...` as a process of its own. */
function laneway(env: NodeJS.ProcessEnv, ...args: string[]) {
  const child = spawn(process.execPath, ['scripts/laneway.mjs', ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { child, ended, lines: createInterface({ input: child.stdout }) };
}

// A consent file with three bad lines, into a running server: `npx tsx scripts/lab/consent-import.ts [ROWS]`.
if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const rows = Number(process.argv[2] ?? 1_000_000);
  const home = mkdtempSync(join(tmpdir(), 'laneway-consent-'));
  const file = join(home, 'consents.csv');
  const expected = await writeConsentFile(file, rows);
  const env = {
    LANEWAY_HOME: join(home, 'data'),
    PORT: String(await freePort()),
    LANEWAY_ENCODER: 'none',
    LANEWAY_LOG_LEVEL: 'warn',
  };
  const server = laneway(env, 'serve');
  try {
    await Promise.race([
      new Promise<void>((resolve) =>
        server.lines.on('line', (line) => line.includes('http://') && resolve()),
      ),
      server.ended.then(() => Promise.reject(new Error('the server did not start'))),
    ]);
    const began = monotonicMs();
    const client = laneway(env, 'consent', 'import', file, '--by', 'lab');
    const said: string[] = [];
    client.lines.on('line', (line) => said.push(line));
    let clientMiB = 0;
    const watch = setInterval(() => {
      try {
        clientMiB = Math.max(clientMiB, peakMiB(client.child.pid!));
      } catch {
        // It has just ended.
      }
    }, 1_000);
    const code = await client.ended;
    clearInterval(watch);
    const seconds = (monotonicMs() - began) / 1_000;
    const listed = said.flatMap((line) => Number(/consents\.csv:(\d+):/.exec(line)?.[1]) || []);
    const right = code === 0 && listed.join() === expected.join();
    process.stdout.write(
      `${said.join('\n')}\n${JSON.stringify({
        rows,
        badLines: listed,
        asExpected: right,
        seconds: Math.round(seconds * 10) / 10,
        rowsPerSecond: Math.round(rows / seconds),
        peakMiB: { server: peakMiB(server.child.pid!), import: clientMiB },
      })}\n`,
    );
    if (!right) process.exitCode = 1;
  } finally {
    server.child.kill('SIGTERM');
    await server.ended;
    rmSync(home, { recursive: true, force: true });
  }
}
