import * as z from 'zod/mini';
import { described } from '../../shared/schema.ts';

const Text = z.string().check(z.minLength(1), z.maxLength(2000));
const ExitCodes = z.array(z.int().check(z.minimum(0), z.maximum(255)));

/** @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html */
export const Task = z.strictObject({
  taskDefinition: described(Text, 'family, family:revision or ARN'),
  cluster: described(z.optional(Text), 'where it runs; the cluster of the deployed service, if not given'),
  container: described(Text, 'the container whose exit code decides, and that the overrides are of'),
  command: described(z.optional(z.array(z.string())), 'instead of the command in the task definition'),
  environment: described(z.optional(z.record(z.string(), z.string())), 'beside that of the task definition'),
  subnets: described(z.optional(z.array(Text)), 'awsvpc: needed on Fargate'),
  securityGroups: described(z.optional(z.array(Text)), 'awsvpc'),
  assignPublicIp: described(z._default(z.enum(['ENABLED', 'DISABLED']), 'DISABLED'), 'awsvpc'),
  launchType: described(z.optional(z.enum(['FARGATE', 'EC2', 'EXTERNAL'])), 'not together with capacityProviders'),
  capacityProviders: described(z.optional(z.array(Text)), 'such as FARGATE_SPOT; the first has all the weight'),
  passExitCodes: described(z._default(ExitCodes, [0]), 'green kept to its thresholds'),
  failExitCodes: described(
    z._default(ExitCodes, [99]),
    'green did not: 99 of k6; all others say that the test could not run',
  ),
});
export type Task = z.infer<typeof Task>;
