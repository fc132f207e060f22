import { type Finding, finding, shown } from '../lifecycle/finding.ts';
import type { Place } from '../lifecycle/place.ts';
import type { FoundService } from './found.ts';
import type { JudgedHook } from './hook.ts';

/** CloudFormation waits no longer for a service: 33 hours. */
const CLOUDFORMATION_MINUTES = 33 * 60;

/** What ECS takes where nothing is written (API pages of the configurations). */
const STANDARD = { bake: 15, canaryBake: 10, stepBake: 6, stepPercent: 10 } as const;

/** Judges bake times, traffic steps and alarms. */
export function judgeTraffic(service: FoundService, hooks: readonly JudgedHook[]): Finding[] {
  const { configuration, isWhole } = service;
  const strategy = configuration.get('strategy').value;
  const canary = configuration.get('canaryConfiguration');
  const linear = configuration.get('linearConfiguration');
  return [
    ...ranges(configuration),
    ...(isWhole ? misplaced(canary, 'CANARY', strategy) : []),
    ...(isWhole ? misplaced(linear, 'LINEAR', strategy) : []),
    ...(service.source === 'cloudformation' && strategy !== 'ROLLING' ? totalTime(configuration, hooks) : []),
    ...(service.source === 'service' && isWhole ? bakeMissing(configuration, strategy) : []),
    ...alarmFindings(service.alarms),
  ];
}

function ranges(configuration: Place): Finding[] {
  const canary = configuration.get('canaryConfiguration');
  const linear = configuration.get('linearConfiguration');
  return [
    ...minutes(configuration.get('bakeTimeInMinutes')),
    ...minutes(canary.get('canaryBakeTimeInMinutes')),
    ...minutes(linear.get('stepBakeTimeInMinutes')),
    ...percent(canary.get('canaryPercent'), 0.1),
    ...percent(linear.get('stepPercent'), 3),
  ];
}

function minutes(place: Place): Finding[] {
  const { number } = place;
  if (!place.isSeen || place.value === '') return [];
  if (number !== undefined && Number.isInteger(number) && number >= 0 && number <= 1440) return [];
  return [finding('error', place, `${shown(place.value)}: write whole minutes from 0 to 1440`)];
}

function percent(place: Place, least: number): Finding[] {
  const { number } = place;
  if (!place.isSeen || place.value === '') return [];
  // A multiple of 0.1 is rarely exact in binary.
  const isTenth = number !== undefined && Math.abs(number * 10 - Math.round(number * 10)) < 1e-9;
  if (isTenth && number >= least && number <= 100) return [];
  return [
    finding('error', place, `${shown(place.value)}: write percent from ${least} to 100, with one decimal at most`),
  ];
}

function misplaced(place: Place, needed: string, strategy: unknown): Finding[] {
  const isEmpty = place.isAbsent || (Array.isArray(place.value) && place.value.length === 0);
  if (isEmpty || strategy === needed || (strategy !== undefined && typeof strategy !== 'string')) return [];
  return [finding('error', place, `only valid with the strategy ${needed}: leave it out, or write ${needed}`)];
}

function bakeMissing(configuration: Place, strategy: unknown): Finding[] {
  const bake = configuration.get('bakeTimeInMinutes');
  if (strategy !== 'BLUE_GREEN' || !bake.isAbsent) return [];
  return [finding('warning', bake, 'ECS asks for it with BLUE_GREEN: write how long blue is kept, such as 15')];
}

function totalTime(configuration: Place, hooks: readonly JudgedHook[]): Finding[] {
  const bakes = bakeMinutes(configuration);
  if (bakes === undefined) return [];
  const waits = hooks.reduce((sum, hook) => sum + (hook.minutes ?? 0) * hook.stages.length, 0);
  if (bakes + waits <= CLOUDFORMATION_MINUTES) return [];
  const limit = `CloudFormation's limit of ${CLOUDFORMATION_MINUTES} (33 hours): write shorter ones`;
  if (bakes > CLOUDFORMATION_MINUTES)
    return [finding('error', configuration, `${bakes} minutes of bake time are over ${limit}`)];
  const sum = `${bakes} minutes of bake time and ${waits} of hook time-outs`;
  return [finding('warning', configuration.get('lifecycleHooks'), `${sum} are together over ${limit}`)];
}

/** All bakes of a deployment together; undefined where one of them cannot be seen. */
function bakeMinutes(configuration: Place): number | undefined {
  const canary = configuration.get('canaryConfiguration').get('canaryBakeTimeInMinutes');
  const linear = configuration.get('linearConfiguration');
  const [step, each] = [linear.get('stepPercent'), linear.get('stepBakeTimeInMinutes')];
  const bake = configuration.get('bakeTimeInMinutes');
  if ([canary, step, each, bake].some(({ isUnseen }) => isUnseen)) return undefined;
  const last = bake.number ?? STANDARD.bake;
  const strategy = configuration.get('strategy').value;
  if (strategy === 'CANARY') return last + (canary.number ?? STANDARD.canaryBake);
  if (strategy !== 'LINEAR') return last;
  // No bake after the step that reaches 100 %.
  const steps = Math.ceil(100 / (step.number ?? STANDARD.stepPercent) - 1e-9) - 1;
  return last + steps * (each.number ?? STANDARD.stepBake);
}

function alarmFindings(alarms: Place | undefined): Finding[] {
  if (alarms === undefined || !alarms.isSeen) return [];
  const [enable, rollback, names] = [alarms.get('enable'), alarms.get('rollback'), alarms.get('alarmNames')];
  if (enable.value !== true && enable.value !== 'true') return [];
  const found: Finding[] = [];
  if (!names.isUnseen && names.items().length === 0) {
    found.push(finding('error', names, 'alarms are enabled and none is named: write their names'));
  }
  if (rollback.value === false || rollback.value === 'false') {
    found.push(finding('warning', rollback, 'an alarm stops the deployment without going back: write true'));
  }
  return found;
}
