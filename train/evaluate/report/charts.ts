import { BarChart, LineChart } from 'echarts/charts';
import { GridComponent, MarkLineComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { percent } from '../format.ts';
import type { Metrics } from '../metrics.ts';
import type { Point } from '../statistics.ts';
import { type Html, html, raw } from './html.ts';

use([LineChart, BarChart, GridComponent, MarkLineComponent, SVGRenderer]);

/**
 * Colours that the renderer writes and that are replaced by the page's own variables, so that one drawing serves light
 * and dark. Each is unlike any colour of the library.
 */
const INK = {
  promotional: '#0a0b01',
  transactional: '#0a0b02',
  neutral: '#0a0b03',
  grid: '#0a0b04',
  muted: '#0a0b05',
} as const;
type Ink = keyof typeof INK;

const WIDTH = 400;
const HEIGHT = 280;

interface Line {
  readonly points: readonly Point[];
  readonly ink: Ink;
  readonly dashed?: boolean;
  readonly marks?: boolean;
}

interface Axes {
  readonly x: string;
  readonly y: string;
  readonly yMax?: number;
  /** Upright lines with a word at the top. */
  readonly at?: readonly { readonly x: number; readonly word: string }[];
}

const DIAGONAL: Line = {
  points: [
    [0, 0],
    [1, 1],
  ],
  ink: 'muted',
  dashed: true,
};

/** ROC of all rows and, where it differs, of the clean ones. */
export function rocChart({ ranking }: Metrics): Html | undefined {
  if (!ranking.all) return undefined;
  const lines: Line[] = [DIAGONAL, { points: ranking.all.roc, ink: 'promotional' }];
  if (ranking.clean && ranking.hard) lines.push({ points: ranking.clean.roc, ink: 'transactional' });
  return drawLines('roc', lines, {
    x: 'transactional taken for promotional',
    y: 'promotional found',
  });
}

export function precisionRecallChart({ ranking }: Metrics): Html | undefined {
  if (!ranking.all) return undefined;
  const lines: Line[] = [{ points: ranking.all.precisionRecall, ink: 'promotional' }];
  if (ranking.clean && ranking.hard)
    lines.push({ points: ranking.clean.precisionRecall, ink: 'transactional' });
  return drawLines('pr', lines, { x: 'recall: promotional found', y: 'precision' });
}

export function calibrationChart({ calibration }: Metrics): Html {
  const points = calibration.bins.map(
    ({ meanProbability, observed }): Point => [meanProbability, observed.value!],
  );
  return drawLines('calibration', [DIAGONAL, { points, ink: 'promotional', marks: true }], {
    x: 'probability said',
    y: 'share that was promotional',
  });
}

export function sweepChart({ sweep, model }: Metrics): Html {
  const curve = (pick: (point: Metrics['sweep'][number]) => number | null, ink: Ink): Line => ({
    points: sweep.flatMap((point) => {
      const y = pick(point);
      return y === null ? [] : [[point.threshold, y] as const];
    }),
    ink,
  });
  const lines = [
    curve(({ leak }) => leak, 'promotional'),
    curve(({ falsePositives }) => falsePositives, 'transactional'),
  ];
  const top = Math.max(0.02, ...lines.flatMap(({ points }) => points.map(([, y]) => y)));
  return drawLines('sweep', lines, {
    x: 'decision threshold',
    y: 'share of the class mistaken',
    yMax: top > 0.2 ? Math.min(1, Math.ceil(top * 5) / 5) : Math.ceil(top * 50) / 50,
    at: [{ x: model.thresholds.decision, word: 'in use' }],
  });
}

/** Rows by probability, as shares of their class, so that unequal classes can be compared. */
export function histogramChart({ histogram }: Metrics): Html {
  const bins = histogram.promotional.length;
  const shares = (counts: readonly number[]) => {
    const total = counts.reduce((sum, count) => sum + count, 0);
    return counts.map((count) => (total === 0 ? 0 : count / total));
  };
  const bar = (counts: readonly number[], ink: Ink) => ({
    type: 'bar' as const,
    silent: true,
    barGap: '0%',
    barCategoryGap: '18%',
    itemStyle: { color: INK[ink] },
    data: shares(counts),
  });
  return draw('histogram', {
    xAxis: {
      ...axis('probability said'),
      type: 'category',
      data: Array.from({ length: bins }, (_, bin) => (bin / bins).toFixed(2)),
      axisTick: { show: false },
      splitLine: { show: false },
      axisLabel: { ...LABEL, interval: 3, formatter: (text: string) => percent(Number(text), 0) },
    },
    yAxis: { ...axis('share of the class'), ...PERCENT },
    series: [bar(histogram.transactional, 'transactional'), bar(histogram.promotional, 'promotional')],
  });
}

const FONT = { fontSize: 13, fontFamily: 'system-ui, sans-serif' };
const LABEL = { color: INK.neutral, ...FONT };
const PERCENT = {
  type: 'value' as const,
  axisLabel: { ...LABEL, formatter: (value: number) => percent(value, value > 0 && value < 0.01 ? 1 : 0) },
};

const axis = (name: string) => ({
  name,
  nameLocation: 'middle' as const,
  nameGap: 34,
  nameTextStyle: LABEL,
  axisLine: { show: true, lineStyle: { color: INK.muted } },
  axisTick: { show: false },
  splitLine: { lineStyle: { color: INK.grid } },
});

function drawLines(name: string, lines: readonly Line[], { x, y, yMax = 1, at = [] }: Axes): Html {
  return draw(name, {
    xAxis: { ...axis(x), ...PERCENT, min: 0, max: 1 },
    yAxis: { ...axis(y), ...PERCENT, nameGap: 44, min: 0, max: yMax },
    series: lines.map(({ points, ink, dashed, marks }, index) => ({
      type: 'line' as const,
      silent: true,
      data: points.map(([px, py]) => [px, py]),
      showSymbol: marks ?? false,
      symbol: 'circle',
      symbolSize: 7,
      itemStyle: { color: INK[ink] },
      lineStyle: {
        color: INK[ink],
        width: dashed ? 1 : 2,
        type: dashed ? ('dashed' as const) : ('solid' as const),
      },
      ...(index > 0 || at.length === 0
        ? {}
        : {
            markLine: {
              silent: true,
              symbol: 'none',
              lineStyle: { color: INK.neutral, type: 'dashed' as const, width: 1 },
              label: { ...LABEL, formatter: (mark: { name: string }) => mark.name },
              data: at.map((mark) => ({ xAxis: mark.x, name: mark.word })),
            },
          }),
    })),
  });
}

/** Draws without a DOM and turns the result into markup that scales, follows the theme and shares no ids. */
function draw(name: string, option: Record<string, unknown>): Html {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height: HEIGHT });
  try {
    chart.setOption({
      animation: false,
      grid: { left: 62, right: 18, top: 24, bottom: 52 },
      ...option,
    });
    return raw(adapt(name, chart.renderToSVGString()));
  } finally {
    chart.dispose();
  }
}

function adapt(name: string, svg: string): string {
  let out = svg
    .replace(/<style\b[\s\S]*?<\/style>/g, '')
    .replace(/ (?:class|ecmeta_\w+|xmlns(?::\w+)?|version|baseProfile|pointer-events)="[^"]*"/g, '')
    .replace(/^<svg width="\d+" height="\d+"/, '<svg aria-hidden="true"')
    .replace(/\bzr\d+-/g, `${name}-`);
  for (const [ink, colour] of Object.entries(INK)) out = out.replaceAll(colour, `var(--${ink})`);
  return out;
}

/** A drawing with its title, its key and a line on how to read it. */
export function figure(
  title: string,
  chart: Html | undefined,
  reading: string,
  keys: readonly (readonly [Ink, string])[] = [],
): Html {
  if (!chart)
    return html`<figure><figcaption><h3>${title}</h3></figcaption><p>One class is missing, so there is nothing to draw.</p></figure>`;
  const legend = keys.map(
    ([ink, word]) => html`<span><i style="background:${raw(`var(--${ink})`)}"></i>${word}</span>`,
  );
  return html`<figure role="img" aria-label="${title}: ${reading}">
<figcaption><h3>${title}</h3>${legend.length > 0 ? html`<p class="key">${legend}</p>` : ''}</figcaption>
${chart}
<p class="note">${reading}</p>
</figure>`;
}
