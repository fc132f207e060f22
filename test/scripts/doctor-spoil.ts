import type { FunctionRecord } from '../../simulator/aws/lambda/function-store.ts';
import { ACCOUNT, allow, type DoctorWorld, type ServiceName, type WorldOptions } from './doctor-world.ts';

export interface DoctorFault {
  name: string;
  service: ServiceName;
  options?: WorldOptions;
  spoil?: (world: DoctorWorld) => void;
  /** The one line that is not right then. */
  told: string;
}

type Configuration = FunctionRecord['configuration'];

export const setting =
  (hook: string, more: Partial<Configuration>) =>
  ({ aws }: DoctorWorld): void =>
    aws.functions.change(`ecs-hooks-${hook}`, (record) => ({
      ...record,
      configuration: { ...record.configuration, ...more },
    }));

export const environment = (hook: string, more: Readonly<Record<string, string>>) =>
  setting(hook, { Environment: { Variables: more } });

export const invokeTrust =
  (document: object) =>
  ({ aws }: DoctorWorld): void =>
    aws.roles.change('ecs-hooks-invoke', (role) => ({ ...role, trust: document }));

/** Takes an action out of a function's role. */
export const without =
  (hook: string, action: string) =>
  ({ aws }: DoctorWorld): void =>
    aws.roles.change(`ecs-hooks-${hook}-role`, (role) => ({
      ...role,
      inline: JSON.parse(JSON.stringify(role.inline).replaceAll(`"${action}"`, '"sts:GetCallerIdentity"')),
    }));

/** Adds actions on everything to a function's role. */
export const granting =
  (hook: string, actions: readonly string[], condition?: object) =>
  ({ aws }: DoctorWorld): void =>
    aws.roles.change(`ecs-hooks-${hook}-role`, (role) => ({
      ...role,
      inline: { ...role.inline, more: allow(actions, ['*'], condition) },
    }));

export const denying =
  (hook: string, action: string) =>
  ({ aws }: DoctorWorld): void =>
    aws.roles.change(`ecs-hooks-${hook}-role`, (role) => ({
      ...role,
      inline: {
        ...role.inline,
        deny: { Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action: action, Resource: '*' }] },
      },
    }));

export const parameter = (name: string, value: string) => (world: DoctorWorld) => {
  world.aws.parameters.put({ name, value, type: 'String', overwrite: true }, `arn:aws:iam::${ACCOUNT}:root`);
};

export const rule =
  (more: object) =>
  ({ aws }: DoctorWorld): void =>
    aws.rules.change('consumer-switch-events', (one) => ({ ...one, ...more }));

export const denied =
  (service: string, operation: string) =>
  ({ aws }: DoctorWorld): void => {
    aws.faults.add({ service, operation, kind: 'access-denied', always: true });
  };
