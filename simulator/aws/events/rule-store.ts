import { AwsError } from '../errors.ts';

export interface RuleRecord {
  state: 'ENABLED' | 'DISABLED';
  eventPattern: object;
  targets: readonly { id: string; arn: string }[];
}

export interface Rule extends RuleRecord {
  name: string;
  arn: string;
}

/** EventBridge's rules on the default event bus. Nothing is delivered by them: a scenario's `events` are. */
export class RuleStore {
  readonly #prefix: string;
  readonly #rules = new Map<string, Rule>();

  constructor({ partition, region, accountId }: { partition: string; region: string; accountId: string }) {
    this.#prefix = `arn:${partition}:events:${region}:${accountId}:rule/`;
  }

  /** Creates a rule, or puts another in its place. @returns its ARN */
  put(name: string, record: RuleRecord): string {
    const arn = `${this.#prefix}${name}`;
    this.#rules.set(name, { ...record, name, arn });
    return arn;
  }

  delete(name: string): void {
    this.#rules.delete(name);
  }

  change(name: string, change: (record: RuleRecord) => RuleRecord): void {
    this.put(name, change(this.get(name)));
  }

  /** @throws AwsError ResourceNotFoundException */
  get(name: string): Rule {
    const rule = this.#rules.get(name);
    if (rule === undefined) {
      throw new AwsError('ResourceNotFoundException', `Rule ${name} does not exist on EventBus default.`);
    }
    return rule;
  }

  /** The names of the rules with this target, sorted. */
  namesByTarget(arn: string): string[] {
    const found = [...this.#rules.values()].filter(({ targets }) => targets.some((target) => target.arn === arn));
    return found.map(({ name }) => name).sort();
  }
}
