import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { HOOK, type Play, useWorld, type World } from './approval-world.ts';

const Vectors = z.object({
  cases: z.array(
    z.object({
      name: z.string(),
      state: z.object({
        policy: z.object({
          quorum: z.int(),
          allowed: z.array(z.string()),
          separationOfDuties: z.boolean(),
          timeoutMinutes: z.number(),
          onTimeout: z.enum(['accept', 'decline']),
        }),
        deployment: z.string(),
        revision: z.string(),
        hasSourceRevision: z.boolean(),
        requestedAt: z.iso.datetime(),
        now: z.iso.datetime(),
        deployer: z.string(),
        notified: z.union([z.boolean(), z.literal('claimed')]),
        decisions: z.array(
          z.object({
            by: z.string(),
            decision: z.string(),
            at: z.iso.datetime(),
            deployment: z.string(),
            revision: z.string(),
          }),
        ),
        publishError: z.boolean().optional(),
        final: z.literal('accept').optional(),
      }),
      expect: z.object({
        hookStatus: z.enum(['SUCCEEDED', 'FAILED', 'IN_PROGRESS']),
        notify: z.union([z.boolean(), z.literal('retry')]).optional(),
        ignored: z.int().optional(),
        reason: z.string().optional(),
      }),
    }),
  ),
});
type Case = z.infer<typeof Vectors>['cases'][number];

const { cases } = Vectors.parse(
  JSON.parse(readFileSync(new URL('../fixtures/approval-vectors.json', import.meta.url), 'utf8')),
);
const world = useWorld();

it.each(cases)('$name', async ({ state, expect: expected }) => {
  const aws = world().aws;
  const play = deploy(world(), state);
  const published = aws.topics.messages.length;
  await playUntilNow(world(), play, state);
  const before = aws.topics.messages.length;
  if (state.publishError) aws.faults.add({ service: 'sns', operation: 'Publish', kind: 'server-error', times: 3 });

  const answer = await play.look();

  expect(answer.hookStatus).toBe(expected.hookStatus);
  expect(answer.reason).toContain(expected.reason ?? '');
  const ignored = Number(/ignored (\d+) vote/.exec(answer.reason)?.[1] ?? 0);
  expect(ignored).toBe(expected.ignored ?? 0);
  if (expected.notify === true) expect(aws.topics.messages.length).toBe(published + 1);
  if (expected.notify === false) expect(aws.topics.messages.length).toBe(before);
  if (expected.notify === 'retry') {
    expect(aws.topics.messages.length).toBe(published);
    await play.look(120);
    expect(aws.topics.messages.length).toBe(published + 1);
  }
});

function deploy(at: World, { policy, deployment, revision, hasSourceRevision, deployer }: Case['state']): Play {
  return at.deploy({
    id: deployment,
    revision,
    first: !hasSourceRevision,
    config: {
      quorum: policy.quorum,
      approvers: policy.allowed,
      ...(policy.separationOfDuties && { deployers: [deployer] }),
      timeoutMinutes: policy.timeoutMinutes,
      onTimeout: policy.onTimeout === 'accept' ? 'succeed' : 'fail',
      notifyTopicArn: at.topicArn,
    },
  });
}

/** Plays what the case says has happened before `now`: the request, the votes at their own times, a claim left behind. */
async function playUntilNow(at: World, play: Play, state: Case['state']): Promise<void> {
  const isFirstLook = state.notified === false && state.decisions.length === 0 && state.final === undefined;
  at.now = Date.parse(state.requestedAt);
  if (state.notified === 'claimed') {
    // The function died between its claim and its answer: both parameters are there, and nobody remembers.
    play.vote(HOOK, 'pending', 0);
    at.aws.parameters.put({ name: `${play.parameter}/notice-0-1`, value: 'claimed', type: 'String' }, HOOK);
  } else if (!isFirstLook) {
    expect((await play.look()).hookStatus).toBe('IN_PROGRESS');
  }
  for (const { by, decision, at: time, deployment, revision } of state.decisions) {
    at.now = Date.parse(time);
    // The JSON form where the vote is for something else than this request: only it can say so.
    const isStale = revision !== state.revision || deployment !== state.deployment;
    play.vote(by, isStale ? JSON.stringify({ decision, deployment, revision }) : decision, 0);
  }
  if (state.final !== undefined) {
    play.vote(state.policy.allowed[0]?.replace('*', 'alice') ?? '', state.final, 0);
    expect((await play.look()).hookStatus).toBe('SUCCEEDED');
  }
  at.now = Date.parse(state.now);
}
