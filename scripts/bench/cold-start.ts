import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { createLocalAws } from '../../simulator/aws/local-aws.ts';
import { selfSignedCertificate } from '../../simulator/aws/self-signed.ts';
import { systemClock } from '../../simulator/clock.ts';
import { measureColdStart } from '../../simulator/lambda/cold-start.ts';
import { shownRatio, spread } from './statistics.ts';

const DEPLOYMENT = '0EYSiB0qap8xf0N76FsbE';
const PARAMETER = `/ecs-hooks/approval/unicorn-watch/ui/${DEPLOYMENT}/POST_TEST_TRAFFIC_SHIFT`;
const EMPTY = "exports.handler = async () => ({ hookStatus: 'SUCCEEDED' });\n";

/** A look at a pending approval: one AWS call. */
function pendingEvent(now: number) {
  const arn = (type: string, id: string) => `arn:aws:ecs:eu-west-1:123456789012:${type}/unicorn-watch/ui${id}`;
  const memory = {
    v: 1,
    deployment: DEPLOYMENT,
    step: 'POST_TEST_TRAFFIC_SHIFT',
    startedAt: now,
    looks: 1,
    errors: 0,
    first: false,
    state: { notices: 0 },
  };
  return {
    executionId: '00000000-0000-4000-8000-000000000000',
    lifecycleStage: 'POST_TEST_TRAFFIC_SHIFT',
    resourceArn: arn('service-deployment', `/${DEPLOYMENT}`),
    executionDetails: {
      serviceArn: arn('service', ''),
      targetServiceRevisionArn: arn('service-revision', '/9386398427419951854'),
      testTrafficWeights: {},
      productionTrafficWeights: {},
    },
    hookDetails: { _state: JSON.stringify(memory) },
  };
}

/**
 * Import and first call of the built approval hook over https, each time in a fresh process: beside an empty handler,
 * and beside the same hook built by esbuild with no options but bundle, platform and format. The three are measured in
 * turn, so that a noisy minute meets all of them.
 */
export async function benchColdStart(rounds: number): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  const now = Date.now();
  const certificate = selfSignedCertificate(now);
  const aws = createLocalAws({ clock: systemClock });
  const listening = await aws.listen({ tls: certificate });
  try {
    const ca = join(folder, 'ca.pem');
    const plain = join(folder, 'esbuild-defaults.cjs');
    const empty = join(folder, 'empty.cjs');
    await writeFile(ca, certificate.cert);
    await writeFile(empty, EMPTY);
    const entry = 'hooks/approval/hook.ts';
    await build({
      entryPoints: [entry],
      outfile: plain,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      logLevel: 'error',
    });
    const role = 'arn:aws:sts::123456789012:assumed-role/approval-role/approval';
    aws.parameters.put({ name: PARAMETER, value: 'pending', type: 'String' }, role);
    const measure = async (codePath: string) => {
      const env = { NODE_EXTRA_CA_CERTS: ca };
      const run = await measureColdStart({ codePath, env, event: pendingEvent(now), endpoint: listening.url });
      const { hookStatus } = run.answer as { hookStatus?: string }; // whatever it is, it is compared
      if (hookStatus !== (codePath === empty ? 'SUCCEEDED' : 'IN_PROGRESS')) {
        throw new Error(`${codePath} answered ${JSON.stringify(run.answer)}`);
      }
      return run.importMs + run.firstCallMs;
    };
    const times: Record<'built' | 'defaults' | 'empty', number[]> = { built: [], defaults: [], empty: [] };
    for (let round = 0; round < rounds; round += 1) {
      times.built.push(await measure('dist/approval/index.cjs'));
      times.defaults.push(await measure(plain));
      times.empty.push(await measure(empty));
    }
    return [
      `| import + first call, over https, of the built approval hook | ${spread(times.built).median.toFixed(0)} ms here |`,
      `| … as a ratio to the same hook built with esbuild's defaults | ${shownRatio(times.built, times.defaults)} |`,
      `| … as a ratio to an empty handler | ${shownRatio(times.built, times.empty)} |`,
    ];
  } finally {
    await listening.close();
    await rm(folder, { recursive: true, force: true });
  }
}
