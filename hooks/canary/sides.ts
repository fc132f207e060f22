import type { ServiceRevision } from '@aws-sdk/client-ecs';
import * as z from 'zod/mini';
import type { Deployment } from '../../shared/event.ts';
import { idOf } from '../../shared/event.ts';

const Placeholders = z.record(z.string(), z.string());
/** What the placeholders of a query stand for on one side; those that are not known are absent. */
export type Placeholders = Readonly<Record<string, string>>;

export const Sides = z.strictObject({
  green: Placeholders,
  /** Absent on a first deployment. */
  blue: z.optional(Placeholders),
  /** When blue was created: before that its target group belonged to another revision. Milliseconds since the epoch. */
  blueSince: z.optional(z.int()),
});
export type Sides = z.infer<typeof Sides>;

/**
 * Target group and load balancer of each revision, as CloudWatch's dimensions spell them. The two target groups change
 * roles with every deployment, so they are taken from what ECS resolved for the revision, never from configuration.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
 */
export function sidesOf(
  deployment: Deployment,
  green: ServiceRevision | undefined,
  blue: ServiceRevision | undefined,
): Sides {
  const { cluster, service, targetRevisionArn } = deployment;
  const blueArn = blue?.serviceRevisionArn;
  const listeners = rulesOf(green);
  return {
    green: { cluster, service, revision: idOf(targetRevisionArn), ...loadBalancing(green, listeners) },
    ...(blueArn !== undefined && {
      blue: { cluster, service, revision: idOf(blueArn), ...loadBalancing(blue, listeners) },
    }),
    ...(blue?.createdAt !== undefined && { blueSince: blue.createdAt.getTime() }),
  };
}

function rulesOf(revision: ServiceRevision | undefined): (string | undefined)[] {
  return (revision?.resolvedConfiguration?.loadBalancers ?? []).map((one) => one.productionListenerRule);
}

/** Of a second load balancer {targetGroup2} and {loadBalancer2}, and so on; the sides are matched by listener rule. */
function loadBalancing(revision: ServiceRevision | undefined, rules: readonly (string | undefined)[]): Placeholders {
  const resolved = revision?.resolvedConfiguration?.loadBalancers ?? [];
  const ordered = rules.map(
    (rule, index) => resolved.find((one) => one.productionListenerRule === rule) ?? resolved[index],
  );
  return Object.fromEntries(
    ordered.flatMap((one, index) => {
      const number = index === 0 ? '' : String(index + 1);
      // …:targetgroup/<name>/<id>
      const targetGroup = one?.targetGroupArn?.split(':').at(-1);
      // …:listener-rule/app/<name>/<id>/<listener>/<rule>, or …:listener/net/<name>/<id>/<listener>
      const listener = one?.productionListenerRule?.split(':').at(-1)?.split('/') ?? [];
      return [
        ...(targetGroup === undefined ? [] : [[`targetGroup${number}`, targetGroup]]),
        ...(listener.length < 4 ? [] : [[`loadBalancer${number}`, listener.slice(1, 4).join('/')]]),
      ];
    }),
  );
}
