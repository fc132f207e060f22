import { type CollectionTag, Pair, parseDocument, Scalar, type ScalarTag, YAMLMap } from 'yaml';
import { isJsonObject, type JsonObject } from '../../shared/schema.ts';
import { isIntrinsic, Place } from '../lifecycle/place.ts';
import type { FoundService } from './found.ts';

const INTRINSICS =
  'And Base64 Cidr Condition Contains Equals FindInMap GetAtt GetAZs If ImportValue Join Length Not Or Ref Select Split Sub ToJsonString Transform'.split(
    ' ',
  );

/** `!Ref x` is `{ Ref: x }`, `!Sub x` is `{ 'Fn::Sub': x }`, and so on (CloudFormation's page on intrinsic functions). */
const TAGS: (ScalarTag | CollectionTag)[] = INTRINSICS.flatMap((name) => {
  const key = name === 'Ref' || name === 'Condition' ? name : `Fn::${name}`;
  const wrap = (value: unknown) => {
    const map = new YAMLMap();
    map.add(new Pair(new Scalar(key), value));
    return map;
  };
  const scalar: ScalarTag = { tag: `!${name}`, resolve: (text) => ({ [key]: text }) };
  const collections = (['seq', 'map'] as const).map(
    (collection): CollectionTag => ({ tag: `!${name}`, collection, resolve: wrap }),
  );
  return [scalar, ...collections];
});

/** @throws Error with line and column when it is no YAML */
export function parseYaml(text: string): unknown {
  const document = parseDocument(text, { customTags: TAGS });
  const [error] = document.errors;
  if (error !== undefined) throw error;
  return document.toJS();
}

/** The services in a template. */
export function servicesInTemplate(template: JsonObject): FoundService[] {
  const resources = isJsonObject(template.Resources) ? template.Resources : {};
  const hasDeploymentRule = Object.values(resources).some(isDeploymentRule);
  return Object.entries(resources).flatMap(([id, resource]): FoundService[] => {
    if (!isJsonObject(resource) || resource.Type !== 'AWS::ECS::Service') return [];
    const properties = new Place(resource.Properties, `Resources.${id}.Properties`, pascal);
    const configuration = properties.get('deploymentConfiguration');
    return [
      {
        configuration,
        isWhole: true,
        source: 'cloudformation',
        alarms: configuration.get('alarms'),
        controller: properties.get('deploymentController').get('type'),
        loadBalancers: properties.get('loadBalancers'),
        hasDeploymentRule,
        resources,
      },
    ];
  });
}

function pascal(name: string): string {
  return name.slice(0, 1).toUpperCase() + name.slice(1);
}

/** A rule of its own, or an event of a SAM function; one whose pattern cannot be seen gets the benefit of the doubt. */
function isDeploymentRule(resource: unknown): boolean {
  if (!isJsonObject(resource) || !isJsonObject(resource.Properties)) return false;
  const { Type: type, Properties: properties } = resource;
  if (type === 'AWS::Events::Rule') return isDeploymentPattern(properties.EventPattern);
  if (type !== 'AWS::Serverless::Function' || !isJsonObject(properties.Events)) return false;
  return Object.values(properties.Events).some((event) => {
    if (!isJsonObject(event) || !isJsonObject(event.Properties)) return false;
    const isRule = event.Type === 'EventBridgeRule' || event.Type === 'CloudWatchEvent';
    return isRule && isDeploymentPattern(event.Properties.Pattern);
  });
}

function isDeploymentPattern(pattern: unknown): boolean {
  return isIntrinsic(pattern) || (JSON.stringify(pattern)?.includes('ECS Deployment State Change') ?? false);
}
