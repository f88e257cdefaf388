import { join } from 'node:path';
import type { Clock } from '../../models/base/clock.ts';
import type { RegistryAnswer } from '../comply/facts.ts';
import type { ContactSource, KnownContacts } from '../process/ports.ts';
import { type Contact, type Contacts, loadContacts, type RegistrySnapshot } from '../store/contacts.ts';
import { createDenylistStore } from '../store/denylist.ts';
import { keepAnswers, keptAnswers } from '../store/registries.ts';
import type { Db } from '../store/schema.ts';
import { compileDenylist, type DeniedFacts, type Denylist, EMPTY_DENYLIST } from './denylist.ts';
import { askHttpRegistry, HttpRegistrySettings } from './http-registry.ts';
import { openRegistryFile, type RegistryFile, type RegistryFileStats } from './registry-file.ts';
import { type AddressKeys, openAddressKeys } from './registry-format.ts';

export interface ContactSourceOptions {
  /** Data folder; registry files lie in `registries/` of it. */
  readonly dataDir: string;
  readonly clock: Clock;
  readonly report: (error: unknown, doing: string) => void;
}

export interface OpenContactSource extends ContactSource {
  /** What each registry of the tenant says of one address. */
  answers(db: Db, tenant: string, recipient: string): Promise<Readonly<Record<string, RegistryAnswer>>>;
  /** Of registry files that are open, by tenant and registry. */
  stats(): Readonly<Record<string, RegistryFileStats & { readonly memoryBytes: number }>>;
  close(): Promise<void>;
}

/** Folder of the registry files of a data folder. */
export const registryFolder = (dataDir: string): string => join(dataDir, 'registries');

/** After a file could not be opened it is tried again so much later. */
const TRY_AGAIN_MS = 10_000;
/** After a registry gave no answer it is asked again so much later: messages do not wait for it each time. */
const PAUSE_MS = 5_000;

/**
 * What is known of recipients: consent and suppressions from the store in one statement, registries from their files
 * and over HTTP, and the denylist. That statement also brings which file and which version of the denylist is in force,
 * so a change counts from the next message on, on every process, without a restart and without asking again.
 */
export function createContactSource({ dataDir, clock, report }: ContactSourceOptions): OpenContactSource {
  const folder = registryFolder(dataDir);
  let keys: AddressKeys | undefined;
  const files = new Map<
    string,
    { readonly file: string; readonly open: Promise<RegistryFile | undefined> }
  >();
  /** Those that could be opened, for their figures. */
  const opened = new Map<string, RegistryFile>();
  const failedAt = new Map<string, number>();
  const denylists = new Map<string, { readonly version: number; readonly list: Promise<Denylist> }>();
  const paused = new Map<string, number>();

  /** The open file of a registry, or undefined when it cannot be read here: then there is no answer. */
  function fileOf(tenant: string, { name, file }: RegistrySnapshot): Promise<RegistryFile | undefined> {
    const key = `${tenant}/${name}`;
    const there = files.get(key);
    const failed = failedAt.get(key);
    const tryAgain = failed !== undefined && clock() - failed >= TRY_AGAIN_MS;
    if (there && there.file === file && !tryAgain) return there.open;
    failedAt.delete(key);
    keys ??= openAddressKeys(folder);
    const open = openRegistryFile(join(folder, tenant, file!), keys).then(
      (found) => {
        opened.set(key, found);
        return found;
      },
      (error: unknown) => {
        failedAt.set(key, clock());
        opened.delete(key);
        report(error, `opening registry ${name}`);
        return undefined;
      },
    );
    files.set(key, { file: file!, open });
    // Lookups in hand may still read the old file; it is closed when they are done.
    if (there) setTimeout(() => void there.open.then((old) => old?.close()), TRY_AGAIN_MS).unref();
    return open;
  }

  async function askFile(
    tenant: string,
    snapshot: RegistrySnapshot,
    recipients: readonly string[],
  ): Promise<ReadonlyMap<string, RegistryAnswer>> {
    const file = await fileOf(tenant, snapshot);
    if (!file) return new Map();
    try {
      const answers = await Promise.all(recipients.map((recipient) => file.lookup(recipient)));
      return new Map(recipients.map((recipient, i) => [recipient, answers[i]!]));
    } catch (error) {
      report(error, `asking registry ${snapshot.name}`);
      return new Map();
    }
  }

  /** Kept answers while they are fresh, new ones for the rest; an old one where the registry does not answer. */
  async function askHttp(
    db: Db,
    tenant: string,
    { name, settings: text }: RegistrySnapshot,
    recipients: readonly string[],
  ): Promise<ReadonlyMap<string, RegistryAnswer>> {
    const settings = HttpRegistrySettings.parse(JSON.parse(text!));
    const asked = recipients.filter(
      (recipient) => settings.prefixes?.some((prefix) => recipient.startsWith(prefix)) ?? true,
    );
    if (asked.length === 0) return new Map();
    const known = await keptAnswers(db, tenant, name, asked);
    const nowMs = clock();
    const isFresh = (recipient: string): boolean =>
      nowMs - (known.get(recipient)?.checkedAtMs ?? -Infinity) < settings.ttlSeconds * 1_000;
    const open = asked.filter((recipient) => !isFresh(recipient));
    const key = `${tenant}/${name}`;
    if (open.length === 0 || (paused.get(key) ?? 0) > nowMs) return known;
    const groups: string[][] = [];
    for (let at = 0; at < open.length; at += settings.batch) groups.push(open.slice(at, at + settings.batch));
    await Promise.all(
      groups.map(async (group) => {
        try {
          const answers = await askHttpRegistry(name, settings, group, nowMs);
          await keepAnswers(db, tenant, name, answers);
          for (const [recipient, answer] of answers) known.set(recipient, answer);
        } catch (error) {
          paused.set(key, clock() + PAUSE_MS);
          report(error, `asking registry ${name}`);
        }
      }),
    );
    return known;
  }

  /** Answers of registries that are not rows of the store, by registry and address. */
  async function outside(
    db: Db,
    contacts: Contacts,
    tenant: string,
    recipients: readonly string[],
  ): Promise<ReadonlyMap<string, ReadonlyMap<string, RegistryAnswer>>> {
    const asked = contacts.snapshots(tenant).filter(({ kind }) => kind !== 'store');
    const answers = await Promise.all(
      asked.map((snapshot) =>
        snapshot.kind === 'file'
          ? askFile(tenant, snapshot, recipients)
          : askHttp(db, tenant, snapshot, recipients),
      ),
    );
    return new Map(asked.map(({ name }, i) => [name, answers[i]!]));
  }

  async function denylistOf(db: Db, tenant: string, version: number): Promise<Denylist | undefined> {
    if (version === 0) return EMPTY_DENYLIST;
    const there = denylists.get(tenant);
    if (there && there.version >= version) return there.list;
    const list = createDenylistStore(db)
      .entries(tenant)
      .then((entries) => compileDenylist(entries));
    denylists.set(tenant, { version, list });
    try {
      return await list;
    } catch (error) {
      denylists.delete(tenant);
      report(error, 'reading the denylist');
      return undefined;
    }
  }

  async function load(
    db: Db,
    messages: readonly { readonly tenant: string; readonly recipient: string }[],
  ): Promise<KnownContacts> {
    const contacts = await loadContacts(db, messages);
    const byTenant = new Map<string, Set<string>>();
    for (const { tenant, recipient } of messages) {
      const there = byTenant.get(tenant);
      if (there) there.add(recipient);
      else byTenant.set(tenant, new Set([recipient]));
    }
    const answers = new Map<string, ReadonlyMap<string, ReadonlyMap<string, RegistryAnswer>>>();
    const lists = new Map<string, Denylist | undefined>();
    for (const [tenant, recipients] of byTenant) {
      lists.set(tenant, await denylistOf(db, tenant, contacts.denylist(tenant)));
      answers.set(tenant, await outside(db, contacts, tenant, [...recipients]));
    }
    return {
      contact(tenant, recipient) {
        const contact = contacts.contact(tenant, recipient);
        const more = answers.get(tenant);
        return more === undefined || more.size === 0 ? contact : withAnswers(contact, recipient, more);
      },
      denied: ({ tenant, ...message }, nowMs): DeniedFacts => lists.get(tenant)?.ask(message, nowMs) ?? {},
    };
  }

  return {
    load,
    async answers(db, tenant, recipient) {
      return (await load(db, [{ tenant, recipient }])).contact(tenant, recipient).registries;
    },
    stats() {
      return Object.fromEntries(
        [...opened].map(([key, file]) => [key, { ...file.stats(), memoryBytes: file.memoryBytes }]),
      );
    },
    async close() {
      for (const { open } of files.values()) await (await open)?.close();
      files.clear();
    },
  };
}

/** Registries of the store and others; an entry that was added by hand beside a file counts too. */
function withAnswers(
  contact: Contact,
  recipient: string,
  more: ReadonlyMap<string, ReadonlyMap<string, RegistryAnswer>>,
): Contact {
  const registries: Record<string, RegistryAnswer> = { ...contact.registries };
  for (const [name, answers] of more) {
    const answer = answers.get(recipient);
    const added = contact.added[name];
    if (added && (answer === undefined || !answer.listed)) registries[name] = added;
    else if (answer) registries[name] = answer;
  }
  return { ...contact, registries };
}
