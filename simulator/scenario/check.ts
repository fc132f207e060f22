import { existsSync } from 'node:fs';
import { AwsError } from '../aws/errors.ts';
import { createLocalAws, type LocalAws } from '../aws/local-aws.ts';
import { systemClock } from '../clock.ts';
import { EcsEngine } from '../engine/engine.ts';
import { parseChoices, Readings } from '../engine/readings.ts';
import { VirtualClock } from '../engine/virtual-clock.ts';
import { functionConfig } from '../lambda/function-config.ts';
import { functionArn, serviceDefinition } from './definitions.ts';
import { artifactPath, environmentOf } from './functions.ts';
import { pushImage } from './images.ts';
import { messageOf, type Problem, pathText } from './problem.ts';
import { createQueue, redrive } from './queues.ts';
import type { Scenario } from './schema.ts';
import type { Happening } from './schema-happening.ts';

/**
 * What AWS would refuse when the scenario's world is made: asked of the simulated services themselves, so that it is
 * told in their words, with its place in the file, before anything is played.
 * @param dist where the built hooks are; without it nobody looks whether they are there
 */
export function checkAccount(scenario: Scenario, dist: string | undefined): Problem[] {
  return [...checkFurniture(scenario), ...checkFunctions(scenario, dist), ...checkServices(scenario)];
}

/** Runs `act`; what it throws becomes a problem. */
function attempt(path: readonly PropertyKey[], act: () => void): Problem[] {
  try {
    act();
    return [];
  } catch (error) {
    const name = error instanceof AwsError ? `${error.name}: ` : '';
    return [{ path, message: `${pathText(path)}: ${name}${messageOf(error)}` }];
  }
}

function checkFurniture({
  region,
  accountId,
  identities,
  images,
  topics,
  parameters,
  queues,
  deployments,
}: Scenario): Problem[] {
  const aws = createLocalAws({ clock: systemClock, region, accountId });
  const owner = `arn:aws:iam::${accountId}:root`;
  return [
    ...Object.entries(identities).flatMap(([name, arn]) =>
      attempt(['identities', name], () => aws.addIdentity(arn, name)),
    ),
    ...deployments.flatMap(({ events = [] }, index) =>
      events.flatMap(({ fault }, number) =>
        attempt(['deployments', index, 'events', number, 'fault'], () => checkFault(aws, fault)),
      ),
    ),
    ...images.flatMap((image, index) => attempt(['images', index], () => pushImage(aws, image, systemClock.now()))),
    ...Object.entries(queues).flatMap(([name, spec]) => attempt(['queues', name], () => createQueue(aws, name, spec))),
    ...Object.entries(queues).flatMap(([name, spec]) =>
      attempt(['queues', name, 'deadLetterQueue'], () => redrive(aws, name, spec)),
    ),
    ...topics.flatMap((topic, index) => attempt(['topics', index], () => aws.topics.create(topic))),
    ...Object.entries(parameters).flatMap(([name, value]) =>
      attempt(['parameters', name], () => aws.parameters.put({ name, value, type: 'String' }, owner)),
    ),
  ];
}

/** @throws Error when the endpoint answers no such requests: the fault would never strike */
function checkFault({ operations }: LocalAws, fault: Happening['fault']): void {
  if (fault === undefined) return;
  const known = operations.get(fault.service);
  if (known === undefined) {
    throw new Error(`the endpoint has no service ${fault.service} (it has ${[...operations.keys()].join(', ')})`);
  }
  if (fault.operation !== undefined && !known.includes(fault.operation)) {
    throw new Error(`${fault.service} has no operation ${fault.operation} here (it has ${known.join(', ')})`);
  }
}

function checkFunctions(scenario: Scenario, dist: string | undefined): Problem[] {
  const place = {
    region: scenario.region,
    accountId: scenario.accountId,
    credentials: { accessKeyId: '', secretAccessKey: '', sessionToken: '' },
  };
  return Object.entries(scenario.functions).flatMap(([name, spec]) => {
    if (spec.answers !== undefined) return [];
    const { timeoutSeconds, memoryMb } = spec;
    const code = artifactPath(dist ?? '', name, spec);
    return attempt(['functions', name], () => {
      if (dist !== undefined && !existsSync(code)) {
        throw new Error(`there is no built hook at ${code}: run "npm run build" first, or give the function answers`);
      }
      functionConfig(
        {
          arn: functionArn(scenario, name),
          // Of any file that exists: whether the code does has been looked at above.
          codePath: import.meta.filename,
          environment: environmentOf(spec),
          ...(timeoutSeconds !== undefined && { timeoutSeconds }),
          ...(memoryMb !== undefined && { memoryMb }),
        },
        place,
      );
    });
  });
}

/** Each service with each of its revisions, in an account of its own. */
function checkServices(scenario: Scenario): Problem[] {
  const readings = new Readings(parseChoices(scenario.readings));
  return Object.entries(scenario.services).flatMap(([name, { running }]) => {
    const ofService = [...scenario.deployments.entries()].filter(([, { service }]) => service === name);
    const revisions = ofService.map(([index, { revision }]) => ({
      path: ['deployments', index, 'revision'],
      revision,
    }));
    const [first, ...rest] = [
      ...(running ? [{ path: ['services', name, 'running'], revision: running }] : []),
      ...revisions,
    ];
    if (first === undefined)
      return [{ path: ['services', name], message: `services.${name} neither runs nor is deployed` }];
    const tryOut = ({ revision }: typeof first) => {
      const { region, accountId } = scenario;
      const clock = new VirtualClock({ start: 0 });
      const invoker = { invoke: () => Promise.reject(new Error('nothing is played yet')) };
      const engine = new EcsEngine({ clock, readings, invoker, region, accountId });
      engine.addRunningService(serviceDefinition(scenario, name, revision));
    };
    const refused = attempt(['services', name], () => tryOut(first));
    return refused.length > 0 ? refused : rest.flatMap((one) => attempt(one.path, () => tryOut(one)));
  });
}
