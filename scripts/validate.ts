/** npm run validate -- <file>…: finds the lifecycle hooks in service definitions and checks them; exit 1 with errors. */
import { count } from '../shared/text.ts';
import { EXIT, runCommand } from './command.ts';
import { loadHooks } from './hooks.ts';
import type { Finding } from './lifecycle/finding.ts';
import { readOptions, USAGE } from './validate/options.ts';
import { readDefinitions } from './validate/read.ts';
import { judgeService } from './validate/service.ts';

interface Located extends Finding {
  file: string;
}

interface Checked {
  services: number;
  lifecycleHooks: number;
  findings: Located[];
}

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args, await loadHooks());
  if (options === 'help') {
    process.stdout.write(`${USAGE}\n`);
    return EXIT.met;
  }
  const checked: Checked = { services: 0, lifecycleHooks: 0, findings: [] };
  const files = await Promise.all(options.paths.map((path) => readDefinitions(path, options.skipUnknown)));
  for (const { file, services } of files.flat()) {
    for (const service of services) {
      const { hooks, findings } = await judgeService(service, options.around);
      checked.services += 1;
      checked.lifecycleHooks += hooks;
      checked.findings.push(...findings.map((one) => ({ file, ...one })));
    }
  }
  process.stdout.write(options.json ? `${JSON.stringify(checked, null, 2)}\n` : report(checked));
  const isFailing = ({ severity }: Finding) => severity === 'error' || (options.strict && severity === 'warning');
  return checked.findings.some(isFailing) ? EXIT.unmet : EXIT.met;
}

function report({ services, lifecycleHooks, findings }: Checked): string {
  const lines = findings.map(({ file, path, severity, message }) => `${file}:${path}: ${severity}: ${message}\n`);
  const counts = (['error', 'warning', 'note'] as const).map((severity) =>
    count(findings.filter((one) => one.severity === severity).length, severity),
  );
  return `${lines.join('')}${count(services, 'service')}, ${count(lifecycleHooks, 'lifecycle hook')}: ${counts.join(', ')}\n`;
}

await runCommand(main);
