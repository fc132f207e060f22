/** Who took the messages off a queue: a strip of bars for each revision, and which one the parameter named. */
import type { ConsumerPoint, ConsumptionRecord } from '../../record.ts';
import { type ConsumerKind, consumerKind, consumerName, lastShown } from '../model.ts';
import { type Html, html, percent } from './markup.ts';
import { niceTop, short } from './numbers.ts';
import { type Chart, clockOf, row, WIDE } from './time-axis.ts';

interface Strip {
  kind: 'source' | 'target' | 'other' | 'dead';
  name: string;
  counts: readonly number[];
}

export function consumptionRows(chart: Chart): Html[] {
  const { consumption = [], consumer = [] } = chart.deployment;
  return [
    ...(consumer.length === 0 ? [] : [consumerRow(chart, consumer)]),
    ...consumption.flatMap((queue) => queueRows(chart, queue)),
  ];
}

interface Stretch {
  from: number;
  to: number;
  kind: ConsumerKind;
  name: string;
}

function consumerRow(chart: Chart, points: readonly ConsumerPoint[]): Html {
  const stretches = points.map((point, index): Stretch => {
    const { deployment } = chart;
    const to = points[index + 1]?.at ?? lastShown(deployment);
    return { from: point.at, to, kind: consumerKind(deployment, point), name: consumerName(deployment, point) };
  });
  const label = html`<span>may consume</span><span class="quiet">parameter</span>`;
  return row(
    'consumer',
    label,
    stretches.map((stretch) => consumerBar(chart, stretch)),
  );
}

/** Pixels that a letter of the name takes. */
const LETTER = 6.6;

function consumerBar(chart: Chart, { from, to, kind, name }: Stretch): Html {
  const left = chart.scale.at(from);
  const width = chart.scale.at(to) - left;
  const tip = `consumer: ${name}\n${clockOf(chart.deployment, from)} to ${clockOf(chart.deployment, to)}`;
  const fits = (width / 100) * WIDE > name.length * LETTER + 10;
  const words = fits && html`<span class="consumer__words">${name}</span>`;
  return html`<span class="consumer consumer--${kind}" style="left:${percent(left)};width:${percent(width)}" role="img" aria-label="${tip}" data-tip="${tip}">${words}</span>`;
}

function queueRows(chart: Chart, queue: ConsumptionRecord): Html[] {
  const strips = stripsOf(chart, queue);
  const most = strips.flatMap(({ counts }) => counts).reduce((most, count) => Math.max(most, count), 0);
  const top = niceTop(most);
  return strips.map((strip, index) => {
    const words = inWords(chart, queue, strip);
    const first = index === 0;
    const label = html`${first && html`<span class="hook-name">${queue.queue}</span>`}<span class="quiet strip-name">${strip.name}</span>`;
    const scale = first && html`<span class="strip__top">${String(top)}</span>`;
    const bars = html`<svg class="lines" viewBox="0 0 100 100" preserveAspectRatio="none" width="100%" height="100%" role="img" aria-label="${words}"><path class="taken taken--${strip.kind}" d="${path(chart, queue, strip.counts, top)}"/></svg>`;
    const track = html`<div class="strip" data-tip="${words}">${bars}${scale}</div>`;
    return row(first ? 'strip row--queue' : 'strip', label, track);
  });
}

/** Blue above green; a revision that should not be there, and the dead letters, where there are any. */
function stripsOf({ deployment: { source, target } }: Chart, { byRevision, deadLettered }: ConsumptionRecord): Strip[] {
  const counts = (id: string): readonly number[] => byRevision[id] ?? [];
  const others = Object.keys(byRevision).filter((id) => id !== source?.id && id !== target.id);
  return [
    ...(source === undefined ? [] : [{ kind: 'source' as const, name: source.name, counts: counts(source.id) }]),
    { kind: 'target', name: target.name, counts: counts(target.id) },
    ...others.map((id): Strip => ({ kind: 'other', name: id, counts: counts(id) })),
    ...(sum(deadLettered) > 0 ? [{ kind: 'dead' as const, name: 'dead-lettered', counts: deadLettered }] : []),
  ];
}

/** What falls under this many percent of the axis is drawn as one bar, as high as the highest. */
const THIN = (1 / WIDE) * 100;

/** One bar a step from the bottom up; a single message is still seen beside a thousand. */
function path({ scale }: Chart, { from, stepMs }: ConsumptionRecord, counts: readonly number[], top: number): string {
  const bars: { left: number; right: number; count: number }[] = [];
  for (const [index, count] of counts.entries()) {
    if (count === 0) continue;
    const [left, right] = [scale.at(from + index * stepMs), scale.at(from + (index + 1) * stepMs)];
    const open = bars.at(-1);
    const thin = open !== undefined && right - open.left < THIN;
    if (open && thin) Object.assign(open, { right, count: Math.max(open.count, count) });
    else bars.push({ left, right: Math.max(right, left + THIN / 2), count });
  }
  return bars
    .map(({ left, right, count }) => {
      const height = Math.max(6, (count / top) * 94);
      return `M${short(left)} 100V${short(100 - height)}H${short(right)}V100Z`;
    })
    .join('');
}

function inWords(chart: Chart, { queue, from, stepMs }: ConsumptionRecord, { kind, name, counts }: Strip): string {
  const total = sum(counts);
  const first = counts.findIndex((count) => count > 0);
  const last = counts.findLastIndex((count) => count > 0);
  const title = kind === 'dead' ? `${queue}: dead letters` : `${queue}: processed by ${name}`;
  if (total === 0) return `${title}\nnone`;
  const at = (step: number): string => clockOf(chart.deployment, from + step * stepMs);
  const messages = `${total} ${total === 1 ? 'message' : 'messages'}`;
  return `${title}\n${messages}, from ${at(first)} to ${at(last + 1)}`;
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
