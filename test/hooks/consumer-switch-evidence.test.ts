import { DescribeServiceDeploymentsCommand } from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import { at } from '../../library/testing/events.ts';
import { ssmError } from '../fixtures/aws.ts';
import { captureOutput } from '../fixtures/output.ts';
import { SHIFT, useMonitor } from './consumer-switch-monitor-kit.ts';
import { BLUE, clients, GREEN, QUEUE } from './consumer-switch-world.ts';

const output = captureOutput();
const { world, monitored, watch, age } = useMonitor();

describe('the evidence', () => {
  const seen = () => output.decisions().map(({ evidence }) => evidence);

  it('of the switch is since when nobody was named, and who is', async () => {
    world().configure({ queueUrls: [QUEUE] });
    await world().rig.play(SHIFT);
    const cleared = { version: 2, at: expect.any(Number) };
    expect(seen()).toEqual([{ cleared }, { cleared }, { named: GREEN }]);
  });

  it('of the way back is who is named', async () => {
    await world().rig.play(at('PRODUCTION_TRAFFIC_SHIFT', 0));
    expect(seen().at(-1)).toEqual({ named: BLUE });
  });

  it('of the way back is why the deployment could not be described', async () => {
    clients.ecs.on(DescribeServiceDeploymentsCommand).rejects(ssmError('AccessDeniedException', 'no'));
    await world().rig.look(at('PRODUCTION_TRAFFIC_SHIFT', 0));
    expect(output.records()).toContainEqual(
      expect.objectContaining({
        message: 'the deployment could not be described',
        trouble: expect.stringContaining('AccessDeniedException: no'),
      }),
    );
  });

  it('of the watch is each queue, as it is and as it was', async () => {
    monitored({ minutes: 1 });
    Object.assign(world(), { visible: 3, deadLetters: 1 });
    age(50, -10);
    await world().rig.look(SHIFT);
    world().rig.advance(40);
    world().write(GREEN);
    await watch((look) => {
      if (look === 0) age(70, 0);
      world().visible = 4 - look;
    });
    const before = { visible: 3, notVisible: 0, deadLetters: 1 };
    const heaped = { visible: 4, notVisible: 0, deadLetters: 1 };
    const queue = { queue: 'orders', before, heaped, ageBefore: 50, pause: 40 };
    expect(seen().slice(1)).toEqual([
      { queues: [{ ...queue, now: heaped }], late: false },
      { queues: [{ ...queue, now: before, ageNow: 70 }] },
    ]);
  });
});
