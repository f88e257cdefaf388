import { type Kysely, sql } from 'kysely';

const STATEMENTS = [
  // Whole sets of packs: a version is there with all its packs or not at all.
  `create table rule_releases (
    version text collate "C" not null,
    digest text collate "C" not null,
    packs text not null,
    origin text not null,
    made_at_ms bigint not null,
    primary key (version, digest)
  )`,
  `create table rule_orders (
    seq bigint primary key,
    kind text not null,
    version text collate "C" not null,
    digest text collate "C" not null,
    effective_at_ms bigint not null,
    issued_at_ms bigint not null,
    author text not null,
    reason text not null,
    key_id text not null,
    signature text not null
  )`,
  // What each process has counted of rules that are asked beside those in force.
  `create table rule_shadows (
    version text collate "C" not null,
    process text collate "C" not null,
    findings text not null,
    updated_at_ms bigint not null,
    primary key (version, process)
  )`,
  `create index decisions_by_time on decisions (tenant, created_at_ms, message_id, seq)`,
  `alter table decisions alter column record drop not null`,
  // Objections of erased recipients, by keyed hash of the address: the only way to go on honouring them.
  `create table kept_objections (
    tenant text collate "C" not null,
    tag text collate "C" not null,
    entry_key text collate "C" not null,
    since_ms bigint not null,
    entry text not null,
    primary key (tenant, tag, entry_key)
  )`,
  `create schema laneway_audit`,
  // What an analyst asks in SQL: one tenant's entries, and what concerns all tenants.
  `create view laneway_audit.audit as
    select to_timestamp(at_ms / 1000.0) as at, kind, subject, seq, recipient, outcome, channel, lane, class,
      split_part(place, ',', 1) as country, place, ruleset, rules, content_hash, writer, block, ord
    from public.audit_entries
    where tenant = current_setting('laneway.tenant', true) or tenant = '*'`,
  // A wall behind the checks of the query itself, where the database user may make roles.
  `do $$ begin
    if not exists (select 1 from pg_roles where rolname = 'laneway_analyst') then
      create role laneway_analyst nologin;
    end if;
    execute 'grant laneway_analyst to ' || quote_ident(current_user);
    grant usage on schema laneway_audit to laneway_analyst;
    grant select on laneway_audit.audit to laneway_analyst;
  exception when others then null;
  end $$`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}
