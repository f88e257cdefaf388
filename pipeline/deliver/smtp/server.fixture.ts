import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import PostalMime from 'postal-mime';
import { vi } from 'vitest';

/** Mail that a server has put into a mailbox. */
export interface Arrived {
  readonly mailbox: string;
  readonly raw: Buffer;
  readonly text: string;
  readonly subject: string;
  headers(name: string): string[];
}

/** Exim in a temporary folder, taking mail for everybody: `nobody@` is refused, `busy@` told to come later. */
export interface MailServer {
  readonly port: number;
  readonly caFile: string;
  arrived(): Promise<Arrived[]>;
  stop(): Promise<void>;
}

const EXIM = ['/usr/sbin/exim4', '/usr/sbin/exim', '/usr/bin/exim'].find((path) => existsSync(path));

/** Why there can be no mail server on this machine, or undefined. */
export function noMailServer(): string | undefined {
  if (EXIM === undefined) return 'no Exim on this machine (Debian: apt-get install exim4-daemon-light)';
  return spawnSync('openssl', ['version']).status === 0 ? undefined : 'no openssl on this machine';
}

function idOf(flag: string, user: string): number {
  return Number(spawnSync('id', [flag, user], { encoding: 'utf8' }).stdout.trim());
}

/** Exim gives up being root for a configuration that is not its own: then its own user runs it. */
function servant(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const user =
    ['Debian-exim', 'exim', 'mail'].find((name) => spawnSync('id', [name]).status === 0) ?? 'nobody';
  return { uid: idOf('-u', user), gid: idOf('-g', user) };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  return port;
}

const configuration = (dir: string, port: number): string => `
primary_hostname = mail.example.org
spool_directory = ${dir}/spool
log_file_path = ${dir}/log/%s
pid_file_path = ${dir}/exim.pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = ${port}
tls_advertise_hosts = *
tls_certificate = ${dir}/cert.pem
tls_privatekey = ${dir}/key.pem
dsn_advertise_hosts = *
deliver_drop_privilege = true
host_lookup =
rfc1413_hosts =
keep_environment =
acl_smtp_rcpt = rcpt
acl_smtp_data = data
smtp_accept_max = 50
timeout_frozen_after = 1m

begin acl
rcpt:
  deny  local_parts = nobody
        message = 5.1.1 no mailbox for $local_part@$domain
  defer local_parts = busy
        message = 4.2.1 $local_part@$domain is busy
  accept
data:
  accept

begin routers
everybody:
  driver = accept
  transport = mailbox

begin transports
mailbox:
  driver = appendfile
  directory = ${dir}/mail
  maildir_format = true
  envelope_to_add = true

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = \${if and{{eq{$auth2}{laneway}}{eq{$auth3}{hush}}}}
  server_set_id = $auth2
`;

export async function startMailServer(): Promise<MailServer> {
  const dir = mkdtempSync(join(tmpdir(), 'laneway-exim-'));
  const port = await freePort();
  const as = servant();
  for (const name of ['spool', 'log', 'mail']) mkdirSync(join(dir, name));
  writeFileSync(join(dir, 'exim.conf'), configuration(dir, port), { mode: 0o644 });
  spawnSync('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
    ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
    ...['-keyout', join(dir, 'key.pem'), '-out', join(dir, 'cert.pem')],
  ]);
  chmodSync(join(dir, 'key.pem'), 0o600);
  if (as)
    for (const name of ['', 'spool', 'log', 'mail', 'key.pem', 'cert.pem'])
      chownSync(join(dir, name), as.uid, as.gid);
  const server: ChildProcess = spawn(EXIM!, ['-C', join(dir, 'exim.conf'), '-bdf'], {
    cwd: dir,
    stdio: ['ignore', 'ignore', 'pipe'],
    ...as,
  });
  let complaints = '';
  server.stderr!.on('data', (text: Buffer) => {
    complaints += text.toString();
  });
  await vi.waitFor(
    async () => {
      if (server.exitCode !== null) throw new Error(`exim ended: ${complaints}`);
      const probe = connect({ host: '127.0.0.1', port });
      await once(probe, 'data');
      probe.destroy();
    },
    { timeout: 30_000, interval: 100 },
  );
  return {
    port,
    caFile: join(dir, 'cert.pem'),
    async arrived() {
      const folder = join(dir, 'mail', 'new');
      const files = existsSync(folder) ? readdirSync(folder) : [];
      return Promise.all(
        files.map(async (file) => {
          const raw = readFileSync(join(folder, file));
          const parsed = await PostalMime.parse(raw);
          const headers = (name: string): string[] =>
            parsed.headers.filter(({ key }) => key === name.toLowerCase()).map(({ value }) => value);
          return {
            mailbox: headers('envelope-to')[0]?.split('@')[0] ?? '',
            raw,
            text: (parsed.text ?? '').replace(/\r\n/g, '\n').trim(),
            subject: parsed.subject ?? '',
            headers,
          };
        }),
      );
    },
    async stop() {
      if (server.exitCode === null && server.signalCode === null) {
        const ended = once(server, 'exit');
        server.kill('SIGTERM');
        await ended;
      }
      // A delivery under way still writes.
      await vi.waitFor(() => rmSync(dir, { recursive: true, force: true }), {
        timeout: 10_000,
        interval: 100,
      });
    },
  };
}

/** Stands between a client and a server on loopback; cuts a connection when it sees what it waits for. */
export async function startCutter(
  to: number,
): Promise<{ port: number; cutAt(pattern: RegExp): void; stop(): void }> {
  let pattern: RegExp | undefined;
  const open = new Set<{ destroy(): void }>();
  const server = createServer((client) => {
    const upstream = connect({ host: '127.0.0.1', port: to });
    open.add(client).add(upstream);
    const end = (): void => {
      client.destroy();
      upstream.destroy();
    };
    client.on('error', end).on('close', end);
    upstream.on('error', end).on('close', end);
    client.pipe(upstream);
    upstream.on('data', (data: Buffer) => {
      if (pattern?.test(data.toString())) {
        pattern = undefined;
        end();
      } else client.write(data);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as { port: number }).port,
    cutAt(next) {
      pattern = next;
    },
    stop() {
      server.close();
      for (const one of open) one.destroy();
    },
  };
}
