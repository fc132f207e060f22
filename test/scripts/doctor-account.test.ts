import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { examine } from '../../scripts/doctor/examine.ts';
import type { Line } from '../../scripts/doctor/line.ts';
import { isWell, report } from '../../scripts/doctor/report.ts';
import { isJsonObject } from '../../shared/schema.ts';
import { FAULTS } from './doctor-faults.ts';
import {
  allow,
  CLUSTER,
  type DoctorWorld,
  functionArn,
  notRight,
  type ServiceName,
  startWorld,
} from './doctor-world.ts';
import { run } from './run.ts';

const SERVICES: readonly ServiceName[] = ['ui', 'catalog', 'notifications'];
const DOCUMENT = readFileSync('docs/doctor.md', 'utf8');

function fence(language: string): string {
  const text = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(DOCUMENT)?.[1];
  if (text === undefined) throw new Error(`docs/doctor.md has no fence of ${language}`);
  return text;
}

function deny({ aws }: DoctorWorld, service: string, ...operations: readonly (string | undefined)[]): void {
  for (const operation of operations.length === 0 ? [undefined] : operations) {
    aws.faults.add({ service, kind: 'access-denied', always: true, ...(operation !== undefined && { operation }) });
  }
}

describe('where the caller may not ask the policy simulator', () => {
  it.each(SERVICES)("the roles' policies are read and evaluated here: %s", async (service) => {
    const world = await startWorld(service);
    deny(world, 'iam', 'SimulatePrincipalPolicy');
    expect(notRight(await world.look())).toEqual([]);
  });

  const aboutRoles = FAULTS.filter(({ told }) => /^\w+ (?:permissions|invoke permission|logs):/.test(told));

  it.each(aboutRoles)('it comes to the same: $name', async ({ service, options, spoil, told }) => {
    const world = await startWorld(service, options);
    deny(world, 'iam', 'SimulatePrincipalPolicy');
    spoil?.(world);
    expect(notRight(await world.look())).toEqual([told]);
  });

  it('reads attached policies, and a boundary', async () => {
    const world = await startWorld('notifications');
    deny(world, 'iam', 'SimulatePrincipalPolicy');
    const arn = (name: string) => `arn:aws:iam::123456789012:policy/${name}`;
    const invoke = allow(['lambda:InvokeFunction'], ['*']);
    const role = { attached: [{ arn: arn('invoke'), document: invoke }], inline: {} };
    world.aws.roles.change('ecs-hooks-invoke', (before) => ({ ...before, ...role }));
    expect(notRight(await world.look())).toEqual([]);
    const boundary = { arn: arn('boundary'), document: allow(['s3:*'], ['*']) };
    world.aws.roles.change('ecs-hooks-invoke', (before) => ({ ...before, boundary }));
    const refused = `ecs-hooks-invoke is refused lambda:InvokeFunction on ${functionArn('consumer-switch')}`;
    expect(notRight(await world.look())).toEqual([`wrong invoke permission: ${refused}`]);
  });

  it('an answer that says nothing of what was asked is no permission', async () => {
    const world = await startWorld('notifications');
    world.aws.faults.add({ service: 'iam', operation: 'SimulatePrincipalPolicy', kind: 'empty-body', always: true });
    const found = linesOf(await world.look()).filter(({ mark }) => mark !== 'right');
    expect(found.map(({ mark, check }) => `${mark} ${check}`)).toEqual([
      'unknown invoke permission',
      'unknown permissions',
      'unknown logs',
    ]);
  });

  it('says which permissions it needs, where it may not read policies either', async () => {
    const world = await startWorld('notifications');
    deny(world, 'iam', 'SimulatePrincipalPolicy', 'ListRolePolicies');
    const without = 'could not be looked at without iam:SimulatePrincipalPolicy (or iam:ListRolePolicies)';
    expect(notRight(await world.look())).toEqual(
      ['invoke permission', 'permissions', 'logs'].map((check) => `unknown ${check}: ${without}`),
    );
  });
});

describe('what it cannot look at', () => {
  const all = ['iam', 'lambda', 'events', 'ssm', 'sqs', 'sns', 'monitoring', 'ecr'];

  it.each(all.map((service): [string] => [service]))('%s: no line about it is right', async (denied) => {
    for (const service of SERVICES) {
      const [world, other] = [await startWorld(service), await startWorld(service)];
      deny(other, denied);
      const before = linesOf(await world.look());
      const calls = other.aws.calls;
      const after = linesOf(await other.look());
      const asked = calls.some((call) => call.service === denied);
      expect(after.some(({ mark }) => mark === 'unknown')).toBe(asked);
      expect(after.every(({ mark }) => mark === 'right' || mark === 'unknown')).toBe(true);
      // What is right is right in the same words as with the permission: it rests on something else.
      const known = new Set(before.map(({ check, text }) => `${check}: ${text}`));
      expect(after.filter(({ mark, check, text }) => mark === 'right' && !known.has(`${check}: ${text}`))).toEqual([]);
    }
  });

  it('a service that it may not describe is one line', async () => {
    const world = await startWorld('ui');
    deny(world, 'ecs', 'DescribeServices');
    expect(notRight(await world.look())).toEqual([
      'unknown service: could not be looked at without ecs:DescribeServices',
    ]);
  });
});

/** Where IAM's prefix is not the service's name in signatures. */
const PREFIXES = new Map([['monitoring', 'cloudwatch']]);

describe('it changes nothing', () => {
  it('makes the calls that docs/doctor.md allows, and these are for reading', async () => {
    const used = new Set<string>();
    const use = async (world: DoctorWorld) => {
      await world.look();
      for (const { service, operation } of world.aws.calls)
        used.add(`${PREFIXES.get(service) ?? service}:${operation}`);
    };
    for (const service of SERVICES) await use(await startWorld(service));
    // Metrics are listed only where there are no data.
    for (const { service, options } of FAULTS.filter(({ told }) => told.includes('no such metric'))) {
      await use(await startWorld(service, options));
    }
    const world = await startWorld('ui');
    const attached = [{ arn: 'arn:aws:iam::123456789012:policy/more', document: allow(['s3:GetObject'], ['*']) }];
    world.aws.roles.change('ecs-hooks-invoke', (role) => ({ ...role, attached }));
    deny(world, 'iam', 'SimulatePrincipalPolicy');
    await use(world);
    const policy: unknown = JSON.parse(fence('json'));
    const statements = isJsonObject(policy) && Array.isArray(policy.Statement) ? policy.Statement : [];
    const allowed = statements.flatMap((one: unknown) =>
      isJsonObject(one) && Array.isArray(one.Action) ? one.Action : [],
    );
    expect([...used].sort()).toEqual(allowed.map(String).sort());
    for (const action of used) expect(action).toMatch(/^[a-z]+:(?:Describe|Get|List|Simulate)/);
  });
});

describe('other services and functions', () => {
  it.each([
    ['cluster', 'nowhere', 'ui', 'wrong service: there is no cluster nowhere'],
    ['service', CLUSTER, 'nothing', `wrong service: there is no service nothing in ${CLUSTER}`],
  ])('a %s that is not there', async (_, cluster, service, told) => {
    const { around } = await startWorld('ui');
    expect(notRight(await examine(around, cluster, service))).toEqual([told]);
  });

  it('takes ARNs', async () => {
    const { around } = await startWorld('ui');
    const arn = (type: string, name: string) => `arn:aws:ecs:eu-west-1:123456789012:${type}/${name}`;
    const sections = await examine(around, arn('cluster', CLUSTER), arn('service', `${CLUSTER}/ui`));
    expect(notRight(sections)).toEqual([]);
  });

  it('a PAUSE hook has no function', async () => {
    const { look } = await startWorld('ui', {
      entries: {
        admission: { targetType: 'PAUSE', hookTargetArn: undefined, roleArn: undefined, hookDetails: undefined },
      },
    });
    const [, pause] = await look();
    expect(pause?.title).toBe('Hook 1: PAUSE at PRE_SCALE_UP, POST_SCALE_UP');
    expect(pause?.lines.map(({ mark, check }) => `${mark} ${check}`)).toEqual(['right attachment']);
  });

  it('of a function of unknown make only the wiring is looked at', async () => {
    const { aws, look } = await startWorld('ui', { entries: { approval: { hookTargetArn: functionArn('smoke') } } });
    aws.functions.put('ecs-hooks-smoke', { configuration: { Runtime: 'python3.9' } });
    aws.roles.change('ecs-hooks-invoke', (role) => ({
      ...role,
      inline: { all: allow(['lambda:InvokeFunction'], ['*']) },
    }));
    expect(notRight(await look())).toEqual([
      'warning code: of unknown make: not taken for a hook of this project',
      'warning runtime: python3.9 is deprecated',
    ]);
  });

  it.each([
    ['ARN', functionArn('smoke')],
    ['name', 'ecs-hooks-smoke'],
  ])('--map by %s says which hook it is', async (_, key) => {
    const { aws, around } = await startWorld('ui', { entries: { approval: { hookTargetArn: functionArn('smoke') } } });
    const { record } = aws.functions.find('ecs-hooks-approval');
    aws.functions.put('ecs-hooks-smoke', { ...record, configuration: { ...record.configuration, CodeSha256: 'x' } });
    aws.roles.change('ecs-hooks-invoke', (role) => ({
      ...role,
      inline: { all: allow(['lambda:InvokeFunction'], ['*']) },
    }));
    const sections = await examine({ ...around, map: new Map([[key, 'approval']]) }, CLUSTER, 'ui');
    // Its logs go to a group of its own name.
    expect(notRight(sections).map((text) => text.split(' on ')[0])).toEqual([
      'warning logs: ecs-hooks-approval-role is refused logs:CreateLogStream',
    ]);
    expect(linesOf(sections).find(({ text }) => text.includes('--map'))?.text).toBe('approval, as --map says');
  });

  it('a rule may have the function itself as its target where ECS invokes an alias', async () => {
    const { aws, look } = await startWorld('notifications', {
      entries: { 'consumer-switch': { hookTargetArn: `${functionArn('consumer-switch')}:live` } },
    });
    aws.functions.change('ecs-hooks-consumer-switch', (one) => ({ ...one, qualifiers: ['live'] }));
    const invoke = allow(['lambda:InvokeFunction'], [`${functionArn('consumer-switch')}:*`]);
    aws.roles.change('ecs-hooks-invoke', (role) => ({ ...role, inline: { invoke } }));
    expect(notRight(await look())).toEqual([]);
  });

  it('a service without hooks', async () => {
    const { look } = await startWorld('generators');
    expect(notRight(await look())).toEqual(['warning hooks: the service has no lifecycle hooks']);
  });
});

describe('npm run doctor', () => {
  const env = { AWS_ACCESS_KEY_ID: 'doctor', AWS_SECRET_ACCESS_KEY: 'x', AWS_REGION: 'eu-west-1' };
  const args = ['--cluster', CLUSTER, '--service', 'notifications', '--dist', '/nonexistent'];

  it('exits 0 with nothing but warnings, at the endpoint of AWS_ENDPOINT_URL', async () => {
    const { url } = await startWorld('notifications');
    const { code, out, err } = await run('doctor', args, undefined, { ...env, AWS_ENDPOINT_URL: url });
    expect(err).toBe('');
    expect(out).toContain('  ! code: taken for consumer-switch by its name; dist has no build to compare it with\n');
    expect(out).toContain('\n23 right, 1 warning, 0 wrong, 0 could not be looked at\n');
    expect(code).toBe(0);
  });

  it.each([
    ['something is wrong', ({ aws }: DoctorWorld) => aws.rules.delete('consumer-switch-events')],
    ['something could not be looked at', (world: DoctorWorld) => deny(world, 'events')],
  ])('exits 1 when %s', async (_, spoil) => {
    const world = await startWorld('notifications');
    spoil(world);
    const { code, out } = await run('doctor', [...args, '--json'], undefined, { ...env, AWS_ENDPOINT_URL: world.url });
    const { sections }: { sections: { lines: Line[] }[] } = JSON.parse(out);
    const bad = sections.flatMap(({ lines }) => lines).filter(({ mark }) => mark === 'wrong' || mark === 'unknown');
    expect(bad.map(({ check }) => check)).toEqual(['event rule']);
    expect(code).toBe(1);
  });

  it.each([
    ['no service', ['--cluster', CLUSTER]],
    ['an unknown option', [...args, '--fix']],
    ['a hook that nobody knows', [...args, '--map', 'x=smoke']],
  ])('exits 2 with %s', async (_, wrong) => {
    const { code, err } = await run('doctor', wrong, undefined, env);
    expect(err).not.toBe('');
    expect(code).toBe(2);
  });
});

it('looks at what a scenario begins with, at the endpoint of npm run local-aws', async () => {
  let looked: ReturnType<typeof run> | undefined;
  const env = { AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x', AWS_REGION: 'eu-west-1' };
  const scenario = 'simulator/scenarios/ui.yaml';
  await run('local-aws', ['--port', '0', '--scenario', scenario], (out, child) => {
    const AWS_ENDPOINT_URL = /http:\/\/127\.0\.0\.1:\d+/.exec(out)?.[0];
    if (AWS_ENDPOINT_URL === undefined || looked !== undefined) return;
    looked = run('doctor', ['--cluster', CLUSTER, '--service', 'ui'], undefined, { ...env, AWS_ENDPOINT_URL });
    void looked.finally(() => child.kill('SIGTERM'));
  });
  const ended = await looked;
  expect(ended?.err).toBe('');
  expect(ended?.out).toContain('\n  ✓ invoke permission: ecs-hooks-invoke may invoke the function\n');
  expect(ended?.out).toMatch(/ 0 wrong, 0 could not be looked at\n$/);
  expect(ended?.code).toBe(0);
});

it('prints what docs/doctor.md shows', async () => {
  const world = await startWorld('notifications');
  world.aws.rules.change('consumer-switch-events', (rule) => ({ ...rule, state: 'DISABLED' }));
  world.aws.functions.change('ecs-hooks-consumer-switch', (one) => ({
    ...one,
    configuration: { ...one.configuration, MemorySize: 128 },
  }));
  deny(world, 'sqs');
  const sections = await world.look();
  expect(isWell(sections)).toBe(false);
  const shown = report(sections).replaceAll(world.revisions.get('notifications') ?? '-', '1865906302841951526');
  expect(shown).toBe(fence('text'));
});

function linesOf(sections: Awaited<ReturnType<typeof examine>>): Line[] {
  return sections.flatMap(({ lines }) => [...lines]);
}
