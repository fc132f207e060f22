/** `npm run doctor`: what is wired right or wrong around a service's lifecycle hooks, in a live account. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { EXIT, runCommand, spelled, UsageError } from './command.ts';
import { connect } from './doctor/clients.ts';
import { examine } from './doctor/examine.ts';
import { readBuilds } from './doctor/identify.ts';
import { isWell, report } from './doctor/report.ts';
import { loadHooks } from './hooks.ts';

const USAGE = `${spelled('doctor')} --cluster NAME --service NAME [options]

Looks at a service's lifecycle hooks in an account: the service, the functions, the roles, and what the hooks read.
It changes nothing. Credentials come as for the AWS CLI; AWS_ENDPOINT_URL names another endpoint than AWS's.

  --region NAME    Region; without it AWS_REGION, or the profile's
  --map ARN=HOOK   the function (ARN or name) is this hook (repeatable); without it, that is told from its code, or
                   from the end of its name
  --dist FOLDER    where the builds are that the code is compared with (dist)
  --json           print JSON

Exit: 0 nothing wrong, 1 something is wrong or could not be looked at, 2 the call is wrong.`;

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      cluster: { type: 'string' },
      service: { type: 'string' },
      region: { type: 'string' },
      map: { type: 'string', multiple: true, default: [] },
      dist: { type: 'string', default: join(import.meta.dirname, '../dist') },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    return EXIT.met;
  }
  const { cluster, service, region } = values;
  if (cluster === undefined || service === undefined) throw new UsageError(USAGE);
  const hooks = await loadHooks();
  const map = readMap(values.map, new Set(hooks.map(({ name }) => name)));
  const clients = connect(region === undefined ? {} : { region });
  // The client learns AWS's clock from its answers; another endpoint may have its own.
  const now = () => new Date(Date.now() + clients.ecs.config.systemClockOffset);
  const around = { clients, hooks, map, builds: await readBuilds(values.dist, hooks), now };
  const sections = await examine(around, cluster, service);
  process.stdout.write(values.json ? `${JSON.stringify({ sections }, null, 2)}\n` : report(sections));
  return isWell(sections) ? EXIT.met : EXIT.unmet;
}

/** @throws UsageError */
function readMap(texts: readonly string[], known: ReadonlySet<string>): Map<string, string> {
  return new Map(
    texts.map((text): [string, string] => {
      const at = text.lastIndexOf('=');
      const [name, hook] = [text.slice(0, at), text.slice(at + 1)];
      if (at < 1 || !known.has(hook)) {
        throw new UsageError(`--map takes ARN=HOOK with one of ${[...known].join(', ')}, not ${JSON.stringify(text)}`);
      }
      return [name, hook];
    }),
  );
}

await runCommand(main);
