import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { loadHooks } from '../../scripts/hooks.ts';
import { readDefinitions } from '../../scripts/validate/read.ts';
import { judgeService } from '../../scripts/validate/service.ts';

const HOOKS = await loadHooks();
export const LAMBDA = (name: string) => `arn:aws:lambda:eu-west-1:123456789012:function:${name}`;
export const ROLE = 'arn:aws:iam::123456789012:role/ecs-hooks-invoke';

let folder = '';
let files = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'validate-'));
});
afterAll(async () => rm(folder, { recursive: true }));

export async function file(content: unknown, extension = 'json'): Promise<string> {
  files += 1;
  const path = join(folder, `${files}.${extension}`);
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

/** `path: severity: message` of all findings in a file. */
export async function findingsOf(
  content: unknown,
  extension?: string,
  map: [string, string][] = [],
): Promise<string[]> {
  const found: string[] = [];
  for (const { services } of await readDefinitions(await file(content, extension))) {
    for (const service of services) {
      const { findings } = await judgeService(service, { hooks: HOOKS, map: new Map(map) });
      found.push(...findings.map(({ path, severity, message }) => `${path}: ${severity}: ${message}`));
    }
  }
  return found;
}

export type Fields = Record<string, unknown>;

export function hook(more: Fields = {}): Fields {
  const block = { hookTargetArn: LAMBDA('approval'), roleArn: ROLE, lifecycleStages: ['POST_TEST_TRAFFIC_SHIFT'] };
  return Object.fromEntries(Object.entries({ ...block, ...more }).filter(([, value]) => value !== undefined));
}

export function service(lifecycleHooks: unknown, more: Fields = {}, beside: Fields = {}): Fields {
  const deploymentConfiguration = { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 15, lifecycleHooks, ...more };
  return { serviceName: 'ui', deploymentConfiguration, ...beside };
}

export const H = 'deploymentConfiguration.lifecycleHooks';

export function pause(minutes: number): Fields {
  return { targetType: 'PAUSE', ...timeout(minutes) };
}

export function timeout(timeoutInMinutes: number, action = 'ROLLBACK'): Fields {
  return { timeoutConfiguration: { timeoutInMinutes, action } };
}

export function stages(count: number): string[] {
  return Array.from({ length: count }, () => 'POST_TEST_TRAFFIC_SHIFT');
}

export function canary(hookDetails: Fields): Fields {
  return { hookTargetArn: LAMBDA('canary'), lifecycleStages: ['PRODUCTION_TRAFFIC_SHIFT'], hookDetails };
}

export function bakes(bakeTimeInMinutes: number | undefined): Fields {
  return { bakeTimeInMinutes };
}

export function pauseBlock(): Fields {
  return { hookTargetArn: undefined, roleArn: undefined, ...pause(60) };
}

/** The folder of the files, for what a test puts there itself. */
export function folderOfFiles(): string {
  return folder;
}
