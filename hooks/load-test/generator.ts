import { describeServiceDeployment, sourceRevisionArns } from '../../shared/aws/ecs.ts';
import { createParameter, putParameter, removeLeftovers } from '../../shared/aws/parameters.ts';
import { count, duration, instant } from '../../shared/text.ts';
import { expire, fail, succeed, type Verdict, wait } from '../../shared/verdict.ts';
import { noteAccepted } from './baseline.ts';
import { readFolder } from './folder.ts';
import type { Input, State } from './input.ts';
import { deploymentPath, runName, servicePath } from './names.ts';
import { couldNotRun, whyOver } from './outcome.ts';
import { checkConfig, loadSeconds, newPlan, type Plan, readPlan, runMs, shardStart } from './plan.ts';
import { sendMessages } from './queue.ts';
import { readShards, type Shards } from './results.ts';
import { holdTasks, releaseTasks } from './scale.ts';
import { shardNames, shardsOf } from './shards.ts';
import { sentence, type Tested, weigh } from './weigh.ts';

/** Another invocation that has made the plan is given so long to hand out its shards, milliseconds. */
const HANDING_OUT_MS = 30_000;

/** One look at the test that the traffic generators make. */
export async function checkGenerator(input: Input): Promise<Verdict<State>> {
  const { deployment, config, state, now, deadline, signal } = input;
  const run = state?.run ?? 1;
  const path = `${deploymentPath(config.parameterPrefix, deployment)}/${runName(deployment.stage, run)}`;
  const folder = await readFolder(path, signal);
  checkConfig(input);
  const plan = readPlan(folder.get('plan'));
  if (plan === undefined) return begin(input, run, path);
  const shards = readShards(folder, shardNames(plan));
  const until = new Date(plan.until);
  if (shards.open.length > 0 && now < until && now < deadline) {
    if (shards.trouble !== undefined) return conclude(input, { run, path, plan, shards });
    return state?.sent === true
      ? running(input, { run, path, plan, shards })
      : handOut(input, { run, path, plan, shards });
  }
  if (shards.open.length > 0 && now >= deadline && now < until) {
    await stopRun(input, path);
    return expire(config.onTimeout, `The load test is not done: ${progress(shards, plan)}`, { run });
  }
  return conclude(input, { run, path, plan, shards });
}

interface Run {
  run: number;
  path: string;
  plan: Plan;
  shards: Shards;
}

/** Of several looks that want to begin, one makes the plan; what it cannot finish, the next look does. */
async function begin(input: Input, run: number, path: string): Promise<Verdict<State>> {
  const { config, deployment, now, deadline, signal } = input;
  // A load that begins now would be judged by nobody.
  if (now >= deadline) return expire(config.onTimeout, 'The load test is not done: it has not begun', { run });
  const described = await describeServiceDeployment(deployment.deploymentArn, signal);
  const over = whyOver(described);
  if (over !== undefined) return succeed(over);
  const hasBlue = config.baseline === 'blue' && sourceRevisionArns(described).length > 0;
  const plan = newPlan(input, hasBlue);
  const description = 'Written by the load-test hook: one run of the load test, begun once';
  const created = await createParameter({ name: `${path}/plan`, value: JSON.stringify(plan), description }, signal);
  if (created === undefined) return wait('Another look has just begun the load test', { state: { run }, seconds: 5 });
  return send(input, { run, path, plan, shards: readShards(new Map(), shardNames(plan)) });
}

/** The plan is there, and nothing says that its shards were sent: perhaps another look is at it just now. */
async function handOut(input: Input, of: Run): Promise<Verdict<State>> {
  if (input.now.getTime() - new Date(of.plan.at).getTime() >= HANDING_OUT_MS) return send(input, of);
  return wait('The shards of the load test are being handed out', { state: { run: of.run }, seconds: 10 });
}

/**
 * Sends the shards that no generator has taken yet. A generator runs a shard once, whoever sends it how often, so it is
 * safe to send again what may have been sent before the function stopped half way.
 */
async function send(input: Input, { run, path, plan, shards }: Run): Promise<Verdict<State>> {
  const { config, deployment, signal } = input;
  await holdTasks(input, new Date(plan.until));
  const test = runName(deployment.stage, run);
  const messages = shardsOf(input, plan, test, path)
    .filter(({ name }) => shards.untaken.includes(name))
    .map(({ name, message }) => ({
      id: `${deployment.deploymentId}-${test}-${name}`,
      body: JSON.stringify(message),
    }));
  await sendMessages(config.queueUrl ?? '', messages, signal);
  const text = `${config.rate} requests a second for ${duration(loadSeconds(config) * 1000)}`;
  return wait(`Started the load test: ${text}, in ${count(messages.length, 'shard')}`, {
    state: { run, sent: true },
    seconds: nextLook(input, plan),
    evidence: { run, shards: messages.length, until: plan.until },
  });
}

async function running(input: Input, { run, plan, shards }: Run): Promise<Verdict<State>> {
  // What another deployment's end may have lowered is raised again, as long as it is still needed.
  if (shards.untaken.length > 0) await holdTasks(input, new Date(plan.until));
  return wait(`The load test runs: ${progress(shards, plan)}`, {
    state: { run, sent: true },
    seconds: nextLook(input, plan),
    evidence: { run, open: shards.open },
  });
}

/** Not before something can have ended, and not later than when all must have. */
function nextLook({ config, now }: Input, plan: Plan): number {
  const seconds = (at: number) => (at - now.getTime()) / 1000;
  const soonest = seconds(shardStart(plan, config).getTime() + loadSeconds(config) * 1000);
  const latest = seconds(new Date(plan.until).getTime());
  return Math.max(1, Math.min(Math.max(config.pollSeconds, Math.min(soonest, 60)), latest));
}

function progress({ open, untaken, results }: Shards, plan: Plan): string {
  const all = open.length + results.size;
  const begun = untaken.length === 0 ? '' : `, ${untaken.length} not taken yet`;
  return `${results.size} of ${all} shards are done${begun}, the last by ${instant(new Date(plan.until))}`;
}

async function conclude(input: Input, { run, path, plan, shards }: Run): Promise<Verdict<State>> {
  const { config, deployment, now, signal, log } = input;
  if (shards.open.length > 0) await stopRun(input, path);
  else await releaseTasks(input);
  const tested: Tested = await weigh(input, plan, shards);
  const evidence = { run, ...tested.evidence };
  if (tested.outcome === 'could-not-run') return couldNotRun(input, run, runMs(config), tested.reason, evidence);
  if (tested.outcome === 'fail' || tested.green === undefined) return fail(sentence(tested), evidence);
  if (await noteAccepted(input, tested.green)) {
    const before = new Date(now.getTime() - config.retainDays * 86_400_000);
    const folder = servicePath(config.parameterPrefix, deployment);
    await removeLeftovers({ folder, deploymentId: deployment.deploymentId, before }, signal, log);
  }
  return succeed(sentence(tested), evidence);
}

/** Tells the shards of a run to stop, and gives the generators back. */
export async function stopRun(input: Input, path: string): Promise<void> {
  const value = JSON.stringify({ stop: input.now.toISOString() });
  const description = 'Written by the load-test hook: the shards of this run stop';
  await putParameter({ name: `${path}/stop`, value, description, overwrite: true }, input.signal);
  await releaseTasks(input);
}
