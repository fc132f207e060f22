import { optionalStrings } from '../input.ts';
import type { JsonObject, OperationContext } from '../service.ts';
import { ModelValidation } from '../validation.ts';

export type AlarmStateValue = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

const MOST_NAMES = 100;

/** CloudWatch's metric alarms: that they are there, and in which state. Nothing is evaluated. */
export class AlarmStore {
  readonly #states = new Map<string, AlarmStateValue>();

  put(name: string, state: AlarmStateValue): void {
    this.#states.set(name, state);
  }

  delete(name: string): void {
    this.#states.delete(name);
  }

  /** By name, those that are there among the wanted; all without any. */
  find(wanted: readonly string[] | undefined): [string, AlarmStateValue][] {
    return [...this.#states].filter(([name]) => wanted?.includes(name) ?? true).sort(([a], [b]) => (a < b ? -1 : 1));
  }
}

/** Without AlarmNames all alarms, in one page (CloudWatch API reference). Composite alarms are not there. */
export function describeAlarms(alarms: AlarmStore, input: JsonObject, place: OperationContext): object {
  const names = optionalStrings(input, 'AlarmNames');
  new ModelValidation().length('AlarmNames', names, 0, MOST_NAMES).check();
  const types = optionalStrings(input, 'AlarmTypes') ?? ['MetricAlarm'];
  const found = types.includes('MetricAlarm') ? alarms.find(names) : [];
  const prefix = `arn:${place.partition}:cloudwatch:${place.region}:${place.accountId}:alarm:`;
  return {
    MetricAlarms: found.map(([AlarmName, StateValue]) => ({
      AlarmName,
      AlarmArn: `${prefix}${AlarmName}`,
      StateValue,
      ActionsEnabled: true,
    })),
    CompositeAlarms: [],
  };
}
