import { ServiceDeploymentLifecycleStage } from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import type { LoadBalancing } from '../../simulator/engine/definition.ts';
import { digestOf } from '../../simulator/engine/ids.ts';
import type { Choices } from '../../simulator/engine/readings.ts';
import {
  arnOf,
  type Kit,
  lambdaHook,
  MINUTE,
  makeKit,
  pauseHook,
  playUpdate,
  ROLE,
  START,
  serviceOf,
} from './engine-kit.ts';

/** What DescribeServiceDeployments showed each time that the hook was invoked. */
async function looks<T>(
  stages: Parameters<typeof lambdaHook>[1],
  look: (kit: Kit) => T,
  options: {
    choices?: Choices;
    first?: boolean;
    loadBalancing?: LoadBalancing;
    resolveImage?: (image: string) => string;
  } = {},
): Promise<T[]> {
  const seen: T[] = [];
  let kit: Kit | undefined;
  await playUpdate(
    { strategy: 'CANARY', lifecycleHooks: [lambdaHook('look', stages)] },
    {
      choices: options.choices ?? {},
      first: options.first ?? false,
      ...(options.resolveImage && { engine: { resolveImage: options.resolveImage } }),
      service: { loadBalancing: options.loadBalancing ?? { kind: 'alb', testListener: true } },
      scripts: {
        look: () => {
          if (kit !== undefined) seen.push(look(kit));
          return { hookStatus: 'SUCCEEDED' };
        },
      },
      arrange: (made) => {
        kit = made;
      },
    },
  );
  return seen;
}

const deployment = ({ engine }: Kit) => engine.serviceDeployments()[0];

describe('DescribeServiceDeployments', () => {
  it('shows status, active hooks and weights as they are at this moment', async () => {
    const seen = await looks(['PRE_SCALE_UP', 'POST_SCALE_UP', 'PRODUCTION_TRAFFIC_SHIFT'], (kit) => {
      const { status, lifecycleStage, lifecycleHookDetails, targetServiceRevision, sourceServiceRevisions } =
        deployment(kit) ?? {};
      return {
        status,
        lifecycleStage,
        hooks: lifecycleHookDetails?.map(({ targetArn, status: hookStatus }) => [targetArn, hookStatus]),
        target: [targetServiceRevision?.runningTaskCount, targetServiceRevision?.requestedProductionTrafficWeight],
        test: targetServiceRevision?.requestedTestTrafficWeight,
        source: sourceServiceRevisions?.map((source) => source.requestedProductionTrafficWeight),
      };
    });
    const common = { status: 'IN_PROGRESS', hooks: [[arnOf('look'), 'IN_PROGRESS']] };
    expect(seen).toEqual([
      { ...common, lifecycleStage: 'PRE_SCALE_UP', target: [0, 0], test: 0, source: [100] },
      { ...common, lifecycleStage: 'POST_SCALE_UP', target: [2, 0], test: 0, source: [100] },
      { ...common, lifecycleStage: 'PRODUCTION_TRAFFIC_SHIFT', target: [2, 5], test: 100, source: [95] },
      { ...common, lifecycleStage: 'PRODUCTION_TRAFFIC_SHIFT', target: [2, 100], test: 100, source: [0] },
    ]);
  });

  it.each<[Choices, string]>([
    [{}, 'PRE_PRODUCTION_TRAFFIC_SHIFT'],
    [{ preProductionStageName: 'POST_TEST_TRAFFIC_SHIFT' }, 'POST_TEST_TRAFFIC_SHIFT'],
    [{ preProductionStageName: 'PRODUCTION_TRAFFIC_SHIFT' }, 'PRODUCTION_TRAFFIC_SHIFT'],
  ])('names PRE_PRODUCTION_TRAFFIC_SHIFT as the reading says: %j', async (choices, name) => {
    const seen = await looks(['PRE_PRODUCTION_TRAFFIC_SHIFT'], (kit) => deployment(kit)?.lifecycleStage, { choices });
    expect(seen).toEqual([name, name]);
    expect(Object.keys(ServiceDeploymentLifecycleStage)).not.toContain('PRE_PRODUCTION_TRAFFIC_SHIFT');
  });

  it.each<[Choices, string]>([
    [{}, 'PRODUCTION_TRAFFIC_SHIFT'],
    [{ stepBakeStageName: 'BAKE_TIME' }, 'BAKE_TIME'],
  ])('names the bake of a step as the reading says: %j', async (choices, name) => {
    const seen: (string | undefined)[] = [];
    await playUpdate(
      { strategy: 'CANARY' },
      {
        choices,
        arrange: (kit) => kit.engine.at(START + 5 * MINUTE, () => seen.push(deployment(kit)?.lifecycleStage)),
      },
    );
    expect(seen).toEqual([name]);
  });

  it.each<[Choices, unknown]>([
    [{}, []],
    [{ firstDeploymentSource: 'absent' }, undefined],
  ])('has no source in a first deployment: %j', async (choices, sources) => {
    const seen = await looks(['PRE_SCALE_UP'], (kit) => deployment(kit)?.sourceServiceRevisions, {
      choices,
      first: true,
    });
    expect(seen).toEqual([sources]);
  });

  it('shows monitors, times and the rollback', async () => {
    const kit = await playUpdate({ strategy: 'BLUE_GREEN', lifecycleHooks: [pauseHook(['PRE_SCALE_UP'])] });
    const shown = deployment(kit);
    expect(shown).toMatchObject({
      status: 'ROLLBACK_SUCCESSFUL',
      createdAt: new Date(START),
      startedAt: new Date(START + 1000),
      rollback: { serviceRevisionArn: kit.deployment.source?.arn, startedAt: new Date(START + 1000 + 1440 * MINUTE) },
      alarms: { status: 'DISABLED', alarmNames: [], triggeredAlarmNames: [] },
      deploymentCircuitBreaker: { status: 'DISABLED' },
      lifecycleHookDetails: [],
    });
    expect(shown?.finishedAt?.getTime()).toBe(kit.deployment.finishedAt);
    expect(shown?.stoppedAt).toBeUndefined();
  });
});

describe('DescribeServiceRevisions', () => {
  const digest = (kit: Kit) => kit.engine.serviceRevisions().at(-1)?.containerImages;
  it.each<[Choices, (string | undefined)[]]>([
    [{}, [undefined, digestOf('registry.example/ui:2')]],
    [{ imageDigestAtPreScaleUp: 'present' }, [digestOf('registry.example/ui:2'), digestOf('registry.example/ui:2')]],
  ])('knows image digests once the first task has started: %j', async (choices, digests) => {
    const seen = await looks(['PRE_SCALE_UP', 'POST_SCALE_UP'], digest, { choices });
    expect(seen.map((images) => images?.[0]?.imageDigest)).toEqual(digests);
    expect(seen[0]?.[0]).toMatchObject({ containerName: 'app', image: 'registry.example/ui:2' });
  });

  it.each<[Choices, string]>([
    [{}, 'second'],
    [{ imageDigestAtPreScaleUp: 'present' }, 'first'],
  ])('resolves a tag once, when it first shows the digest: %j', async (choices, expected) => {
    let digestNow = 'first';
    const seen = await looks(
      ['PRE_SCALE_UP', 'POST_SCALE_UP'],
      (kit) => {
        const images = digest(kit);
        digestNow = 'second';
        return images;
      },
      { choices, resolveImage: () => digestNow },
    );
    expect(seen.at(-1)?.[0]?.imageDigest).toBe(expected);
  });

  it('keeps the digest of a pinned image, and never resolves where version consistency is off', async () => {
    const pinned = `registry.example/ui@sha256:${'a'.repeat(64)}`;
    const { engine } = await playUpdate(
      { strategy: 'BLUE_GREEN' },
      {
        target: {
          containers: [
            { name: 'app', image: pinned },
            { name: 'side', image: 'registry.example/side:1', versionConsistency: 'disabled' },
            { name: 'moved', image: 'registry.example/ui:2', imageDigest: 'sha256:moved' },
          ],
        },
      },
    );
    expect(engine.serviceRevisions()[1]?.containerImages?.map((image) => image.imageDigest)).toEqual([
      `sha256:${'a'.repeat(64)}`,
      undefined,
      'sha256:moved',
    ]);
  });

  it.each<[Choices, boolean[]]>([
    [{}, [false, true]],
    [{ resolvedConfigurationAtPreScaleUp: 'present' }, [true, true]],
  ])('knows the target group once the revision is scaled up: %j', async (choices, present) => {
    const seen = await looks(
      ['PRE_SCALE_UP', 'POST_SCALE_UP'],
      (kit) => kit.engine.serviceRevisions().at(-1)?.resolvedConfiguration,
      { choices },
    );
    expect(seen.map((configuration) => configuration !== undefined)).toEqual(present);
  });

  it('alternates target groups, the first revision in the alternate one', async () => {
    const choices = { resolvedConfigurationAtPreScaleUp: 'present' } as const;
    const { engine } = await playUpdate({ strategy: 'BLUE_GREEN' }, { first: true, choices });
    const groups: (string | undefined)[] = [];
    const live = () => engine.serviceRevisions().at(-1)?.resolvedConfiguration?.loadBalancers?.[0]?.targetGroupArn;
    groups.push(live());
    for (let release = 0; release < 2; release += 1) {
      engine.updateService({ cluster: 'unicorn', service: 'ui', forceNewDeployment: true });
      await engine.run();
      groups.push(live());
    }
    const balancer = engine.services()[0]?.loadBalancers?.[0];
    const [blue, green] = [balancer?.targetGroupArn, balancer?.advancedConfiguration?.alternateTargetGroupArn];
    expect(groups).toEqual([green, blue, green]);
    expect(engine.serviceRevisions()[0]?.resolvedConfiguration).toBeUndefined();
  });

  it('has no load balancer for Service Connect and headless services', async () => {
    const shown = async (kind: 'service-connect' | 'headless') => {
      const { engine } = await playUpdate({ strategy: 'BLUE_GREEN' }, { service: { loadBalancing: { kind } } });
      return engine.serviceRevisions()[1];
    };
    expect(await shown('service-connect')).toMatchObject({
      loadBalancers: [],
      serviceConnectConfiguration: { enabled: true },
    });
    expect((await shown('headless'))?.serviceConnectConfiguration).toBeUndefined();
  });
});

it('DescribeServices fills in the time-out of Lambda hooks only', () => {
  const { engine } = makeKit();
  engine.addRunningService(
    serviceOf({
      strategy: 'BLUE_GREEN',
      lifecycleHooks: [lambdaHook('h', ['PRE_SCALE_UP']), pauseHook(['POST_SCALE_UP'])],
    }),
  );
  expect(engine.services()[0]).toMatchObject({
    serviceArn: 'arn:aws:ecs:eu-west-1:123456789012:service/unicorn/ui',
    desiredCount: 2,
    runningCount: 2,
    deploymentConfiguration: {
      lifecycleHooks: [
        {
          hookTargetArn: arnOf('h'),
          roleArn: ROLE,
          timeoutConfiguration: { timeoutInMinutes: 1440, action: 'ROLLBACK' },
        },
        { targetType: 'PAUSE', lifecycleStages: ['POST_SCALE_UP'] },
      ],
    },
  });
  expect(engine.services()[0]?.deploymentConfiguration?.lifecycleHooks?.[1]?.timeoutConfiguration).toBeUndefined();
});

it('numbers task definitions by family, and finds them by ARN or family:revision', () => {
  const { engine } = makeKit();
  engine.registerTaskDefinition({ family: 'ui', containers: [{ name: 'app', image: 'ui:1' }] });
  const second = engine.registerTaskDefinition({ family: 'ui', containers: [{ name: 'app', image: 'ui:2' }] });
  expect(second.taskDefinitionArn).toBe('arn:aws:ecs:eu-west-1:123456789012:task-definition/ui:2');
  engine.createService(serviceOf({ strategy: 'ROLLING' }, { revision: { name: 'r', taskDefinition: 'ui:2' } }));
  expect(engine.serviceRevisions()[0]).toMatchObject({
    taskDefinition: second.taskDefinitionArn,
    containerImages: [{ image: 'ui:2' }],
  });
  expect(engine.taskDefinitions()).toHaveLength(2);
  expect(() =>
    engine.createService(serviceOf({}, { name: 'other', revision: { name: 'r', taskDefinition: 'ui:3' } })),
  ).toThrow('Unable to describe task definition.');
});
