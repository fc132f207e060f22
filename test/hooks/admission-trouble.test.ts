import { DescribeImagesCommand, ECRClient } from '@aws-sdk/client-ecr';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { holdToReasons } from '../fixtures/reasons.ts';
import { type DeployOptions, type Play, policyOf, useWorld } from './admission-world.ts';

holdToReasons();

const world = useWorld();

afterEach(() => {
  world().aws.faults.clear();
  world().afterCall = () => {};
});

type Send = (command: object, ...rest: unknown[]) => Promise<unknown>;

/** Every call that a verdict rests on. */
const CALLS = [
  ['ecs', 'DescribeServiceRevisions'],
  ['ecs', 'DescribeTaskDefinition'],
  ['ecr', 'BatchGetImage'],
  ['ecr', 'DescribeRepositories'],
  ['ecr', 'DescribeImages'],
  ['ecr', 'DescribeImageScanFindings'],
] as const;

/** An image with which nothing is wrong, under a rule that asks everything. */
function deploy(more: object = {}, options: Partial<DeployOptions> = {}): Play {
  const image = world().push();
  world().registry.setMutability(image.repository, 'IMMUTABLE');
  world().registry.setScan(image.repository, image.digest, { status: 'COMPLETE' });
  const rule = { tagImmutability: 'require', maxAgeDays: 30, vulnerabilities: { onMissing: 'allow', waitSeconds: 0 } };
  return world().deploy({ containers: [image.reference], policy: policyOf(rule, more), ...options });
}

it('without trouble, every one of these calls is made, and the image is admitted', async () => {
  const play = deploy();
  expect((await play.look()).hookStatus).toBe('SUCCEEDED');
  expect(play.calls.slice(0, 6).sort()).toEqual(CALLS.map((call) => call.join(':')).sort());
});

describe.each(CALLS)('%s:%s', (service, operation) => {
  it('access denied: FAILED, naming the permission', async () => {
    const play = deploy({ onError: 'allow' });
    world().aws.faults.add({ service, operation, kind: 'access-denied' });
    const answer = await play.look();
    expect(answer.hookStatus).toBe('FAILED');
    expect(answer.reason).toContain(`${service}:${operation}: AccessDeniedException: User: `);
    expect(answer.reason).toContain(`is not authorized to perform: ${service}:${operation}`);
  });

  it.each(['throttle', 'server-error', 'unavailable', 'cut', 'malformed-body'] as const)(
    '%s: IN_PROGRESS, then what is right',
    async (kind) => {
      const play = deploy();
      world().aws.faults.add({ service, operation, kind, times: 3 });
      const answer = await play.look();
      expect(answer).toMatchObject({ hookStatus: 'IN_PROGRESS', callBackDelay: 30 });
      expect(answer.reason).toContain(`Could not tell yet (error 1 of 10 in a row): ${service}:${operation}`);
      world().aws.faults.clear();
      expect((await play.look(30)).hookStatus).toBe('SUCCEEDED');
    },
  );

  it('no answer in the Lambda’s time: IN_PROGRESS, and FAILED at the deadline', async () => {
    const began = Date.now();
    const play = deploy({ deadlineSeconds: 70 }, { remaining: 1200 });
    world().aws.faults.add({ service, operation, kind: 'hang', always: true });
    const answers = await play.looks();
    expect(answers.map(({ hookStatus }) => hookStatus)).toEqual([
      'IN_PROGRESS',
      'IN_PROGRESS',
      'IN_PROGRESS',
      'FAILED',
    ]);
    expect(answers[0]?.reason).toContain('ran out of time');
    expect(Date.now() - began).toBe(70_000);
  });

  it('an answer that says nothing is never an accept', async () => {
    const play = deploy();
    world().aws.faults.add({ service, operation, kind: 'empty-body', always: true });
    expect((await play.look()).hookStatus).not.toBe('SUCCEEDED');
  });
});

it('an image that ECR gives and then does not describe is looked at again', async () => {
  const image = world().push();
  world().registry.setScan(image.repository, image.digest, { status: 'COMPLETE' });
  const play = world().deploy({ containers: [image.reference], policy: policyOf({ vulnerabilities: {} }) });
  const real = ECRClient.prototype.send as Send; // one of its overloads
  const sent = vi.spyOn(ECRClient.prototype, 'send').mockImplementation(function (this: ECRClient, command, ...rest) {
    const isAsked = command instanceof DescribeImagesCommand;
    return isAsked ? Promise.resolve({ imageDetails: [] }) : real.call(this, command, ...rest);
  });
  expect(await play.look()).toMatchObject({
    hookStatus: 'IN_PROGRESS',
    reason: expect.stringContaining(`ecr:DescribeImages answered nothing for ${image.digest}`),
  });
  sent.mockRestore();
  expect((await play.look(30)).hookStatus).toBe('SUCCEEDED');
});

describe('the deadline', () => {
  it.each([
    ['deny', 'FAILED'],
    ['allow', 'SUCCEEDED'],
  ])('is that of the policy, and then onError %s', async (onError, hookStatus) => {
    const began = Date.now();
    const play = deploy({ onError, deadlineSeconds: 200 });
    world().aws.faults.add({ service: 'ecr', operation: 'BatchGetImage', kind: 'unavailable', always: true });
    const answers = await play.looks();
    const told = onError === 'allow' ? 'succeed' : 'fail';
    expect(answers.at(-1)).toMatchObject({
      hookStatus,
      reason: expect.stringMatching(
        new RegExp(`^Could not tell: gave up after 4 errors in a row, the last: .*; onError is ${told}$`),
      ),
    });
    expect(answers.slice(0, -1).map((answer) => 'callBackDelay' in answer && answer.callBackDelay)).toEqual([
      30, 60, 110,
    ]);
    expect(Date.now() - began).toBe(200_000);
  });

  it('is ten minutes without a word', async () => {
    const began = Date.now();
    const play = deploy();
    world().aws.faults.add({ service: 'ecr', operation: 'DescribeImages', kind: 'unavailable', always: true });
    expect((await play.looks()).at(-1)?.hookStatus).toBe('FAILED');
    expect(Date.now() - began).toBe(600_000);
  });

  it('is not put off by a lost memory where ECS gives none back', async () => {
    // Without the memory no look knows that there was one before: only ECS's own timeout ends it, and nothing is admitted.
    const play = deploy({ deadlineSeconds: 30 });
    world().aws.faults.add({ service: 'ecr', kind: 'unavailable', always: true });
    for (let look = 0; look < 3; look += 1) {
      world().advance(60);
      expect((await play.invoke()).hookStatus).toBe('IN_PROGRESS');
    }
  });
});

describe('onError allow', () => {
  const outage = { service: 'ecr', operation: 'BatchGetImage', kind: 'unavailable', always: true } as const;

  it.each(['another repository', 'the same repository'])(
    'does not admit what is denied beside the trouble: %s',
    async (where) => {
      const good = world().push();
      const bad = world().push(
        where === 'the same repository'
          ? { repository: good.repository, tag: 'v2', createdFrom: 'bad' }
          : { tag: 'v2' },
      );
      const containers = [good.reference, { name: 'bad', image: bad.reference }];
      const rule = { maxAgeDays: 30 };
      const policy = policyOf(rule, { onError: 'allow', deadlineSeconds: 1 });
      // The bytes of the one are not its own; of the other nothing more can be learnt.
      world().registry.tamperManifest(bad.repository, bad.digest, '{}');
      world().aws.faults.add({ service: 'ecr', operation: 'DescribeImages', kind: 'unavailable', always: true });
      const answers = await world().deploy({ containers, policy }).looks();
      expect(answers).toMatchObject([
        {
          hookStatus: 'FAILED',
          reason: expect.stringMatching(/^Denied 1 of 2 images: bad .* hash to .*could not be judged/),
        },
      ]);
    },
  );

  it('does not admit an image from elsewhere', async () => {
    world().aws.faults.add(outage);
    const policy = policyOf({}, { onError: 'allow', deadlineSeconds: 1 });
    const containers = [world().push().reference, { name: 'evil', image: 'evil.example/app:1' }];
    expect((await world().deploy({ containers, policy }).looks()).map(({ hookStatus }) => hookStatus)).toEqual([
      'FAILED',
    ]);
  });

  it('does not stand for a scan that does not come', async () => {
    const image = world().push();
    world().registry.setScan(image.repository, image.digest, { status: 'PENDING' });
    const policy = policyOf({ vulnerabilities: {} }, { onError: 'allow', deadlineSeconds: 60 });
    const answers = await world()
      .deploy({ containers: [image.reference], policy })
      .looks();
    expect(answers.at(-1)?.hookStatus).toBe('FAILED');
  });
});

describe('maxErrors', () => {
  it('gives up earlier than the deadline', async () => {
    const play = deploy({ maxErrors: 2 });
    world().aws.faults.add({ service: 'ecs', kind: 'unavailable', always: true });
    expect((await play.looks()).map(({ hookStatus }) => hookStatus)).toEqual(['IN_PROGRESS', 'FAILED']);
  });
});

describe('mode audit', () => {
  it.each<[string, object, string]>([
    ['a denial', { digest: 'require' }, 'Audit mode, would have been FAILED: Denied 1 of 1 image: web'],
    ['nothing to say', {}, 'Admitted 1 image'],
  ])('goes on with %s, and says what would have been', async (_what, rule, reason) => {
    const { reference } = world().push();
    const play = world().deploy({ containers: [reference], policy: policyOf(rule, { mode: 'audit' }) });
    expect(await play.look()).toMatchObject({ hookStatus: 'SUCCEEDED', reason: expect.stringContaining(reason) });
    const denied = 'digest' in rule;
    expect(world().output.decisions()).toMatchObject([denied ? { wouldFail: true } : { status: 'SUCCEEDED' }]);
    expect(world().images()).toMatchObject([{ outcome: denied ? 'denied' : 'admitted' }]);
    // Nothing that was denied is noted as admitted.
    expect(world().aws.parameters.get(play.record) === undefined).toBe(denied);
  });

  it('goes on where AWS cannot be asked, when the time is up', async () => {
    const play = deploy({ mode: 'audit', deadlineSeconds: 60 });
    world().aws.faults.add({ service: 'ecr', kind: 'unavailable', always: true });
    const answers = await play.looks();
    expect(answers.map(({ hookStatus }) => hookStatus)).toEqual(['IN_PROGRESS', 'IN_PROGRESS', 'SUCCEEDED']);
    expect(answers.at(-1)?.reason).toMatch(/^Audit mode, would have been FAILED: Could not tell/);
  });
});
