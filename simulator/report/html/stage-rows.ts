/** The stages over time: a row for each, in ECS's order, so that a rollback is seen to climb back. */
import type { Stage, StageRecord } from '../../record.ts';
import { formatDuration } from '../format.ts';
import { lastMoment, stageOrder } from '../model.ts';
import { icon } from './icons.ts';
import { type Html, html, percent } from './markup.ts';
import { type Chart, clockOf, row, WIDE } from './time-axis.ts';

export function stageRows(chart: Chart): Html[] {
  return stageOrder(chart.deployment).map((stage) => stageRow(chart, stage));
}

function stageRow(chart: Chart, stage: Stage): Html {
  const runs = chart.deployment.stages.filter((run) => run.stage === stage);
  const name = html`<code class="${runs.length === 0 ? 'unreached' : ''}">${stage}</code>`;
  return row('stage', name, runs.length === 0 ? [] : runs.map((run) => bar(chart, run)));
}

const OUTCOME_WORDS: Readonly<Record<StageRecord['outcome'], string>> = {
  running: 'running',
  completed: 'completed',
  failed: 'failed',
  'timed-out': 'timed out',
  interrupted: 'interrupted',
};

function bar(chart: Chart, run: StageRecord): Html {
  const { deployment, scale } = chart;
  const end = run.endedAt ?? lastMoment(deployment);
  const left = scale.at(run.startedAt);
  const width = scale.at(end) - left;
  const tip = [
    `${run.stage}${stepWords(run)}${run.direction === 'rollback' ? ', rollback' : ''}`,
    `${clockOf(deployment, run.startedAt)} to ${run.endedAt === undefined ? 'now' : clockOf(deployment, end)}, ${formatDuration(end - run.startedAt)}`,
    OUTCOME_WORDS[run.outcome],
  ].join('\n');
  const cut = cuts(chart, left, width);
  const sign = run.outcome !== 'completed' && run.outcome !== 'running' && icon('failed', 'bar__sign tone-failed');
  const style = `left:${percent(left)};width:${percent(width)}`;
  return html`<span class="bar bar--${run.direction} bar--${run.outcome}" style="${style}" data-tip="${tip}">${cut}${inside(run, end, width, cut.length > 0)}${sign}</span>`;
}

export function stepWords(run: StageRecord): string {
  return run.step === undefined ? '' : `, step ${run.step} of ${run.steps ?? '?'}`;
}

/** Where the bar runs over a broken stretch it is cut, so that its length is not taken for its duration. */
function cuts(chart: Chart, left: number, width: number): Html[] {
  return chart.scale.breaks
    .map((gap) => (gap.from + gap.to) / 2)
    .filter((middle) => middle > left && middle < left + width)
    .map((middle) => html`<i class="cut" style="left:${percent(((middle - left) / width) * 100)}"></i>`);
}

/** The step's number or the duration, where the bar is wide enough to hold it; beside the cut, where there is one. */
function inside(run: StageRecord, end: number, width: number, cut: boolean): Html | false {
  const pixels = ((width / 100) * WIDE) / (cut ? 2 : 1);
  const words = run.step === undefined ? formatDuration(end - run.startedAt) : String(run.step);
  if (pixels < words.length * 6.5 + 10) return false;
  return html`<span class="bar__words${cut && ' bar__words--aside'}">${words}</span>`;
}
