import type { Service, ServiceDeployment } from '@aws-sdk/client-ecs';
import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import type { EcsArn } from '../../shared/event.ts';
import type { AnyHook } from '../../shared/hook.ts';
import type { JsonObject } from '../../shared/schema.ts';
import type { Asked } from './ask.ts';
import type { Clients } from './clients.ts';

/** What every check may use. */
export interface Around {
  clients: Clients;
  hooks: readonly AnyHook[];
  /** Hook ids by function ARN or name, as the caller knows better. */
  map: ReadonlyMap<string, string>;
  /** Hook ids by the SHA-256, in base64, of their built zips. */
  builds: ReadonlyMap<string, string>;
  /** AWS's clock. */
  now: () => Date;
}

export interface ServiceAround extends Around {
  service: Service;
  serviceArn: string;
  place: EcsArn;
  lastDeployment: Asked<ServiceDeployment>;
}

/** One Lambda hook of the service, as far as it was found to be whole. */
export interface HookAround extends ServiceAround {
  hook: AnyHook;
  config: JsonObject;
  functionArn: string;
  fn: FunctionConfiguration;
  /** The parameter that HOOK_POLICY names. */
  policyParameter: string | undefined;
}
