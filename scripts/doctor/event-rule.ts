import {
  DescribeRuleCommand,
  type DescribeRuleResponse,
  ListRuleNamesByTargetCommand,
} from '@aws-sdk/client-eventbridge';
import { GetPolicyCommand } from '@aws-sdk/client-lambda';
import { describeError } from '../../shared/errors.ts';
import { isJsonObject, type JsonObject, parseJson } from '../../shared/schema.ts';
import { evaluate } from '../../simulator/aws/iam/evaluate.ts';
import type { HookAround } from './around.ts';
import { ask } from './ask.ts';
import { type Match, matchesPattern } from './event-pattern.ts';
import { type Line, right, unknown, wrong } from './line.ts';

const CHECK = 'event rule';
const WHY = 'a deployment that ends without a hook being called would leave the wrong consumer';

/** Of a hook that takes ECS's events: whether a rule sends them, and may invoke the function. */
export async function eventRuleLine(around: HookAround): Promise<Line> {
  const { clients, functionArn, hook } = around;
  const todo = `make a rule for "ECS Deployment State Change", as deploy/template.yaml does for ${hook.name}`;
  const lines: Line[] = [];
  // A rule may send events to the function itself where ECS invokes a version or an alias.
  for (const target of new Set([functionArn, functionArn.split(':').slice(0, 7).join(':')])) {
    const listed = await ask(clients.events.send(new ListRuleNamesByTargetCommand({ TargetArn: target })));
    if (listed.kind === 'unseen') return unknown(CHECK, listed);
    for (const name of listed.kind === 'told' ? (listed.value.RuleNames ?? []) : []) {
      const described = await ask(clients.events.send(new DescribeRuleCommand({ Name: name })));
      if (described.kind === 'unseen') return unknown(CHECK, described);
      if (described.kind === 'told') lines.push(await ruleLine(around, described.value, target));
    }
  }
  // One good rule is enough; of several bad ones the first is told.
  return (
    lines.find(({ mark }) => mark === 'right') ??
    lines[0] ??
    wrong(CHECK, `no rule has the function as its target: ${WHY}`, todo)
  );
}

async function ruleLine(around: HookAround, rule: DescribeRuleResponse, target: string): Promise<Line> {
  const { Name: name = '', State: state, EventPattern: text } = rule;
  if (state === 'DISABLED') return wrong(CHECK, `the rule ${name} is disabled: ${WHY}`, 'enable it');
  const pattern = parseJson(text ?? '');
  if (!isJsonObject(pattern)) return wrong(CHECK, `the rule ${name} has no event pattern`, 'give it one');
  const missed = endEvents(around).filter(({ event }) => matchesPattern(pattern, event) === false);
  if (missed.length > 0) {
    const names = missed.map((one) => one.name).join(' and ');
    const todo = `let it match "ECS Deployment State Change" with the resource ${around.serviceArn}`;
    return wrong(CHECK, `the pattern of the rule ${name} does not match ${names} of this service`, todo);
  }
  const doubtful: Match = 'unknown';
  if (endEvents(around).some(({ event }) => matchesPattern(pattern, event) === doubtful)) {
    return unknown(CHECK, { why: `the pattern of the rule ${name} holds operators unknown to doctor` });
  }
  return permissionLine(around, rule, target);
}

/** The events by which ECS tells that a deployment has ended ("Amazon ECS service deployment state change events"). */
function endEvents({ place, serviceArn }: HookAround): { name: string; event: JsonObject }[] {
  return ['SERVICE_DEPLOYMENT_COMPLETED', 'SERVICE_DEPLOYMENT_FAILED'].map((eventName) => ({
    name: eventName,
    event: {
      version: '0',
      source: 'aws.ecs',
      'detail-type': 'ECS Deployment State Change',
      account: place.account,
      region: place.region,
      resources: [serviceArn],
      detail: {
        eventType: eventName === 'SERVICE_DEPLOYMENT_FAILED' ? 'ERROR' : 'INFO',
        eventName,
        deploymentId: 'ecs-svc/1865906302841951526',
        reason: 'ECS deployment ecs-svc/1865906302841951526',
      },
    },
  }));
}

/** EventBridge has no role for a function: the function's own policy lets it in. */
async function permissionLine(
  { clients, place }: HookAround,
  rule: DescribeRuleResponse,
  target: string,
): Promise<Line> {
  const asked = await ask(clients.lambda.send(new GetPolicyCommand({ FunctionName: target })));
  if (asked.kind === 'unseen') return unknown(CHECK, asked);
  const policy = asked.kind === 'told' ? parseJson(asked.value.Policy ?? '') : undefined;
  const refused = wrong(
    CHECK,
    `the rule ${rule.Name} is enabled and matches, but the function's policy does not let events.amazonaws.com invoke it`,
    `add lambda:InvokeFunction for events.amazonaws.com with the SourceArn ${rule.Arn}`,
  );
  if (!isJsonObject(policy)) return refused;
  try {
    const decision = await evaluate({
      principal: 'events.amazonaws.com',
      action: 'lambda:InvokeFunction',
      resource: target,
      accountId: place.account,
      context: { 'aws:SourceArn': [rule.Arn ?? ''], 'aws:SourceAccount': [place.account] },
      identityPolicies: [],
      resourcePolicy: policy,
    });
    return decision === 'allowed'
      ? right(CHECK, `${rule.Name} is enabled, matches the ends of this service's deployments, and may invoke it`)
      : refused;
  } catch (error) {
    return unknown(CHECK, { why: `the function's policy: ${describeError(error)}` });
  }
}
