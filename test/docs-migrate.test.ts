import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { parsePolicy } from '../hooks/admission/policy.ts';
import { hook as approval } from '../hooks/approval/hook.ts';
import { hook as consumerSwitch } from '../hooks/consumer-switch/hook.ts';
import { CommonConfig } from '../shared/config.ts';
import { parseEvent } from '../shared/event.ts';
import { isJsonObject, parseJson } from '../shared/schema.ts';
import { HOOK_STAGES } from '../shared/stages.ts';

const PAGE = readFileSync('docs/migrate.md', 'utf8');

/** The JSON blocks under a heading. */
function jsonUnder(heading: string): unknown[] {
  const [, after = ''] = PAGE.split(`\n### ${heading}\n`);
  const [section = ''] = after.split(/^#{2,3} /m);
  return [...section.matchAll(/^```json\n([\s\S]*?)^```$/gm)].map(([, text = '']) => parseJson(text));
}

describe('the configurations that stand for what was before', () => {
  it('are ones that the hooks take', () => {
    const [policy] = jsonUnder('admission');
    expect(() => parsePolicy(policy, 'HOOK_POLICY')).not.toThrow();
    const [details] = jsonUnder('approval');
    expect(isJsonObject(details) && CommonConfig.safeParse(details).success).toBe(true);
    expect(z.safeParse(approval.config, {}).success).toBe(true);
    const [queues] = jsonUnder('SQS consumers');
    expect(z.safeParse(consumerSwitch.config, queues).success).toBe(true);
  });
});

describe('the events', () => {
  const [codeDeploy, ecs] = jsonUnder('What the function gets, and gives back');

  it('of ECS is one that the framework reads, and that of CodeDeploy is not', () => {
    expect(parseEvent(ecs)).toMatchObject({ stage: 'POST_TEST_TRAFFIC_SHIFT', service: 'ui', direction: 'forward' });
    expect(() => parseEvent(codeDeploy)).toThrow('Not an ECS lifecycle event');
  });

  it('all stages of ECS are in the table', () => {
    const [, after = ''] = PAGE.split('\n### Which event is which stage\n');
    const [table = ''] = after.split('\n### ');
    expect([...new Set(table.match(/`[A-Z_]+`/g))].toSorted()).toEqual(
      HOOK_STAGES.map((stage) => `\`${stage}\``).toSorted(),
    );
  });
});
