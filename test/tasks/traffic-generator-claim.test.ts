import {
  GetParameterCommand,
  ParameterAlreadyExists,
  ParameterNotFound,
  PutParameterCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { AwsError } from '../../simulator/aws/errors.ts';
import { createLocalAws, type LocalAws } from '../../simulator/aws/local-aws.ts';
import { Claim, type Taking } from '../../tasks/traffic-generator/claim.ts';

const NAME = '/ecs-hooks/load-test/unicorn-watch/catalog/bY2WiEKBzXmKoYBYwqmfo/green-1';
const NOW = Date.parse('2026-03-02T09:00:00Z');
const HEARTBEAT = 10;
/** A claim is dead three heartbeats after its last sign of life. */
const LATER = new Date(NOW + (3 * HEARTBEAT + 1) * 1000);
const never = new AbortController().signal;
const claimant = (taskId: string) => ({ taskId, heartbeatSeconds: HEARTBEAT });

afterEach(() => {
  vi.restoreAllMocks();
});

/** Parameter Store in memory; each call takes effect, and each answer arrives, when `turn` says. */
function store(turn: () => Promise<unknown> = async () => undefined): LocalAws {
  const aws = createLocalAws({ clock: { now: () => NOW } });
  vi.spyOn(SSMClient.prototype, 'send').mockImplementation(async (command: object) => {
    await turn();
    const answer = answerOf(aws, command);
    await turn();
    if (answer instanceof Error) throw answer;
    return answer;
  });
  return aws;
}

function answerOf({ parameters }: LocalAws, command: object): unknown {
  const metadata = { $metadata: {} };
  if (command instanceof GetParameterCommand) {
    const found = parameters.get(command.input.Name ?? '');
    if (found === undefined) return new ParameterNotFound({ message: 'none', ...metadata });
    return { Parameter: { Value: found.value, Version: found.version } };
  }
  if (!(command instanceof PutParameterCommand)) return new Error(`unexpected call ${command.constructor.name}`);
  const { Name: name = '', Value: value = '', Overwrite: overwrite = false } = command.input;
  try {
    return { Version: parameters.put({ name, value, type: 'String', overwrite }, 'generator').version };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return new ParameterAlreadyExists({ message: error.message, ...metadata });
  }
}

async function taken(taskId: string, at = new Date(NOW)): Promise<Claim> {
  const taking = await Claim.take(NAME, claimant(taskId), at, never);
  if (taking.kind !== 'taken') throw new Error(`${taskId} should have it, and it is ${taking.kind}`);
  return taking.claim;
}

const claimsOf = (takings: readonly Taking[]) => takings.flatMap((one) => (one.kind === 'taken' ? [one.claim] : []));

describe('several tasks that want one shard, in every order of their calls', () => {
  it('one has it, where nobody had it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer({ min: 2, max: 4 }), async (s, tasks) => {
        store(() => s.schedule(Promise.resolve()));
        const races = Promise.all(
          Array.from({ length: tasks }, (_, n) => Claim.take(NAME, claimant(`task-${n}`), new Date(NOW), never)),
        );
        await s.waitFor(races);

        expect(claimsOf(await races)).toHaveLength(1);
      }),
    );
  });

  /** On the clock of the task that comes back, which is up to a heartbeat behind the others'. */
  const ages = fc.option(fc.integer({ min: 2 * HEARTBEAT * 1000 + 1, max: 60_000 }), { nil: undefined });

  it('one has it, where the claim of a task is dead, also when that task comes back just then', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer({ min: 1, max: 3 }), ages, async (s, tasks, age) => {
        let isScheduled = false;
        store(async () => (isScheduled ? s.schedule(Promise.resolve()) : undefined));
        const old = await taken('old');
        isScheduled = true;
        const races = Promise.all(
          Array.from({ length: tasks }, (_, n) => Claim.take(NAME, claimant(`task-${n}`), LATER, never)),
        );
        const renewed = age === undefined ? Promise.resolve(false) : old.renew(() => new Date(NOW + age), never);
        await s.waitFor(Promise.all([races, renewed]));
        isScheduled = false;
        const winners = [...claimsOf(await races), ...((await renewed) ? [old] : [])];

        expect(winners).toHaveLength(1);
        // Whatever the losers have written meanwhile, the winner's claim stands, and its result is written.
        expect(await winners[0]?.renew(() => LATER, never)).toBe(true);
        if (!(await renewed)) expect(await old.renew(() => LATER, never)).toBe(false);
        expect(await winners[0]?.finish('{"result":1}', never)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a claim', () => {
  it('that lives keeps others away until three heartbeats after its last sign of life', async () => {
    store();
    const claim = await taken('first');
    expect(await Claim.take(NAME, claimant('second'), new Date(NOW + 29_000), never)).toEqual({
      kind: 'busy',
      seconds: 1,
    });
    expect(await claim.renew(() => new Date(NOW + 29_500), never)).toBe(true);
    expect(await Claim.take(NAME, claimant('second'), new Date(NOW + 31_000), never)).toMatchObject({ kind: 'busy' });
    expect(await Claim.take(NAME, claimant('second'), new Date(NOW + 60_000), never)).toMatchObject({ kind: 'taken' });
  });

  it('that was taken over is neither renewed nor finished', async () => {
    const aws = store();
    const old = await taken('old');
    const next = await taken('next', LATER);
    expect(await old.renew(() => LATER, never)).toBe(false);
    expect(await old.finish('of the old one', never)).toBe(false);
    expect(await next.finish('of the next one', never)).toBe(true);
    expect(aws.parameters.get(NAME)?.value).toBe('of the next one');
    expect(await Claim.take(NAME, claimant('third'), LATER, never)).toEqual({ kind: 'done' });
  });

  it('that somebody removed is lost', async () => {
    const aws = store();
    const claim = await taken('first');
    aws.parameters.delete(NAME);
    expect(await claim.renew(() => new Date(NOW), never)).toBe(false);
    expect(await claim.finish('result', never)).toBe(false);
    expect(aws.parameters.get(NAME)).toBeUndefined();
  });

  it('whose renewal was written twice, its first answer lost, is not given up', async () => {
    const aws = store();
    const claim = await taken('first');
    const send = vi.mocked(SSMClient.prototype.send);
    const real = send.getMockImplementation();
    // As the SDK does it: the same request again.
    send.mockImplementation(async (...call: Parameters<typeof send>) => {
      if (call[0] instanceof PutParameterCommand) answerOf(aws, call[0]);
      return real?.(...call);
    });
    expect(await claim.renew(() => new Date(NOW + 10_000), never)).toBe(true);
    expect(await claim.renew(() => new Date(NOW + 20_000), never)).toBe(true);
  });

  it("without a confirmed sign of life for two heartbeats may be another's", async () => {
    store();
    const claim = await taken('first');
    expect(claim.isSure(new Date(NOW + 19_999))).toBe(true);
    expect(claim.isSure(new Date(NOW + 20_000))).toBe(false);
    expect(await claim.renew(() => new Date(NOW + 15_000), never)).toBe(true);
    expect(claim.isSure(new Date(NOW + 34_999))).toBe(true);
    vi.mocked(SSMClient.prototype.send).mockRejectedValue(new Error('socket hang up'));
    await expect(claim.renew(() => new Date(NOW + 30_000), never)).rejects.toThrow('socket hang up');
    expect(claim.isSure(new Date(NOW + 35_000))).toBe(false);
  });
});
