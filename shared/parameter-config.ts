import * as z from 'zod/mini';
import { described } from './schema.ts';

/** For hooks that keep something in Parameter Store. */
export const PARAMETER_PREFIX = described(
  z._default(
    z.string().check(
      z.regex(/^(?!\/(aws|ssm)\b)(\/[\w.-]+){1,8}$/i, {
        error: 'must be a path such as /ecs-hooks, not under /aws or /ssm',
      }),
      z.maxLength(200),
    ),
    '/ecs-hooks',
  ),
  'where the hook keeps its parameters in Systems Manager Parameter Store',
);

/** For hooks that leave parameters behind as evidence. */
export const RETAIN_DAYS = described(
  z._default(z.int().check(z.minimum(1), z.maximum(3650)), 30),
  'how long parameters are kept as evidence; a later deployment of the service removes older ones',
);
