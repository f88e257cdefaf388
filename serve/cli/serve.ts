import { monotonicMs } from '../../models/base/clock.ts';
import type { CliContext } from './context.ts';
import { openModel } from './open-model.ts';
import { ensureEncoder } from './prepared-encoder.ts';

/** A signal this soon after the first one is the same Ctrl-C, told twice (by the terminal and by npm). */
const SAME_SIGNAL_MS = 1_000;
const PARENT_CHECK_MS = 500;

/** `laneway serve`: serves until told to stop, then finishes the work in hand. */
export async function serveCommand(context: CliContext): Promise<void> {
  const { print, note, env } = context;
  const { loadConfig } = await import('../config.ts');
  const { startServer } = await import('../server.ts');
  const config = loadConfig(env);
  const stopping = untilTold();
  const { model } = await openModel({ ...context, home: config.home }, config.model);
  if (model.manifest.encoderId?.startsWith('minilm-') && config.encoder !== 'none')
    await ensureEncoder(context);
  note('Starting the store, Redis and the workers ...');
  const server = await startServer(config);
  print(`Laneway    ${server.url}   (reference: ${server.url}/docs)`);
  print(`model      ${server.modelVersion}`);
  for (const fault of server.degraded) note(`warning: ${fault}`);
  print(`key file   ${server.keyFile}`);
  print(`try        ${curlLine(server.url, server.keyFile)}`);
  print('stop       Ctrl-C');
  const signal = await stopping;
  note(`${signal}: finishing the work in hand (Ctrl-C again to stop at once) ...`);
  await server.close();
  note('Stopped.');
}

/** One line to paste; the shell reads the key, so it stays out of the screen and the history. */
export function curlLine(url: string, keyFile: string): string {
  const quoted = /^[\w./-]+$/.test(keyFile) ? keyFile : `'${keyFile.replaceAll("'", "'\\''")}'`;
  const body = '{"text":"Your code is 482913. Do not share it."}';
  return `curl -s ${url}/v1/classify -H "Authorization: Bearer $(cat ${quoted})" -H 'Content-Type: application/json' -d '${body}'`;
}

/** The first signal to stop; a later one ends the process at once. */
function untilTold(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let firstMs: number | undefined;
    const heard = (signal: NodeJS.Signals) => {
      const nowMs = monotonicMs();
      if (firstMs === undefined) {
        firstMs = nowMs;
        resolve(signal);
      } else if (nowMs - firstMs > SAME_SIGNAL_MS) process.exit(130);
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, heard);
    // `kill` of npm ends the shell between npm and us, and nobody tells us.
    const { ppid } = process;
    if (process.env['npm_lifecycle_event'] !== 'start' || ppid <= 1) return;
    const watch = setInterval(() => {
      if (process.ppid === ppid) return;
      clearInterval(watch);
      heard('SIGTERM');
    }, PARENT_CHECK_MS);
    watch.unref();
  });
}
