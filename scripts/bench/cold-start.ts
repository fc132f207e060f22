import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { createLocalAws, type LocalAws } from '../../simulator/aws/local-aws.ts';
import { selfSignedCertificate } from '../../simulator/aws/self-signed.ts';
import { systemClock } from '../../simulator/clock.ts';
import { type ColdStart, measureColdStart } from '../../simulator/lambda/cold-start.ts';
import { hookIds, loadHooks } from '../hooks.ts';
import { DEPLOYMENT, exampleEvent } from './event.ts';
import { shownRatio, spread } from './statistics.ts';

/** What measureColdStart calls the function: the session of its role, hence the author of the request. */
const ROLE = 'arn:aws:sts::123456789012:assumed-role/approval-role/cold-start';
const PENDING = `/ecs-hooks/approval/unicorn-watch/ui/${DEPLOYMENT}/POST_TEST_TRAFFIC_SHIFT`;
const POLICY = '/platform/bench-policy';
const EMPTY = "exports.handler = async () => ({ hookStatus: 'SUCCEEDED' });\n";
/** One POST over https, by Node.js alone. */
const BARE = `const { request } = require('node:https');
exports.handler = () =>
  new Promise((resolve, reject) => {
    const sent = request(process.env.AWS_ENDPOINT_URL, { method: 'POST' }, (response) => {
      response.on('data', () => {}).on('end', () => resolve({ hookStatus: 'SUCCEEDED' }));
    });
    sent.on('error', reject).end('{}');
  });
`;

/** A function, the event of its first call, and what it must have answered with how many AWS calls. */
interface Subject {
  code: string;
  event: unknown;
  env: Record<string, string>;
  status: string;
  calls: number;
}

/**
 * Import and first call of each built hook over https, each time in a fresh process: beside an empty handler, a bare
 * https request, and the same hook built by esbuild with no options but bundle, platform and format. They are measured
 * in turn, so that a noisy minute meets all of them.
 */
export async function benchColdStart(rounds: number): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  const now = Date.now();
  const certificate = selfSignedCertificate(now);
  const aws = createLocalAws({ clock: systemClock });
  const listening = await aws.listen({ tls: certificate });
  try {
    const ca = join(folder, 'ca.pem');
    await writeFile(ca, certificate.cert);
    aws.parameters.put({ name: PENDING, value: 'pending', type: 'String' }, ROLE);
    aws.parameters.put({ name: POLICY, value: '{}', type: 'String' }, ROLE);
    const subjects = await subjectsIn(folder, now);
    const times = new Map<string, ColdStart[]>(Array.from(subjects.keys(), (name) => [name, []]));
    for (let round = 0; round < rounds; round += 1) {
      for (const [name, subject] of subjects) {
        const env = { NODE_EXTRA_CA_CERTS: ca, ...subject.env };
        times.get(name)?.push(await measure({ ...subject, env }, aws, listening.url));
      }
    }
    return rows(await hookIds(), (name) => times.get(name) ?? []);
  } finally {
    await listening.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** By name: `empty`, `bare`, and of each hook the built one and `<id>, defaults`; of approval a pending look as well. */
async function subjectsIn(folder: string, now: number): Promise<Map<string, Subject>> {
  const baseline = { event: {}, env: {}, status: 'SUCCEEDED' };
  const subjects = new Map<string, Subject>([
    ['empty', { ...baseline, code: await written(join(folder, 'empty.cjs'), EMPTY), calls: 0 }],
    ['bare', { ...baseline, code: await written(join(folder, 'bare.cjs'), BARE), calls: 1 }],
  ]);
  for (const { name, stages } of await loadHooks()) {
    const defaults = join(folder, `${name}.cjs`);
    await build({ ...DEFAULTS, entryPoints: [`hooks/${name}/hook.ts`], outfile: defaults });
    const built = `dist/${name}/index.cjs`;
    // The policy is read, which is one AWS call; then the unknown key is refused.
    const event = { ...exampleEvent(now, undefined, stages[0]), hookDetails: { bench: true } };
    const refusing = { event, env: { HOOK_POLICY: `ssm:${POLICY}` }, status: 'FAILED', calls: 1 };
    subjects.set(name, { ...refusing, code: built }).set(`${name}, defaults`, { ...refusing, code: defaults });
    if (name !== 'approval') continue;
    const pending = { event: exampleEvent(now, { notices: 0, request: 1 }), env: {}, status: 'IN_PROGRESS', calls: 1 };
    subjects.set('pending', { ...pending, code: built }).set('pending, defaults', { ...pending, code: defaults });
  }
  return subjects;
}

const DEFAULTS = { bundle: true, platform: 'node', format: 'cjs', logLevel: 'error' } as const;

async function written(path: string, text: string): Promise<string> {
  await writeFile(path, text);
  return path;
}

async function measure({ code, event, env, status, calls }: Subject, aws: LocalAws, endpoint: string) {
  const from = aws.calls.length;
  const run = await measureColdStart({ codePath: code, env, event, endpoint });
  const { hookStatus } = run.answer as { hookStatus?: string }; // whatever it is, it is compared
  const made = aws.calls.length - from;
  if (hookStatus !== status || made !== calls) {
    throw new Error(`${code} answered ${JSON.stringify(run.answer)} after ${made} AWS calls`);
  }
  return run;
}

function rows(ids: readonly string[], of: (name: string) => readonly ColdStart[]): string[] {
  const cpu = (name: string) => of(name).map(({ cpuMs }) => cpuMs);
  const wall = (name: string) => of(name).map(({ importMs, firstCallMs }) => importMs + firstCallMs);
  const shown = (name: string) => {
    const [time, elapsed] = [spread(cpu(name)).median.toFixed(0), spread(wall(name)).median.toFixed(0)];
    return `${time} ms of CPU time, ${elapsed} ms elapsed, here`;
  };
  const beside = (name: string) => {
    const defaults = `${name}, defaults`;
    return `${shownRatio(cpu(name), cpu(defaults))} of CPU time, ${shownRatio(wall(name), wall(defaults))} elapsed`;
  };
  return [
    `| import + first call, over https, of \`approval\` at a pending request | ${shown('pending')} |`,
    `| … as a ratio to the same hook built with esbuild's defaults | ${beside('pending')} |`,
    `| … as a ratio to a bare https request | ${shownRatio(cpu('pending'), cpu('bare'))} of CPU time |`,
    `| … as a ratio to an empty handler | ${shownRatio(cpu('pending'), cpu('empty'))} of CPU time |`,
    ...ids.flatMap((id) => [
      `| import + first call of \`${id}\`, which reads its policy and refuses a key | ${shown(id)} |`,
      `| … as a ratio to esbuild's defaults | ${beside(id)} |`,
      `| … as a ratio to a bare https request, and to an empty handler | ${shownRatio(cpu(id), cpu('bare'))}, ${shownRatio(cpu(id), cpu('empty'))} of CPU time |`,
    ]),
  ];
}
