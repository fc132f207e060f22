import type { DeploymentLifecycleHook } from '@aws-sdk/client-ecs';
import { parseArn } from '../../shared/event.ts';
import { isJsonObject } from '../../shared/schema.ts';
import type { Finding } from '../lifecycle/finding.ts';
import { judgeService } from '../validate/service.ts';
import { servicesInJson } from '../validate/service-json.ts';
import type { Around, ServiceAround } from './around.ts';
import { type FoundHook, findHook, hookLines } from './hook.ts';
import { type Section, wrong } from './line.ts';
import { findLastDeployment, findService, serviceLines } from './service.ts';

/**
 * Looks at a service in an account, and at all that its lifecycle hooks need there. It reads and changes nothing.
 *
 * @param cluster name or ARN
 * @param name of the service, or its ARN
 */
export async function examine(around: Around, cluster: string, name: string): Promise<Section[]> {
  const service = await findService(around, cluster, name);
  const title = `Service ${name} in ${cluster}`;
  if ('check' in service) return [{ title, lines: [service] }];
  const serviceArn = service.serviceArn ?? '';
  if (!/:service\/[^/]+\/[^/]+$/.test(serviceArn)) {
    const text = `its ARN ${serviceArn} does not name the cluster, and the hooks read it there`;
    return [{ title, lines: [wrong('service', text, 'make the service anew, with the long ARN format')] }];
  }
  const place = parseArn(serviceArn, 'service', 'serviceArn');
  const lastDeployment = await findLastDeployment(around, service);
  const whole: ServiceAround = { ...around, service, serviceArn, place, lastDeployment };
  const entries = service.deploymentConfiguration?.lifecycleHooks ?? [];
  const found: FoundHook[] = [];
  for (const entry of entries) found.push(await findHook(around, entry));
  const { ofService, ofHooks } = await findingsOf(whole, found);
  const of = `${place.service} in ${place.cluster} (${place.region}, account ${place.account})`;
  const sections: Section[] = [{ title: `Service ${of}`, lines: await serviceLines(whole, ofService) }];
  for (const [index, hook] of found.entries()) {
    const lines = await hookLines(whole, hook, ofHooks[index] ?? []);
    sections.push({ title: titleOf(hook.entry, index), lines });
  }
  return sections;
}

function titleOf({ targetType, hookTargetArn, lifecycleStages = [] }: DeploymentLifecycleHook, index: number): string {
  const what = targetType === 'PAUSE' ? 'PAUSE' : (hookTargetArn?.split(':function:')[1] ?? 'no function');
  return `Hook ${index + 1}: ${what} at ${lifecycleStages.join(', ')}`;
}

interface Findings {
  ofService: Finding[];
  /** By the place in lifecycleHooks. */
  ofHooks: Finding[][];
}

/** What `npm run validate` says of it, with what the functions are and have in their environment. */
async function findingsOf({ service, hooks, map }: ServiceAround, found: readonly FoundHook[]): Promise<Findings> {
  // As the API's JSON has it: the client made Dates of its timestamps.
  const json: unknown = JSON.parse(JSON.stringify(service));
  const [definition] = isJsonObject(json) ? servicesInJson(json) : [];
  if (definition === undefined) return { ofService: [], ofHooks: [] };
  const known = found.flatMap(({ entry, hook }): [string, string][] =>
    hook === undefined ? [] : [[entry.hookTargetArn ?? '', hook.name]],
  );
  const envOf = (name: string) => found.find(({ hook }) => hook?.name === name)?.environment?.env;
  const { findings } = await judgeService(definition, { hooks, map: new Map([...map, ...known]), envOf });
  const list = definition.configuration.get('lifecycleHooks').path;
  const ofHooks = found.map((_, index) => findings.filter(({ path }) => isUnder(path, `${list}[${index}]`)));
  return { ofService: findings.filter((one) => !ofHooks.flat().includes(one)), ofHooks };
}

function isUnder(path: string, parent: string): boolean {
  return path === parent || path.startsWith(`${parent}.`) || path.startsWith(`${parent}[`);
}
