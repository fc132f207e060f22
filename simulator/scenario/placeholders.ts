/** What a scenario cannot know before it is played: `${queue:<name>}` and `${url:<service>}` in texts. */
import { TEST_HEADER } from '../../shared/load/shard.ts';
import { Entrance, type RequestEvent, type Routes } from '../network/entrance.ts';
import type { Scenario } from './schema.ts';

/** Puts the values into a text. */
export type Fill = (text: string) => string;

export const PLACEHOLDER = /\$\{(queue|url):([^}]*)\}/g;

/** Fills all texts within a JSON value. */
export function filled(value: unknown, fill: Fill): unknown {
  if (typeof value === 'string') return fill(value);
  if (Array.isArray(value)) return value.map((one) => filled(one, fill));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, filled(one, fill)]));
}

/** Whether a service has a URL: something carries its traffic, and a revision of it listens. */
export function hasUrl({ services, deployments }: Scenario, name: string): boolean {
  const service = services[name];
  const kind = service?.loadBalancing.kind;
  if (kind !== 'alb' && kind !== 'service-connect') return false;
  const revisions = [service?.running, ...deployments.flatMap((one) => (one.service === name ? [one.revision] : []))];
  return revisions.some((revision) => revision?.program?.port === true);
}

/** The entrances of all services that have a URL, listening. */
export async function openEntrances(
  scenario: Scenario,
  routes: (service: string) => Routes | undefined,
  onRequest?: (event: RequestEvent) => void,
): Promise<{ urls: ReadonlyMap<string, string>; close: () => Promise<void> }> {
  const opened: Entrance[] = [];
  const urls = new Map<string, string>();
  for (const [service, { loadBalancing }] of Object.entries(scenario.services)) {
    const { kind, testHeader = kind === 'service-connect' ? TEST_HEADER : undefined } = loadBalancing;
    if ((kind !== 'alb' && kind !== 'service-connect') || !hasUrl(scenario, service)) continue;
    const entrance = new Entrance({
      ...{ service, kind, testHeader: testHeader?.toLowerCase() },
      routes: () => routes(service),
      ...(onRequest !== undefined && { onRequest }),
    });
    urls.set(service, await entrance.listen());
    opened.push(entrance);
  }
  const close = async () => {
    await Promise.all(opened.map((entrance) => entrance.close()));
  };
  return { urls, close };
}

export function fillWith(endpointUrl: string, accountId: string, urls: ReadonlyMap<string, string>): Fill {
  return (text) =>
    text.replace(PLACEHOLDER, (whole, kind: string, name: string) =>
      kind === 'queue' ? `${endpointUrl}/${accountId}/${name}` : (urls.get(name) ?? whole),
    );
}
