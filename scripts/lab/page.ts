import type { RunReport } from './run.ts';
import type { ScenarioReport } from './scenario.ts';

const WIDTH = 1_000;
const HEIGHT = 150;
const ROW = 16;

const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

/** What the lab found, as one HTML file that needs no network. */
export function labPage(
  runs: readonly RunReport[],
  scenarios: readonly ScenarioReport[],
  facts: { readonly machine: string; readonly at: string; readonly skipped: readonly string[] },
): string {
  const sum = (of: (run: RunReport) => number): number => runs.reduce((all, run) => all + of(run), 0);
  const totals: readonly (readonly [string, number, boolean])[] = [
    ['runs', runs.length, true],
    ['faults that struck', sum((run) => run.faults.length), true],
    ['messages acknowledged', sum((run) => run.acknowledged), true],
    ['lost', sum((run) => run.lost), sum((run) => run.lost) === 0],
    ['delivered twice', sum((run) => run.deliveredTwice), sum((run) => run.deliveredTwice) === 0],
    [
      'said to be sent, unknown to the carrier',
      sum((run) => run.sentButNotDelivered),
      sum((run) => run.sentButNotDelivered) === 0,
    ],
    ['repeats that the carrier knew by their key', sum((run) => run.repeatsSuppressed), true],
    ['attempts recorded as ambiguous', sum((run) => run.ambiguousAttempts), true],
    ['messages left as unknown for a person', sum((run) => run.ambiguous), true],
    ['batches that the caller had to repeat', sum((run) => run.repeats), true],
  ];
  const counts = new Map<string, number>();
  for (const { name } of runs.flatMap((run) => run.faults)) counts.set(name, (counts.get(name) ?? 0) + 1);
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Laneway failure lab</title>
<style>
body{font:15px/1.45 system-ui,sans-serif;max-width:1080px;margin:2em auto;padding:0 1em;color:#1c2530;background:#fff}
h1{font-size:1.5em}h2{font-size:1.15em;margin-top:2em}table{border-collapse:collapse}
td,th{padding:.25em .8em;border-bottom:1px solid #dde3ea;text-align:left}td.n{text-align:right;font-variant-numeric:tabular-nums}
.bad{color:#b3261e;font-weight:600}.good{color:#1b6e3c}svg{width:100%;height:auto;display:block}
details{border:1px solid #dde3ea;border-radius:6px;margin:.5em 0;padding:.4em .8em}summary{cursor:pointer}
text{font:11px system-ui,sans-serif;fill:#44505e}
</style>
<h1>Laneway failure lab</h1>
<p>${escaped(facts.at)}, ${escaped(facts.machine)}</p>
<table>${totals
    .map(
      ([name, n, good]) =>
        `<tr><td>${name}</td><td class="n ${good ? '' : 'bad'}">${n.toLocaleString('en')}</td></tr>`,
    )
    .join('')}</table>
${facts.skipped.map((why) => `<p class="bad">skipped: ${escaped(why)}</p>`).join('')}
${scenarios.length > 0 ? `<h2>Scenarios</h2>${scenarios.map(scenarioTable).join('')}` : ''}
<h2>Faults</h2><table>${[...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([name, n]) => `<tr><td>${escaped(name)}</td><td class="n">${n}</td></tr>`)
    .join('')}</table>
<h2>Runs</h2>${runTable(runs)}<p>Blue: acknowledged, green: settled, each as a share of all messages of the run. Bars: faults.</p>
${runs.map(timeline).join('\n')}
</html>
`;
}

function scenarioTable({ name, clean, figures }: ScenarioReport): string {
  const rows = Object.entries(figures)
    .map(
      ([figure, value]) => `<tr><td>${escaped(figure)}</td><td class="n">${escaped(String(value))}</td></tr>`,
    )
    .join('');
  return `<h3 class="${clean ? 'good' : 'bad'}">${escaped(name)}</h3><table>${rows}</table>`;
}

function runTable(runs: readonly RunReport[]): string {
  const rows = runs.map((run, i) => {
    const bad = run.lost + run.deliveredTwice + run.sentButNotDelivered > 0;
    const names = run.faults.map(({ name }) => name).join(', ');
    const cells = [
      i + 1,
      run.seed,
      run.acknowledged,
      run.lost,
      run.deliveredTwice,
      run.ambiguousAttempts,
      run.ambiguous,
    ];
    return `<tr class="${bad ? 'bad' : ''}">${cells.map((n) => `<td class="n">${n.toLocaleString('en')}</td>`).join('')}<td class="n">${seconds(run.tookMs)}</td><td>${escaped(names)}</td></tr>`;
  });
  const heads = [
    'run',
    'seed',
    'acknowledged',
    'lost',
    'twice',
    'ambiguous attempts',
    'unknown',
    'took',
    'faults',
  ];
  return `<table><tr>${heads.map((head) => `<th>${head}</th>`).join('')}</tr>${rows.join('')}</table>`;
}

function timeline(run: RunReport): string {
  const x = (ms: number): number => (ms / Math.max(1, run.tookMs)) * WIDTH;
  const y = (n: number): number => HEIGHT - (n / Math.max(1, run.messages)) * (HEIGHT - 10);
  const line = (of: (sample: RunReport['samples'][number]) => number, colour: string): string =>
    `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${run.samples
      .map((sample) => `${x(sample.atMs).toFixed(1)},${y(of(sample)).toFixed(1)}`)
      .join(' ')}"/>`;
  const bars = run.faults
    .map((fault, i) => {
      const top = HEIGHT + 8 + i * ROW;
      const width = Math.max(2, x(fault.toMs) - x(fault.fromMs));
      const left = x(fault.fromMs);
      const label = left > WIDTH * 0.7 ? [left - 4, 'end'] : [left + width + 4, 'start'];
      return `<rect x="${left.toFixed(1)}" y="${top}" width="${width.toFixed(1)}" height="11" fill="#d9822b"/>
<rect x="${left.toFixed(1)}" y="0" width="${width.toFixed(1)}" height="${HEIGHT}" fill="#d9822b" opacity=".12"/>
<text x="${Number(label[0]).toFixed(1)}" y="${top + 10}" text-anchor="${label[1]}">${escaped(fault.name)} ${seconds(fault.toMs - fault.fromMs)}</text>`;
    })
    .join('\n');
  const bad = run.lost + run.deliveredTwice + run.sentButNotDelivered > 0;
  return `<details${bad ? ' open' : ''}><summary class="${bad ? 'bad' : ''}">seed ${run.seed}: ${run.acknowledged} acknowledged, lost ${run.lost}, twice ${run.deliveredTwice}, unknown ${run.ambiguous}; ${run.faults.length} faults; ${seconds(run.tookMs)}, the last settled ${seconds(run.settledAfterMs)} after all was whole</summary>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT + 16 + run.faults.length * ROW}" role="img" aria-label="timeline of run ${run.seed}">
<line x1="0" y1="${HEIGHT}" x2="${WIDTH}" y2="${HEIGHT}" stroke="#aeb8c4"/>
${line((sample) => sample.accepted, '#2f6fde')}${line((sample) => sample.settled, '#1b8a4b')}${bars}</svg>
<p>${escaped(
    Object.entries(run.states)
      .map(([state, n]) => `${state} ${n}`)
      .join(', '),
  )}; ambiguous attempts ${run.ambiguousAttempts}; repeats known by key ${run.repeatsSuppressed}; batches repeated by the caller ${run.repeats}</p></details>`;
}
