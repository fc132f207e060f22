/** What all rows of a chart share: the scale, the time labels on top, grid lines, and the flags of what happened. */
import type { DeploymentRecord, NoteRecord } from '../../record.ts';
import { formatClock, formatDuration } from '../format.ts';
import { lastShown } from '../model.ts';
import { chooseTicks, type Tick, type TimeScale } from '../scale.ts';
import { icon, NOTE_ICON } from './icons.ts';
import { type Html, html, percent } from './markup.ts';

export interface Chart {
  deployment: DeploymentRecord;
  scale: TimeScale;
  /** Prefix of the ids of this deployment's rows in the table below. */
  id: string;
}

/** Pixels that a track is reckoned to have: on a desk, and on a phone. Only what is labelled depends on them. */
export const WIDE = 900;
const NARROW = 310;
const LABEL = 68;

/** Since the deployment was created. */
export function clockOf(deployment: DeploymentRecord, moment: number): string {
  return formatClock(moment - deployment.createdAt);
}

/** One row: its label, and a track whose content is placed in percent. */
export function row(kind: string, label: Html | string, track: Html | readonly Html[]): Html {
  return html`<div class="row row--${kind}"><div class="row__label">${label}</div><div class="track">${track}</div></div>`;
}

export function axisRow(chart: Chart): Html {
  const { scale } = chart;
  const wide = ticks(chart, WIDE);
  const narrow = ticks(chart, Math.max(NARROW, leastWidth(scale)));
  const breaks = scale.breaks.map((gap) => {
    const words = formatDuration(gap.duration);
    return html`<span class="gap" style="left:${percent((gap.from + gap.to) / 2)}"><svg class="gap__sign" viewBox="0 0 10 10" aria-hidden="true"><path d="M1 9L4 1M5 9L8 1"/></svg>${words}</span>`;
  });
  return row(breaks.length > 0 ? 'gaps' : 'axis', html`<span class="quiet">time since start</span>`, [
    ...wide.map((tick) => tickLabel(chart, tick, 'wide')),
    ...narrow.map((tick) => tickLabel(chart, tick, 'narrow')),
    ...breaks,
  ]);
}

/** Pixels below which a chart scrolls sideways rather than getting narrower. */
export function leastWidth(scale: TimeScale): number {
  return scale.segments * 11;
}

function ticks(chart: Chart, width: number): Tick[] {
  const { deployment, scale } = chart;
  const starts = deployment.stages.map((stage) => stage.startedAt);
  const turn = deployment.rollback === undefined ? [] : [deployment.rollback.startedAt];
  return chooseTicks(scale, [deployment.createdAt, lastShown(deployment)], [...turn, ...starts], width, LABEL);
}

function tickLabel(chart: Chart, tick: Tick, at: 'wide' | 'narrow'): Html {
  const style = `left:${percent(tick.at)}`;
  return html`<span class="tick tick--${tick.anchor} only-${at}" style="${style}">${clockOf(chart.deployment, tick.moment)}</span>`;
}

/** Behind the rows: a line at each label, and the stretch in which the deployment rolls back. */
export function backdrop(chart: Chart): Html {
  const { deployment, scale } = chart;
  const lines = ticks(chart, WIDE)
    .slice(1, -1)
    .map((tick) => html`<line x1="${percent(tick.at)}" x2="${percent(tick.at)}" y1="0" y2="100%"/>`);
  const from = deployment.rollback === undefined ? undefined : scale.at(deployment.rollback.startedAt);
  const band =
    from !== undefined && html`<div class="turning" style="left:${percent(from)};width:${percent(100 - from)}"></div>`;
  return html`<div class="backdrop" aria-hidden="true">${band}<svg width="100%" height="100%">${lines}</svg></div>`;
}

/** Notes closer together than this share one flag. */
const NEAR = (12 / WIDE) * 100;

export function flagsRow(chart: Chart, rowOf: ReadonlyMap<unknown, string>): Html | undefined {
  const { notes } = chart.deployment;
  if (notes.length === 0) return undefined;
  const clusters: NoteRecord[][] = [];
  for (const note of [...notes].sort((a, b) => a.at - b.at)) {
    const open = clusters.at(-1);
    const start = open?.[0];
    if (open && start && chart.scale.at(note.at) - chart.scale.at(start.at) < NEAR) open.push(note);
    else clusters.push([note]);
  }
  return row(
    'flags',
    html`<span class="quiet">events</span>`,
    clusters.map((cluster) => flag(chart, cluster, rowOf)),
  );
}

/** A cluster wears the face of its weightiest note: service events are many and mild. */
const WEIGHT: Readonly<Record<NoteRecord['kind'], number>> = {
  'service-event': 0,
  pause: 1,
  rollback: 2,
  fault: 3,
  action: 4,
  alarm: 5,
  stop: 5,
};

function flag(chart: Chart, cluster: readonly NoteRecord[], rowOf: ReadonlyMap<unknown, string>): Html {
  const [face] = [...cluster].sort((a, b) => WEIGHT[b.kind] - WEIGHT[a.kind]);
  if (face === undefined) return html``;
  const { name, tone } = NOTE_ICON[face.kind];
  const lines = cluster.map(
    (note) => `${clockOf(chart.deployment, note.at)}  ${NOTE_ICON[note.kind].words}: ${note.text}`,
  );
  const tip = [cluster.length === 1 ? NOTE_ICON[face.kind].words : `${cluster.length} events`, ...lines].join('\n');
  const count = cluster.length > 1 && html`<b class="mark__count">${cluster.length}</b>`;
  return html`<a class="mark tone-${tone}" href="#${rowOf.get(face) ?? chart.id}" style="left:${percent(chart.scale.at(face.at))}" data-tip="${tip}" aria-label="${tip}">${icon(name)}${count}</a>`;
}
