import { readFileSync } from 'node:fs';
import { transform } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import * as z from 'zod/mini';
import { Config } from '../hooks/load-test/config.ts';
import { hook } from '../hooks/load-test/hook.ts';
import { checkConfig, runMs } from '../hooks/load-test/plan.ts';
import { CommonConfig } from '../shared/config.ts';
import { FRAMEWORK_PERMISSIONS } from '../shared/hook.ts';
import { allowList } from '../tasks/traffic-generator/allow-list.ts';
import { readLimits } from '../tasks/traffic-generator/environment.ts';

const fencesOf = (page: string, language: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, text = '']) => text);
const PAGE = readFileSync(new URL('../docs/load-test.md', import.meta.url), 'utf8');
const GENERATOR_PAGE = readFileSync(new URL('../docs/traffic-generator.md', import.meta.url), 'utf8');
const JSON_TEXTS = fencesOf(PAGE, 'json').map((text): unknown => JSON.parse(text));

const Attachment = z.strictObject({
  hookTargetArn: z.string(),
  roleArn: z.string(),
  lifecycleStages: z.array(z.string()),
  timeoutConfiguration: z.strictObject({ timeoutInMinutes: z.int(), action: z.literal('ROLLBACK') }),
  hookDetails: z.record(z.string(), z.unknown()),
});
const Policy = z.object({
  Version: z.literal('2012-10-17'),
  Statement: z.array(z.object({ Action: z.union([z.string(), z.array(z.string())]) })),
});
const Resource = z.object({ Type: z.string(), Properties: z.optional(z.record(z.string(), z.unknown())) });
const Container = z.object({ Environment: z.array(z.object({ Name: z.string(), Value: z.unknown() })) });

const all = <T>(schema: z.ZodMiniType<T>): T[] =>
  JSON_TEXTS.flatMap((one) => {
    const parsed = schema.safeParse(one);
    return parsed.success ? [parsed.data] : [];
  });
const attachments = all(Attachment);
const actionsOf = (policies: readonly z.infer<typeof Policy>[]) =>
  policies.flatMap(({ Statement }) => Statement.flatMap(({ Action }) => Action));

function configOf({ hookDetails }: z.infer<typeof Attachment>) {
  const common = Object.keys(CommonConfig.shape);
  const ofHook = (key: string) => !common.includes(key);
  const own = Object.fromEntries(Object.entries(hookDetails).filter(([key]) => ofHook(key)));
  const shared = Object.fromEntries(Object.entries(hookDetails).filter(([key]) => !ofHook(key)));
  return { ...CommonConfig.parse(shared), ...Config.parse(own) };
}

/** CloudFormation's short forms stand for texts that are known when it is deployed. */
function resources() {
  const tag = (name: string) => ({ tag: `!${name}`, resolve: (text: string) => `https://${name}.example/${text}` });
  const [text = ''] = fencesOf(PAGE, 'yaml');
  return z.record(z.string(), Resource).parse(parse(text, { customTags: ['Ref', 'GetAtt', 'Sub'].map(tag) }));
}

describe('docs/load-test.md', () => {
  it('has nothing in a fence that cannot be read', async () => {
    expect(JSON_TEXTS).toHaveLength(attachments.length + all(Policy).length);
    for (const text of fencesOf(PAGE, 'yaml')) {
      expect(parseAllDocuments(text, { logLevel: 'silent' }).flatMap(({ errors }) => errors)).toEqual([]);
    }
    for (const text of fencesOf(PAGE, 'js')) await transform(text, { loader: 'js', format: 'esm' });
    const languages = [...PAGE.matchAll(/^```(\w+)$/gm)].map(([, language]) => language);
    expect([...new Set(languages)].sort()).toEqual(['js', 'json', 'mermaid', 'yaml']);
  });

  it('attaches the hook at stages that it serves, with configurations that it takes', () => {
    expect(attachments.map((one) => configOf(one).runner)).toEqual(['generator', 'task']);
    for (const one of attachments) {
      const config = configOf(one);
      expect(hook.stages).toEqual(expect.arrayContaining(one.lifecycleStages));
      expect(one.timeoutConfiguration.timeoutInMinutes).toBeGreaterThan(config.timeoutMinutes);
      if (config.runner === 'generator') expect(() => checkConfig({ config })).not.toThrow();
      else expect(config).toMatchObject({ task: { container: 'k6' }, maxSeconds: 900 });
    }
  });

  it('states how long a run is and how many requests it judges', () => {
    const [config] = attachments.map(configOf);
    if (config === undefined) throw new Error('nothing is attached');
    const { rate, durationSeconds, warmUpSeconds } = config;
    expect(PAGE).toContain(`${warmUpSeconds} of warm-up and ${durationSeconds} of load`);
    expect(PAGE).toContain(`${(rate * durationSeconds).toLocaleString('en-GB')} judged requests`);
    expect(Math.ceil(runMs(config) / 60_000)).toBe(8);
    expect(PAGE).toContain('after eight minutes at the latest');
  });

  it('grants what the hook needs, and no more', () => {
    const needed = [...hook.permissions, ...FRAMEWORK_PERMISSIONS, 'iam:PassRole'];
    expect(actionsOf(all(Policy)).sort()).toEqual([...new Set(needed)].sort());
  });

  it('gives the generators an environment that they take, and lets them reach what the hook asks for', () => {
    const { TrafficGeneratorTask: task, TrafficGenerator: service } = resources();
    const [container] = z.array(Container).parse(task?.Properties?.ContainerDefinitions);
    const environment = (container?.Environment ?? []).map(({ Name, Value }) => [Name, String(Value)]);
    const limits = readLimits(Object.fromEntries(environment));
    const [config] = attachments.map(configOf);
    const allowed = allowList(limits.allowedTargets);

    expect(config?.targets.map(({ url }) => allowed.refusal(url))).toEqual([undefined, undefined]);
    expect((config?.rate ?? 0) / (config?.shards ?? 1)).toBeLessThanOrEqual(limits.maxRate);
    expect(service?.Properties).toMatchObject({
      ServiceName: config?.generator?.service,
      Cluster: config?.generator?.cluster,
      ServiceConnectConfiguration: { Enabled: true },
      DesiredCount: config?.generator?.idleTasks,
    });
  });
});

describe('docs/traffic-generator.md', () => {
  it('has every variable of the environment, with its default', () => {
    const limits = readLimits({ QUEUE_URL: 'https://sqs.example/q', ALLOWED_TARGETS: 'http://catalog' });
    const rows = new Map(
      [...GENERATOR_PAGE.matchAll(/^\| `([A-Z_]+)` \| (\S+)/gm)].map(([, name = '', value = '']) => [name, value]),
    );
    expect(Object.fromEntries(rows)).toMatchObject({
      ...{ QUEUE_URL: 'needed', ALLOWED_TARGETS: 'needed', PARAMETER_PREFIX: '`/ecs-hooks`' },
      MAX_RATE: String(limits.maxRate),
      MAX_DURATION_SECONDS: String(limits.maxSeconds),
      MAX_CONNECTIONS: String(limits.maxConnections),
      HEARTBEAT_SECONDS: String(limits.heartbeatSeconds),
      STOP_SECONDS: String(limits.stopSeconds),
      METRICS_SECONDS: String(limits.metricsSeconds),
    });
  });

  it('grants its tasks what they call', () => {
    const policies = fencesOf(GENERATOR_PAGE, 'json').map((text) => Policy.parse(JSON.parse(text)));
    expect(actionsOf(policies).sort()).toEqual([
      'cloudwatch:PutMetricData',
      'sqs:ChangeMessageVisibility',
      'sqs:DeleteMessage',
      'sqs:ReceiveMessage',
      'ssm:DeleteParameters',
      'ssm:GetParameter',
      'ssm:PutParameter',
    ]);
  });
});
