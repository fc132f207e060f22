import type { GateOptions } from './options.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The gate's options from the environment. An empty variable counts as none: ECS cannot leave one out for one task. */
export function optionsFrom(env: Environment): Omit<GateOptions, 'signal'> {
  return {
    parameterName: env.CONSUMER_PARAMETER || undefined,
    parameterPrefix: env.CONSUMER_PARAMETER_PREFIX || undefined,
    revisionId: env.CONSUMER_REVISION_ID || undefined,
    leaseSeconds: numberFrom(env, 'CONSUMER_LEASE_SECONDS'),
    pollSeconds: numberFrom(env, 'CONSUMER_POLL_SECONDS'),
    metadataUri: env.ECS_CONTAINER_METADATA_URI_V4,
  };
}

/** @throws RangeError for what is not a number */
export function numberFrom(env: Environment, name: string): number | undefined {
  const text = env[name];
  if (!text) return undefined;
  const value = Number(text);
  if (!Number.isFinite(value)) throw new RangeError(`${name} must be a number: ${text}`);
  return value;
}
