import fc from 'fast-check';
import * as z from 'zod/mini';
import { hook as admission } from '../../../hooks/admission/hook.ts';
import { hook as approval } from '../../../hooks/approval/hook.ts';
import { hook as canary } from '../../../hooks/canary/hook.ts';
import { hook as consumerSwitch } from '../../../hooks/consumer-switch/hook.ts';
import { hook as loadTest } from '../../../hooks/load-test/hook.ts';
import { CommonConfig } from '../../../shared/config.ts';
import type { AnyHook } from '../../../shared/hook.ts';
import { isJsonObject, type JsonObject } from '../../../shared/schema.ts';
import { type JsonSchema, valuesOf } from '../../fixtures/json-schema.ts';

export const HOOKS: readonly AnyHook[] = [admission, approval, canary, consumerSwitch, loadTest];

const HOST = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';

/** A policy of admission in which every key is used. */
export const POLICY = {
  version: 1,
  mode: 'enforce',
  onError: 'deny',
  deadlineSeconds: 600,
  rules: [
    { name: 'own-images', match: [`${HOST}/team/**`], digest: 'resolve', denyTags: ['latest', 'dev-*'] },
    {
      name: 'scanned',
      match: [`${HOST}/**`],
      tagImmutability: 'require',
      maxAgeDays: 90,
      vulnerabilities: {
        max: { CRITICAL: 0, HIGH: 5 },
        exceptions: [{ id: 'CVE-2024-0001', reason: 'not reachable', until: '2026-12-31' }],
      },
    },
  ],
  exemptions: [{ container: 'agent', match: ['public.ecr.aws/aws/agent'], reason: 'by AWS', until: '2026-12-31' }],
};

const QUEUE = 'https://sqs.eu-west-1.amazonaws.com/123456789012/orders';
const STAT = { namespace: 'Shop', metricName: 'Errors', dimensions: { Revision: '{revision}' }, statistic: 'Sum' };

/** A whole configuration of each hook, as an operator writes it. */
const WRITTEN: Readonly<Record<string, readonly JsonObject[]>> = {
  admission: [POLICY, { rules: POLICY.rules, mode: 'enforce' }],
  approval: [
    { approvers: ['arn:aws:sts::123456789012:assumed-role/Approver/*'], quorum: 2, requireReason: 'decline' },
    { testUrl: 'https://test.example.com/', remindMinutes: 30, firstDeployment: 'run', onTimeout: 'succeed' },
  ],
  canary: [
    { metrics: [{ preset: 'alb' }], holdMinutes: 10, warmUpMinutes: 1, firstDeployment: 'run' },
    {
      metrics: [
        {
          id: 'errors',
          kind: 'count',
          events: STAT,
          requests: { ...STAT, metricName: 'Requests' },
          wall: { above: 0.5 },
        },
        {
          id: 'math',
          kind: 'gauge',
          values: { expression: 'a / b', metrics: { a: STAT, b: STAT } },
          compare: 'history',
        },
        { preset: 'sqs', queueName: 'orders' },
      ],
      alpha: 0.05,
    },
  ],
  'consumer-switch': [
    { queueUrls: [QUEUE], leaseSeconds: 10, drain: { maxSeconds: 60 }, monitor: { minutes: 5, maxBacklog: 10 } },
    { onDrainTimeout: 'fail', leaseSeconds: 5 },
  ],
  'load-test': [
    {
      queueUrl: QUEUE,
      targets: [{ url: 'http://catalog:8080/items' }],
      rate: 100,
      durationSeconds: 60,
      thresholds: { p95Ms: 200, errorRate: 0.01 },
      baseline: 'previous',
      tolerance: { p95Ms: { ratio: 1.2, floor: 5 } },
    },
    { runner: 'task', task: { taskDefinition: 'k6:3', container: 'k6' }, onCouldNotRun: 'retry', maxRuns: 2 },
  ],
};

/** Configurations that the hook takes, or nearly: written ones, and whatever its JSON Schema describes. */
export function configurationsOf(hook: AnyHook): fc.Arbitrary<JsonObject> {
  const known = CONFIGURATIONS.get(hook) ?? makeConfigurations(hook);
  CONFIGURATIONS.set(hook, known);
  return known;
}

const CONFIGURATIONS = new Map<AnyHook, fc.Arbitrary<JsonObject>>();

function makeConfigurations(hook: AnyHook): fc.Arbitrary<JsonObject> {
  const all = z.toJSONSchema(z.object({ ...hook.config.shape, ...CommonConfig.shape }), { io: 'input' });
  const schema: JsonSchema = JSON.parse(JSON.stringify(all), withoutLookarounds);
  const described = valuesOf(schema).map((value) => value as JsonObject); // an object schema's value
  return fc.oneof(fc.constantFrom(...(WRITTEN[hook.name] ?? [{}])), described);
}

/** fast-check makes no texts for an expression that looks ahead; those of ours are for paths and days. */
function withoutLookarounds(_key: string, value: unknown): unknown {
  const pattern = isJsonObject(value) ? value.pattern : undefined;
  if (typeof pattern !== 'string' || !/\(\?<?[=!]/.test(pattern)) return value;
  return { enum: ['/ecs-hooks', '/platform/hooks', '2026-12-31', '2026-02-30'] };
}

/** One that the hook accepts and that names no leniency: what it answers then is its own decision. */
export function strictOf({ name }: AnyHook): JsonObject {
  const [first = {}] = WRITTEN[name] ?? [];
  return { ...first, mode: 'enforce', onError: name === 'admission' ? 'deny' : 'fail' };
}
