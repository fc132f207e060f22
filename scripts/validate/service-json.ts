import { isJsonObject, type JsonObject } from '../../shared/schema.ts';
import { Place } from '../lifecycle/place.ts';
import type { FoundService } from './found.ts';

/**
 * The services in JSON as the AWS CLI prints it (describe-services) or takes it (create-service or update-service
 * --cli-input-json), a deployment configuration alone, or its lifecycle hooks alone. Nothing in anything else.
 */
export function servicesInJson(json: JsonObject): FoundService[] {
  if (Array.isArray(json.services)) {
    return json.services.flatMap((service, index) =>
      isJsonObject(service) ? [whole(new Place(service, `services[${index}]`))] : [],
    );
  }
  if (isJsonObject(json.service)) return [whole(new Place(json.service, 'service'))];
  // UpdateService leaves as it is what it is not given.
  if (typeof json.service === 'string' && 'deploymentConfiguration' in json) {
    return [{ ...whole(new Place(json, '')), isWhole: false }];
  }
  if (isJsonObject(json.deploymentConfiguration)) return [whole(new Place(json, ''))];
  if (!('lifecycleHooks' in json)) return 'serviceName' in json ? [whole(new Place(json, ''))] : [];
  return [{ configuration: new Place(json, ''), isWhole: 'strategy' in json, source: 'service' }];
}

function whole(service: Place): FoundService {
  const configuration = service.get('deploymentConfiguration');
  return {
    configuration,
    isWhole: true,
    source: 'service',
    alarms: configuration.get('alarms'),
    controller: service.get('deploymentController').get('type'),
    loadBalancers: service.get('loadBalancers'),
  };
}
