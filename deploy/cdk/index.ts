/** The hooks as a CDK construct: docs/deploy-cdk.md. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { aws_ecs as ecs, type aws_iam as iam, type aws_lambda as lambda, Stack, aws_sns as sns } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { logicalId } from '../../scripts/deploy/names.ts';
import { template } from '../../scripts/deploy/template.ts';
import type { AnyHook } from '../../shared/hook.ts';
import type { JsonObject } from '../../shared/schema.ts';
import { addHook, hookProperty, type Target } from './attach.ts';
import { type Layers, problemsOfLayers } from './check.ts';
import { Deployment } from './deployment.ts';
import { objectOf, type Sections } from './evaluate.ts';
import { HOOKS } from './hooks.ts';
import { hookParameters, parametersFor, problemsOf } from './parameters.ts';
import type { EcsLifecycleHooksProps, HookId, LifecycleHookOptions } from './types.ts';

export type {
  EcsLifecycleHooksProps,
  HookDetails,
  HookId,
  HookLayer,
  HookOptions,
  LifecycleHookOptions,
  TrafficGeneratorOptions,
} from './types.ts';

const DECLARED: Readonly<Record<string, AnyHook>> = HOOKS;
const SECTIONS = sectionsOf(template(Object.values(DECLARED)));

/** Functions, roles, logs and alarms of the hooks, and the traffic generators: what deploy/template.yaml makes. */
export class EcsLifecycleHooks extends Construct {
  /** By which ECS invokes the hooks: roleArn of every one. */
  readonly invokeRole: iam.Role;
  /** The functions by hook id, of those that are deployed. */
  readonly functions: { readonly [Id in HookId]?: lambda.Function };
  /** Where approval publishes, if it is deployed: subscribe the approvers. */
  readonly approvalTopic: sns.ITopic | undefined;
  /** For the task roles of the workers, if consumer-switch is deployed. */
  readonly consumerGatePolicyArn: string | undefined;
  /** queueUrl of load-test, if generators are made here. */
  readonly loadQueueUrl: string | undefined;
  /** generator of load-test's hookDetails, but for `tasks`, if generators are made here. */
  readonly generator: { readonly cluster: string; readonly service: string } | undefined;
  readonly #deployment: Deployment;
  readonly #layers: ReadonlyMap<string, Layers>;

  /** @throws Error when the props are wrong, or HOOK_DEFAULTS or HOOK_POLICY such that a hook would answer FAILED */
  constructor(scope: Construct, id: string, props: EcsLifecycleHooksProps) {
    super(scope, id);
    const parameters = { ...parametersFor(props, SECTIONS.Parameters, Object.keys(HOOKS)), ...this.#chosen(props) };
    this.#deployment = new Deployment(this, SECTIONS, parameters, props.artifacts ?? defaultArtifacts());
    this.#refuse([...problemsOf(props, SECTIONS.Parameters, parameters), ...this.#deployment.refusals()]);
    this.#layers = this.#layersOf(props);
    this.#deployment.make();
    const made = [...this.#layers.keys()].map((hook) => [
      hook,
      this.#deployment.function(`${logicalId(hook)}Function`),
    ]);
    this.functions = Object.fromEntries(made);
    this.invokeRole = this.#deployment.role('InvokeRole');
    this.approvalTopic = props.approvalTopic ?? this.#topic();
    this.consumerGatePolicyArn = this.#deployment.output('ConsumerGatePolicyArn');
    this.loadQueueUrl = this.#deployment.output('LoadQueueUrl');
    const [cluster, service] = [
      this.#deployment.output('GeneratorCluster'),
      this.#deployment.output('GeneratorService'),
    ];
    this.generator = cluster === undefined || service === undefined ? undefined : { cluster, service };
  }

  /**
   * Adds a hook to a service, beside those that it has, and lets the service wait for what the hook needs.
   *
   * @throws Error when the hook is not deployed, or would answer FAILED because of how it is written
   */
  attach<Id extends HookId>(service: ecs.BaseService | ecs.CfnService, options: LifecycleHookOptions<Id>): void {
    const cfnService = ecs.CfnService.isCfnService(service) ? service : service.node.defaultChild;
    if (!ecs.CfnService.isCfnService(cfnService)) throw new Error(`${service.node.path} is no service of its own`);
    addHook(cfnService, hookProperty(service, this.#targetOf(options.hook), options));
    // Such as the rule by which consumer-switch hears of deployments.
    for (const needed of this.#deployment.resources(logicalId(options.hook))) service.node.addDependency(needed);
  }

  /**
   * The entry alone, for a service that is written otherwise.
   *
   * @throws Error as `attach` does
   */
  lifecycleHook<Id extends HookId>(options: LifecycleHookOptions<Id>): ecs.CfnService.DeploymentLifecycleHookProperty {
    return hookProperty(Stack.of(this), this.#targetOf(options.hook), options);
  }

  #targetOf(id: HookId): Target {
    const [layers, made] = [this.#layers.get(id), this.functions[id]];
    if (layers === undefined || made === undefined) {
      throw new Error(`${this.node.path} deploys no ${id}: write hooks: { ${JSON.stringify(id)}: {} }`);
    }
    return { hook: HOOKS[id], layers, functionArn: made.functionArn, roleArn: this.invokeRole.roleArn };
  }

  #chosen({ hooks }: EcsLifecycleHooksProps): Record<string, string> {
    const wrong = Object.keys(hooks).filter((id) => DECLARED[id] === undefined);
    const known = Object.keys(DECLARED).join(', ');
    this.#refuse(wrong.map((id) => `there is no hook ${id}: write one of ${known}`));
    return Object.fromEntries(Object.keys(hooks).map((id) => [logicalId(id), 'true']));
  }

  /** What the hooks are given: what the template knows itself, and what the props add. */
  #layersOf({ hooks }: EcsLifecycleHooksProps): Map<string, Layers> {
    const all = Object.entries(hooks).map(([id, options = {}]): [string, Layers] => {
      const { hookDefaults, hookPolicy } = options;
      const layers: Layers = {
        hookDefaults: { ...this.#deployment.defaults(`${logicalId(id)}Function`), ...hookDefaults },
        hookPolicy: typeof hookPolicy === 'string' ? 'unseen' : { ...hookPolicy },
      };
      const hook = DECLARED[id];
      if (hook) this.#refuse(problemsOfLayers(hook, layers));
      const defaults = hookDefaults && layers.hookDefaults;
      const policy = typeof hookPolicy === 'object' ? { ...hookPolicy } : hookPolicy;
      this.#deployment.give(hookParameters(id, Stack.of(this), { defaults, policy }));
      return [id, layers];
    });
    return new Map(all);
  }

  #topic(): sns.ITopic | undefined {
    const arn = this.#deployment.output('ApprovalTopicArn');
    return arn === undefined ? undefined : sns.Topic.fromTopicArn(this, 'Approvals', arn);
  }

  #refuse(problems: readonly string[]): void {
    if (problems.length > 0) throw new Error(`${this.node.path}: ${problems.join('; ')}`);
  }
}

function sectionsOf(whole: JsonObject): Sections {
  return {
    Parameters: objectOf(whole.Parameters),
    Rules: objectOf(whole.Rules),
    Conditions: objectOf(whole.Conditions),
    Resources: objectOf(whole.Resources),
    Outputs: objectOf(whole.Outputs),
  };
}

/** The built artifacts: `dist` above, of the project or of the package. */
function defaultArtifacts(): string {
  const folders = ['../../dist', '../..', '../../..'].map((up) => join(import.meta.dirname, up));
  const found = folders.find((folder) => existsSync(join(folder, `${Object.keys(HOOKS)[0]}.zip`)));
  if (found !== undefined) return found;
  throw new Error(`No artifacts in ${folders.join(', ')}: build them with npm run build, or give artifacts`);
}
