import type { AnyHook } from '../../shared/hook.ts';
import { isJsonObject, type JsonObject } from '../../shared/schema.ts';
import { HOOK_STAGES, LIFECYCLE_STAGES, ROLLBACK_STAGES } from '../../shared/stages.ts';
import { type Finding, finding, shown, unseen } from '../lifecycle/finding.ts';
import { didYouMean } from '../lifecycle/nearest.ts';
import type { Place } from '../lifecycle/place.ts';
import { FUNCTION_ARN, type Recogniser, recognise } from '../lifecycle/recognise.ts';
import { judgeHookDetails } from './details.ts';
import { MINUTES } from './minutes.ts';

const ROLE_ARN = /^arn:aws[\w-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/;

export interface JudgedHook {
  place: Place;
  type: 'AWS_LAMBDA' | 'PAUSE' | undefined;
  /** The hook of this project that its function is, where it can be told. */
  hook: AnyHook | undefined;
  /** Those of its stages that can be seen. */
  stages: readonly string[];
  /** The configuration as far as it is known: the hook's defaults, and what is written. Undefined: it cannot be seen. */
  config: JsonObject | undefined;
  /** Whether HOOK_DEFAULTS and HOOK_POLICY of its function were given. */
  isWhole: boolean;
  /** The time-out that is written, if it is a number. */
  minutes: number | undefined;
  findings: readonly Finding[];
}

export interface HookSurroundings extends Recogniser {
  /** HOOK_DEFAULTS and HOOK_POLICY of a hook's functions, where they are known. */
  envOf?: (hook: string) => Readonly<Record<string, string>> | undefined;
}

/** Judges one entry of `lifecycleHooks`, as far as it can be seen. */
export async function judgeHook(place: Place, around: HookSurroundings): Promise<JudgedHook> {
  const stages = place
    .get('lifecycleStages')
    .items()
    .flatMap(({ value }) => (typeof value === 'string' ? [value] : []));
  const minutes = place.get('timeoutConfiguration').get('timeoutInMinutes').number;
  const judged = { place, type: typeOf(place), hook: undefined, stages, config: undefined, isWhole: false, minutes };
  if (place.isUnseen) return { ...judged, findings: [unseen(place)] };
  if (!isJsonObject(place.value)) return { ...judged, findings: [notAHook(place)] };
  return judged.type === 'AWS_LAMBDA'
    ? judgeLambda(judged, around)
    : { ...judged, findings: otherFindings(place, judged.type) };
}

async function judgeLambda(judged: Omit<JudgedHook, 'findings'>, around: HookSurroundings): Promise<JudgedHook> {
  const { place, type, stages } = judged;
  const hook = recognise(place.get('hookTargetArn').value, around, place.path);
  const env = hook && around.envOf?.(hook.name);
  const details = await judgeHookDetails(place, hook, env);
  const findings = [
    ...stageFindings(place, type, hook),
    ...targetFindings(place),
    ...timeoutFindings(place, type),
    ...details.findings,
    ...(hook === undefined ? customFindings(place, stages) : []),
  ];
  return { ...judged, hook, config: details.config, isWhole: env !== undefined, findings };
}

function otherFindings(place: Place, type: JudgedHook['type']): Finding[] {
  return [
    ...(type === undefined ? [wrongType(place)] : []),
    ...stageFindings(place, type, undefined),
    ...(type === 'PAUSE' ? pauseFindings(place) : []),
    ...timeoutFindings(place, type),
  ];
}

function notAHook(place: Place): Finding {
  return finding('error', place, `${shown(place.value)} is no lifecycle hook: write an object`);
}

function typeOf(place: Place): JudgedHook['type'] {
  const { value, isAbsent } = place.get('targetType');
  if (isAbsent || value === '') return 'AWS_LAMBDA';
  return value === 'AWS_LAMBDA' || value === 'PAUSE' ? value : undefined;
}

function wrongType(place: Place): Finding {
  const type = place.get('targetType');
  if (type.isUnseen) return unseen(type);
  return finding('error', type, `Invalid targetType ${shown(type.value)}: write AWS_LAMBDA or PAUSE`);
}

function stageFindings(place: Place, type: JudgedHook['type'], hook: AnyHook | undefined): Finding[] {
  const stages = place.get('lifecycleStages');
  if (stages.isUnseen) return [unseen(stages)];
  const entries = stages.items();
  if (entries.length === 0) {
    const good = hook === undefined ? HOOK_STAGES : hook.stages;
    return [finding('error', stages, `no stage, so that the hook never runs: write one of ${good.join(', ')}`)];
  }
  const twice = entries.filter(({ value }, index) => entries.findIndex((one) => one.value === value) !== index);
  return [
    ...entries.flatMap((entry) => stageFinding(entry, type, hook)),
    ...twice.map((entry) => finding('warning', entry, `${shown(entry.value)} is there twice: leave one out`)),
  ];
}

function stageFinding(entry: Place, type: JudgedHook['type'], hook: AnyHook | undefined): Finding[] {
  const { value } = entry;
  if (entry.isUnseen) return [unseen(entry)];
  const stage = String(value);
  if (!(HOOK_STAGES as readonly string[]).includes(stage)) {
    const isReal = (LIFECYCLE_STAGES as readonly string[]).includes(stage);
    const why = isReal ? `ECS calls no hook at ${stage}` : `no stage is called ${shown(value)}`;
    const good = hook?.stages ?? HOOK_STAGES;
    return [finding('error', entry, `${why}${didYouMean(stage, good)}: write one of ${good.join(', ')}`)];
  }
  if (type === 'PAUSE' && ROLLBACK_STAGES.has(stage)) {
    const before = `PRE_PRODUCTION_TRAFFIC_SHIFT or POST_${stage}`;
    const message = `Invalid lifecycle stage provided for Pause Hook: ${stage} runs again in a rollback; write ${before}`;
    return [finding('error', entry, message)];
  }
  if (type === 'PAUSE' && stage === 'RECONCILE_SERVICE') {
    const message = "AWS's pages disagree on PAUSE hooks at RECONCILE_SERVICE: write PRE_SCALE_UP to be sure";
    return [finding('warning', entry, message)];
  }
  if (hook === undefined || (hook.stages as readonly string[]).includes(stage)) return [];
  const message = `the ${hook.name} hook answers FAILED at ${stage}: write ${hook.stages.join(' or ')}`;
  return [finding('error', entry, message)];
}

function targetFindings(place: Place): Finding[] {
  const [target, role] = [place.get('hookTargetArn'), place.get('roleArn')];
  const found: Finding[] = [];
  if (target.isAbsent || target.value === '') {
    found.push(finding('error', target, 'no function: write the ARN of the Lambda function'));
  } else if (typeof target.value === 'string' && !FUNCTION_ARN.test(target.value)) {
    const form = 'arn:aws:lambda:<region>:<account>:function:<name>';
    found.push(finding('error', target, `${shown(target.value)} is no ARN of a Lambda function: write ${form}`));
  }
  if (role.isAbsent || role.value === '') {
    const message = 'no role: write the ARN of the one by which ECS may call lambda:InvokeFunction';
    found.push(finding('error', role, message));
  } else if (typeof role.value === 'string' && !ROLE_ARN.test(role.value)) {
    const message = `${shown(role.value)} is no ARN of a role: write arn:aws:iam::<account>:role/<name>`;
    found.push(finding('error', role, message));
  }
  return found;
}

function pauseFindings(place: Place): Finding[] {
  return ['hookTargetArn', 'roleArn', 'hookDetails']
    .map((name) => place.get(name))
    .filter(({ isAbsent, value }) => !isAbsent && value !== '')
    .map((extra) => finding('warning', extra, 'a PAUSE hook does not use it: leave it out'));
}

function timeoutFindings(place: Place, type: JudgedHook['type']): Finding[] {
  const timeout = place.get('timeoutConfiguration');
  const [minutes, action] = [timeout.get('timeoutInMinutes'), timeout.get('action')];
  const found: Finding[] = [];
  const most = MINUTES[type ?? 'PAUSE'];
  if (minutes.isSeen) {
    const { number } = minutes;
    if (number === undefined || !Number.isInteger(number) || number < 1 || number > most) {
      const of = type === undefined ? '' : ` for ${type}`;
      found.push(finding('error', minutes, `${shown(minutes.value)}: write a whole number from 1 to ${most}${of}`));
    }
  }
  if (action.isSeen && action.value !== 'ROLLBACK' && action.value !== 'CONTINUE' && action.value !== '') {
    found.push(finding('error', action, `${shown(action.value)}: write ROLLBACK`));
  }
  if (action.value === 'CONTINUE') {
    const message = 'fails open: a gate that does not answer in time lets the deployment pass; write ROLLBACK';
    found.push(finding('warning', action, message));
  }
  return found;
}

function customFindings(place: Place, stages: readonly string[]): Finding[] {
  const again = stages.filter((stage) => ROLLBACK_STAGES.has(stage));
  if (again.length === 0) return [];
  const message = `a function of unknown make at ${again.join(' and ')}, where ECS calls it again in a rollback: it must answer SUCCEEDED there, or it blocks the way back (of a hook of this project: --map ARN=hook)`;
  return [finding('note', place.get('lifecycleStages'), message)];
}
