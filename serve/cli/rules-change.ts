import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../models/base/clock.ts';
import { LanewayError } from '../../models/base/errors.ts';
import { RULES_KEY } from '../../pipeline/govern.ts';
import { openSigningKey } from '../../pipeline/keys/signing-key.ts';
import type { ChangeReport } from '../../pipeline/rules/compare.ts';
import { type OrderKind, signOrder } from '../../pipeline/rules/order.ts';
import { parsePacks } from '../../pipeline/rules/parse.ts';
import { releaseOf } from '../../pipeline/rules/release.ts';
import type { CliContext } from './context.ts';
import { callServer } from './remote.ts';

export interface OrderFlags {
  /** ISO instant; default now. */
  readonly at?: string;
  /** File of the Ed25519 key; default the data folder's. */
  readonly key?: string;
  readonly author?: string;
  readonly reason?: string;
}

interface Standing {
  readonly version: string;
  readonly from: string | null;
}
interface RulesView {
  readonly inForce: Standing;
  readonly previous: Standing | null;
  readonly coming: readonly Standing[];
  readonly shadow: string | null;
  readonly shipped: string;
  readonly nextOrder: number;
  readonly refused: string | null;
}
interface Version {
  readonly version: string;
  readonly digest: string;
  readonly origin: string;
  readonly madeAt: string | null;
}

function filesOf(dir: string): Record<string, string> {
  const names = readdirSync(dir).filter((name) => name.endsWith('.yaml'));
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(dir, name), 'utf8')]));
}

const rulesView = async (context: CliContext): Promise<RulesView> =>
  (await callServer(context, 'GET', '/v1/rules')) as RulesView;

const versionsOf = async (context: CliContext): Promise<readonly Version[]> =>
  ((await callServer(context, 'GET', '/v1/rules/versions')) as { versions: Version[] }).versions;

function printView(context: CliContext, view: RulesView): void {
  const line = (what: string, { version, from }: Standing): void =>
    context.print(
      `${what.padEnd(10)}${version}  ${from === null ? 'from the first start on' : `from ${from}`}`,
    );
  line('in force', view.inForce);
  if (view.previous) line('before', view.previous);
  for (const one of view.coming) line('to come', one);
  if (view.shadow !== null) context.print(`shadow    ${view.shadow}`);
  context.print(`shipped   ${view.shipped}`);
  if (view.refused !== null) context.print(`REFUSED   ${view.refused}`);
}

/** `laneway rules status` */
export async function rulesStatusCommand(context: CliContext): Promise<void> {
  printView(context, await rulesView(context));
}

/** `laneway rules versions` */
export async function rulesVersionsCommand(context: CliContext): Promise<void> {
  for (const { version, origin, madeAt, digest } of await versionsOf(context))
    context.print(`${version}  ${origin.padEnd(8)}  ${madeAt ?? ''}  ${digest}`);
}

/** `laneway rules upload DIR`: brings packs and checks that they arrived as they are here. */
export async function uploadRulesCommand(context: CliContext, dir: string): Promise<Version> {
  const packs = filesOf(dir);
  const here = releaseOf(parsePacks(packs));
  const there = (await callServer(context, 'POST', '/v1/rules/versions', { packs })) as Version;
  if (there.digest !== here.digest) {
    throw new LanewayError(
      'RULES_DAMAGED',
      `the server read other packs: ${there.digest}, here ${here.digest}`,
      {
        fix: 'Run the same Laneway on both sides.',
      },
    );
  }
  context.print(`${there.version}  ${there.digest}`);
  return there;
}

async function versionNamed(context: CliContext, name: string): Promise<Version> {
  if (existsSync(name) && statSync(name).isDirectory()) return uploadRulesCommand(context, name);
  const { inForce, previous, shipped, shadow } = await rulesView(context);
  const named: Readonly<Record<string, string | null | undefined>> = {
    active: inForce.version,
    previous: previous?.version,
    shipped,
    shadow,
  };
  const wanted = named[name] ?? name;
  const found = (await versionsOf(context)).filter(({ version }) => version.startsWith(wanted));
  const [one] = found;
  if (one && new Set(found.map(({ version }) => version)).size === 1) return one;
  throw new LanewayError(
    'RULES_UNKNOWN',
    `"${name}" names ${one ? 'several versions' : 'no version and no folder'}`,
    {
      fix: 'See laneway rules versions.',
    },
  );
}

async function order(
  context: CliContext,
  kind: OrderKind,
  version: Version,
  flags: OrderFlags,
): Promise<void> {
  const key = openSigningKey(flags.key ?? join(context.home, 'keys', RULES_KEY), false);
  const nowMs = systemClock();
  const effectiveAtMs = flags.at === undefined ? nowMs : Date.parse(flags.at);
  if (Number.isNaN(effectiveAtMs)) throw new LanewayError('USAGE', `--at ${flags.at} is no instant`);
  const { nextOrder } = await rulesView(context);
  const signed = signOrder(key, {
    format: 1,
    seq: nextOrder,
    kind,
    version: version.version,
    digest: version.digest,
    effectiveAtMs,
    issuedAtMs: nowMs,
    author: flags.author ?? context.env['USER'] ?? 'operator',
    reason: flags.reason ?? `${kind} from the command line`,
  });
  printView(context, (await callServer(context, 'POST', '/v1/rules/orders', signed)) as RulesView);
}

/** `laneway rules activate VERSION|DIR` and `laneway rules shadow VERSION|DIR`: signs the order here. */
export async function orderRulesCommand(
  context: CliContext,
  kind: 'activate' | 'shadow',
  name: string,
  flags: OrderFlags,
): Promise<void> {
  await order(context, kind, await versionNamed(context, name), flags);
}

/** `laneway rules shadow --off` */
export async function endShadowCommand(context: CliContext, flags: OrderFlags): Promise<void> {
  await order(context, 'unshadow', await versionNamed(context, 'shadow'), flags);
}

/** `laneway rules rollback` */
export async function rollbackRulesCommand(context: CliContext, flags: OrderFlags): Promise<void> {
  if (flags.key !== undefined) {
    await order(context, 'rollback', await versionNamed(context, 'previous'), flags);
    return;
  }
  const because = {
    author: flags.author ?? context.env['USER'] ?? 'operator',
    reason: flags.reason ?? 'rollback from the command line',
  };
  printView(context, (await callServer(context, 'POST', '/v1/rules/rollback', because)) as RulesView);
}

const UNITS: Readonly<Record<string, number>> = { h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 };

/** `last-7d`, `last-24h`, `last-2w`, or `FROM/TO` as ISO instants. */
export function spanOf(text: string, nowMs: number): { readonly from: string; readonly to: string } {
  const [, count, unit] = /^last-(\d+)([hdw])$/.exec(text) ?? [];
  const iso = (ms: number): string => new Date(ms).toISOString();
  if (count !== undefined) return { from: iso(nowMs - Number(count) * UNITS[unit!]!), to: iso(nowMs + 1) };
  const [from, to] = text.split('/').map((one) => Date.parse(one));
  if (from !== undefined && to !== undefined && from < to) return { from: iso(from), to: iso(to) };
  throw new LanewayError('USAGE', `--on ${text}: write last-7d, last-24h, or FROM/TO as ISO instants`);
}

function printReport(context: CliContext, report: ChangeReport): void {
  const { compared, changed, unreadable, outcomes, rules } = report;
  context.print(
    `${compared} recorded decisions, ${changed} would be others${unreadable > 0 ? `, ${unreadable} no longer readable` : ''}`,
  );
  for (const [outcome, n] of Object.entries(outcomes)) context.print(`${String(n).padStart(8)}  ${outcome}`);
  for (const { ruleId, before, after, decisions, examples } of rules)
    context.print(
      `${String(decisions).padStart(8)}  ${ruleId}: ${before} > ${after}  (${examples.join(', ')})`,
    );
}

/** `laneway rules diff A B --on last-7d`: which recorded decisions would change, by rule. */
export async function diffRulesCommand(
  context: CliContext,
  a: string,
  b: string,
  flags: { readonly on: string; readonly limit?: number; readonly json?: boolean },
): Promise<void> {
  const before = await versionNamed(context, a);
  const after = await versionNamed(context, b);
  const report = (await callServer(context, 'POST', '/v1/rules/diff', {
    before: before.version,
    after: after.version,
    ...spanOf(flags.on, systemClock()),
    ...(flags.limit === undefined ? {} : { limit: flags.limit }),
  })) as ChangeReport;
  if (flags.json === true) context.print(JSON.stringify(report));
  else printReport(context, report);
}

/** `laneway rules shadow`: what those in shadow would have decided otherwise. */
export async function showShadowCommand(context: CliContext): Promise<void> {
  const report = (await callServer(context, 'GET', '/v1/rules/shadow')) as ChangeReport & {
    version: string | null;
  };
  context.print(report.version === null ? 'no rules are asked in shadow' : `shadow ${report.version}`);
  if (report.version !== null) printReport(context, report);
}
