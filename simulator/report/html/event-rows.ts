/** A lane for each function that EventBridge invokes: a mark for each invocation. */
import type { EventInvocationRecord } from '../../record.ts';
import { readEventOutcome } from '../model.ts';
import { icon } from './icons.ts';
import { type Html, html, percent } from './markup.ts';
import { type Chart, clockOf, row, WIDE } from './time-axis.ts';

/** Marks closer together than this become one. */
const NEAR = (13 / WIDE) * 100;

export function eventRows(chart: Chart, rowOf: ReadonlyMap<unknown, string>): Html[] {
  const lanes = Map.groupBy(chart.deployment.eventInvocations ?? [], (invocation) => invocation.function);
  return [...lanes].map(([name, invocations]) => {
    const label = html`<span class="hook-name">${name}</span><span class="quiet">events</span>`;
    return row(
      'hook',
      label,
      clustersOf(chart, invocations).map((some) => mark(chart, some, rowOf)),
    );
  });
}

function clustersOf(chart: Chart, invocations: readonly EventInvocationRecord[]): EventInvocationRecord[][] {
  const clusters: EventInvocationRecord[][] = [];
  for (const invocation of [...invocations].sort((a, b) => a.startedAt - b.startedAt)) {
    const open = clusters.at(-1);
    const start = open?.[0];
    const near = start && chart.scale.at(invocation.startedAt) - chart.scale.at(start.startedAt) < NEAR;
    if (open && near) open.push(invocation);
    else clusters.push([invocation]);
  }
  return clusters;
}

/** A cluster wears the face of its worst invocation. */
function mark(chart: Chart, some: readonly EventInvocationRecord[], rowOf: ReadonlyMap<unknown, string>): Html {
  const bad = some.find(({ outcome }) => readEventOutcome(outcome).look !== 'succeeded');
  const face = bad ?? some[0];
  if (face === undefined) return html``;
  const { look } = readEventOutcome(face.outcome);
  const tip = some.map((invocation) => tipOf(chart, invocation)).join('\n');
  const count = some.length > 1 && html`<b class="mark__count">${some.length}</b>`;
  const left = percent(chart.scale.at(some[0]?.startedAt ?? face.startedAt));
  return html`<a class="mark tone-${look}" href="#${rowOf.get(face) ?? chart.id}" style="left:${left}" data-tip="${tip}" aria-label="${tip}">${icon(look)}${count}</a>`;
}

function tipOf(
  { deployment }: Chart,
  { function: name, eventName, startedAt, attempt, outcome }: EventInvocationRecord,
) {
  const { label, reason } = readEventOutcome(outcome);
  const again = attempt > 1 ? `, attempt ${attempt}` : '';
  return `${clockOf(deployment, startedAt)}  ${eventName}: ${name} ${label}${again}${reason === '' ? '' : `, ${reason}`}`;
}
