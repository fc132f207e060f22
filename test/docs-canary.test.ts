import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { Config } from '../hooks/canary/config.ts';
import { hook } from '../hooks/canary/hook.ts';
import { expand } from '../hooks/canary/presets.ts';
import { detectableTable } from '../scripts/docs/canary.ts';
import { CommonConfig } from '../shared/config.ts';

const PAGE = readFileSync(new URL('../docs/canary.md', import.meta.url), 'utf8');
const JSON_TEXTS = [...PAGE.matchAll(/^```json\n([\s\S]*?)^```$/gm)].map(([, text = '']): unknown => JSON.parse(text));

const Attachment = z.object({
  lifecycleStages: z.array(z.string()),
  timeoutConfiguration: z.object({ timeoutInMinutes: z.int(), action: z.literal('ROLLBACK') }),
  hookDetails: z.record(z.string(), z.unknown()),
});
const Policy = z.object({
  Statement: z.array(z.object({ Action: z.union([z.string(), z.array(z.string())]), Resource: z.unknown() })),
});
const Own = z.object({ metrics: z.array(z.unknown()) });

const attachments = JSON_TEXTS.flatMap((one) => {
  const parsed = Attachment.safeParse(one);
  return parsed.success ? [parsed.data] : [];
});

describe('docs/canary.md', () => {
  it('attaches the hook at stages that it serves, with configurations that it takes', () => {
    expect(attachments).toHaveLength(2);
    const common = Object.keys(CommonConfig.shape);
    for (const { lifecycleStages, hookDetails, timeoutConfiguration } of attachments) {
      expect(hook.stages).toEqual(expect.arrayContaining(lifecycleStages));
      const own = Object.fromEntries(Object.entries(hookDetails).filter(([key]) => !common.includes(key)));
      const { holdMinutes = 0 } = Config.parse(own);
      expect(timeoutConfiguration.timeoutInMinutes).toBeGreaterThan(holdMinutes);
    }
  });

  it('shows metrics that the hook takes', () => {
    const shown = JSON_TEXTS.flatMap((one) => {
      const parsed = Own.safeParse(one);
      return parsed.success ? [parsed.data] : [];
    });
    expect(shown).toHaveLength(1);
    for (const one of shown) expect(Config.parse(one).metrics.length).toBeGreaterThan(1);
  });

  it('grants what the hook needs, and no more', () => {
    const policies = JSON_TEXTS.flatMap((one) => {
      const parsed = Policy.safeParse(one);
      return parsed.success ? [parsed.data] : [];
    });
    expect(policies).toHaveLength(1);
    const actions = policies.flatMap(({ Statement }) => Statement.flatMap(({ Action }) => Action));
    expect(actions.toSorted()).toEqual([...hook.permissions].sort());
  });

  it.each([
    { preset: 'alb' },
    { preset: 'service-connect', discoveryName: 'catalog' },
    { preset: 'sqs', queueName: 'jobs' },
    { preset: 'ecs' },
  ])('says of $preset whether it decides', (given) => {
    const [preset] = Config.parse({ metrics: [given] }).metrics;
    if (preset === undefined || !('preset' in preset)) throw new Error('it is no preset');
    const row = PAGE.split('\n').find((line) => line.startsWith(`| \`${given.preset}\``));
    const [, , decides = '', reports = ''] = row?.split('|').map((text) => text.trim()) ?? [];
    const metrics = expand(preset, {
      loadBalancer: 'app/ui/50dc6c495c0c9188',
      targetGroup: 'targetgroup/ui/73e2d6bc24d8a067',
    });

    expect(decides !== '').toBe(metrics.some(({ critical }) => critical));
    expect(reports !== '').toBe(metrics.some(({ critical }) => !critical));
  });

  it('has the table of what can be seen: more requests see less, and never less than blue has', () => {
    const rows = detectableTable()
      .split('\n')
      .slice(2)
      .map((row) => (row.match(/[\d.]+(?= [|%])/g) ?? []).map(Number));

    expect(rows.map(([requests]) => requests)).toEqual([30, 60, 300, 600, 1800, 6000]);
    for (const [index, row] of rows.entries()) {
      expect(row).toHaveLength(6);
      for (const column of [1, 2, 3, 4, 5]) {
        const above = rows[index - 1]?.[column] ?? 100;
        expect(row[column]).toBeLessThan(above);
        expect(row[column]).toBeGreaterThan([0, 0.1, 0.5, 1, 5][column - 1] ?? 100);
      }
    }
    expect(rows[3]?.slice(1)).toEqual([0.5, 1, 1.9, 2.8, 8.4]);
  });
});
