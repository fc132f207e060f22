/**
 * How values are spread: value over percentile, with the last percents stretched as the plots of HdrHistogram do, since
 * that is where the trouble is.
 */
import type { DeploymentRecord, DistributionRecord, DistributionSeries } from '../../record.ts';
import { type Html, html, percent } from './markup.ts';
import { niceTop, short } from './numbers.ts';

/** Percentiles that the axis names, as far as the data goes. */
const MARKS = [0, 50, 90, 99, 99.9, 99.99, 99.999, 99.9999];
/** A percentile of 100 lies at infinity; it is drawn here at the latest, in powers of ten. */
const MOST_NINES = 6;

export function distributions(deployment: DeploymentRecord): Html[] {
  return (deployment.distributions ?? []).map((one) => plot(deployment, one));
}

function plot(deployment: DeploymentRecord, distribution: DistributionRecord): Html {
  const { title, unit, series } = distribution;
  const nines = ninesOf(series);
  const values = series.flatMap((one) => one.values.map(({ value }) => value));
  const top = niceTop(values.reduce((most, value) => Math.max(most, value), 0));
  const marks = MARKS.filter((mark) => depth(mark, nines) < nines || mark === 0);
  const grid = [...marks.map((mark) => verticalLine(place(mark, nines))), ...[25, 50, 75].map(horizontalLine)];
  const curves = series.map(
    (one) =>
      html`<path class="curve curve--${kindOf(deployment, one)}" vector-effect="non-scaling-stroke" d="${path(one, nines, top)}"/>`,
  );
  const words = inWords(distribution);
  const ticks = marks.map(
    (mark) => html`<span class="spread__tick" style="left:${percent(place(mark, nines))}">${String(mark)} %</span>`,
  );
  const legend = series.map(
    (one) =>
      html`<li><i class="spread__key spread__key--${kindOf(deployment, one)}"></i>${one.name}${html`<span class="quiet">${inShort(one, unit)}</span>`}</li>`,
  );
  return html`<figure class="spread"><figcaption><b>${title}</b> <span class="quiet">${unit} by percentile</span></figcaption><div class="spread__plot"><span class="spread__top">${String(top)} ${unit}</span><svg viewBox="0 0 100 100" preserveAspectRatio="none" width="100%" height="100%" role="img" aria-label="${words}">${grid}${curves}</svg><div class="spread__axis">${ticks}</div></div><ul class="spread__legend">${legend}</ul></figure>`;
}

function kindOf({ source, target }: DeploymentRecord, { revision }: DistributionSeries): 'source' | 'target' | 'plain' {
  if (revision === undefined) return 'plain';
  if (revision === target.id) return 'target';
  return revision === source?.id ? 'source' : 'plain';
}

/** How many nines deep a percentile lies: 90 is 1, 99 is 2. */
function depth(percentile: number, most: number): number {
  return percentile >= 100 ? most : Math.min(most, -Math.log10(1 - percentile / 100));
}

/** The deepest percentile short of 100 that any series has, and a little more for the maximum. */
function ninesOf(series: readonly DistributionSeries[]): number {
  const depths = series.flatMap(({ values }) =>
    values.flatMap(({ percentile }) => (percentile < 100 ? [depth(percentile, MOST_NINES)] : [])),
  );
  return Math.min(MOST_NINES, depths.reduce((deepest, one) => Math.max(deepest, one), 1) + 0.3);
}

function place(percentile: number, nines: number): number {
  return (depth(percentile, nines) / nines) * 100;
}

function path({ values }: DistributionSeries, nines: number, top: number): string {
  return values
    .map(({ value, percentile }, index) => {
      const y = 98 - (value / top) * 94;
      return `${index === 0 ? 'M' : 'L'}${short(place(percentile, nines))} ${short(y)}`;
    })
    .join('');
}

function verticalLine(x: number): Html {
  return html`<path class="grid" vector-effect="non-scaling-stroke" d="M${short(x)} 0V100"/>`;
}

function horizontalLine(y: number): Html {
  return html`<path class="grid" vector-effect="non-scaling-stroke" d="M0 ${short(y)}H100"/>`;
}

/** The value at or above a percentile; undefined where the series does not reach it. */
function valueAt({ values }: DistributionSeries, percentile: number): number | undefined {
  return values.find((one) => one.percentile >= percentile)?.value;
}

function inShort(one: DistributionSeries, unit: string): string {
  const told = [50, 99, 100].flatMap((mark) => {
    const value = valueAt(one, mark);
    return value === undefined ? [] : [`${mark === 100 ? 'max' : `p${mark}`} ${Number(value.toPrecision(3))} ${unit}`];
  });
  return told.length === 0 ? ' nothing measured' : ` ${told.join(', ')}`;
}

function inWords({ title, unit, series }: DistributionRecord): string {
  return [`${title}, ${unit}`, ...series.map((one) => `${one.name}:${inShort(one, unit)}`)].join('\n');
}
