import { Aws, type CfnResource } from 'aws-cdk-lib';
import { isJsonObject, type JsonObject } from '../../shared/schema.ts';

/** What AWS::NoValue leaves. */
const NOTHING = Symbol('AWS::NoValue');

const PSEUDO: Readonly<Record<string, string>> = {
  'AWS::Partition': Aws.PARTITION,
  'AWS::Region': Aws.REGION,
  'AWS::AccountId': Aws.ACCOUNT_ID,
  'AWS::URLSuffix': Aws.URL_SUFFIX,
};

/** The template of the hooks, as far as it is read here. */
export interface Sections {
  readonly Parameters: JsonObject;
  readonly Rules: JsonObject;
  readonly Conditions: JsonObject;
  readonly Resources: JsonObject;
  readonly Outputs: JsonObject;
}

/**
 * Works the template out for given parameters, so that the construct makes what the template makes. A reference to a
 * resource is one to the construct's own, which is made where it is not there yet.
 */
export class Evaluation {
  readonly #sections: Sections;
  #parameters: JsonObject;
  readonly #resource: (id: string) => CfnResource;

  constructor(sections: Sections, parameters: JsonObject, resource: (id: string) => CfnResource) {
    this.#sections = sections;
    this.#parameters = parameters;
    this.#resource = resource;
  }

  /** Gives parameters that nothing was worked out from yet. */
  give(parameters: JsonObject): void {
    this.#parameters = { ...this.#parameters, ...parameters };
  }

  holds(condition: string): boolean {
    const body = this.#sections.Conditions[condition];
    if (body === undefined) throw new Error(`the template has no condition ${condition}`);
    return this.value(body) === true;
  }

  /** What the template's rules refuse, in their words. */
  refusals(): string[] {
    return Object.values(this.#sections.Rules).flatMap((rule) => {
      const { RuleCondition: condition, Assertions: assertions } = objectOf(rule);
      if (condition !== undefined && this.value(condition) !== true) return [];
      return listOf(assertions)
        .map(objectOf)
        .flatMap(({ Assert, AssertDescription }) => (this.value(Assert) === true ? [] : [String(AssertDescription)]));
    });
  }

  value(node: unknown): unknown {
    if (Array.isArray(node)) return node.map((item) => this.value(item)).filter((item) => item !== NOTHING);
    if (!isJsonObject(node)) return node;
    const [[name, argument] = ['', undefined], ...others] = Object.entries(node);
    if (others.length === 0 && (name === 'Ref' || name.startsWith('Fn::'))) return this.#call(name, argument);
    // Not the Condition of an IAM statement.
    if (others.length === 0 && name === 'Condition' && typeof argument === 'string') return this.holds(argument);
    const entries = Object.entries(node).map(([key, item]) => [key, this.value(item)] as const);
    return Object.fromEntries(entries.filter(([, item]) => item !== NOTHING));
  }

  #call(name: string, argument: unknown): unknown {
    const all = () => listOf(argument).map((one) => this.value(one));
    switch (name) {
      case 'Ref':
        return this.#ref(String(argument));
      case 'Fn::GetAtt': {
        const [id, attribute] = listOf(argument);
        return this.#resource(String(id)).getAtt(String(attribute)).toString();
      }
      case 'Fn::Sub':
        return this.#sub(argument);
      case 'Fn::If': {
        const [condition, yes, no] = listOf(argument);
        return this.value(this.holds(String(condition)) ? yes : no);
      }
      case 'Fn::Equals': {
        const [left, right] = all();
        return left === right;
      }
      case 'Fn::Not':
        return all()[0] !== true;
      case 'Fn::Or':
        return all().includes(true);
      case 'Fn::And':
        return all().every((one) => one === true);
      case 'Fn::Join': {
        const [delimiter, items] = all();
        return listOf(items).join(String(delimiter));
      }
      default:
        throw new Error(`the construct does not know ${name} of the template`);
    }
  }

  #sub(argument: unknown): string {
    const [text, own] = Array.isArray(argument) ? [argument[0], objectOf(argument[1])] : [argument, {}];
    return String(text).replace(/\$\{([\w:.]+)\}/g, (_, name: string) => {
      if (Object.hasOwn(own, name)) return String(this.value(own[name]));
      const [id = '', attribute] = name.split('.');
      return String(attribute === undefined ? this.#ref(name) : this.value({ 'Fn::GetAtt': [id, attribute] }));
    });
  }

  #ref(name: string): unknown {
    if (name === 'AWS::NoValue') return NOTHING;
    return PSEUDO[name] ?? this.#parameters[name] ?? this.#resource(name).ref;
  }
}

export function objectOf(value: unknown): JsonObject {
  if (isJsonObject(value)) return value;
  throw new Error(`not an object: ${JSON.stringify(value)}`);
}

function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new Error(`not a list: ${JSON.stringify(value)}`);
}
