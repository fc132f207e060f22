/** The small drawings of the terminal timeline: symbols, the weight bar, the stage rail. */
import type { DeploymentRecord, NoteRecord, Stage, StageRecord, WeightPoint } from '../../record.ts';
import { formatPercent } from '../format.ts';
import { type ConsumerKind, type Look, shareOf, stageOrder, type Verdict } from '../model.ts';
import type { Ink, Paint } from './paint.ts';
import { columns, plain, truncate } from './text.ts';

export const ANSWER: Readonly<Record<Look, { sign: string; ink: Ink }>> = {
  succeeded: { sign: '✓', ink: 'good' },
  failed: { sign: '✗', ink: 'bad' },
  waiting: { sign: '⋯', ink: 'wait' },
  error: { sign: '!', ink: 'error' },
};

export const STATUS: Readonly<Record<Verdict['look'], { sign: string; ink: Ink }>> = {
  good: { sign: '✓', ink: 'good' },
  back: { sign: '↺', ink: 'wait' },
  bad: { sign: '✗', ink: 'bad' },
  open: { sign: '…', ink: 'stage' },
};

export const NOTE: Readonly<Record<NoteRecord['kind'], { sign: string; ink: Ink }>> = {
  action: { sign: '⚑', ink: 'bold' },
  alarm: { sign: '▲', ink: 'bad' },
  stop: { sign: '■', ink: 'bad' },
  pause: { sign: '‖', ink: 'wait' },
  'service-event': { sign: '·', ink: 'dim' },
  rollback: { sign: '↺', ink: 'wait' },
  fault: { sign: '↯', ink: 'error' },
};

export const CONSUMER: Readonly<Record<ConsumerKind, { sign: string; ink: Ink }>> = {
  source: { sign: '⇐', ink: 'source' },
  target: { sign: '⇐', ink: 'target' },
  none: { sign: '⇍', ink: 'wait' },
  other: { sign: '⇐', ink: 'bad' },
};

const BAR_CELLS = 10;
const SHARE_COLUMNS = 30;

/**
 * `██░░░░░░░░ release-2 20 %, release-1 80 %`: the target fills the bar from the left. Where both names do not fit, the
 * target's alone.
 * @param room columns for all of it
 */
export function weightBar(deployment: DeploymentRecord, point: WeightPoint, paint: Paint, room: number): string {
  const share = shareOf(deployment, point);
  if (share === undefined) return `${paint('dim', '·'.repeat(BAR_CELLS))} none`;
  const cells = filledCells(share.target);
  const bar = paint('target', '█'.repeat(cells)) + paint('source', '░'.repeat(BAR_CELLS - cells));
  const words = room - BAR_CELLS - 1;
  const target = nameAndShare(deployment.target.name, share.target, Math.min(words, SHARE_COLUMNS));
  if (deployment.source === undefined) return `${bar} ${paint('target', target)}`;
  const source = nameAndShare(deployment.source.name, share.rest, SHARE_COLUMNS);
  if (columns(target) + columns(source) + 2 > words) return `${bar} ${paint('target', target)}`;
  return `${bar} ${paint('target', target)}, ${paint('source', source)}`;
}

function nameAndShare(name: string, percent: number, room: number): string {
  const share = ` ${formatPercent(percent)}`;
  return truncate(plain(name), room - share.length) + share;
}

/** Never full below 100 % and never empty above 0 %: a small canary must be seen. */
function filledCells(percent: number): number {
  if (percent <= 0) return 0;
  if (percent >= 100) return BAR_CELLS;
  return Math.min(BAR_CELLS - 1, Math.max(1, Math.round(percent / BAR_CELLS)));
}

export function stageLabel(stage: StageRecord): string {
  return stage.step === undefined ? stage.stage : `${stage.stage} ${stage.step}/${stage.steps ?? '?'}`;
}

export interface RailState {
  done: ReadonlySet<Stage>;
  failed: ReadonlySet<Stage>;
  running: StageRecord | undefined;
}

/** `●━●━●━◉─○─○`: one bead a stage, in ECS's order. */
export function stageRail(deployment: DeploymentRecord, state: RailState, paint: Paint): string {
  const beads = stageOrder(deployment).map((stage) => {
    if (state.failed.has(stage)) return { bead: paint('bad', '✗'), link: '─' };
    if (state.running?.stage === stage) return { bead: paint('stage', '◉'), link: '─' };
    return state.done.has(stage) ? { bead: paint('good', '●'), link: '━' } : { bead: paint('dim', '○'), link: '─' };
  });
  return beads
    .map(
      ({ bead, link }, index) => bead + (index === beads.length - 1 ? '' : paint(link === '━' ? 'good' : 'dim', link)),
    )
    .join('');
}
