import type { Effect, Rule } from '../../../pipeline/comply/types.ts';
import type {
  GroupViolations,
  RuleViolations,
  Tally,
  Violations,
} from '../../../pipeline/record/violations.ts';
import { percent, whole } from '../../../train/evaluate/format.ts';
import { type Html, html, raw } from '../../../train/evaluate/report/html.ts';
import { STYLE } from '../../../train/evaluate/report/style.ts';
import { shareCell, table } from '../../../train/evaluate/report/tables.ts';
import { shareOf } from '../../../train/evaluate/statistics.ts';

const EFFECT_IN_WORDS: Readonly<Record<Effect, string>> = {
  'suppress-recipient': 'blocks and ends advertising to the recipient',
  block: 'blocks',
  reclassify: 'makes it promotional',
  'require-label': 'asks for a label',
  'require-element': 'asks for an element',
  cap: 'waits for room under a cap',
  defer: 'waits for a window',
  warn: 'warns',
};

const OUTCOMES = ['send', 'defer', 'hold', 'block'] as const;
const MOST_RULES_BY_REGION = 12;
const MOST_REGIONS = 10;

const BARS = `th small{display:block}.bar{display:block;height:.5rem;min-width:6rem;background:var(--grid);border-radius:2px;margin-top:.35rem}
.bar i{display:block;height:100%;background:var(--promotional);border-radius:2px}`;

/** A rate with its interval and a bar that shows it at sight. */
function rateCell(count: number, of: number): Html {
  if (of === 0) return html`–`;
  return html`${shareCell(shareOf(count, of))}<span class="bar"><i style="width:${raw((100 * (count / of)).toFixed(1))}%"></i></span>`;
}

const instant = (ms: number | null): string =>
  ms === null ? '–' : `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/**
 * Violation rates by rule, region and class as one page that asks nothing of any host.
 * @param title of a rule, by id; rules that are no longer in the packs have none
 */
export function renderCompliance(
  figures: Violations,
  source: string,
  ruleOf: (ruleId: string) => Pick<Rule, 'title' | 'layer' | 'effect'> | undefined,
): string {
  const { decisions, violating, outcomes, rules } = figures;
  const stopped = decisions - (outcomes['send'] ?? 0);
  const named = (rule: RuleViolations): Html => {
    const known = ruleOf(rule.ruleId);
    const kind =
      known === undefined ? '' : ` · ${known.layer.replaceAll('-', ' ')}, ${EFFECT_IN_WORDS[known.effect]}`;
    return html`${known?.title ?? rule.ruleId}<small>${rule.ruleId} · ${rule.basis}${kind}${rule.needsVerification ? ' · awaits verification' : ''}</small>`;
  };
  const broken = rules.filter(({ failed, unknown }) => failed + unknown > 0);
  const tile = (name: string, count: number, of: number, note: string) =>
    html`<div class="tile"><span>${name}</span><b>${percent(of === 0 ? null : count / of)}</b><span>${whole(count)} of ${whole(of)}</span><span>${note}</span></div>\n`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
<title>Compliance</title>
<style>${raw(STYLE)}${raw(BARS)}</style>
</head>
<body>
<main>
<h1>Compliance</h1>
<p class="sub">Which rules stopped messages, where, and of which class: ${whole(decisions)} decisions from ${instant(figures.fromMs)} to ${instant(figures.toMs)} (${source}), under rule sets ${figures.rulesetVersions.join(', ') || '–'}.</p>
<p class="note">Nothing here was sent against a rule that forbids it: a rule that was not met stopped its message, delayed it, had it changed, or, where it only warns, marked it.</p>
<nav><a href="#rules">By rule</a><a href="#regions">By region</a><a href="#classes">By class</a><a href="#both">By rule and region</a><a href="#reading">How to read it</a></nav>
${decisions === 0 ? html`<p class="warn">There is no decision to report on.</p>` : ''}
<div class="tiles">
${tile('A rule was not met', violating, decisions, 'at least one, before anything was sent')}
${tile('Not sent at once', stopped, decisions, 'deferred, held or blocked')}
${tile('Blocked', outcomes['block'] ?? 0, decisions, 'a rule forbids it')}
${tile('Held', outcomes['hold'] ?? 0, decisions, 'a fact was missing')}
</div>
<h2 id="rules">By rule</h2>
${
  broken.length === 0
    ? html`<p>Every rule that was asked was met.</p>`
    : table(
        'Rules that were not met, or could not be answered, the most often unmet first; with 95% intervals',
        ['rule', 'asked', 'not met', 'rate', 'not known', 'decided'],
        broken.map((rule) => [
          named(rule),
          whole(rule.asked),
          whole(rule.failed),
          rateCell(rule.failed, rule.asked),
          whole(rule.unknown),
          whole(rule.decided),
        ]),
      )
}
<p class="note">${whole(rules.length - broken.length)} more rules were asked and always met.</p>
<h2 id="regions">By region</h2>
${groupTable('Where the recipient may be', figures.regions)}
<h2 id="classes">By class</h2>
${groupTable('The treatment after the rules: a reclassified message counts as what it became', figures.classes)}
${table(
  'The rules most often not met, by class',
  ['rule', 'transactional', 'promotional'],
  broken
    .slice(0, MOST_RULES_BY_REGION)
    .map((rule) => [named(rule), tallyCell(rule.byClass.transactional), tallyCell(rule.byClass.promotional)]),
)}
<h2 id="both">By rule and region</h2>
${byRegion(figures, broken, named)}
<h2 id="reading">How to read it</h2>
<dl>
<dt>Not met</dt><dd>The rule bound the message and its condition was not there. What follows is the rule's effect: the message waits, is changed, is blocked, or goes with a warning.</dd>
<dt>Not known</dt><dd>A fact was missing or too old, and the rule took its strict side or warned.</dd>
<dt>Decided</dt><dd>The rule was among those that kept the message from going at that moment.</dd>
<dt>Asked</dt><dd>Decisions in which the rule bound the message. A deferred message is judged at each release, and each counts.</dd>
<dt>Region</dt><dd>The recipient's country, with its state where only one is possible; <em>several</em> where more than one country is, <em>unknown</em> where none is known.</dd>
<dt>What is left out</dt><dd>Decisions of recipients who were erased, and those whose retention is over.</dd>
</dl>
</main>
</body>
</html>
`.markup;
}

function tallyCell(tally: Tally | undefined): Html {
  if (tally === undefined || tally.asked === 0) return html`–`;
  return html`${percent(tally.failed / tally.asked)}<small>${whole(tally.failed)} of ${whole(tally.asked)}</small>`;
}

const NAMES = new Intl.DisplayNames('en', { type: 'region' });

/** A place as people say it, with its code; a state is named by its country. */
function placeCell(place: string): Html | string {
  const country = /^([A-Z]{2})(?:-|$)/.exec(place)?.[1];
  return country === undefined ? place : html`${place}<small>${NAMES.of(country) ?? ''}</small>`;
}

function groupTable(caption: string, groups: Readonly<Record<string, GroupViolations>>): Html {
  const rows = Object.entries(groups)
    .filter(([, { decisions }]) => decisions > 0)
    .sort(([a, x], [b, y]) => y.decisions - x.decisions || (a < b ? -1 : 1));
  return table(
    caption,
    ['', 'decisions', 'a rule not met', ...OUTCOMES],
    rows.map(([name, one]) => [
      placeCell(name),
      whole(one.decisions),
      rateCell(one.violating, one.decisions),
      ...OUTCOMES.map((outcome) => whole(one.outcomes[outcome] ?? 0)),
    ]),
  );
}

function byRegion(
  { regions }: Violations,
  broken: readonly RuleViolations[],
  named: (rule: RuleViolations) => Html,
): Html {
  const places = Object.entries(regions)
    .sort(([, a], [, b]) => b.decisions - a.decisions)
    .slice(0, MOST_REGIONS)
    .map(([place]) => place);
  return table(
    `Share of the decisions in which a rule was asked that it was not met in, for the ${MOST_REGIONS} places with most messages`,
    ['rule', ...places],
    broken
      .slice(0, MOST_RULES_BY_REGION)
      .map((rule) => [named(rule), ...places.map((place) => tallyCell(rule.byRegion[place]))]),
  );
}
