/** npm run attach -- --hook <id> --stage <stage> …: prints the lifecycle hook of a service, checked, for your tool. */
import { print } from './attach/formats.ts';
import { type AttachOptions, readOptions, USAGE } from './attach/options.ts';
import { EXIT, runCommand } from './command.ts';
import { loadHooks } from './hooks.ts';
import type { Finding } from './lifecycle/finding.ts';
import { Place } from './lifecycle/place.ts';
import { recognise } from './lifecycle/recognise.ts';
import { judgeService } from './validate/service.ts';

async function main(args: readonly string[]): Promise<number> {
  const options = await readOptions(args, await loadHooks());
  if (options === 'help') {
    process.stdout.write(`${USAGE}\n`);
    return EXIT.met;
  }
  const findings = await judge(options);
  for (const { path, severity, message } of findings) process.stderr.write(`${path}: ${severity}: ${message}\n`);
  if (findings.some(({ severity }) => severity === 'error')) return EXIT.unmet;
  const { block, hook, format } = options;
  if (recognise(block.hookTargetArn, { hooks: [hook], map: new Map() }) === undefined) {
    const flag = `--map ${block.hookTargetArn}=${hook.name}`;
    process.stderr.write(`note: the function's name does not end in ${hook.name}: give validate ${flag}\n`);
  }
  process.stdout.write(print(format, block, options));
  return EXIT.met;
}

/** As validate does it, but with the function's environment known: what is not given is not there. */
async function judge({ hook, block, env, strategy }: AttachOptions): Promise<readonly Finding[]> {
  const configuration = new Place({ ...strategy, lifecycleHooks: [block] }, '');
  const service = { configuration, isWhole: false, source: 'service' } as const;
  const map = new Map([[block.hookTargetArn, hook.name]]);
  return (await judgeService(service, { hooks: [hook], map, envOf: () => env })).findings;
}

await runCommand(main);
