import { describeServiceRevisions, describeTaskDefinition } from '../../shared/aws/ecs.ts';
import { describeError } from '../../shared/errors.ts';
import { type CheckInput, defineHook } from '../../shared/hook.ts';
import { lambdaHandler } from '../../shared/lambda.ts';
import { count, oneLine } from '../../shared/text.ts';
import { fail, succeed, type Verdict, wait } from '../../shared/verdict.ts';
import { awaitedState, State, stillAwaited } from './awaited.ts';
import { AdmittedCache } from './cache.ts';
import { admissionLayers, Config } from './config.ts';
import { gatherImages } from './images.ts';
import { judgeImages } from './judge.ts';
import { Limiter } from './limiter.ts';
import { wantedPlatform } from './manifest.ts';
import { fingerprint, policyWarnings } from './policy.ts';
import { type Digests, readRecord, writeRecord } from './record.ts';
import type { ImageVerdict } from './subject.ts';

type Input = CheckInput<Config, State>;

/** What was admitted is not asked about again for this long. */
const CACHE_MS = 5 * 60_000;
const CACHE_ENTRIES = 500;
const CONCURRENT_CALLS = 8;

const cache = new AdmittedCache(CACHE_MS, CACHE_ENTRIES);

/**
 * Proves that every image of the new revision, sidecars and init containers included, comes from where the policy
 * allows, is the very bytes that were judged, and is as young and as free of vulnerabilities as the policy asks. Use it
 * at PRE_SCALE_UP, before a task starts, and again at POST_SCALE_UP, when ECS has recorded what the tasks really run.
 * It cannot see RunTask, services without the hook, tasks that are replaced or added later, nor who signed an image.
 */
export const hook = defineHook({
  name: 'admission',
  summary: 'Every image of the revision is one that the policy trusts, and is what its tasks run.',
  stages: ['PRE_SCALE_UP', 'POST_SCALE_UP'],
  config: Config,
  layers: admissionLayers,
  defaults: { timeoutMinutes: 10 },
  state: State,
  permissions: [
    'ecr:BatchGetImage',
    'ecr:DescribeImageScanFindings',
    'ecr:DescribeImages',
    'ecr:DescribeRepositories',
    'ecs:DescribeServiceRevisions',
    'ecs:DescribeTaskDefinition',
    'ssm:DeleteParameters',
    'ssm:GetParameter',
    'ssm:GetParametersByPath',
    'ssm:PutParameter',
  ],
  check,
});

export const handler = lambdaHandler(hook);

async function check(input: Input): Promise<Verdict<State>> {
  const awaited = await stillAwaited(input);
  if (awaited !== undefined) return awaited;
  const { config, deployment, now, deadline, signal } = input;
  const [revision] = await describeServiceRevisions([deployment.targetRevisionArn], signal);
  if (revision?.taskDefinition === undefined) {
    throw new Error(`ecs:DescribeServiceRevisions answered no task definition for ${deployment.targetRevisionArn}`);
  }
  const definition = await describeTaskDefinition(revision.taskDefinition, signal);
  const { images, problems } = gatherImages(revision, definition);
  const policy = { rules: config.rules, exemptions: config.exemptions, addedRules: config.addedRules };
  const evidence = { taskDefinition: revision.taskDefinition, policySha256: fingerprint(policy) };
  for (const warning of policyWarnings(policy)) input.log.warn('the policy may not mean what it says', { warning });
  if (problems.length > 0) return fail(`Denied: ${problems.join('; ')}`, evidence);
  const isStarted = deployment.stage === 'POST_SCALE_UP';
  const inquiry = {
    now,
    since: new Date(deadline.getTime() - config.timeoutMinutes * 60_000),
    platform: wantedPlatform(definition.runtimePlatform),
    limiter: new Limiter(CONCURRENT_CALLS),
    cache,
    fingerprint: evidence.policySha256,
    signal,
  };
  const { verdicts, trouble } = await judgeImages(images, policy, inquiry, isStarted);
  const before = isStarted ? await readRecord(input) : {};
  return conclude(
    input,
    verdicts.map((verdict) => withMove(verdict, before)),
    { trouble, evidence, total: images.length },
  );
}

async function conclude(
  input: Input,
  verdicts: readonly ImageVerdict[],
  { trouble, evidence, total }: { trouble: unknown; evidence: { policySha256: string }; total: number },
): Promise<Verdict<State>> {
  const of = (outcome: ImageVerdict['outcome']) => verdicts.filter((verdict) => verdict.outcome === outcome);
  const denied = of('denied');
  const pending = of('pending');
  const shown = {
    ...evidence,
    images: verdicts.map(({ container, image, outcome, digest }) => ({ container, image, outcome, digest })),
  };
  // A fault that may pass leaves images out; a denial stands all the same, and needs no further look.
  if (denied.length === 0 && trouble !== undefined) throw trouble;
  if (denied.length === 0 && pending.length > 0) {
    const state = awaitedState(pending.flatMap(({ awaited = [] }) => awaited));
    return wait(`Waiting for ${count(pending.length, 'scan')}: ${told(pending)}`, { state, evidence: shown });
  }
  logImages(input, evidence.policySha256, verdicts);
  if (denied.length > 0) {
    const unknown = trouble === undefined ? '' : `; others could not be judged: ${describeError(trouble)}`;
    return fail(`Denied ${denied.length} of ${count(total, 'image')}: ${told(denied)}${unknown}`, shown);
  }
  if (input.deployment.stage === 'PRE_SCALE_UP') await writeRecord(input, verdicts);
  return succeed(`Admitted ${count(verdicts.length, 'image')}: ${told(verdicts)}`, shown);
}

/** One line for each image, with what the decision's line is found by. */
function logImages({ deployment, log }: Input, policySha256: string, verdicts: readonly ImageVerdict[]): void {
  const { deploymentId, stage, cluster, service } = deployment;
  for (const { evidence, awaited: _, ...verdict } of verdicts) {
    log.info('image', {
      ...evidence,
      ...verdict,
      cluster,
      ecsService: service,
      deployment: deploymentId,
      stage,
      policySha256,
    });
  }
}

function told(verdicts: readonly ImageVerdict[]): string {
  return verdicts.map(({ container, image, reason }) => `${container} (${oneLine(image, 150)}): ${reason}`).join('; ');
}

/** Says so when the tasks run something else than what was admitted before they started. */
function withMove(verdict: ImageVerdict, before: Digests): ImageVerdict {
  const earlier = Object.hasOwn(before, verdict.container) ? before[verdict.container] : undefined;
  if (earlier === undefined || verdict.digest === undefined || earlier.includes(verdict.digest)) return verdict;
  return {
    ...verdict,
    reason: `it has moved from ${earlier[0]} to ${verdict.digest} since PRE_SCALE_UP; ${verdict.reason}`,
  };
}
