import type { Credentials } from '../aws/identities.ts';
import type { TaskRun } from './task-run.ts';

/** Where the tasks of a play find what Fargate gives them. */
export interface TaskPlace {
  region: string;
  /** Of the local AWS endpoint. */
  endpointUrl: string;
  /** Base URL of the task metadata endpoint, without the path. */
  metadataUrl: string;
  /** Makes a role's session known to the endpoint. */
  addIdentity: (arn: string) => Credentials;
  /** Puts what only the play knows into the values of the scenario's own. */
  fill: (text: string) => string;
}

/**
 * The whole environment of a task's program: what Fargate and the AWS SDKs need, then the scenario's own; of the
 * simulator's environment only PATH. The role's credentials come as variables, which every SDK takes. Source: pages
 * "Task metadata endpoint version 4" and "Task IAM role".
 * @param roleArn the session of the task's role
 */
export function taskEnvironment(run: TaskRun, roleArn: string, place: TaskPlace): Record<string, string> {
  const { accessKeyId, secretAccessKey } = place.addIdentity(roleArn);
  const { program, overrides, label } = run.spec;
  const overridden = overrides.containerOverrides?.flatMap(({ environment = [] }) => environment) ?? [];
  const own = { ...program?.environment, ...Object.fromEntries(overridden.map(({ name, value }) => [name, value])) };
  return {
    PATH: process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin',
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    // No home of the developer's, so that no SDK reads the profiles in it.
    HOME: '/home/task',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_REGION: place.region,
    AWS_DEFAULT_REGION: place.region,
    AWS_EXECUTION_ENV: 'AWS_ECS_FARGATE',
    AWS_ENDPOINT_URL: place.endpointUrl,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: 'local-session-token',
    ECS_CONTAINER_METADATA_URI_V4: `${place.metadataUrl}/v4/${label.taskId}`,
    ...Object.fromEntries(Object.entries(own).map(([key, value]) => [key, place.fill(String(value ?? ''))])),
  };
}
