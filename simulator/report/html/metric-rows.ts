/** What was measured of both revisions, as small line charts under the weights that shared the traffic out. */
import type { MetricRecord, RevisionRecord } from '../../record.ts';
import { type Html, html } from './markup.ts';
import { niceTop, short } from './numbers.ts';
import { type Chart, row } from './time-axis.ts';

interface Line {
  kind: 'source' | 'target';
  revision: RevisionRecord;
  values: readonly (number | null)[];
}

export function metricRows(chart: Chart): Html[] {
  const { metrics = [] } = chart.deployment;
  return metrics.map((metric) => {
    const lines = linesOf(chart, metric);
    const most = Math.max(0, ...lines.flatMap(({ values }) => values.map((value) => value ?? 0)));
    const top = niceTop(most);
    const words = inWords(metric, lines);
    const paths = lines.map(
      (line) =>
        html`<path class="line line--${line.kind}" vector-effect="non-scaling-stroke" d="${path(chart, metric, line.values, top)}"/>`,
    );
    const picture = html`<svg class="lines" viewBox="0 0 100 100" preserveAspectRatio="none" width="100%" height="100%" role="img" aria-label="${words}">${paths}</svg>`;
    const label = html`<span>${metric.title}</span><span class="quiet">${metric.unit}</span><span class="top">${String(top)}</span>`;
    return row('metric', label, html`<div class="metric" data-tip="${words}">${picture}</div>`);
  });
}

/** Blue first, so that green is drawn over it. */
function linesOf({ deployment: { source, target } }: Chart, { values }: MetricRecord): Line[] {
  const line = (kind: Line['kind'], revision: RevisionRecord): Line => ({
    kind,
    revision,
    values: values[revision.id] ?? [],
  });
  return [...(source === undefined ? [] : [line('source', source)]), line('target', target)];
}

/** Stairs, since a value stands for its whole step; they break where nothing was measured. */
function path({ scale }: Chart, { from, stepMs }: MetricRecord, values: Line['values'], top: number): string {
  const pieces = values.map((value, index) => {
    if (value === null) return '';
    const [begin, end] = [scale.at(from + index * stepMs), scale.at(from + (index + 1) * stepMs)];
    const pen = (values[index - 1] ?? null) === null ? 'M' : 'L';
    return `${pen}${short(begin)} ${short(95 - (value / top) * 90)}H${short(end)}`;
  });
  return pieces.join('');
}

function inWords({ title, unit }: MetricRecord, lines: readonly Line[]): string {
  const told = lines.map(({ revision, values }) => {
    const known = values.filter((value) => value !== null && value > 0);
    const measured = values.filter((value) => value !== null);
    if (known.length === 0) return `${revision.name}: ${measured.length === 0 ? 'nothing measured' : `0 ${unit}`}`;
    const numbers = measured.map(Number);
    const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
    return `${revision.name}: ${Number(Math.min(...numbers))} to ${Math.max(...numbers)} ${unit}, mean ${Number(mean.toPrecision(3))}`;
  });
  return [`${title}, ${unit}`, ...told].join('\n');
}
