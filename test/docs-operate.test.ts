import { readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { hook as consumerSwitch } from '../hooks/consumer-switch/hook.ts';
import { at, rollback, withDetails } from '../library/testing/events.ts';
import { logLines, MEANINGS } from '../scripts/docs/logs.ts';
import { ADVICE } from '../scripts/reasons/advice.ts';
import { lambdaHandler } from '../shared/lambda.ts';
import { isJsonObject } from '../shared/schema.ts';
import { fail, succeed, wait } from '../shared/verdict.ts';
import { captureOutput } from './fixtures/output.ts';
import { type ProbeCheck, probe, rig } from './fixtures/probe.ts';

const PAGE = readFileSync('docs/operate.md', 'utf8');
const output = captureOutput();

/** The text under a heading, up to the next one. */
function section(heading: string): string {
  const [, after] = PAGE.split(`\n${heading}\n`);
  if (after === undefined) throw new Error(`docs/operate.md has no heading "${heading}"`);
  return after.split(/^#/m)[0] ?? '';
}

/** The first cells of the table in a section, without their backticks. */
function rowsOf(text: string): string[][] {
  const [, rows = ''] = /^\|[-|]+\|\n((?:\|.*\|\n)+)/m.exec(text) ?? [];
  return rows
    .trim()
    .split('\n')
    .map((row) =>
      row
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim().replaceAll('`', '')),
    );
}

const EVENT = at('POST_TEST_TRAFFIC_SHIFT');
const boom: ProbeCheck = () => Promise.reject(new Error('boom'));

/** Invocations that between them have every field and every metric. */
async function everything(): Promise<void> {
  vi.stubEnv('_X_AMZN_TRACE_ID', 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=557abcec3ee5a047;Sampled=1');
  const looks: [ProbeCheck, unknown][] = [
    [() => succeed('fine'), EVENT],
    [() => fail('bad', { p99: 900 }), EVENT],
    [() => wait('looking'), EVENT],
    [boom, EVENT],
    [() => fail('bad'), withDetails(EVENT, { mode: 'audit' })],
  ];
  for (const [check, event] of looks) await rig(probe({ check })).look(event);
  await rig(probe({ check: boom, onRollback: boom })).look(withDetails(rollback(), { maxErrors: 1 }));
  const handler = lambdaHandler(consumerSwitch, { env: {} });
  await handler({
    source: 'aws.ec2',
    'detail-type': 'ECS Deployment State Change',
    detail: { eventName: 'SERVICE_DEPLOYMENT_COMPLETED' },
  });
  const end = {
    source: 'aws.ecs',
    'detail-type': 'ECS Deployment State Change',
    resources: ['arn:aws:ecs:eu-west-1:123456789012:service/unicorn-watch/ui'],
    detail: { eventName: 'SERVICE_DEPLOYMENT_COMPLETED' },
  };
  await lambdaHandler({ ...probe({}), onServiceEvent: async () => succeed('done') }, { env: {} })(end);
  vi.unstubAllEnvs();
}

describe('the decision line', () => {
  it('has the fields that the page has, and no other', async () => {
    await everything();
    const written = new Set(output.decisions().flatMap(Object.keys));
    expect(
      rowsOf(section('## The decision line'))
        .map(([field]) => field)
        .toSorted(),
    ).toEqual([...written].toSorted());
  });
});

describe('the metrics', () => {
  it('are those of the page, with their units, namespace and dimensions', async () => {
    await everything();
    const found = new Map<string, string>();
    for (const { _aws: aws } of output.metrics()) {
      const [directive] = isJsonObject(aws) && Array.isArray(aws.CloudWatchMetrics) ? aws.CloudWatchMetrics : [];
      expect(directive).toMatchObject({ Namespace: 'EcsLifecycleHooks', Dimensions: [['service', 'hook', 'stage']] });
      for (const { Name, Unit } of directive.Metrics) found.set(Name, Unit);
    }
    const rows = rowsOf(section('## Metrics')).map(([name = '', unit = '']) => [name, unit] as const);
    expect(new Map(rows)).toEqual(found);
    const [record] = output.metrics();
    expect(record?.service).toBe('ecs-lifecycle-hooks');
    expect(section('## Metrics')).toContain(
      'namespace `EcsLifecycleHooks`, dimensions `service` (always `ecs-lifecycle-hooks`), `hook` and `stage`',
    );
    expect(section('## Metrics')).toContain('`stage` is `service-event`');
    expect(output.metrics().map(({ stage }) => stage)).toContain('service-event');
  });

  it('are asked for by all of their dimensions', () => {
    const [, dimensions = ''] = /--namespace EcsLifecycleHooks [\s\S]*?--dimensions (.*) \\/.exec(PAGE) ?? [];
    expect([...dimensions.matchAll(/Name=(\w+)/g)].map(([, name]) => name)).toEqual(['service', 'hook', 'stage']);
  });
});

describe('the queries', () => {
  /** What Logs Insights' language itself has. */
  const LANGUAGE =
    /^(fields|filter|stats|sort|limit|and|or|not|like|in|by|as|asc|desc|count|max|min|avg|sum|pct|latest|ispresent)$/;
  const queries = [...section('## Queries').matchAll(/^```text\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text);

  it.each(queries)('asks for fields that decision lines have:\n%s', async (query) => {
    await everything();
    const fields = new Set(output.decisions().flatMap(Object.keys));
    const named = new Set([...query.matchAll(/\bas (\w+)/g)].map(([, name]) => name));
    const words = query.replaceAll(/"[^"]*"/g, '').match(/[@\w]+/g) ?? [];
    const asked = words.filter((word) => !LANGUAGE.test(word) && !named.has(word) && !/^(@\w+|\d+)$/.test(word));
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter((word) => !fields.has(word))).toEqual([]);
    expect(query).toMatch(/message = "decision"/);
  });

  it('are there', () => {
    expect(queries.length).toBeGreaterThan(5);
  });
});

describe('the other lines', () => {
  const ours = logLines().filter(({ file }) => {
    const [folder = '', id = ''] = file.split('/');
    return folder === 'shared' || ADVICE[id] !== undefined;
  });

  it('have a meaning each, and each meaning has its line', () => {
    expect(ours.map(({ message }) => message).toSorted()).toEqual(Object.keys(MEANINGS).toSorted());
  });
});

describe('the runbook', () => {
  it('names reasons that there are', () => {
    const reasons = readFileSync('docs/reasons.md', 'utf8');
    for (const beginning of ['Bad configuration', 'Could not tell', 'Damaged state', 'shards gave no result']) {
      expect(PAGE).toContain(beginning);
      expect(reasons).toContain(beginning);
    }
  });
});
