import { Config as Canary } from '../../hooks/canary/config.ts';
import { metricProblems } from '../../hooks/canary/metrics.ts';
import { Config as ConsumerSwitch } from '../../hooks/consumer-switch/config.ts';
import { Config as LoadTest } from '../../hooks/load-test/config.ts';
import { checkConfig } from '../../hooks/load-test/plan.ts';
import { checkedTask } from '../../hooks/load-test/task.ts';
import { CommonConfig } from '../../shared/config.ts';
import { ConfigError } from '../../shared/errors.ts';
import type { JsonObject } from '../../shared/schema.ts';

/** What a hook says of its keys together at its first look: a sentence for each problem. */
const CHECKS: ReadonlyMap<string, (config: JsonObject) => readonly string[]> = new Map([
  ['canary', canary],
  ['consumer-switch', consumerSwitch],
  ['load-test', loadTest],
]);

/** What is wrong between the keys of a configuration of which each alone is right. */
export function problemsBetween(hook: string, config: JsonObject): readonly string[] {
  return CHECKS.get(hook)?.(config) ?? [];
}

function loadTest(json: JsonObject): readonly string[] {
  const config = { ...LoadTest.parse(own(LoadTest.shape, json)), ...CommonConfig.parse(json) };
  // Of the time, only whether the deadline is still ahead matters.
  const input = { config, now: new Date(0), deadline: new Date(1) };
  return sentencesOf(() => (config.runner === 'task' ? checkedTask(input) : checkConfig(input)));
}

/** What presets bring depends on the service: they are not judged here. */
function canary(json: JsonObject): readonly string[] {
  const { metrics } = Canary.parse(own(Canary.shape, json));
  return metrics.flatMap((metric) => ('preset' in metric ? [] : metricProblems(metric)));
}

function consumerSwitch(json: JsonObject): readonly string[] {
  const { monitor, queueUrls } = ConsumerSwitch.parse(own(ConsumerSwitch.shape, json));
  return monitor !== undefined && queueUrls.length === 0 ? ['monitor needs queueUrls to watch'] : [];
}

function own(shape: object, config: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(config).filter(([key]) => key in shape));
}

function sentencesOf(check: () => unknown): readonly string[] {
  try {
    check();
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message.replace(/^Bad configuration: /, '').split('; ');
  }
}
