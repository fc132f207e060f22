import { describe, expect, it } from 'vitest';
import {
  at,
  DEPLOYMENT_ID,
  EVENT_FIXTURES,
  EVENT_NAMES,
  type EventName,
  eventFiles,
  eventFixture,
  inPartition,
  SOURCE,
  TARGET,
} from '../../library/testing/events.ts';
import { EventError } from '../../shared/errors.ts';
import { idOf, looksLikeRollback, parseEvent } from '../../shared/event.ts';
import { HOOK_STAGES } from '../../shared/stages.ts';

/** stage, direction, the target's weight, is the source named */
type Row = [EventName, string, 'forward' | 'rollback', number | undefined, boolean];
const READ: Row[] = [
  ['reconcile-service', 'RECONCILE_SERVICE', 'forward', 100, true],
  ['pre-scale-up', 'PRE_SCALE_UP', 'forward', undefined, false],
  ['post-scale-up', 'POST_SCALE_UP', 'forward', undefined, false],
  ['test-traffic-shift', 'TEST_TRAFFIC_SHIFT', 'forward', 100, true],
  ['post-test-traffic-shift', 'POST_TEST_TRAFFIC_SHIFT', 'forward', undefined, false],
  ['pre-production-traffic-shift', 'PRE_PRODUCTION_TRAFFIC_SHIFT', 'forward', 0, true],
  ['production-traffic-shift', 'PRODUCTION_TRAFFIC_SHIFT', 'forward', 100, true],
  ['post-production-traffic-shift', 'POST_PRODUCTION_TRAFFIC_SHIFT', 'forward', undefined, false],
  ['rollback-production-traffic-shift', 'PRODUCTION_TRAFFIC_SHIFT', 'rollback', 0, true],
  ['rollback-test-traffic-shift', 'TEST_TRAFFIC_SHIFT', 'rollback', 0, true],
  ['canary-step-1-pre-production', 'PRE_PRODUCTION_TRAFFIC_SHIFT', 'forward', 0, true],
  ['canary-step-1-production', 'PRODUCTION_TRAFFIC_SHIFT', 'forward', 12.5, true],
  ['canary-step-2-pre-production', 'PRE_PRODUCTION_TRAFFIC_SHIFT', 'forward', 12.5, true],
  ['canary-step-2-production', 'PRODUCTION_TRAFFIC_SHIFT', 'forward', 100, true],
  ['linear-step-3-pre-production', 'PRE_PRODUCTION_TRAFFIC_SHIFT', 'forward', 20.2, true],
  ['linear-step-3-production', 'PRODUCTION_TRAFFIC_SHIFT', 'forward', 30.3, true],
  ['first-deployment-production-traffic-shift', 'PRODUCTION_TRAFFIC_SHIFT', 'forward', 100, false],
  ['flat-old-form', 'PRODUCTION_TRAFFIC_SHIFT', 'forward', 100, true],
  ['hook-details-object', 'POST_TEST_TRAFFIC_SHIFT', 'forward', undefined, false],
  ['hook-details-string', 'POST_TEST_TRAFFIC_SHIFT', 'forward', undefined, false],
  ['hook-details-absent', 'POST_TEST_TRAFFIC_SHIFT', 'forward', undefined, false],
];

describe('the event fixtures', () => {
  it('are all listed, and each has its source', () => {
    expect([...EVENT_NAMES].sort()).toEqual(eventFiles().sort());
    for (const { source } of EVENT_FIXTURES) expect(source).toMatch(/Amazon ECS|AWS News|aws-samples|not documented/);
  });

  it('show every stage at which ECS calls a hook', () => {
    expect(new Set(READ.map(([, stage]) => stage))).toEqual(new Set(HOOK_STAGES));
    expect(READ.map(([name]) => name)).toEqual(EVENT_NAMES);
  });
});

describe('parseEvent', () => {
  it.each(READ)('reads %s', (name, stage, direction, targetWeight, isSourceNamed) => {
    const { event } = eventFixture(name);
    const deployment = parseEvent(event);
    expect(deployment).toMatchObject({ stage, direction, deploymentId: DEPLOYMENT_ID, targetRevisionArn: TARGET });
    expect(deployment.targetWeight).toBe(targetWeight);
    expect(deployment.sourceRevisionArn).toBe(isSourceNamed ? SOURCE : undefined);
    expect(looksLikeRollback(event)).toBe(direction === 'rollback');
  });

  it('takes partition, region, account, cluster and service from the ARNs, and keeps 19 digits', () => {
    expect(parseEvent(at('PRE_SCALE_UP'))).toStrictEqual({
      stage: 'PRE_SCALE_UP',
      direction: 'forward',
      partition: 'aws',
      region: 'eu-west-1',
      account: '123456789012',
      cluster: 'unicorn-watch',
      service: 'ui',
      serviceArn: 'arn:aws:ecs:eu-west-1:123456789012:service/unicorn-watch/ui',
      deploymentArn: `arn:aws:ecs:eu-west-1:123456789012:service-deployment/unicorn-watch/ui/${DEPLOYMENT_ID}`,
      deploymentId: DEPLOYMENT_ID,
      targetRevisionArn: TARGET,
      // As a number it would be …834500.
      targetRevisionId: '7823415960271834513',
      testTrafficWeights: {},
      productionTrafficWeights: {},
    });
  });

  it.each([
    ['aws-cn', 'cn-north-1'],
    ['aws-us-gov', 'us-gov-west-1'],
    ['aws-iso-b', 'us-isob-east-1'],
    ['aws-eusc', 'eusc-de-east-1'],
  ])('reads the partition %s', (partition, region) => {
    expect(parseEvent(inPartition(at('PRODUCTION_TRAFFIC_SHIFT'), partition, region))).toMatchObject({
      partition,
      region,
      direction: 'forward',
      targetWeight: 100,
    });
  });

  it('lets unknown fields and unknown stages pass', () => {
    const { executionDetails, ...rest } = at('PRE_SCALE_UP');
    const event = {
      ...rest,
      lifecycleStage: 'BRAND_NEW',
      executionDetails: { ...executionDetails, more: [1] },
      more: 1,
    };
    expect(parseEvent(event)).toMatchObject({ stage: 'BRAND_NEW', direction: 'forward' });
    expect(parseEvent({ ...event, lifecycleStage: 'A'.repeat(100) }).stage).toHaveLength(100);
  });

  it.each([
    ['absent', undefined],
    ['null', null],
    ['empty', {}],
  ])('takes %s weights as none', (_, weights) => {
    const { executionDetails, ...rest } = at('PRODUCTION_TRAFFIC_SHIFT');
    const changed = { ...executionDetails, testTrafficWeights: weights, productionTrafficWeights: weights };
    const deployment = parseEvent(JSON.parse(JSON.stringify({ ...rest, executionDetails: changed })));
    expect(deployment).toMatchObject({ testTrafficWeights: {}, productionTrafficWeights: {}, direction: 'forward' });
    expect(deployment).not.toHaveProperty('targetWeight');
  });

  const malformed: [string, unknown, RegExp][] = [
    ['nothing', undefined, /^Not an ECS lifecycle event: event is missing \(object expected\)$/],
    ['null', null, /event must be of type object, not null/],
    ['a string', 'hello', /event must be of type object, not "hello"/],
    ['a list', [], /event must be of type object, not \[\]/],
    ['no stage', without('lifecycleStage'), /event\.lifecycleStage is missing \(string expected\)/],
    [
      'a stage without end',
      changed({ lifecycleStage: 'A'.repeat(101) }),
      /event\.lifecycleStage must be at most 100 char/,
    ],
    ['an empty stage', changed({ lifecycleStage: '' }), /event\.lifecycleStage must be at least 1 characters, not ""/],
    ['no deployment', without('resourceArn'), /event\.resourceArn is missing/],
    ['no details', without('executionDetails'), /event\.executionDetails is missing/],
    ['no service', changedDetails({ serviceArn: undefined }), /event\.executionDetails\.serviceArn is missing/],
    [
      'a service of Lambda',
      changedDetails({ serviceArn: 'arn:aws:lambda:eu-west-1:123456789012:function:x' }),
      /serviceArn must be the ARN of a service, not "arn:aws:lambda/,
    ],
    [
      'a revision as the service',
      changedDetails({ serviceArn: TARGET }),
      /executionDetails\.serviceArn must be the ARN of a service/,
    ],
    [
      'a service as the deployment',
      changed({ resourceArn: at('PRE_SCALE_UP').executionDetails.serviceArn }),
      /resourceArn must be the ARN of a service-deployment/,
    ],
    [
      'a revision as the deployment',
      changed({ resourceArn: TARGET }),
      /resourceArn must be the ARN of a service-deployment/,
    ],
    [
      'a deployment as the revision',
      changedDetails({ targetServiceRevisionArn: at('PRE_SCALE_UP').resourceArn }),
      /targetServiceRevisionArn must be the ARN of a service-revision/,
    ],
    [
      'a revision without id',
      changedDetails({ targetServiceRevisionArn: TARGET.slice(0, TARGET.lastIndexOf('/')) }),
      /targetServiceRevisionArn must be the ARN of a service-revision/,
    ],
    [
      'a line break after an ARN',
      changedDetails({ targetServiceRevisionArn: `${TARGET}\n` }),
      /targetServiceRevisionArn must be the ARN/,
    ],
    [
      'a weight as text',
      changedDetails({ productionTrafficWeights: { [TARGET]: '100' } }),
      /productionTrafficWeights\[".*7823415960271834513"\] must be of type number, not "100"/,
    ],
    [
      'a weight over 100',
      changedDetails({ testTrafficWeights: { a: 100.1 } }),
      /testTrafficWeights\.a must be at most 100, not 100\.1/,
    ],
    [
      'a negative weight',
      changedDetails({ testTrafficWeights: { a: -0.1 } }),
      /testTrafficWeights\.a must be at least 0, not -0\.1/,
    ],
    [
      'weights in a list',
      changedDetails({ testTrafficWeights: [100] }),
      /testTrafficWeights must be of type record, not \[100\]/,
    ],
  ];
  it.each(malformed)('refuses %s, and says where', (_, event, message) => {
    expect(() => parseEvent(event)).toThrow(EventError);
    expect(() => parseEvent(event)).toThrow(message);
  });

  it.each([
    ['another partition', 'arn:aws:', 'arn:aws-cn:'],
    ['another region', ':eu-west-1:', ':eu-west-2:'],
    ['another account', ':123456789012:', ':210987654321:'],
    ['another cluster', '/unicorn-watch/', '/unicorn-gate/'],
    ['another service', '/ui/', '/catalog/'],
  ])('refuses an event that mixes services: a part of it is of %s', (_, own, other) => {
    const { resourceArn } = at('PRE_SCALE_UP');
    const foreign = changed({ resourceArn: resourceArn.replace(own, other) });
    expect(() => parseEvent(foreign)).toThrow(EventError);
    expect(() => parseEvent(foreign)).toThrow(
      /resourceArn is of [\w-]+(:[\w-]+){4}, serviceArn of aws:eu-west-1:123456789012:unicorn-watch:ui$/,
    );
    expect(() => parseEvent(changedDetails({ targetServiceRevisionArn: TARGET.replace(own, other) }))).toThrow(
      /targetServiceRevisionArn is of /,
    );
  });

  it('goes by executionDetails where the fields of the flat form are there too', () => {
    const serviceArn = 'arn:aws:ecs:eu-west-1:123456789012:service/unicorn-watch/catalog';
    expect(parseEvent(changed({ serviceArn }))).toEqual(parseEvent(at('PRE_SCALE_UP')));
  });

  it('cuts a long ARN in what it says', () => {
    const event = changed({ resourceArn: 'x'.repeat(10_000) });
    expect(() => parseEvent(event)).toThrow(/not "x{199}$/);
  });

  it('names every problem at once', () => {
    const event = { lifecycleStage: 7, executionDetails: { testTrafficWeights: { a: 'x' } } };
    expect(() => parseEvent(event)).toThrow(
      /lifecycleStage .*; event\.resourceArn .*; event\.executionDetails\.serviceArn .*; .*targetServiceRevisionArn .*; .*testTrafficWeights\.a/,
    );
  });
});

describe('direction', () => {
  const OTHER = `${SOURCE}1`;
  it.each([
    ['PRODUCTION_TRAFFIC_SHIFT', { [TARGET]: 0, [SOURCE]: 100 }, 'rollback'],
    ['PRODUCTION_TRAFFIC_SHIFT', { [TARGET]: 0, [SOURCE]: 0.1 }, 'rollback'],
    ['PRODUCTION_TRAFFIC_SHIFT', { [TARGET]: 0, [SOURCE]: 0, [OTHER]: 100 }, 'rollback'],
    // The target is missing from the weights: nothing goes to it.
    ['PRODUCTION_TRAFFIC_SHIFT', { [SOURCE]: 100 }, 'rollback'],
    ['PRODUCTION_TRAFFIC_SHIFT', { [TARGET]: 0.1, [SOURCE]: 99.9 }, 'forward'],
    ['PRODUCTION_TRAFFIC_SHIFT', { [TARGET]: 0, [SOURCE]: 0 }, 'forward'],
    ['PRODUCTION_TRAFFIC_SHIFT', { [TARGET]: 0 }, 'forward'],
    ['PRODUCTION_TRAFFIC_SHIFT', {}, 'forward'],
    ['TEST_TRAFFIC_SHIFT', { [TARGET]: 0, [SOURCE]: 100 }, 'rollback'],
    ['TEST_TRAFFIC_SHIFT', { [TARGET]: 100, [SOURCE]: 0 }, 'forward'],
    // AWS's own rule would call it a rollback; every forward deployment passes here with these weights.
    ['PRE_PRODUCTION_TRAFFIC_SHIFT', { [TARGET]: 0, [SOURCE]: 100 }, 'forward'],
    ['RECONCILE_SERVICE', { [TARGET]: 0, [SOURCE]: 100 }, 'forward'],
    ['POST_PRODUCTION_TRAFFIC_SHIFT', { [TARGET]: 0, [SOURCE]: 100 }, 'forward'],
  ] as const)('at %s with %j is %s', (stage, weights, direction) => {
    expect(parseEvent(at(stage, weights)).direction).toBe(direction);
  });

  it('is told by the weights of the stage itself', () => {
    const production = at('PRODUCTION_TRAFFIC_SHIFT', 100);
    production.executionDetails.testTrafficWeights = { [TARGET]: 0, [SOURCE]: 100 };
    expect(parseEvent(production)).toMatchObject({ direction: 'forward', targetWeight: 100 });
    const test = at('TEST_TRAFFIC_SHIFT', 0);
    test.executionDetails.productionTrafficWeights = { [TARGET]: 100, [SOURCE]: 0 };
    expect(parseEvent(test)).toMatchObject({ direction: 'rollback', targetWeight: 0 });
  });

  it.each([
    ['no deployment', { resourceArn: undefined }, {}],
    ['a deployment of another form', { resourceArn: 'arn:aws:ecs:x' }, {}],
    ['no service', {}, { serviceArn: undefined }],
    ['broken weights of the other kind', {}, { testTrafficWeights: 'none' }],
  ])('is seen in a rollback event with %s', (_, top, details) => {
    const event = at('PRODUCTION_TRAFFIC_SHIFT', 0);
    const broken = { ...event, ...top, executionDetails: { ...event.executionDetails, ...details } };
    expect(() => parseEvent(broken)).toThrow(EventError);
    expect(looksLikeRollback(broken)).toBe(true);
  });

  it.each([[undefined], [null], ['x'], [[]], [{}], [{ lifecycleStage: 'PRODUCTION_TRAFFIC_SHIFT' }]])(
    'of %j is not taken for a rollback',
    (event) => {
      expect(looksLikeRollback(event)).toBe(false);
    },
  );
});

it('idOf takes the last part of an ARN', () => {
  expect(idOf(TARGET)).toBe('7823415960271834513');
});

function changed(fields: object): unknown {
  return { ...at('PRE_SCALE_UP'), ...fields };
}

function changedDetails(fields: object): unknown {
  const event = at('PRE_SCALE_UP');
  return { ...event, executionDetails: { ...event.executionDetails, ...fields } };
}

function without(key: string): unknown {
  return Object.fromEntries(Object.entries(at('PRE_SCALE_UP')).filter(([name]) => name !== key));
}
