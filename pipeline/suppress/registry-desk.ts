import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../models/base/clock.ts';
import { LanewayError } from '../../models/base/errors.ts';
import type { AuditTrail } from '../audit/trail.ts';
import type { RegistryAnswer } from '../comply/facts.ts';
import { type HeldNews, tellHeld } from '../store/held.ts';
import type { Store } from '../store/open.ts';
import {
  activateFile,
  addEntries,
  configureHttp,
  listRegistries,
  openOwnRegistry,
  type RegistryStatus,
} from '../store/registries.ts';
import type { Db } from '../store/schema.ts';
import { type OpenContactSource, registryFolder } from './contact-source.ts';
import type { HttpRegistrySettings } from './http-registry.ts';
import { openRegistryFile, type RegistryFileStats } from './registry-file.ts';
import { openAddressKeys } from './registry-format.ts';

/** Registries as a person handles them. Each change is in the audit trail, and messages on hold hear of it. */
export interface RegistryDesk {
  list(
    tenant: string,
  ): Promise<
    (RegistryStatus & { readonly lookups?: RegistryFileStats & { readonly memoryBytes: number } })[]
  >;
  /** What each registry says of an address. */
  lookup(tenant: string, recipient: string): Promise<Readonly<Record<string, RegistryAnswer>>>;
  /**
   * Puts a file of the registry folder in force, on every process from the next message on. What it replaces is removed
   * but for the last one.
   * @throws LanewayError `REGISTRY_FILE_UNREADABLE`, `REGISTRY_FILE_DAMAGED`, `REGISTRY_KEY_MISMATCH`,
   *   `REGISTRY_OLDER`: the copy in force is of a later date
   */
  activate(
    tenant: string,
    name: string,
    file: string,
    options?: { readonly force?: boolean },
  ): Promise<RegistryStatus>;
  /** Adds single entries, at once; to a registry that has no copy as the first of its own. */
  add(
    tenant: string,
    name: string,
    entries: readonly { readonly recipient: string; readonly listedSinceMs?: number }[],
  ): Promise<void>;
  /** Makes it a registry that is asked over HTTP. */
  configure(tenant: string, name: string, settings: HttpRegistrySettings): Promise<void>;
}

const FILE_NAME = /^[a-z0-9][a-z0-9-]{0,63}-[0-9a-f]{12}\.lwreg$/;

export function createRegistryDesk(
  store: Pick<Store, 'urgent'>,
  source: OpenContactSource,
  dataDir: string,
  clock: Clock,
  trail: AuditTrail,
): RegistryDesk {
  const db = store.urgent;
  /** A change, its entry and the news of it, in one transaction. Addresses stay out of the entry: the registry has them. */
  const change = (
    tenant: string,
    what: 'activate' | 'add' | 'configure',
    payload: { readonly registry: string; readonly [name: string]: unknown },
    /** Resolves to whom it concerns. */
    work: (tx: Db) => Promise<readonly HeldNews[]>,
  ): Promise<void> =>
    trail.transact(db, [], async (tx, append) => {
      await tellHeld(tx, await work(tx));
      await append([{ kind: 'admin', tenant, atMs: clock(), subject: `registries.${what}`, payload }]);
    });
  const statusOf = async (tenant: string, name: string): Promise<RegistryStatus | undefined> =>
    (await listRegistries(db, tenant)).find((one) => one.name === name);
  return {
    async list(tenant) {
      const figures = source.stats();
      return (await listRegistries(db, tenant)).map((status) => {
        const lookups = figures[`${tenant}/${status.name}`];
        return { ...status, ...(lookups === undefined ? {} : { lookups }) };
      });
    },
    lookup: (tenant, recipient) => source.answers(db, tenant, recipient),
    async activate(tenant, name, file, { force = false } = {}) {
      const folder = join(registryFolder(dataDir), tenant);
      if (!FILE_NAME.test(file) || !existsSync(join(folder, file))) {
        throw new LanewayError('REGISTRY_FILE_UNREADABLE', 'there is no such file in the registry folder', {
          where: file.slice(0, 80),
          fix: 'Load it with laneway registry load on this machine, with the LANEWAY_HOME of the server.',
        });
      }
      const opened = await openRegistryFile(join(folder, file), openAddressKeys(registryFolder(dataDir)));
      const { header } = opened;
      await opened.close();
      if (header.name !== name) {
        throw new LanewayError('REGISTRY_FILE_DAMAGED', `the file is of registry ${header.name}`, {
          where: file,
        });
      }
      const before = await statusOf(tenant, name);
      if (before && before.kind === 'file' && before.asOfMs > header.asOfMs && !force) {
        throw new LanewayError(
          'REGISTRY_OLDER',
          `the copy in force is of ${new Date(before.asOfMs).toISOString()}, this one is older`,
          { fix: 'Load the newer copy, or use --force to go back.' },
        );
      }
      const { asOfMs, entries, source: from } = header;
      await change(
        tenant,
        'activate',
        { registry: name, file, asOfMs, entries, source: from, force },
        async (tx) => {
          await activateFile(tx, tenant, name, {
            name: file,
            asOfMs,
            entries,
            source: from,
            loadedAtMs: clock(),
          });
          return [{ tenant }];
        },
      );
      removeOld(folder, name, new Set([file, before?.file ?? file]));
      return (await statusOf(tenant, name))!;
    },
    add: (tenant, name, entries) =>
      change(tenant, 'add', { registry: name, entries: entries.length }, async (tx) => {
        const opened = await openOwnRegistry(tx, tenant, name, clock());
        await addEntries(tx, tenant, name, entries);
        return opened ? [{ tenant }] : entries.map(({ recipient }) => ({ tenant, recipient }));
      }),
    configure: (tenant, name, settings) =>
      change(tenant, 'configure', { registry: name, settings }, async (tx) => {
        await configureHttp(tx, tenant, name, settings, clock());
        return [{ tenant }];
      }),
  };
}

function removeOld(folder: string, name: string, keep: ReadonlySet<string>): void {
  for (const file of readdirSync(folder)) {
    const isOfIt = FILE_NAME.test(file) && file.slice(0, -'-0123456789ab.lwreg'.length) === name;
    if (isOfIt && !keep.has(file)) rmSync(join(folder, file), { force: true });
  }
}
