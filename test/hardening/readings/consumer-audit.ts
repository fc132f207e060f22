import type { LocalAws } from '../../../simulator/aws/local-aws.ts';
import type { DeploymentRecord, PlayRecord } from '../../../simulator/record.ts';

/**
 * Whatever the readings, where a parameter says who may consume: the parameter names the revision that serves once all is over, and no revision was ever named
 * right after another.
 */
export function consumerAudit({ deployments }: PlayRecord, aws: LocalAws | undefined): string[] {
  const headless = deployments.filter(({ consumer = [] }) => consumer.length > 0);
  const last = new Map(headless.map((one) => [one.service, one]));
  const ends = [...last.values()].flatMap((one) => {
    const held = aws?.parameters.get(`/ecs-hooks/consumer/${one.cluster}/${one.service}`)?.value;
    return held === servingId(one) ? [] : [`${one.title}: ${held} may consume, and ${servingId(one)} serves`];
  });
  return [...ends, ...deployments.flatMap(twoNames)];
}

function servingId({ status, target, source }: DeploymentRecord): string | undefined {
  return status === 'SUCCESSFUL' ? target.id : source?.id;
}

function twoNames({ title, consumer = [] }: DeploymentRecord): string[] {
  return consumer.flatMap(({ value }, index) => {
    const before = consumer[index - 1]?.value ?? 'none';
    return value === 'none' || before === 'none' ? [] : [`${title}: ${value} was named right after ${before}`];
  });
}
