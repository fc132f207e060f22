import { discoveryNameOf } from './metrics-feed.ts';
import { type Problem, pathText } from './problem.ts';
import type { Scenario } from './schema.ts';
import type { MetricsChange } from './schema-metrics.ts';

type Path = readonly PropertyKey[];

/** Names in the section on metrics that must be defined elsewhere in the file. */
export function checkMetrics(scenario: Scenario): Problem[] {
  return Object.entries(scenario.metrics?.traffic ?? {}).flatMap(([service, { revisions }]) => {
    const path = ['metrics', 'traffic', service];
    const kind = scenario.services[service]?.loadBalancing.kind;
    if (kind === undefined) return unknown(path, service, 'services', Object.keys(scenario.services));
    const measured = kind === 'alb' || discoveryNameOf(scenario, service) !== undefined;
    const unmeasured = `services.${service} is ${kind}, whose requests nothing counts: give it a discoveryName`;
    return [
      ...(measured ? [] : [problem(path, unmeasured)]),
      ...checkRevisions(scenario, service, revisions, [...path, 'revisions']),
    ];
  });
}

/** What an event changes must be there. */
export function checkMetricsChange(scenario: Scenario, service: string, change: MetricsChange, path: Path): Problem[] {
  const { requestsPerMinute, revisions, queues = {} } = change;
  const known = Object.keys(scenario.metrics?.queues ?? {});
  const hasTraffic = Object.hasOwn(scenario.metrics?.traffic ?? {}, service);
  const needsTraffic = requestsPerMinute !== undefined || revisions !== undefined;
  return [
    ...(needsTraffic && !hasTraffic ? [problem(path, `metrics.traffic has no ${service}`)] : []),
    ...(Object.keys(change).length === 0 ? [problem(path, 'changes nothing')] : []),
    ...checkRevisions(scenario, service, revisions ?? {}, [...path, 'revisions']),
    ...Object.keys(queues)
      .filter((name) => !known.includes(name))
      .flatMap((name) => unknown([...path, 'queues', name], name, 'metrics.queues', known)),
  ];
}

function checkRevisions(scenario: Scenario, service: string, revisions: object, path: Path): Problem[] {
  const running = scenario.services[service]?.running;
  const deployed = scenario.deployments.filter((one) => one.service === service).map(({ revision }) => revision);
  const names = [...new Set([...(running ? [running] : []), ...deployed].map(({ name }) => name))];
  return Object.keys(revisions)
    .filter((name) => !names.includes(name))
    .flatMap((name) => unknown([...path, name], name, `the revisions of ${service}`, names));
}

function unknown(path: Path, name: string, of: string, known: readonly string[]): Problem[] {
  return [problem(path, `${name} is not one of ${of} (${known.join(', ') || 'none'})`)];
}

function problem(path: Path, message: string): Problem {
  return { path, message: `${pathText(path)}: ${message}` };
}
