import { join } from 'node:path';
import * as z from 'zod/mini';
import type { Credentials } from '../aws/identities.ts';
import type { LocalAws } from '../aws/local-aws.ts';
import { partitionOf } from '../aws/service.ts';
import type { VirtualClock } from '../engine/virtual-clock.ts';
import { type InProcessHandler, InProcessInvoker } from '../lambda/in-process.ts';
import type { HookInvoker, Invocation } from '../lambda/invoker.ts';
import type { LambdaSandbox } from '../lambda/sandbox.ts';
import { functionArn, hookRoleArn } from './definitions.ts';
import type { Fill } from './placeholders.ts';
import type { Scenario } from './schema.ts';
import type { FunctionSpec, ScriptedAnswer } from './schema-service.ts';

/** Where a function's built hook is. */
export function artifactPath(dist: string, name: string, { artifact }: Pick<FunctionSpec, 'artifact'>): string {
  return join(dist, artifact ?? name, 'index.cjs');
}

/** A function's environment variables; mappings become JSON. */
export function environmentOf(
  { environment = {} }: Pick<FunctionSpec, 'environment'>,
  fill: Fill = (text) => text,
): Record<string, string> {
  const asText = (value: unknown) => fill(typeof value === 'string' ? value : JSON.stringify(value));
  return Object.fromEntries(Object.entries(environment).map(([key, value]) => [key, asText(value)]));
}

/** What a scripted function answers during a deployment, if that differs from its own answers. */
export type AnswersFor = (functionName: string, deploymentArn: string) => readonly ScriptedAnswer[] | undefined;

/** A function that is no artifact in the sandbox, but a handler in this process. */
export interface HandlerSpec {
  name: string;
  /** The id of its hook. */
  artifact: string;
  environment: Record<string, string>;
  /** Of its role, at this endpoint. */
  accessKeyId: string;
  aws: LocalAws;
  clock: VirtualClock;
}

/** Makes the handlers of built functions: thousands of plays, where a process for each function takes too long. */
export type MakeHandler = (spec: HandlerSpec) => InProcessHandler;

interface Surroundings {
  aws: LocalAws;
  clock: VirtualClock;
  sandbox: LambdaSandbox;
  dist: string;
  newId: () => string;
  answersFor: AnswersFor;
  fill: Fill;
  /** Without it built functions run in the sandbox. */
  makeHandler?: MakeHandler;
  /** One invocation at a time, in the order of the calls, so that the same play gives the same record. */
  oneByOne: boolean;
}

/** The account's functions: built artifacts in the sandbox, and scripted answers. Notes which AWS calls each makes. */
export class Functions implements HookInvoker {
  readonly #scenario: Scenario;
  readonly #around: Surroundings;
  readonly #accessKeys = new Map<string, string>();
  readonly #scripted: InProcessInvoker;
  #last: Promise<unknown> = Promise.resolve();

  /** @throws Error when an artifact is not built, or Lambda would refuse a function */
  constructor(scenario: Scenario, around: Surroundings) {
    this.#scenario = scenario;
    this.#around = around;
    const scripted: [string, InProcessHandler][] = [];
    for (const [name, spec] of Object.entries(scenario.functions)) {
      const arn = functionArn(scenario, name);
      if (spec.answers !== undefined) scripted.push([arn, scriptedHandler(name, spec.answers, around.answersFor)]);
      else if (around.makeHandler !== undefined) scripted.push([arn, this.#handlerOf(name, spec, around.makeHandler)]);
      else this.#addBuilt(name, spec);
    }
    this.#scripted = new InProcessInvoker(scripted, { clock: around.clock, newId: around.newId });
  }

  invoke(arn: string, event: unknown, now: number): Promise<Invocation> {
    if (!this.#around.oneByOne) return this.#invoke(arn, event, now);
    const turn = this.#last.then(() => this.#invoke(arn, event, now));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** Trouble of the Lambda service, or of the hook's role, at the next `times` invocations. */
  injectFault(name: string, kind: 'throttled' | 'service-error' | 'access-denied' | 'role-error', times: number): void {
    const arn = functionArn(this.#scenario, name);
    const target = this.#accessKeys.has(arn) ? this.#around.sandbox : this.#scripted;
    target.injectFault(arn, { kind, times, roleArn: hookRoleArn(this.#scenario) });
  }

  #addBuilt(name: string, spec: FunctionSpec): void {
    const { sandbox, dist } = this.#around;
    const arn = functionArn(this.#scenario, name);
    const credentials = this.#credentialsOf(name);
    this.#accessKeys.set(arn, credentials.accessKeyId);
    sandbox.addFunction({
      arn,
      codePath: artifactPath(dist, name, spec),
      environment: environmentOf(spec, this.#around.fill),
      credentials: { ...credentials, sessionToken: 'local-session-token' },
      ...(spec.timeoutSeconds !== undefined && { timeoutSeconds: spec.timeoutSeconds }),
      ...(spec.memoryMb !== undefined && { memoryMb: spec.memoryMb }),
    });
  }

  #handlerOf(name: string, spec: FunctionSpec, make: MakeHandler): InProcessHandler {
    const { aws, clock, fill } = this.#around;
    const { accessKeyId } = this.#credentialsOf(name);
    const environment = environmentOf(spec, fill);
    return make({ name, artifact: spec.artifact ?? name, environment, accessKeyId, aws, clock });
  }

  /** Lambda names the session of the execution role after the function. */
  #credentialsOf(name: string): Credentials {
    const { region, accountId } = this.#scenario;
    const role = `arn:${partitionOf(region)}:sts::${accountId}:assumed-role/${name}-role/${name}`;
    return this.#around.aws.addIdentity(role);
  }

  async #invoke(arn: string, event: unknown, now: number): Promise<Invocation> {
    const { aws, sandbox } = this.#around;
    const accessKey = this.#accessKeys.get(arn);
    if (accessKey === undefined) return this.#scripted.invoke(arn, event, now);
    const before = aws.calls.length;
    const invocation = await sandbox.invoke(arn, event, now);
    const calls = aws.calls.slice(before).filter(({ accessKeyId }) => accessKeyId === accessKey);
    return { ...invocation, awsCalls: calls.map(({ service, operation }) => `${service}:${operation}`) };
  }
}

/** A lifecycle event has `resourceArn`, an event of EventBridge `resources`. */
const Invoked = z.object({
  resourceArn: z.optional(z.string()),
  resources: z.optional(z.array(z.string())),
});

/** Gives the answers of a deployment in turn, whatever it is asked. */
function scriptedHandler(name: string, own: readonly ScriptedAnswer[], answersFor: AnswersFor) {
  const given = new Map<string, number>();
  return async (event: unknown): Promise<unknown> => {
    const { resourceArn, resources = [] } = Invoked.parse(event);
    const answers = (resourceArn === undefined ? undefined : answersFor(name, resourceArn)) ?? own;
    const about = resourceArn ?? `event of ${resources.join()}`;
    const turn = given.get(about) ?? 0;
    given.set(about, turn + 1);
    const answer = answers[Math.min(turn, answers.length - 1)];
    if (typeof answer !== 'object') return { hookStatus: answer };
    if ('error' in answer) throw new Error(answer.error);
    return 'raw' in answer ? answer.raw : answer;
  };
}
