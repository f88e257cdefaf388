import { nearest } from '../fields.ts';
import type { Pack } from '../types.ts';

/**
 * What is wrong between packs, each as `file:line: rule ID: ...`: one id twice (decision records refer to rules by
 * id), packs that extend each other in a circle or extend what is not there, pre-emption in a circle.
 */
export function disagreements(packs: readonly Pack[]): string[] {
  return [...doubles(packs), ...inheritanceProblems(packs), ...preemptionProblems(packs)];
}

function doubles(packs: readonly Pack[]): string[] {
  const problems: string[] = [];
  const ruleAt = new Map<string, string>();
  const packAt = new Map<string, string>();
  for (const pack of packs) {
    const other = packAt.get(pack.id);
    if (other !== undefined) problems.push(`${pack.file}:1: pack "${pack.id}" is already in ${other}`);
    packAt.set(pack.id, pack.file);
    for (const rule of pack.rules) {
      const place = `${pack.file}:${rule.line}`;
      const first = ruleAt.get(rule.id);
      if (first !== undefined)
        problems.push(`${place}: rule ${rule.id}: the id is already taken at ${first}`);
      ruleAt.set(rule.id, place);
    }
  }
  return problems;
}

/** A way back to where it began, as `a -> b -> a`; `undefined`: there is none. */
function circle(start: string, nextOf: (id: string) => readonly string[]): string[] | undefined {
  const seen = new Set<string>();
  const walk = (id: string, path: readonly string[]): string[] | undefined => {
    for (const next of nextOf(id)) {
      if (next === start) return [...path, next];
      if (seen.has(next)) continue;
      seen.add(next);
      const found = walk(next, [...path, next]);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return walk(start, [start]);
}

const hint = (word: string, known: Iterable<string>): string => {
  const near = nearest(word, known);
  return near === undefined ? '' : `; did you mean ${near}?`;
};

function inheritanceProblems(packs: readonly Pack[]): string[] {
  const problems: string[] = [];
  const byId = new Map(packs.map((pack) => [pack.id, pack]));
  for (const pack of packs) {
    for (const parent of pack.extends) {
      if (byId.has(parent)) continue;
      problems.push(`${pack.file}:1: extends "${parent}", which is not there${hint(parent, byId.keys())}`);
    }
    const round = circle(pack.id, (id) => byId.get(id)?.extends ?? []);
    if (round !== undefined)
      problems.push(`${pack.file}:1: packs extend each other in a circle: ${round.join(' -> ')}`);
    else {
      const inherited = new Set(ancestorsOf(pack, byId).flatMap(({ rules }) => rules.map(({ id }) => id)));
      for (const { rule } of pack.without) {
        if (!inherited.has(rule))
          problems.push(
            `${pack.file}:1: without "${rule}", which it does not inherit${hint(rule, inherited)}`,
          );
      }
    }
  }
  return problems;
}

function preemptionProblems(packs: readonly Pack[]): string[] {
  const problems: string[] = [];
  const preempts = new Map(
    packs.flatMap(({ rules }) => rules.map((rule) => [rule.id, rule.preempts] as const)),
  );
  for (const pack of packs) {
    for (const rule of pack.rules) {
      const place = `${pack.file}:${rule.line}: rule ${rule.id}: preempts:`;
      for (const other of rule.preempts) {
        if (!preempts.has(other))
          problems.push(`${place} there is no rule ${other}${hint(other, preempts.keys())}`);
      }
      const round = rule.preempts.length === 0 ? undefined : circle(rule.id, (id) => preempts.get(id) ?? []);
      if (round !== undefined) problems.push(`${place} rules pre-empt each other: ${round.join(' -> ')}`);
    }
  }
  return problems;
}

/** The packs that a pack extends, nearest first, each once. The packs must have passed {@link disagreements}. */
export function ancestorsOf(pack: Pack, byId: ReadonlyMap<string, Pack>): Pack[] {
  const found = new Map<string, Pack>();
  const visit = (ids: readonly string[]): void => {
    for (const id of ids) {
      const parent = byId.get(id);
      if (parent === undefined || found.has(id)) continue;
      found.set(id, parent);
      visit(parent.extends);
    }
  };
  visit(pack.extends);
  return [...found.values()];
}

/** In which places does the rule of a jurisdiction bind, given the recipient's candidate places? */
export type Binding = (rule: { readonly id: string; readonly jurisdiction: string }) => boolean;

/**
 * Who is bound by what: a rule binds where its jurisdiction is among the recipient's places, where a member country
 * of its pack is, or where a pack that extends its pack is at home, unless that pack says `without`. `*` binds
 * everywhere, `ZZ` where no pack of the country's own exists.
 */
export function bindings(packs: readonly Pack[]): {
  readonly countries: ReadonlySet<string>;
  of(jurisdictions: readonly string[]): Binding;
} {
  const byId = new Map(packs.map((pack) => [pack.id, pack]));
  const countries = new Set(packs.map((p) => p.jurisdiction).filter((code) => code !== 'ZZ' && code !== '*'));
  /** By place: jurisdiction whose rules bind there by inheritance, with the rules that do not. */
  const inherited = new Map<string, { jurisdiction: string; without: ReadonlySet<string> }[]>();
  const inherit = (place: string, jurisdiction: string, without: ReadonlySet<string>): void => {
    const there = inherited.get(place) ?? [];
    there.push({ jurisdiction, without });
    inherited.set(place, there);
  };
  const childPlaces = new Set<string>();
  for (const pack of packs) {
    const without = new Set(pack.without.map(({ rule }) => rule));
    for (const parent of ancestorsOf(pack, byId)) {
      if (parent.jurisdiction === pack.jurisdiction) continue;
      inherit(pack.jurisdiction, parent.jurisdiction, without);
      childPlaces.add(`${pack.jurisdiction} ${parent.jurisdiction}`);
    }
  }
  for (const pack of packs) {
    for (const member of pack.members) {
      // A member whose own pack extends this one has said what does not bind there.
      if (!childPlaces.has(`${member} ${pack.jurisdiction}`)) inherit(member, pack.jurisdiction, new Set());
    }
  }
  return {
    countries,
    of(jurisdictions) {
      const places = new Set(jurisdictions);
      const home = jurisdictions.filter((code) => code.length === 2);
      const elsewhere = home.length === 0 || home.some((code) => !countries.has(code));
      const more = jurisdictions.flatMap((place) => inherited.get(place) ?? []);
      return ({ id, jurisdiction }) =>
        jurisdiction === '*' ||
        (jurisdiction === 'ZZ' ? elsewhere : places.has(jurisdiction)) ||
        more.some((one) => one.jurisdiction === jurisdiction && !one.without.has(id));
    },
  };
}
