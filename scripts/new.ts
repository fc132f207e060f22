/** npm run new -- <id> [--stage <stage>]…: makes a hook of your own, with its test, scenario and page, from the template. */
import { parseArgs } from 'node:util';
import { HOOK_STAGES, type HookStage } from '../shared/stages.ts';
import { EXIT, runCommand, UsageError } from './command.ts';
import { didYouMean } from './lifecycle/nearest.ts';
import { makeHook } from './new/make.ts';

const USAGE = `npm run new -- <id> [--stage STAGE]…

Makes hooks/<id>/, test/hooks/<id>.test.ts, simulator/scenarios/<id>.yaml and docs/<id>.md from hooks/_template: an HTTP
smoke test, which works as it stands. The id is lower-case words with hyphens, such as smoke-test.

  --stage STAGE   where ECS calls it (repeatable; default POST_TEST_TRAFFIC_SHIFT)

Exit: 0 made, 2 the call is wrong, and nothing was written.`;

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { stage: { type: 'string', multiple: true }, help: { type: 'boolean', default: false } },
  });
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    return EXIT.met;
  }
  const [id, ...rest] = positionals;
  if (id === undefined) throw new UsageError(USAGE);
  if (rest.length > 0) throw new UsageError(`One hook at a time: ${positionals.join(', ')}`);
  const files = await makeHook(checkedId(id), stagesOf(values.stage ?? ['POST_TEST_TRAFFIC_SHIFT']));
  process.stdout.write(`${files.map((file) => `  ${file}\n`).join('')}${next(id)}`);
  return EXIT.met;
}

function next(id: string): string {
  return `
Next: write the check in hooks/${id}/hook.ts, then
  npm run build && npm run simulate -- simulator/scenarios/${id}.yaml
  npm run docs                                    # when its configuration has changed
  npm test
`;
}

/** dist/tasks holds the programs for ECS tasks; YAML and JavaScript take the others for something else. */
const RESERVED: ReadonlySet<string> = new Set(['tasks', 'true', 'false', 'null', 'constructor']);

/** @throws UsageError */
function checkedId(id: string): string {
  if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(id) || id.length > 40) {
    throw new UsageError(
      `The id must be lower-case words with hyphens, 40 characters at most, not ${JSON.stringify(id)}`,
    );
  }
  if (RESERVED.has(id)) throw new UsageError(`${id} cannot be the name of a hook: choose another`);
  return id;
}

/** @throws UsageError */
function stagesOf(names: readonly string[]): HookStage[] {
  const stages = names.map((name) => {
    const stage = HOOK_STAGES.find((one) => one === name);
    if (stage !== undefined) return stage;
    const known = HOOK_STAGES.join(', ');
    throw new UsageError(`ECS calls no hook at ${name}${didYouMean(name, HOOK_STAGES)}. Stages: ${known}`);
  });
  const chosen = [...new Set(stages)];
  if (chosen.every((stage) => stage === 'RECONCILE_SERVICE')) {
    throw new UsageError('Few deployments pass RECONCILE_SERVICE: give another --stage too');
  }
  return chosen;
}

await runCommand(main);
