import { telling } from '../told.ts';
import {
  ACCOUNT,
  account,
  GREEN_ARN,
  MAX_ERRORS,
  REGION,
  type Scene,
  StaticEcs,
  taskDefinitionArn,
  type Visit,
  type World,
} from '../world.ts';

const TIMEOUT = 10;
const HOST = `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com`;
const POLICY = '/platform/admission-policy';

interface Options {
  /** Severity of what the scan has found; undefined: nothing. */
  severity?: string;
  /** Scans do not end. */
  scanning?: boolean;
  /** Whether tasks run something else than what the reference says now. */
  conflict?: boolean;
  /** The image is of nobody whom the policy trusts. */
  foreign?: boolean;
  /** The platform team keeps the policy in Parameter Store, and not in the function's environment. */
  stored?: boolean;
}

const RULE = {
  name: 'own',
  match: [`${HOST}/team/**`],
  maxAgeDays: 30,
  tagImmutability: 'require',
  vulnerabilities: { max: { CRITICAL: 0 } },
};

/** Two containers of two repositories, judged by a policy of the platform team. */
function scene(
  visit: Visit,
  { severity, scanning = false, conflict = false, foreign = false, stored = false }: Options,
): Scene {
  const ecs = new StaticEcs();
  const aws = account(ecs);
  const names = ['web', 'proxy'];
  const pushed = names.map((name) => aws.registry.push({ repository: `team/${name}`, tag: 'v1', createdFrom: name }));
  for (const { repository } of pushed) aws.registry.setMutability(repository, 'IMMUTABLE');
  for (const [index, { repository, digest }] of pushed.entries()) {
    const found = index === 0 && severity !== undefined ? [{ id: 'CVE-2026-0001', severity }] : [];
    aws.registry.setScan(repository, digest, { status: scanning ? 'IN_PROGRESS' : 'COMPLETE', findings: found });
  }
  const containers = pushed.map(({ reference }, index) => ({ name: names[index] ?? '', image: reference }));
  if (foreign) containers.push({ name: 'stranger', image: 'docker.io/library/nginx:1' });
  const digests = pushed.map(({ digest }) => digest);
  if (conflict) digests[0] = `sha256:${'0'.repeat(64)}`;
  ecs.definitions = [
    {
      taskDefinitionArn: taskDefinitionArn('web'),
      family: 'web',
      revision: 7,
      status: 'ACTIVE',
      containerDefinitions: containers,
    },
  ];
  ecs.revisions = [
    {
      serviceRevisionArn: GREEN_ARN,
      taskDefinition: taskDefinitionArn('web'),
      containerImages: containers.map(({ name, image }, index) => ({
        containerName: name,
        image,
        ...(visit.stage === 'POST_SCALE_UP' && digests[index] !== undefined && { imageDigest: digests[index] }),
      })),
    },
  ];
  // What a policy says of errors is not known while it cannot be read: there the hook's own budget holds.
  const value = JSON.stringify({
    version: 1,
    rules: [RULE],
    ...(!stored && { maxErrors: MAX_ERRORS }),
    ...(scanning && { deadlineSeconds: 120 }),
  });
  aws.parameters.put({ name: POLICY, value, type: 'String', overwrite: true }, 'platform');
  return { aws, ecs, hookDetails: {}, env: { HOOK_POLICY: stored ? `ssm:${POLICY}` : value }, visits: [visit] };
}

function world(name: string, expected: World['expected'], visit: Visit, options: Options = {}): World {
  const maxErrors = options.stored ? 10 : MAX_ERRORS;
  return { hook: 'admission', name, expected, timeoutMinutes: TIMEOUT, maxErrors, begin: () => scene(visit, options) };
}

const PRE: Visit = { stage: 'PRE_SCALE_UP' };
const POST: Visit = { stage: 'POST_SCALE_UP' };
const BACK: Visit = { stage: 'PRODUCTION_TRAFFIC_SHIFT', weight: 0, rollback: true };

const DENIED = world('PRE_SCALE_UP, a critical vulnerability', 'FAILED', PRE, { severity: 'CRITICAL' });

const SCANNING: World = {
  ...world('PRE_SCALE_UP, scans do not end', 'FAILED', PRE, { scanning: true }),
  timeoutMinutes: 2,
};

export const ADMISSION_WORLDS: readonly World[] = [
  world('PRE_SCALE_UP, trusted and clean', 'SUCCEEDED', PRE),
  DENIED,
  world('PRE_SCALE_UP, trusted and clean by a stored policy', 'SUCCEEDED', PRE, { stored: true }),
  world('PRE_SCALE_UP, a stranger among them', 'FAILED', PRE, { foreign: true }),
  world('POST_SCALE_UP, what was admitted runs', 'SUCCEEDED', POST),
  world('POST_SCALE_UP, a critical vulnerability', 'FAILED', POST, { severity: 'CRITICAL' }),
  world('POST_SCALE_UP, tasks run something unknown', 'FAILED', POST, { conflict: true }),
  world('rollback of a service that has the hook at a shift', 'rollback', BACK),
];

/** Whoever admits what could not be looked at has said so. */
export const ADMISSION_TOLD_WORLDS: readonly World[] = [
  telling('onError', DENIED),
  telling('onTimeout', DENIED),
  telling('onTimeout', SCANNING, { unanswered: true }),
  telling('audit', DENIED),
];
