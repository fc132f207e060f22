import { createParameter, putParameter, removeLeftovers } from '../../shared/aws/parameters.ts';
import { defineHook } from '../../shared/hook.ts';
import { lambdaHandler } from '../../shared/lambda.ts';
import { count, instant } from '../../shared/text.ts';
import { expire, fail, succeed, type Verdict, wait } from '../../shared/verdict.ts';
import { Config } from './config.ts';
import { describeRequest } from './description.ts';
import { type Input, State } from './input.ts';
import type { Request } from './message.ts';
import { describeTo, noticesDue, notify } from './notice.ts';
import { parameterName, readHistory, servicePath } from './request.ts';
import { type ParameterVersion, requestOf, type Tally, tally, toldIgnored } from './tally.ts';

/**
 * Proves that the people who may decide have accepted this very deployment at this very stage. Use it where a human
 * must look before traffic moves. It cannot see who stands behind a shared role, nor whether they looked.
 */
export const hook = defineHook({
  name: 'approval',
  summary: 'People have accepted this deployment, in a Parameter Store parameter made for it.',
  stages: [
    'POST_TEST_TRAFFIC_SHIFT',
    'RECONCILE_SERVICE',
    'PRE_SCALE_UP',
    'POST_SCALE_UP',
    'PRE_PRODUCTION_TRAFFIC_SHIFT',
    'POST_PRODUCTION_TRAFFIC_SHIFT',
  ],
  config: Config,
  defaults: { timeoutMinutes: 1380, firstDeployment: 'skip' },
  state: State,
  permissions: [
    'ecs:DescribeServiceDeployments',
    'ecs:DescribeServiceRevisions',
    'sns:Publish',
    'ssm:DeleteParameters',
    'ssm:GetParameterHistory',
    'ssm:GetParametersByPath',
    'ssm:PutParameter',
  ],
  check,
});

export const handler = lambdaHandler(hook);

async function check(input: Input): Promise<Verdict<State>> {
  const { config, deployment, functionName, signal, state } = input;
  const name = parameterName(config.parameterPrefix, deployment);
  if (state === undefined) {
    const request = await describeTo(input, name, input.deadline);
    const text = { name, value: 'pending', description: describeRequest(request) };
    const version = await createParameter(text, signal);
    if (version !== undefined) return ask(input, request, version);
  }
  const versions = await readHistory(name, signal);
  if (versions.length === 0) return missing(input, name);
  const opened = requestOf(versions, functionName, state?.request);
  const trouble = whyUnusable(versions, opened, state);
  if (trouble !== undefined) return fail(`${name} ${trouble}; a decline may be lost`, { parameter: name });
  if (opened === undefined) return askAnew(input, name);
  const deadline = deadlineOf(input, opened);
  const counted = tally(versions, opened, deadline, rulesOf(input));
  const verdict = decide(input, name, counted, deadline);
  if (verdict !== undefined) {
    const before = new Date(input.now.getTime() - config.retainDays * 86_400_000);
    const folder = servicePath(config.parameterPrefix, deployment);
    await removeLeftovers({ folder, deploymentId: deployment.deploymentId, before }, signal, input.log);
    return verdict;
  }
  const due = noticesDue(input, opened.at);
  const out = state?.notices ?? 0;
  const notices = out >= due ? out : await notify(input, await describeTo(input, name, deadline), due);
  return waiting(name, counted, deadline, { notices, request: opened.version, openedAt: opened.at.getTime() });
}

/**
 * Who deletes the parameter may hide a decline, so it is never asked for again, and neither `onTimeout` nor `onError`
 * lets the deployment pass. A read may come too early just after the creation, hence the patience.
 */
function missing({ config, deadline, now, state }: Input, name: string): Verdict<State> {
  const looks = (state?.missing ?? 0) + 1;
  const reason = `The approval parameter ${name} does not exist (look ${looks} of ${config.maxErrors})`;
  const evidence = { parameter: name };
  if (looks >= config.maxErrors || now >= deadline) {
    return fail(`${reason}: it was deleted, and the votes in it are lost; deploy again`, evidence);
  }
  return wait(reason, { state: { notices: 0, ...state, missing: looks }, evidence });
}

function whyUnusable(versions: readonly ParameterVersion[], opened: ParameterVersion | undefined, state?: State) {
  if (versions[0]?.version !== 1) return 'was written so often that Parameter Store has dropped votes';
  if (state?.request === undefined) return undefined;
  const isSame = opened !== undefined && opened.at.getTime() === (state.openedAt ?? opened.at.getTime());
  return isSame ? undefined : 'was deleted and made anew while this deployment waited';
}

/** Somebody wrote the parameter before it was asked for: only what is written from now on is a vote. */
async function askAnew(input: Input, name: string): Promise<Verdict<State>> {
  const request = await describeTo(input, name, input.deadline);
  const description = describeRequest(request);
  return ask(
    input,
    request,
    await putParameter({ name, value: 'pending', description, overwrite: true }, input.signal),
  );
}

/** The request's own age counts, so that a lost state cannot prolong it; a vote and the framework share one deadline. */
function deadlineOf({ config, deadline }: Input, opened: ParameterVersion): Date {
  return new Date(Math.min(deadline.getTime(), opened.at.getTime() + config.timeoutMinutes * 60_000));
}

function decide(input: Input, name: string, counted: Tally, deadline: Date): Verdict<State> | undefined {
  const evidence = evidenceOf(name, counted);
  const told = `${counted.summary}${toldIgnored(counted)}`;
  if (counted.outcome === 'declined') return fail(`Deployment ${told}`, evidence);
  if (counted.outcome === 'accepted') return succeed(`Deployment ${told}`, evidence);
  if (input.now < deadline) return undefined;
  if (counted.outcome === 'held')
    return fail(`Deployment ${told}, until the deadline at ${instant(deadline)}`, evidence);
  return expire(input.config.onTimeout, `Approval expired at ${instant(deadline)} with ${told}`, evidence);
}

function waiting(name: string, counted: Tally, deadline: Date, state: State): Verdict<State> {
  const reason = `Waiting for approval until ${instant(deadline)}: ${counted.summary} in ${name}${toldIgnored(counted)}`;
  return wait(reason, { state, evidence: evidenceOf(name, counted) });
}

async function ask(input: Input, request: Request, version: number): Promise<Verdict<State>> {
  const openedAt = await openingOf(request.parameterName, version, input.signal);
  const notices = await notify(input, request, noticesDue(input, input.now));
  const reason = `Asked for ${count(request.quorum, 'approval')} in ${request.parameterName}, until ${instant(request.deadline)}`;
  const state = { notices, request: version, ...(openedAt !== undefined && { openedAt }) };
  return wait(reason, { state, evidence: { parameter: request.parameterName } });
}

/**
 * When Parameter Store wrote the request: by that it is seen if somebody deletes the parameter, and a decline with it,
 * and makes it anew before the next look. A read that fails, or comes too early, leaves this to that look.
 */
async function openingOf(name: string, version: number, signal: AbortSignal): Promise<number | undefined> {
  const versions = await readHistory(name, signal).catch(() => []);
  return versions.find((one) => one.version === version)?.at.getTime();
}

function rulesOf({ config, deployment, functionName }: Input) {
  const { deploymentId, targetRevisionId } = deployment;
  return { ...config, functionName, deploymentId, targetRevisionId };
}

function evidenceOf(parameter: string, { accepted, votes, ignored }: Tally) {
  return { parameter, accepted, votes: votes.slice(-20), ignored: ignored.slice(-20) };
}
