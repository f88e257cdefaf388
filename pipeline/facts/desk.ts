import type { Kysely } from 'kysely';
import type { Clock } from '../../models/base/clock.ts';
import type { AuditTrail } from '../audit/trail.ts';
import type { RuleSet } from '../comply/types.ts';
import type { Keyring } from '../keys/keyring.ts';
import { appendFacts, type FactSubject, latestFacts, type StoredFact } from '../store/facts.ts';
import { tellHeld } from '../store/held.ts';
import type { Database } from '../store/schema.ts';
import { checkFact, type FactProblem, factCatalogue } from './catalogue.ts';

/** Whom facts are stated of. */
export type FactsAbout =
  | { readonly scope: 'tenant' }
  | { readonly scope: 'sender'; readonly sender: string }
  | { readonly scope: 'recipient'; readonly recipient: string };

/** A fact as someone states it; see `values.ts` for the forms of `value`. */
export interface StatedFact {
  readonly path: string;
  readonly value: unknown;
  /** Who says so: a register, a file, a person. */
  readonly source: string;
  /** Since when it is so; default now. */
  readonly asOfMs?: number | undefined;
  /** Exclusive; an instant that is past withdraws it. */
  readonly untilMs?: number | undefined;
}

export type SetResult =
  | { readonly kind: 'set'; readonly facts: readonly StoredFact[] }
  | { readonly kind: 'invalid'; readonly problems: readonly (FactProblem & { readonly index: number })[] };

/** Facts from outside that rules ask for, by tenant. */
export interface FactDesk {
  /** Appends facts, all or none, each in the audit trail. Resolves when they are durable: from then on they count. */
  set(tenant: string, about: FactsAbout, facts: readonly StatedFact[], author: string): Promise<SetResult>;
  /** The latest of each path, also what has ended, by path. */
  list(tenant: string, about: FactsAbout): Promise<readonly StoredFact[]>;
}

export interface FactDeskParts {
  readonly db: Kysely<Database>;
  readonly trail: AuditTrail;
  readonly keyring: Keyring;
  readonly clock: Clock;
  readonly ruleset: () => RuleSet;
}

export function createFactDesk({ db, trail, keyring, clock, ruleset }: FactDeskParts): FactDesk {
  const subjectOf = (tenant: string, about: FactsAbout): FactSubject => {
    switch (about.scope) {
      case 'tenant':
        return { tenant, scope: 'tenant', subject: '' };
      case 'sender':
        return { tenant, scope: 'sender', subject: about.sender };
      case 'recipient':
        return { tenant, scope: 'recipient', subject: keyring.tagOf({ tenant, ...about }) };
    }
  };
  const list = async (tenant: string, about: FactsAbout): Promise<readonly StoredFact[]> => {
    const subject = subjectOf(tenant, about);
    const facts = (await latestFacts(db, [subject]))(subject);
    return [...facts].sort((a, b) => (a.path < b.path ? -1 : 1));
  };

  return {
    list,
    async set(tenant, about, stated, author) {
      const nowMs = clock();
      const catalogue = factCatalogue(ruleset());
      const facts: StoredFact[] = [];
      const problems: (FactProblem & { index: number })[] = [];
      for (const [index, { path, value, source, asOfMs = nowMs, untilMs }] of stated.entries()) {
        const checked = checkFact(catalogue, about.scope, path, value);
        if (!checked.ok) problems.push({ ...checked.problem, index });
        else
          facts.push({
            path,
            value: checked.value,
            source,
            asOfMs,
            ...(untilMs === undefined ? {} : { untilMs }),
          });
      }
      if (problems.length > 0) return { kind: 'invalid', problems };
      const recipients = about.scope === 'recipient' ? [{ tenant, recipient: about.recipient }] : [];
      await trail.transact(db, recipients, async (tx, append) => {
        await appendFacts(tx, subjectOf(tenant, about), facts, nowMs);
        const { scope: _, ...whom } = about;
        await tellHeld(tx, [{ tenant, ...whom }]);
        await append([
          {
            kind: 'admin',
            tenant,
            atMs: nowMs,
            subject: 'facts.set',
            ...(about.scope === 'recipient' ? { recipient: about.recipient } : {}),
            payload: {
              author,
              scope: about.scope,
              ...(about.scope === 'sender' ? { sender: about.sender } : {}),
              facts,
            },
          },
        ]);
      });
      return { kind: 'set', facts: await list(tenant, about) };
    },
  };
}
