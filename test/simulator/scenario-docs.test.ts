import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { scenarioReference } from '../../scripts/docs/scenario.ts';
import { FAULT_KINDS } from '../../simulator/aws/faults.ts';
import { parseScenario } from '../../simulator/scenario/load.ts';
import { play } from '../../simulator/scenario/play.ts';
import { Scenario } from '../../simulator/scenario/schema.ts';
import { ACTIONS, STAGES } from '../../simulator/scenario/schema-happening.ts';

const DOC = await readFile('docs/simulator.md', 'utf8');

/** Every key that any object of the schema has, wherever it is. */
function keysOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { properties = {} } = schema as { properties?: object }; // of the draft that zod writes
  return [...Object.keys(properties), ...Object.values(schema).flatMap(keysOf)];
}

describe('docs/simulator.md', () => {
  it('shows a scenario that plays as it expects', async () => {
    const [, example = ''] = /```yaml\n(.*?)```/s.exec(DOC) ?? [];

    const { expectation } = await play(parseScenario(example, 'docs/simulator.md', { dist: 'dist' }));

    expect(expectation).toEqual({ met: true, failures: [] });
  });

  it('has every key of the schema', () => {
    const keys = new Set(keysOf(z.toJSONSchema(Scenario, { io: 'input' })));

    expect(keys.size).toBeGreaterThan(60);
    expect([...keys].filter((key) => !new RegExp(`\`(\\S+\\.)?${key}(\\.\\S+)?\``).test(DOC))).toEqual([]);
  });

  it.each([...STAGES, ...ACTIONS, ...FAULT_KINDS])('names %s in its prose', (name) => {
    const prose = DOC.replaceAll(/<!-- generated.*?<!-- \/generated -->/gs, '');

    expect(prose).toContain(`\`${name}\``);
  });
});

it('the reference says of each key whether it is needed, its type and its default', () => {
  const reference = scenarioReference();

  for (const row of [
    '| `name` | string | needed |',
    '| `seed` | integer | `1` |',
    '| `deployments` | list of mapping `deployments[]` | needed |',
    '| `after` | duration | needed |',
    '| `lambdaFault.times` | integer | `1` |',
    '| `loadBalancing.testListener` | boolean |  |',
    '| `continue` | `CONTINUE` \\| `ROLLBACK` |  |',
  ]) {
    expect(reference).toContain(`\n${row}`);
  }
  expect(reference.match(/^\*\*`revision`\*\*$/gm)).toHaveLength(1);
});
