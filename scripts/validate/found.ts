import type { JsonObject } from '../../shared/schema.ts';
import type { Place } from '../lifecycle/place.ts';

/** A service's deployment configuration, wherever it was found. */
export interface FoundService {
  /** With the names of ECS's API: strategy, bakeTimeInMinutes, lifecycleHooks … */
  configuration: Place;
  /** false: a part of a configuration; what is not in it may be elsewhere. */
  isWhole: boolean;
  source: 'service' | 'cloudformation' | 'terraform';
  alarms?: Place;
  controller?: Place;
  loadBalancers?: Place;
  /** Whether an EventBridge rule for ECS's deployment events lies beside it; absent where that cannot be known. */
  hasDeploymentRule?: boolean;
  /** The resources of a CloudFormation template. */
  resources?: JsonObject;
}
