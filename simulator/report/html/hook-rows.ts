/** A lane for each hook: a rail while it runs, a mark for each invocation, shaped by its answer. */
import type { HookRunRecord, InvocationRecord, StageRecord } from '../../record.ts';
import { formatCount, formatDuration, plural } from '../format.ts';
import { groupInvocations, type InvocationGroup, lastMoment, readAnswer } from '../model.ts';
import { icon } from './icons.ts';
import { type Html, html, percent } from './markup.ts';
import { stepWords } from './stage-rows.ts';
import { type Chart, clockOf, row, WIDE } from './time-axis.ts';

/** More marks than this in one wait are drawn as a dotted rail with their number. */
const MOST_MARKS = 16;
/** Marks closer together than this become one. */
const NEAR = (13 / WIDE) * 100;

export function hookRows(chart: Chart, rowOf: ReadonlyMap<unknown, string>): Html[] {
  const lanes = new Map<string, { stage: StageRecord; hook: HookRunRecord }[]>();
  for (const stage of chart.deployment.stages) {
    for (const hook of stage.hooks) lanes.set(hook.name, [...(lanes.get(hook.name) ?? []), { stage, hook }]);
  }
  return [...lanes].map(([name, runs]) => {
    const pause = runs.every(({ hook }) => hook.targetType === 'PAUSE');
    const label = html`<span class="hook-name">${name}</span><span class="quiet">${pause ? 'PAUSE' : 'Lambda'}</span>`;
    return row(
      'hook',
      label,
      runs.flatMap(({ stage, hook }) => hookRun(chart, stage, hook, rowOf)),
    );
  });
}

function hookRun(chart: Chart, stage: StageRecord, hook: HookRunRecord, rowOf: ReadonlyMap<unknown, string>): Html[] {
  const left = chart.scale.at(hook.startedAt);
  const width = chart.scale.at(hook.endedAt ?? lastMoment(chart.deployment)) - left;
  const kind = hook.targetType === 'PAUSE' ? 'pause' : 'lambda';
  const rail = html`<span class="rail rail--${kind}" style="left:${percent(left)};width:${percent(width)}"></span>`;
  const groups = groupInvocations(stage, hook).flatMap((group) => marks(chart, group, rowOf));
  return [rail, ...groups, ...endMark(chart, stage, hook, rowOf)];
}

function marks(chart: Chart, group: InvocationGroup, rowOf: ReadonlyMap<unknown, string>): Html[] {
  const target = rowOf.get(group.first) ?? chart.id;
  const clusters = cluster(chart, group.invocations);
  if (clusters.length <= MOST_MARKS) return clusters.map((some) => mark(chart, group, some, target));
  const from = chart.scale.at(group.first.startedAt);
  const to = chart.scale.at(group.last.startedAt);
  const dots = html`<span class="dots tone-waiting" style="left:${percent(from)};width:${percent(to - from)}"></span>`;
  const middle = mark(chart, group, group.invocations, target, (from + to) / 2);
  return [dots, mark(chart, group, [group.first], target), middle, mark(chart, group, [group.last], target)];
}

function cluster(chart: Chart, invocations: readonly InvocationRecord[]): InvocationRecord[][] {
  const clusters: InvocationRecord[][] = [];
  for (const invocation of invocations) {
    const open = clusters.at(-1);
    const start = open?.[0];
    const near = start && chart.scale.at(invocation.startedAt) - chart.scale.at(start.startedAt) < NEAR;
    if (open && near) open.push(invocation);
    else clusters.push([invocation]);
  }
  return clusters;
}

function mark(
  chart: Chart,
  group: InvocationGroup,
  some: readonly InvocationRecord[],
  href: string,
  at?: number,
): Html {
  const first = some[0] ?? group.first;
  const tip = markTip(chart, group, some);
  const { look } = group.answer;
  const style = `left:${percent(at ?? chart.scale.at(first.startedAt))}`;
  if (at !== undefined) {
    return html`<a class="mark mark--many tone-${look}" href="#${href}" style="${style}" data-tip="${tip}" aria-label="${tip}">${plural(some.length, 'look')}</a>`;
  }
  const count = some.length > 1 && html`<b class="mark__count">${formatCount(some.length)}</b>`;
  return html`<a class="mark tone-${look}" href="#${href}" style="${style}" data-tip="${tip}" aria-label="${tip}">${icon(look)}${count}</a>`;
}

function markTip(chart: Chart, group: InvocationGroup, some: readonly InvocationRecord[]): string {
  const first = some[0] ?? group.first;
  const last = some.at(-1) ?? first;
  const answer = readAnswer(last.outcome);
  const several = some.length > 1;
  const clock = clockOf(chart.deployment, first.startedAt);
  const when = several ? `${clock} to ${clockOf(chart.deployment, last.startedAt)}` : clock;
  const attempts = several
    ? `attempts ${formatCount(first.attempt)} to ${formatCount(last.attempt)}`
    : `attempt ${first.attempt}`;
  return [
    `${group.hook.name}: ${answer.label}${several ? `, ${plural(some.length, 'time')}` : ''}`,
    `${when}, ${attempts}`,
    `${group.stage.stage}${stepWords(group.stage)}`,
    ...(answer.reason === '' ? [] : [answer.reason]),
    ...(last.awsCalls.length === 0 ? [] : [`AWS calls: ${last.awsCalls.join(', ')}`]),
  ].join('\n');
}

/** How a run ended that no answer ended: a pause continued or turned back, a timeout. */
function endMark(chart: Chart, stage: StageRecord, hook: HookRunRecord, rowOf: ReadonlyMap<unknown, string>): Html[] {
  if (hook.targetType !== 'PAUSE' && hook.status !== 'TIMED_OUT') return [];
  const end = hook.endedAt ?? lastMoment(chart.deployment);
  const tip = [
    `${hook.name}: ${hook.status}`,
    `${clockOf(chart.deployment, hook.startedAt)} to ${clockOf(chart.deployment, end)}, ${formatDuration(end - hook.startedAt)}`,
    `${stage.stage}${stepWords(stage)}`,
    `expires at ${clockOf(chart.deployment, hook.expiresAt)}, then ${hook.timeoutAction}`,
  ].join('\n');
  const look = runLook(hook);
  return [
    html`<a class="mark tone-${look}" href="#${rowOf.get(hook) ?? chart.id}" style="left:${percent(chart.scale.at(end))}" data-tip="${tip}" aria-label="${tip}">${icon(hook.status === 'AWAITING_ACTION' ? 'pause' : look)}</a>`,
  ];
}

export function runLook(hook: HookRunRecord): 'succeeded' | 'failed' | 'waiting' | 'error' {
  if (hook.status === 'SUCCEEDED') return 'succeeded';
  if (hook.status === 'FAILED') return 'failed';
  return hook.status === 'TIMED_OUT' ? 'error' : 'waiting';
}
