import '../hooks/quiet.ts';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { expect, it } from 'vitest';
import * as z from 'zod/mini';
import { hook as consumerSwitch } from '../../hooks/consumer-switch/hook.ts';
import { listDeployments, ongoing } from '../../hooks/consumer-switch/service.ts';
import { createParameter } from '../../shared/aws/parameters.ts';
import { ssm } from '../../shared/aws/ssm.ts';
import { defineHook, type ServiceEvent } from '../../shared/hook.ts';
import { succeed, wait } from '../../shared/verdict.ts';
import { CONSUMER } from './matrix/names.ts';
import { account, BLUE, StaticEcs, type World } from './matrix/world.ts';
import { NET_WORLDS } from './repeats/net-worlds.ts';
import { runRepeats } from './repeats/run.ts';

const sns = new SNSClient({});

/** Tells people that there is a deployment; `claims` so that only one look does, once. */
function teller(claims: boolean) {
  return defineHook({
    name: 'teller',
    summary: 'People were told.',
    stages: ['POST_TEST_TRAFFIC_SHIFT'],
    config: z.strictObject({ topicArn: z.string() }),
    state: z.strictObject({ told: z.boolean() }),
    permissions: ['sns:Publish', 'ssm:PutParameter'],
    async check({ config: { topicArn: TopicArn }, state, deployment, signal }) {
      if (state?.told) return succeed('People were told');
      const claim = { name: `/teller/${deployment.deploymentId}`, value: 'told', description: 'Told once' };
      const isFirst = !claims || (await createParameter(claim, signal)) !== undefined;
      if (isFirst) await sns.send(new PublishCommand({ TopicArn, Message: 'look' }), { abortSignal: signal });
      return wait('Telling people', { state: { told: true } });
    },
  });
}

const WORLD: World = {
  hook: 'teller',
  name: 'one message',
  expected: 'SUCCEEDED',
  timeoutMinutes: 60,
  begin: () => {
    const ecs = new StaticEcs();
    const aws = account(ecs);
    const topicArn = aws.topics.create('people');
    return { aws, ecs, hookDetails: { topicArn }, visits: [{ stage: 'POST_TEST_TRAFFIC_SHIFT' }] };
  },
};

const kindsOf = (violations: readonly { at: string; what: string }[]) =>
  new Set(violations.map(({ at, what }) => `${/twice|with itself|behind|killed|random/.exec(at)}: ${what}`));

it('a hook that does things twice is found out: doubled, late, at once, and killed', async () => {
  const { violations } = await runRepeats(teller(false), [WORLD], 20);
  expect([...kindsOf(violations)]).toEqual(
    expect.arrayContaining([
      'twice: 2 notices instead of 1',
      'with itself: 2 notices instead of 1',
      'behind: 2 notices instead of 1',
    ]),
  );
});

it('a hook that claims, and never looks whether it did what it claimed, is found out: killed', async () => {
  const { violations } = await runRepeats(teller(true), [WORLD], 0);
  expect([...kindsOf(violations)]).toEqual(['killed: 0 notices instead of 1']);
});

it('a safety net that names at once who serves is found out: what was under way comes after it', async () => {
  const onServiceEvent = async ({ event, signal }: { event: ServiceEvent; signal: AbortSignal }) => {
    const running = ongoing(await listDeployments(event, signal));
    if (running !== undefined) return succeed('Nothing done');
    const command = new PutParameterCommand({ Name: CONSUMER, Value: BLUE, Overwrite: true });
    await ssm.send(command, { abortSignal: signal });
    return succeed('Named');
  };
  const worlds = NET_WORLDS.filter(({ name }) => name.endsWith('while the name is taken away'));
  const { violations } = await runRepeats({ ...consumerSwitch, onServiceEvent }, worlds, 0);
  const found = violations.filter(({ at }) => at.includes('when the world changes'));
  expect(found.map(({ what }) => what)).toContain(`holder: "none" instead of "${BLUE}"`);
});
