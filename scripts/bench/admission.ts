import type { HookHandler } from '../../shared/lambda.ts';
import type { PushedImage } from '../../simulator/aws/ecr/registries.ts';
import { createLocalAws, type LocalAws } from '../../simulator/aws/local-aws.ts';
import { emptyEcs } from '../../simulator/aws/services/ecs.ts';
import { systemClock } from '../../simulator/clock.ts';
import { shownRatio, spread } from './statistics.ts';

const ACCOUNT = '123456789012';
const REGION = 'eu-west-1';
const IMAGES = 20;
const REPOSITORIES = 4;
const REVISION = arn('service-revision', '/9386398427419951854');
const TASK_DEFINITION = `arn:aws:ecs:${REGION}:${ACCOUNT}:task-definition/ui:1`;

function arn(type: string, id: string): string {
  return `arn:aws:ecs:${REGION}:${ACCOUNT}:${type}/unicorn-watch/ui${id}`;
}

/**
 * A look of the admission hook at 20 images in 4 repositories, every kind of check asked for and nothing remembered,
 * beside one BatchGetImage by the same client; the endpoint is in this very process. Before and after, the calls are
 * counted and compared with the formula of the documentation.
 */
export async function benchAdmission(rounds: number): Promise<string[]> {
  const images: PushedImage[] = [];
  const started = { yes: false };
  const aws = createLocalAws({ clock: systemClock, ecs: backendOf(images, started) });
  seed(aws, images);
  const listening = await aws.listen();
  const before = { ...process.env };
  // Read when the hook is loaded: its log would drown the table.
  Object.assign(process.env, environment(listening.url));
  try {
    const { handler, callOnce } = await loadHook(images);
    const look = async (id: string) => {
      const from = aws.calls.length;
      const stage = started.yes ? 'POST_SCALE_UP' : 'PRE_SCALE_UP';
      const start = performance.now();
      const answer = await handler(eventOf(id, stage));
      const ms = performance.now() - start;
      if (answer.hookStatus !== 'SUCCEEDED') throw new Error(`the admission hook answered ${JSON.stringify(answer)}`);
      return { ms, calls: aws.calls.length - from };
    };
    const first = await look('warm-up');
    const judged: number[] = [];
    const single: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      // Another policy each time, so that nothing is remembered.
      process.env.HOOK_POLICY = policy(round);
      judged.push((await look(`round-${round}`)).ms);
      single.push(await callOnce());
    }
    started.yes = true;
    return rows(judged, single, { first: first.calls, cached: (await look('cached')).calls });
  } finally {
    for (const name of Object.keys(environment(''))) restore(name, before[name]);
    await listening.close();
  }
}

function rows(
  judged: readonly number[],
  single: readonly number[],
  calls: { first: number; cached: number },
): string[] {
  const formula = 2 + REPOSITORIES * 3 + IMAGES + 2;
  if (calls.first !== formula) throw new Error(`${calls.first} calls, where the formula says ${formula}`);
  const what = `${IMAGES} images in ${REPOSITORIES} repositories`;
  return [
    `| ${what}, every check, judged over loopback | ${spread(judged).median.toFixed(0)} ms here |`,
    `| … as a ratio to one BatchGetImage | ${shownRatio(judged, single)} |`,
    `| … AWS calls at PRE_SCALE_UP | ${calls.first} = 2 + ${REPOSITORIES} repositories × 3 + ${IMAGES} scans + 2 for the record |`,
    `| … AWS calls at POST_SCALE_UP, when the tags have not moved | ${calls.cached} |`,
  ];
}

/** The hook from its source, and one call by the client that it uses, in milliseconds. */
async function loadHook(
  images: readonly PushedImage[],
): Promise<{ handler: HookHandler; callOnce(): Promise<number> }> {
  const { handler } = await import('../../hooks/admission/hook.ts');
  const { batchGetImage } = await import('../../hooks/admission/ecr.ts');
  const { signal } = new AbortController();
  return {
    handler,
    callOnce: async () => {
      const [image] = images;
      if (image === undefined) throw new Error('there is no image to ask for');
      const start = performance.now();
      const ref = { account: ACCOUNT, region: REGION, name: image.repository };
      await batchGetImage(ref, [{ imageDigest: image.digest }], signal);
      return performance.now() - start;
    },
  };
}

function seed({ registry }: LocalAws, images: PushedImage[]): void {
  for (let at = 0; at < IMAGES; at += 1) {
    const repository = `team/app-${at % REPOSITORIES}`;
    const image = registry.push({ repository, tag: `v${at}`, createdFrom: `image ${at}` });
    const findings = Array.from({ length: 50 }, (_, one) => ({ id: `CVE-2024-${one}`, severity: 'LOW' }));
    registry.setScan(repository, image.digest, { status: 'COMPLETE', findings });
    images.push(image);
  }
  for (let at = 0; at < REPOSITORIES; at += 1) registry.setMutability(`team/app-${at}`, 'IMMUTABLE');
}

function backendOf(images: readonly PushedImage[], started: { yes: boolean }) {
  const nameOf = (at: number) => `container-${at}`;
  return {
    ...emptyEcs,
    serviceRevisions: () => [
      {
        serviceRevisionArn: REVISION,
        taskDefinition: TASK_DEFINITION,
        containerImages: images.map(({ reference, digest }, at) => ({
          containerName: nameOf(at),
          image: reference,
          ...(started.yes && { imageDigest: digest }),
        })),
      },
    ],
    taskDefinitions: () => [
      {
        taskDefinitionArn: TASK_DEFINITION,
        containerDefinitions: images.map(({ reference }, at) => ({ name: nameOf(at), image: reference })),
      },
    ],
  };
}

function policy(round: number): string {
  const match = [`${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com/team/**`];
  const rule = { name: `round-${round}`, match, tagImmutability: 'require', maxAgeDays: 30, vulnerabilities: {} };
  return JSON.stringify({ version: 1, rules: [rule] });
}

function environment(url: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: url,
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: 'bench',
    AWS_SECRET_ACCESS_KEY: 'bench',
    HOOK_POLICY: policy(-1),
    POWERTOOLS_LOG_LEVEL: 'SILENT',
    POWERTOOLS_METRICS_DISABLED: 'true',
  };
}

function restore(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}

function eventOf(id: string, lifecycleStage: 'PRE_SCALE_UP' | 'POST_SCALE_UP') {
  return {
    executionId: '00000000-0000-4000-8000-000000000000',
    lifecycleStage,
    resourceArn: arn('service-deployment', `/${id}`),
    executionDetails: {
      serviceArn: arn('service', ''),
      targetServiceRevisionArn: REVISION,
      testTrafficWeights: {},
      productionTrafficWeights: {},
    },
  };
}
