import { systemClock } from '../../models/base/clock.ts';
import type { AuditReport } from '../../pipeline/audit/verify.ts';
import type { ReplayReport } from '../../pipeline/govern.ts';
import type { CliContext } from './context.ts';
import { openOutput } from './output.ts';
import { callServer, streamServer } from './remote.ts';
import { spanOf } from './rules-change.ts';

/** `laneway audit verify`. True when nothing was changed. */
export async function verifyAuditCommand(context: CliContext): Promise<boolean> {
  const report = (await callServer(context, 'POST', '/v1/audit/verify')) as AuditReport;
  for (const { code, where, detail } of report.problems) context.print(`${code}: ${where}: ${detail}`);
  if (report.more) context.print('... and more');
  const { ok, entries, blocks, chains, checkpoints, unsigned, dropped } = report;
  context.print(
    `${ok ? 'whole' : 'CHANGED'}: ${entries} entries in ${blocks} blocks of ${chains} chains, ${checkpoints} signed checkpoints, ${unsigned} blocks not yet signed, ${dropped} contents dropped by retention`,
  );
  return ok;
}

/** `laneway audit query SQL` */
export async function queryAuditCommand(context: CliContext, query: string): Promise<void> {
  const { columns, rows, more } = (await callServer(context, 'POST', '/v1/audit/query', { query })) as {
    columns: string[];
    rows: Record<string, unknown>[];
    more: boolean;
  };
  context.print(columns.join('\t'));
  for (const row of rows) context.print(columns.map((name) => String(row[name] ?? '')).join('\t'));
  if (more) context.note('only the first 1,000 rows are shown');
}

/** `laneway audit replay`: recorded decisions taken again. True when every readable one came out the same. */
export async function replayAuditCommand(
  context: CliContext,
  flags: { readonly on?: string; readonly limit?: number },
): Promise<boolean> {
  const span = flags.on === undefined ? {} : spanOf(flags.on, systemClock());
  const limit = flags.limit === undefined ? {} : { limit: flags.limit };
  const report = (await callServer(context, 'POST', '/v1/audit/replay', {
    ...span,
    ...limit,
  })) as ReplayReport;
  const { differing, ...counts } = report;
  context.print(
    Object.entries(counts)
      .map(([name, n]) => `${n} ${name}`)
      .join(', '),
  );
  for (const id of differing) context.print(`different: ${id}`);
  return report.different === 0 && report.unreadable === 0 && report.rulesUnknown === 0;
}

/** `laneway audit export --out FILE` */
export async function exportAuditCommand(
  context: CliContext,
  flags: { readonly on?: string; readonly out: string },
): Promise<void> {
  const span = flags.on === undefined ? undefined : spanOf(flags.on, systemClock());
  const query = span === undefined ? '' : `?${new URLSearchParams(span).toString()}`;
  const output = await openOutput(flags.out);
  try {
    for await (const text of streamServer(context, `/v1/audit/export${query}`)) {
      if (!(await output.write(text))) break;
    }
    await output.commit();
  } catch (error) {
    await output.discard();
    throw error;
  }
}

/** `laneway audit checkpoints` */
export async function checkpointsCommand(context: CliContext): Promise<void> {
  const { checkpoints, publicKey } = (await callServer(context, 'GET', '/v1/audit/checkpoints')) as {
    checkpoints: { seq: number; at: string; hash: string; keyId: string }[];
    publicKey: string;
  };
  for (const { seq, at, hash, keyId } of checkpoints)
    context.print(`${seq}  ${at}  ${hash}  signed by ${keyId}`);
  context.print(publicKey.trim());
}

/** `laneway erase RECIPIENT --reason TEXT` */
export async function eraseCommand(
  context: CliContext,
  recipient: string,
  flags: { readonly reason: string; readonly author?: string },
): Promise<void> {
  const author = flags.author ?? context.env['USER'] ?? 'operator';
  const done = (await callServer(context, 'POST', '/v1/erasures', {
    recipient,
    author,
    reason: flags.reason,
  })) as { found: boolean; messages: number; objections: number };
  context.print(
    done.found
      ? `erased: key destroyed, ${done.messages} messages blanked, ${done.objections} objections kept by hash`
      : 'nothing was known of that address',
  );
}
