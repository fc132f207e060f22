import { isJsonObject, type JsonObject } from '../../shared/schema.ts';
import { Place, UNSEEN } from '../lifecycle/place.ts';
import type { FoundService } from './found.ts';

interface Resource {
  path: string;
  type: unknown;
  values: unknown;
}

/** Where the provider's names are not ECS's own in lower case with underscores. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ['lifecycleHooks', 'lifecycle_hook'],
  ['loadBalancers', 'load_balancer'],
]);

/** The services in what `terraform show -json` prints of a plan, or of a state. */
export function servicesInPlan(plan: JsonObject): FoundService[] {
  const resources = resourcesOf(plan);
  const hasDeploymentRule = resources.some(({ type, values }) => {
    const pattern = type === 'aws_cloudwatch_event_rule' && isJsonObject(values) ? values.event_pattern : undefined;
    return pattern === UNSEEN || (typeof pattern === 'string' && pattern.includes('ECS Deployment State Change'));
  });
  return resources
    .filter(({ type }) => type === 'aws_ecs_service')
    .map(({ path, values }) => {
      const service = new Place(values, path, snake);
      return {
        configuration: service.get('deploymentConfiguration'),
        isWhole: true,
        source: 'terraform',
        alarms: service.get('alarms'),
        controller: service.get('deploymentController').get('type'),
        loadBalancers: service.get('loadBalancers'),
        hasDeploymentRule,
      };
    });
}

function snake(name: string): string {
  return NAMES.get(name) ?? name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function resourcesOf(plan: JsonObject): Resource[] {
  const { resource_changes: changes } = plan;
  if (Array.isArray(changes)) {
    return changes.filter(isJsonObject).flatMap(({ address, type, change }): Resource[] => {
      if (!isJsonObject(change) || change.after === null) return [];
      return [{ path: String(address), type, values: marked(change.after, change.after_unknown) }];
    });
  }
  return [plan.planned_values, plan.values].flatMap((values) =>
    isJsonObject(values) ? inModule(values.root_module) : [],
  );
}

function inModule(module: unknown): Resource[] {
  if (!isJsonObject(module)) return [];
  const { resources = [], child_modules: children = [] } = module;
  const own = Array.isArray(resources) ? resources.filter(isJsonObject) : [];
  return [
    ...own.map(({ address, type, values }) => ({ path: String(address), type, values })),
    ...(Array.isArray(children) ? children.flatMap(inModule) : []),
  ];
}

/** The planned values, with UNSEEN where Terraform says that only the apply will tell. */
function marked(after: unknown, unknown: unknown): unknown {
  if (unknown === true) return UNSEEN;
  if (Array.isArray(unknown)) {
    const values: unknown[] = Array.isArray(after) ? after : [];
    const length = Math.max(values.length, unknown.length);
    return Array.from({ length }, (_, index) => marked(values[index], unknown[index]));
  }
  if (!isJsonObject(unknown)) return after;
  const values = isJsonObject(after) ? after : {};
  const keys = [...new Set([...Object.keys(values), ...Object.keys(unknown)])];
  return Object.fromEntries(keys.map((key) => [key, marked(values[key], unknown[key])]));
}
