import { EcsEngine } from '../../simulator/engine/engine.ts';
import { Readings } from '../../simulator/engine/readings.ts';
import { VirtualClock } from '../../simulator/engine/virtual-clock.ts';
import { InProcessInvoker } from '../../simulator/lambda/in-process.ts';
import type { DeploymentRecord } from '../../simulator/record.ts';
import { shownRatio, spread } from './statistics.ts';

const HOOK = 'arn:aws:lambda:eu-west-1:123456789012:function:check';

/** One blue/green deployment with a hook that waits twice, in process. */
async function deployOnce(seed: number): Promise<DeploymentRecord[]> {
  const clock = new VirtualClock({ start: Date.parse('2026-03-02T09:00:00Z') });
  let looks = 0;
  const check = async () => {
    looks += 1;
    return { hookStatus: looks < 3 ? 'IN_PROGRESS' : 'SUCCEEDED' };
  };
  const invoker = new InProcessInvoker([[HOOK, check]], { clock });
  const engine = new EcsEngine({ clock, readings: new Readings(), invoker, seed });
  engine.createService({
    cluster: 'bench',
    name: 'ui',
    loadBalancing: { kind: 'alb', testListener: true },
    revision: { name: 'release-1', containers: [{ name: 'ui', image: 'registry.example/ui:1' }] },
    deploymentConfiguration: {
      strategy: 'BLUE_GREEN',
      bakeTimeInMinutes: 5,
      lifecycleHooks: [
        {
          hookTargetArn: HOOK,
          roleArn: 'arn:aws:iam::123456789012:role/hooks',
          lifecycleStages: ['POST_TEST_TRAFFIC_SHIFT'],
        },
      ],
    },
  });
  await engine.run();
  return engine.record();
}

/** Deployments in process, beside the JSON round trip of what one of them leaves behind. */
export async function benchSimulator(rounds: number): Promise<string[]> {
  const batch = 200;
  const [sample] = await deployOnce(0);
  if (sample?.status !== 'SUCCESSFUL') throw new Error(`the deployment ended as ${sample?.status}`);
  const deployments: number[] = [];
  const roundTrips: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    let start = performance.now();
    for (let one = 0; one < batch; one += 1) await deployOnce(one);
    deployments.push((performance.now() - start) / batch);
    start = performance.now();
    for (let one = 0; one < batch; one += 1) JSON.parse(JSON.stringify(sample));
    roundTrips.push((performance.now() - start) / batch);
  }
  return [
    `| simulated deployments in process | ${Math.round(1000 / spread(deployments).median).toLocaleString('en')} a second here |`,
    `| … one deployment as a ratio to the JSON round trip of its record | ${shownRatio(deployments, roundTrips)} |`,
  ];
}
