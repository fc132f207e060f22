import '../hooks/quiet.ts';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CLIENT_OPTIONS, naming } from '../../shared/aws/client.ts';
import { describeError } from '../../shared/errors.ts';
import { createLocalAws } from '../../simulator/aws/local-aws.ts';
import { MATRIX_FAULTS } from './matrix/faults.ts';
import { MemoryTransport } from './matrix/transport.ts';
import { VirtualTime } from './matrix/virtual-time.ts';

const aws = createLocalAws({ clock: { now: () => Date.now() } });
aws.parameters.put({ name: '/p', value: 'v', type: 'String', overwrite: true }, 'somebody');
let url = '';
let close: () => Promise<void> = async () => {};

beforeAll(async () => {
  ({ url, close } = await aws.listen());
});
afterAll(() => close());

/** As the hooks' own clients, but for the time-out over a socket, which takes real time. */
function client(requestTimeout: number): SSMClient {
  const requestHandler = { ...CLIENT_OPTIONS.requestHandler, requestTimeout };
  return naming(new SSMClient({ ...CLIENT_OPTIONS, endpoint: url, requestHandler }));
}

async function told(ssm: SSMClient): Promise<string> {
  const sent = ssm.send(new GetParameterCommand({ Name: '/p' }));
  const answer = await sent.then(({ Parameter }) => `${Parameter?.Value}`, describeError);
  // The one difference that is meant, and the time of day in the words on a skewed clock.
  return answer.replace(/\d+ ms/, '3000 ms').replace(/\d{8}T\d{6}Z/g, 'TIME');
}

async function overSocket(effect: (typeof MATRIX_FAULTS)[number]['effect']): Promise<string> {
  // The answer of a slow endpoint comes in time.
  const faster = effect.kind === 'slow' ? { ...effect, ms: 50 } : effect;
  const fault = aws.faults.add({ ...faster, service: 'ssm', always: true });
  const text = await told(client(effect.kind === 'hang' ? 200 : 3000));
  fault.remove();
  return text;
}

async function inMemory(effect: (typeof MATRIX_FAULTS)[number]['effect']): Promise<string> {
  const time = new VirtualTime();
  const transport = new MemoryTransport();
  time.install();
  transport.install();
  try {
    time.restart(Date.parse('2026-03-02T09:00:00Z'));
    time.patient = true;
    transport.connect(aws, { service: 'ssm', operation: 'GetParameter', ordinal: 1, effect, extent: 'always' });
    return await time.run(told(client(3000)));
  } finally {
    transport.uninstall();
    time.uninstall();
  }
}

it.each(MATRIX_FAULTS)('the SDK says the same of $name with and without a socket', async ({ effect }) => {
  const expected = await overSocket(effect);

  expect(await inMemory(effect)).toBe(expected);
  expect(expected).toMatch(effect.kind === 'slow' ? /^v$/ : /^ssm:GetParameter: /);
});

it('time passes for whoever waits, and only then', async () => {
  const time = new VirtualTime();
  time.install();
  try {
    time.restart(0);
    const waited: number[] = [];
    const sleep = async (ms: number) => {
      await new Promise((resolve) => setTimeout(resolve, ms));
      waited.push(Date.now());
    };
    await time.run(Promise.all([sleep(3000), sleep(1000), sleep(2000)]));
    expect(waited).toEqual([1000, 2000, 3000]);
    expect(new Date().toISOString()).toBe('1970-01-01T00:00:03.000Z');
    const aborted = AbortSignal.timeout(500);
    await time.pass(499);
    expect(aborted.aborted).toBe(false);
    await time.pass(1);
    expect(aborted.reason).toMatchObject({ name: 'TimeoutError' });
    await expect(time.run(new Promise(() => undefined))).rejects.toThrow('waits for something that is no timer');
  } finally {
    time.uninstall();
  }
});
