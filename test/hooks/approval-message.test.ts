import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { describeRequest, readDescription } from '../../hooks/approval/description.ts';
import {
  customNotification,
  plainText,
  type Request,
  shortText,
  subjectOf,
  voteCommand,
} from '../../hooks/approval/message.ts';
import type { Deployment } from '../../shared/event.ts';

const DEPLOYMENT: Deployment = {
  stage: 'POST_TEST_TRAFFIC_SHIFT',
  direction: 'forward',
  partition: 'aws',
  region: 'eu-west-1',
  account: '123456789012',
  cluster: 'prod',
  service: 'web',
  serviceArn: 'arn:aws:ecs:eu-west-1:123456789012:service/prod/web',
  deploymentArn: 'arn:aws:ecs:eu-west-1:123456789012:service-deployment/prod/web/0EYSiB0qap8xf0N76FsbE',
  deploymentId: '0EYSiB0qap8xf0N76FsbE',
  targetRevisionArn: 'arn:aws:ecs:eu-west-1:123456789012:service-revision/prod/web/9386398427419951854',
  targetRevisionId: '9386398427419951854',
  testTrafficWeights: {},
  productionTrafficWeights: {},
};

function requestWith(more: Partial<Request> = {}, deployment: Partial<Deployment> = {}): Request {
  return {
    parameterName: '/ecs-hooks/approval/prod/web/0EYSiB0qap8xf0N76FsbE/POST_TEST_TRAFFIC_SHIFT',
    deployment: { ...DEPLOYMENT, ...deployment },
    deadline: new Date('2026-03-03T08:00:59Z'),
    quorum: 2,
    testUrl: 'https://test.example.com/',
    context: { sourceRevisionId: '1111111111111111111', images: ['web: repo/web:1 → repo/web:2'] },
    ...more,
  };
}

/** As large as names, and a task definition, may be. */
const HUGE = requestWith(
  { context: { images: Array.from({ length: 10 }, (_, n) => `container-${n}: ${'registry/'.repeat(28)}:${n}`) } },
  { service: 's'.repeat(255), cluster: 'c'.repeat(255) },
);

const { testUrl: _, ...BARE } = requestWith({ quorum: 1, context: { images: [] } });

describe('the parameter’s description', () => {
  it('tells an approver in the console what to decide, how, and until when', () => {
    expect(describeRequest(requestWith())).toBe(
      'May web in prod go on after POST_TEST_TRAFFIC_SHIFT? Set the value to accept or decline, perhaps with a reason: ' +
        '"decline: login is broken". Needs 2 approvals until 2026-03-03 08:00 UTC. Revision 9386398427419951854 replaces ' +
        '1111111111111111111. Test: https://test.example.com/ Images: web: repo/web:1 → repo/web:2',
    );
  });

  it('names the traffic step where there are several', () => {
    const step = { stage: 'PRE_PRODUCTION_TRAFFIC_SHIFT', targetWeight: 10 };
    expect(describeRequest(requestWith({}, step))).toContain('go on after PRE_PRODUCTION_TRAFFIC_SHIFT-10?');
  });

  it('keeps to the 1,024 characters of Parameter Store, the facts first', () => {
    const text = describeRequest(HUGE);
    expect(text.length).toBe(1024);
    expect(readDescription(text)).toMatchObject({ quorum: 2, revision: '9386398427419951854' });
  });

  it.each<[string, Partial<Request>, object]>([
    [
      'everything',
      {},
      { replaces: '1111111111111111111', testUrl: 'https://test.example.com/', images: 'web: repo/web:1 → repo/web:2' },
    ],
    ['nothing known of the release', { context: { images: [] } }, { testUrl: 'https://test.example.com/' }],
    [
      'images alone',
      { context: { images: ['a: b', 'c: d'] } },
      { testUrl: 'https://test.example.com/', images: 'a: b, c: d' },
    ],
  ])('is read back as it was written: %s', (_what, more, facts) => {
    expect(readDescription(describeRequest(requestWith(more)))).toStrictEqual({
      quorum: 2,
      deadline: new Date('2026-03-03T08:00:00Z'),
      revision: '9386398427419951854',
      ...facts,
    });
  });

  it('is read back as it was written: the least there is', () => {
    expect(readDescription(describeRequest(BARE))).toStrictEqual({
      quorum: 1,
      deadline: new Date('2026-03-03T08:00:00Z'),
      revision: '9386398427419951854',
    });
  });

  it.each(['', 'written by hand', 'Needs 1 approval until 2026-99-99 08:00 UTC. Revision 1.'])(
    '%j is not ours',
    (text) => {
      expect(readDescription(text)).toBeUndefined();
    },
  );
});

describe('subject', () => {
  it.each([
    ['request', 'Approval needed: web (prod)'],
    ['reminder', 'Still waiting for approval: web (prod)'],
  ] as const)('%s', (kind, subject) => {
    expect(subjectOf(requestWith(), kind)).toBe(subject);
  });

  it('is what SNS takes: up to 100 printable ASCII characters', () => {
    expect(subjectOf(HUGE, 'reminder')).toMatch(/^[\x20-\x7e]{100}$/);
  });
});

describe('the e-mail', () => {
  const command = (value: string) => `  ${voteCommand(requestWith(), value)}`;
  const ending = [
    'Until:      2026-03-03 08:00 UTC',
    '',
    'To accept:',
    command('accept'),
    'To decline:',
    command('decline: why'),
    '',
    `Or set the parameter ${requestWith().parameterName} in the Systems Manager console.`,
  ];
  const place = [
    '',
    'Service:    web (cluster prod, 123456789012, eu-west-1)',
    'Deployment: 0EYSiB0qap8xf0N76FsbE, at POST_TEST_TRAFFIC_SHIFT',
  ];

  it('says what waits for whom, what it replaces, where to try it, and how to vote', () => {
    expect(plainText(requestWith(), 'request').split('\n')).toEqual([
      'A deployment waits for 2 approvals.',
      ...place,
      'Revision:   9386398427419951854, replaces 1111111111111111111',
      'Image:      web: repo/web:1 → repo/web:2',
      'Test:       https://test.example.com/',
      ...ending,
    ]);
  });

  it('says nothing of what is not known', () => {
    expect(plainText(BARE, 'reminder').split('\n')).toEqual([
      'A deployment still waits for an approval.',
      ...place,
      'Revision:   9386398427419951854',
      ...ending,
    ]);
  });
});

describe('commands', () => {
  it('are exact, ready to be pasted into a shell', () => {
    const command = (value: string) =>
      `aws ssm put-parameter --region eu-west-1 --name '/ecs-hooks/approval/prod/web/0EYSiB0qap8xf0N76FsbE/POST_TEST_TRAFFIC_SHIFT' --value '${value}' --overwrite`;
    expect(voteCommand(requestWith(), 'accept')).toBe(command('accept'));
    const text = plainText(requestWith(), 'request').split('\n');
    expect(text).toContain(`  ${command('accept')}`);
    expect(text).toContain(`  ${command('decline: why')}`);
  });

  it('fit an SMS without the images, which an e-mail has', () => {
    const request = requestWith({
      context: { images: Array.from({ length: 10 }, (_, n) => `c${n}: ${'x'.repeat(150)}`) },
    });
    expect(plainText(request, 'request')).toContain('c9: xxx');
    expect(shortText(request, 'request').length).toBeLessThan(1600);
    expect(shortText(request, 'request')).toContain('--overwrite');
    expect(shortText(request, 'request')).toBe(plainText(requestWith({ context: { images: [] } }), 'request'));
  });
});

/**
 * The event schema of the page "Custom notifications using Amazon Q Developer in chat applications", and the limits
 * of variables of custom actions (CustomActionAttachment, Amazon Q Developer in chat applications API reference).
 */
const Variable = z
  .string()
  .max(1024)
  .regex(/^[\x21-\x7f]+$/);
const Notification = z.strictObject({
  version: z.literal('1.0'),
  source: z.literal('custom'),
  id: z.string(),
  content: z.strictObject({
    textType: z.literal('client-markdown'),
    title: z.string().min(1).max(250),
    description: z.string().min(1),
    nextSteps: z.array(z.string().min(1)).min(1),
    keywords: z.array(z.string().min(1)),
  }),
  metadata: z.strictObject({
    threadId: z.string(),
    summary: z.string(),
    eventType: z.string(),
    relatedResources: z.array(z.string()),
    additionalContext: z.record(z.string().regex(/^[\w-]{1,100}$/), Variable),
  }),
});

describe('the notification for chat', () => {
  it.each([
    ['usual', requestWith()],
    ['huge', HUGE],
    ['bare', BARE],
  ])('has the form that Amazon Q takes: %s', (_what, request) => {
    const notification = Notification.parse(JSON.parse(customNotification(request, 'request')));
    expect(Object.keys(notification.metadata.additionalContext).length).toBeLessThanOrEqual(5);
    expect(notification.metadata.additionalContext.P).toBe(request.parameterName);
    expect(notification.content.nextSteps[0]).toBe(`Accept: \`${voteCommand(request, 'accept')}\``);
  });

  it('says what waits until when, with the images and where to try it, and is found by the service', () => {
    const parse = (request: Request) => Notification.parse(JSON.parse(customNotification(request, 'request')));
    const { content, metadata } = parse(requestWith());
    const line = '*web* in prod waits at POST_TEST_TRAFFIC_SHIFT until 2026-03-03 08:00 UTC.';
    expect(content.description.split('\n')).toEqual([
      line,
      'web: repo/web:1 → repo/web:2',
      'Test: https://test.example.com/',
    ]);
    expect(content.keywords).toEqual(['web', 'prod']);
    expect(metadata.relatedResources).toEqual([DEPLOYMENT.serviceArn]);
    expect(parse(BARE).content.description).toBe(line);
  });

  it('keeps one thread for a deployment, and tells its requests apart', () => {
    const parse = (request: Request) => Notification.parse(JSON.parse(customNotification(request, 'request')));
    const [ten, fifty] = [10, 50].map((weight) =>
      parse(
        requestWith({
          parameterName: `/ecs-hooks/approval/prod/web/0EYSiB0qap8xf0N76FsbE/PRE_PRODUCTION_TRAFFIC_SHIFT-${weight}`,
        }),
      ),
    );
    expect(ten?.metadata.threadId).toBe(fifty?.metadata.threadId);
    expect(ten?.id).not.toBe(fifty?.id);
  });
});
