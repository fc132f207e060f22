/** Where a moment lies on a chart's time axis: true to scale, or compressed so that a day does not hide ten seconds. */
import type { DeploymentRecord } from '../record.ts';
import { deploymentGroups, lastShown } from './model.ts';

export interface TimeScale {
  /** Percent from the left edge, 0 to 100; later never lies left of earlier. */
  at(moment: number): number;
  /** Stretches so compressed that the reader must be told. */
  breaks: readonly Break[];
  /** Stretches between key moments: how much there is to show. */
  segments: number;
}

/** A long stretch drawn short, in milliseconds and percent. */
export interface Break {
  duration: number;
  from: number;
  to: number;
}

/** One moment per millisecond of the whole. */
export function evenScale(from: number, to: number): TimeScale {
  const length = Math.max(1, to - from);
  return { at: (moment) => clamp(((moment - from) / length) * 100), breaks: [], segments: 1 };
}

/** Below this, a gap's width grows with its length; beyond, with its logarithm. */
const KNEE = 5_000;
/** What even the shortest gap takes, so that no stage disappears. */
const LEAST = 0.35;
/** A stretch is marked as broken when a second on it is this much narrower than on the median stretch. */
const BROKEN = 6;
const BREAK_MINIMUM = 10 * 60_000;

interface Segment {
  from: number;
  to: number;
  left: number;
  width: number;
}

/**
 * Piecewise linear between key moments, each gap as wide as the logarithm of its length: order and legibility are
 * kept, proportions are not.
 * @param moments milliseconds since the epoch, in any order, doubles welcome
 */
export function compressedScale(moments: readonly number[]): TimeScale {
  const keys = [...new Set(moments)].sort((a, b) => a - b);
  const segments = layOut(keys);
  const first = keys[0] ?? 0;
  const densities = segments.map((segment) => (segment.to - segment.from) / segment.width).sort((a, b) => a - b);
  const median = densities[Math.floor(densities.length / 2)] ?? 0;
  const isBroken = (segment: Segment): boolean => {
    const duration = segment.to - segment.from;
    return duration >= BREAK_MINIMUM && duration / segment.width > BROKEN * median;
  };
  return {
    at: (moment) => (moment <= first || segments.length === 0 ? 0 : place(segments, moment)),
    breaks: segments.filter(isBroken).map((segment) => ({
      duration: segment.to - segment.from,
      from: segment.left,
      to: segment.left + segment.width,
    })),
    segments: segments.length,
  };
}

function layOut(keys: readonly number[]): Segment[] {
  const gaps = keys.slice(1).map((to, index) => ({ from: keys[index] ?? to, to }));
  const weights = gaps.map(({ from, to }) => LEAST + Math.log2(1 + (to - from) / KNEE));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let left = 0;
  return gaps.map(({ from, to }, index) => {
    const width = ((weights[index] ?? 0) / total) * 100;
    const segment = { from, to, left, width };
    left += width;
    return segment;
  });
}

function place(segments: readonly Segment[], moment: number): number {
  // Binary search: a long wait asks for thousands of moments.
  let low = 0;
  let high = segments.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (moment > (segments[middle]?.to ?? 0)) low = middle + 1;
    else high = middle;
  }
  const segment = segments[low];
  if (segment === undefined || moment >= segment.to)
    return low >= segments.length - 1 ? 100 : clamp(segment ? segment.left + segment.width : 0);
  return clamp(segment.left + ((moment - segment.from) / (segment.to - segment.from)) * segment.width);
}

function clamp(percent: number): number {
  return Math.min(100, Math.max(0, percent));
}

/** The moments of a deployment that the eye must tell apart. The inside of a repeated wait is not among them. */
export function keyMoments(deployment: DeploymentRecord): number[] {
  const stages = deployment.stages.flatMap((stage) => [
    stage.startedAt,
    ...(stage.endedAt === undefined ? [] : [stage.endedAt]),
  ]);
  const hooks = deploymentGroups(deployment).flatMap((group) => [group.first.startedAt, group.last.startedAt]);
  const ends = deployment.stages
    .flatMap((stage) => stage.hooks)
    .flatMap((hook) => (hook.endedAt === undefined ? [] : [hook.endedAt]));
  const points = [...deployment.weights, ...deployment.notes].map((point) => point.at);
  const { consumer = [], eventInvocations = [] } = deployment;
  const others = [...consumer.map(({ at }) => at), ...eventInvocations.map(({ startedAt }) => startedAt)];
  return [deployment.createdAt, ...stages, ...hooks, ...ends, ...points, ...others, lastShown(deployment)];
}

export interface Tick {
  moment: number;
  /** Percent from the left edge. */
  at: number;
  anchor: 'start' | 'middle' | 'end';
}

/**
 * Moments to label, as many as fit without touching: the two ends, then in the order given.
 * @param moments candidates, most important first
 * @param width pixels of the whole axis
 * @param labelWidth pixels of one label
 */
export function chooseTicks(
  scale: TimeScale,
  ends: readonly [number, number],
  moments: readonly number[],
  width: number,
  labelWidth: number,
): Tick[] {
  const [first, last] = ends;
  const ticks: Tick[] = [{ moment: first, at: 0, anchor: 'start' }];
  if (last > first) ticks.push({ moment: last, at: 100, anchor: 'end' });
  const taken = ticks.map((tick) => extent(tick, width, labelWidth));
  for (const moment of moments) {
    const tick: Tick = { moment, at: scale.at(moment), anchor: 'middle' };
    const [from, to] = extent(tick, width, labelWidth);
    if (from < 0 || to > width || taken.some(([left, right]) => from < right && to > left)) continue;
    ticks.push(tick);
    taken.push([from, to]);
  }
  return ticks.sort((a, b) => a.at - b.at);
}

function extent(tick: Tick, width: number, labelWidth: number): [number, number] {
  const x = (tick.at / 100) * width;
  if (tick.anchor === 'start') return [0, labelWidth];
  if (tick.anchor === 'end') return [width - labelWidth, width];
  return [x - labelWidth / 2, x + labelWidth / 2];
}
