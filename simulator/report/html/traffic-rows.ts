/** Traffic over time as stacked areas: the target grows from below, the source gives way above. */
import type { WeightPoint } from '../../record.ts';
import { formatPercent } from '../format.ts';
import { lastShown, type Share, shareOf } from '../model.ts';
import { type Html, html, percent } from './markup.ts';
import { type Chart, clockOf, row, WIDE } from './time-axis.ts';

interface Stretch {
  from: number;
  to: number;
  share: Share;
}

export function trafficRows(chart: Chart): Html[] {
  return (['production', 'test'] as const).map((traffic) => {
    const stretches = stretchesOf(chart, traffic);
    const areas = stretches.map((stretch) => area(chart, stretch));
    const none = stretches.length === 0 && html`<span class="none">none</span>`;
    const picture = html`<svg class="areas" width="100%" height="100%" role="img" aria-label="${inWords(chart, traffic, stretches)}">${areas}</svg>`;
    const labels = stretches.flatMap((stretch) => shareLabels(chart, stretch));
    return row(traffic, html`${traffic} traffic`, [picture, ...labels, html`${none}`]);
  });
}

/** Stretches in which the shares do not change; where nothing carries this traffic there is none. */
function stretchesOf(chart: Chart, traffic: WeightPoint['traffic']): Stretch[] {
  const { deployment } = chart;
  const points = deployment.weights.filter((point) => point.traffic === traffic).sort((a, b) => a.at - b.at);
  const stretches: Stretch[] = [];
  for (const [index, point] of points.entries()) {
    const share = shareOf(deployment, point);
    const to = points[index + 1]?.at ?? lastShown(deployment);
    if (share === undefined || to <= point.at) continue;
    const before = stretches.at(-1);
    if (before && before.to === point.at && before.share.target === share.target) before.to = to;
    else stretches.push({ from: point.at, to, share });
  }
  return stretches;
}

function area(chart: Chart, stretch: Stretch): Html {
  const x = chart.scale.at(stretch.from);
  const width = chart.scale.at(stretch.to) - x;
  const height = targetHeight(stretch.share);
  const rect = (name: string, y: number, high: number): Html =>
    html`<rect class="area area--${name}" x="${percent(x)}" width="${percent(width)}" y="${percent(y)}" height="${percent(high)}"/>`;
  return html`${height < 100 && rect('source', 0, 100 - height)}${height > 0 && rect('target', 100 - height, height)}`;
}

function targetHeight(share: Share): number {
  const total = share.target + share.rest;
  return total === 0 ? 0 : (share.target / total) * 100;
}

const LABEL_PIXELS = 44;
/** Percent of the row's height that a line of text needs. */
const LABEL_HEIGHT = 34;

/** The shares in words, each in its own area where there is room for it. */
function shareLabels(chart: Chart, stretch: Stretch): Html[] {
  const from = chart.scale.at(stretch.from);
  const to = chart.scale.at(stretch.to);
  if (((to - from) / 100) * WIDE < LABEL_PIXELS) return [];
  const height = targetHeight(stretch.share);
  const label = (name: string, words: string, middle: number): Html =>
    html`<span class="share share--${name}" style="left:${percent((from + to) / 2)};top:${percent(middle)}">${words}</span>`;
  return [
    ...(100 - height >= LABEL_HEIGHT ? [label('source', formatPercent(stretch.share.rest), (100 - height) / 2)] : []),
    ...(height >= LABEL_HEIGHT ? [label('target', formatPercent(stretch.share.target), 100 - height / 2)] : []),
  ];
}

function inWords(chart: Chart, traffic: string, stretches: readonly Stretch[]): string {
  if (stretches.length === 0) return `no ${traffic} traffic`;
  const told = stretches.map(
    ({ from, share }) => `from ${clockOf(chart.deployment, from)} ${formatPercent(share.target)} to the target`,
  );
  return `${traffic} traffic: ${told.join(', ')}`;
}
