import { isJsonObject } from '../../shared/schema.ts';

/** What AWS::NoValue leaves. */
const NOTHING = Symbol('AWS::NoValue');

const PSEUDO: Readonly<Record<string, string>> = {
  'AWS::Partition': 'aws',
  'AWS::Region': 'eu-west-1',
  'AWS::AccountId': '123456789012',
  'AWS::URLSuffix': 'amazonaws.com',
};

interface Template {
  Parameters: Record<string, { Type: string; Default?: unknown }>;
  Conditions: Record<string, unknown>;
  Resources: Record<string, { Condition?: string; Properties: Record<string, unknown> }>;
}

/**
 * Works a template out for given parameters, as far as this project's templates go. A reference to a resource becomes
 * what its `names` say, or its logical id; one to a resource that the conditions leave out is an error, as in AWS.
 */
export class Stack {
  readonly #template: Template;
  readonly #given: Readonly<Record<string, unknown>>;

  constructor(template: Template, given: Readonly<Record<string, unknown>>) {
    this.#template = template;
    this.#given = given;
    for (const name of Object.keys(given)) {
      if (template.Parameters[name] === undefined) throw new Error(`the template has no parameter ${name}`);
    }
  }

  /** The logical ids of the resources that there are. */
  resources(): string[] {
    return Object.entries(this.#template.Resources).flatMap(([id, { Condition }]) =>
      Condition === undefined || this.holds(Condition) ? [id] : [],
    );
  }

  /** A resource's properties, worked out. @throws Error when it is not there */
  properties(id: string): Record<string, unknown> {
    return this.value(this.#resource(id).Properties) as Record<string, unknown>; // an object stays one
  }

  holds(condition: string): boolean {
    const body = this.#template.Conditions[condition];
    if (body === undefined) throw new Error(`the template has no condition ${condition}`);
    return this.value(body) === true;
  }

  value(node: unknown): unknown {
    if (Array.isArray(node)) return node.map((item) => this.value(item)).filter((item) => item !== NOTHING);
    if (!isJsonObject(node)) return node;
    const [[name, argument] = ['', undefined], ...others] = Object.entries(node);
    if (others.length === 0 && (name === 'Ref' || name === 'Condition' || name.startsWith('Fn::'))) {
      // A condition's name, or the Condition of an IAM statement.
      if (name !== 'Condition' || typeof argument === 'string') return this.#call(name, argument);
    }
    const entries = Object.entries(node).map(([key, item]) => [key, this.value(item)] as const);
    return Object.fromEntries(entries.filter(([, item]) => item !== NOTHING));
  }

  #call(name: string, argument: unknown): unknown {
    switch (name) {
      case 'Ref':
        return this.#ref(String(argument));
      case 'Condition':
        return this.holds(String(argument));
      case 'Fn::GetAtt': {
        const [id, attribute] = listOf(argument);
        return this.#attribute(String(id), String(attribute));
      }
      case 'Fn::Sub':
        return this.#sub(argument);
      case 'Fn::If': {
        const [condition, yes, no] = listOf(argument);
        return this.value(this.holds(String(condition)) ? yes : no);
      }
      case 'Fn::Equals': {
        const [left, right] = listOf(argument).map((one) => this.value(one));
        return left === right;
      }
      case 'Fn::Not':
        return this.value(listOf(argument)[0]) !== true;
      case 'Fn::Or':
        return listOf(argument).some((one) => this.value(one) === true);
      case 'Fn::And':
        return listOf(argument).every((one) => this.value(one) === true);
      case 'Fn::Join': {
        const [delimiter, items] = listOf(argument);
        return listOf(this.value(items)).join(String(delimiter));
      }
      default:
        throw new Error(`this test does not know ${name}`);
    }
  }

  #sub(argument: unknown): string {
    const [text, variables] = typeof argument === 'string' ? [argument, {}] : listOf(argument);
    const own = isJsonObject(variables) ? variables : {};
    return String(text).replace(/\$\{([\w:.]+)\}/g, (_, name: string) => {
      if (Object.hasOwn(own, name)) return String(this.value(own[name]));
      const [id = '', attribute] = name.split('.');
      return attribute === undefined ? String(this.#ref(name)) : this.#attribute(id, attribute);
    });
  }

  #ref(name: string): unknown {
    if (name === 'AWS::NoValue') return NOTHING;
    if (PSEUDO[name] !== undefined) return PSEUDO[name];
    const parameter = this.#template.Parameters[name];
    if (parameter === undefined) return this.#present(name);
    const value = this.#given[name] ?? parameter.Default;
    if (value === undefined) throw new Error(`the parameter ${name} is not given`);
    return parameter.Type === 'CommaDelimitedList' && typeof value === 'string' ? value.split(',') : value;
  }

  #attribute(id: string, attribute: string): string {
    const { QueueName, TopicName, ServiceName } = this.#resource(this.#present(id)).Properties;
    const name = { QueueName, TopicName, Name: ServiceName }[attribute];
    return name === undefined ? `${id}.${attribute}` : String(this.value(name));
  }

  #present(id: string): string {
    const { Condition } = this.#resource(id);
    if (Condition !== undefined && !this.holds(Condition)) throw new Error(`the resource ${id} is not there`);
    return id;
  }

  #resource(id: string) {
    const resource = this.#template.Resources[id];
    if (resource === undefined) throw new Error(`the template has no resource or parameter ${id}`);
    return resource;
  }
}

function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error(`not a list: ${JSON.stringify(value)}`);
  return value;
}
