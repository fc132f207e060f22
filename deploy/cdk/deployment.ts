import { CfnResource, type aws_iam as iam, type aws_lambda as lambda, type aws_logs as logs } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { JsonObject } from '../../shared/schema.ts';
import { Evaluation, objectOf, type Sections } from './evaluate.ts';
import { makeFunction, makeLogGroup, makeOther, makeRole } from './resources.ts';

/** The resources of the template for some parameters, as constructs under their logical ids. */
export class Deployment {
  readonly #scope: Construct;
  readonly #sections: Sections;
  readonly #artifacts: string;
  readonly #resources = new Map<string, CfnResource>();
  readonly #functions = new Map<string, lambda.Function>();
  readonly #roles = new Map<string, iam.Role>();
  readonly #logs = new Map<string, logs.LogGroup>();
  readonly #evaluation: Evaluation;

  constructor(scope: Construct, sections: Sections, parameters: JsonObject, artifacts: string) {
    this.#scope = scope;
    this.#sections = sections;
    this.#artifacts = artifacts;
    this.#evaluation = new Evaluation(sections, parameters, (id) => this.#resource(id));
  }

  /** Gives parameters that nothing was made from yet. */
  give(parameters: JsonObject): void {
    this.#evaluation.give(parameters);
  }

  /** What the template's rules refuse. */
  refusals(): string[] {
    return this.#evaluation.refusals();
  }

  /** Makes what is not made yet of the resources that the conditions let be. */
  make(): void {
    for (const id of Object.keys(this.#sections.Resources)) if (this.#isThere(id)) this.#resource(id);
  }

  function(id: string): lambda.Function {
    return there(id, this.#functions.get(id));
  }

  role(id: string): iam.Role {
    return there(id, this.#roles.get(id));
  }

  /** The resources whose logical ids begin so. */
  resources(prefix: string): CfnResource[] {
    return [...this.#resources].filter(([id]) => id.startsWith(prefix)).map(([, resource]) => resource);
  }

  /** An output, where there is one. */
  output(name: string): string | undefined {
    const output = this.#sections.Outputs[name];
    if (output === undefined) throw new Error(`the template has no output ${name}`);
    const { Condition: condition, Value: value } = objectOf(output);
    if (condition !== undefined && !this.#evaluation.holds(String(condition))) return undefined;
    return String(this.#evaluation.value(value));
  }

  /** HOOK_DEFAULTS as the template gives them where nobody does. */
  defaults(id: string): JsonObject {
    const { Properties: properties } = objectOf(this.#sections.Resources[id]);
    const { Variables: variables } = objectOf(objectOf(properties).Environment);
    return objectOf(JSON.parse(String(this.#evaluation.value(objectOf(variables).HOOK_DEFAULTS))));
  }

  #isThere(id: string): boolean {
    const { Condition: condition } = objectOf(this.#sections.Resources[id]);
    return condition === undefined || this.#evaluation.holds(String(condition));
  }

  #resource(id: string): CfnResource {
    const known = this.#resources.get(id);
    if (known !== undefined) return known;
    const resource = this.#sections.Resources[id];
    if (resource === undefined) throw new Error(`the template has no resource or parameter ${id}`);
    const made = this.#make(id, objectOf(resource));
    this.#resources.set(id, made);
    const needed = neededBy(objectOf(resource)).filter((one) => this.#isThere(one));
    for (const one of needed) made.addResourceDependency(this.#resource(one));
    return made;
  }

  #make(id: string, { Type: type, Properties: properties }: JsonObject): CfnResource {
    const given = objectOf(this.#evaluation.value(properties));
    switch (type) {
      case 'AWS::Logs::LogGroup':
        return this.#keep(this.#logs, id, makeLogGroup(this.#scope, id, given));
      case 'AWS::IAM::Role':
        return this.#keep(this.#roles, id, makeRole(this.#scope, id, given));
      case 'AWS::Serverless::Function': {
        const [role, logGroup] = [id.replace(/Function$/, 'Role'), id.replace(/Function$/, 'Logs')];
        for (const needed of [role, logGroup]) this.#resource(needed);
        const around = {
          artifacts: this.#artifacts,
          role: this.role(role),
          logGroup: there(logGroup, this.#logs.get(logGroup)),
        };
        return this.#keep(this.#functions, id, makeFunction(this.#scope, id, given, around));
      }
      default:
        return makeOther(this.#scope, id, String(type), given);
    }
  }

  #keep<T extends Construct>(made: Map<string, T>, id: string, one: T): CfnResource {
    made.set(id, one);
    const { defaultChild } = one.node;
    if (CfnResource.isCfnResource(defaultChild)) return defaultChild;
    throw new Error(`${id} is no resource`);
  }
}

function neededBy({ DependsOn: needed = [] }: JsonObject): string[] {
  return (Array.isArray(needed) ? needed : [needed]).map(String);
}

function there<T>(id: string, value: T | undefined): T {
  if (value !== undefined) return value;
  throw new Error(`the template has no ${id} for these parameters`);
}
