import { build, encodeIntoCompressedBase64 } from 'hdr-histogram-js';
import { at } from '../../../library/testing/events.ts';
import type { ShardResult } from '../../../shared/load/result.ts';
import type { ShardMessageInput } from '../../../shared/load/shard.ts';

const histogram = build({ highestTrackableValue: 120_000_000, numberOfSignificantValueDigits: 3 });
for (let request = 0; request < 500; request += 1) histogram.recordValue(100_000 + request * 10);

/** A shard's good result. */
export const RESULT: ShardResult = {
  v: 1,
  test: 'test',
  shard: 1,
  startedAt: '2026-03-05T15:54:20Z',
  endedAt: '2026-03-05T15:55:20Z',
  wanted: { rate: 50, requests: 500 },
  sent: 500,
  completed: 500,
  abandoned: 0,
  warmUp: 50,
  byStatus: { '2xx': 500 },
  errorsByKind: { timeout: 0 },
  bytes: 50_000,
  histogram: encodeIntoCompressedBase64(histogram),
  max: 105_000,
  achievedRate: 50,
  lateness: { p99: 400, max: 2000 },
  generator: { taskId: 'task-1', cpu: 0.1 },
  endedBy: 'plan',
};

export const FOLDER = '/ecs-hooks/load-test/';

/** A message to a generator, of a load that nobody could stand: every task refuses it. */
export const MESSAGE: ShardMessageInput = {
  v: 1,
  test: 'a test',
  shard: 1,
  of: 2,
  deployment: at('POST_TEST_TRAFFIC_SHIFT').resourceArn,
  resultParameter: `${FOLDER}unicorn-watch/ui/kX3vQ9mT2bLr7WpZ4nHcY/green-1`,
  stopParameter: `${FOLDER}unicorn-watch/ui/kX3vQ9mT2bLr7WpZ4nHcY/stop`,
  deadline: '2026-03-05T16:54:20Z',
  plan: {
    stages: [{ rate: 100, seconds: 60 }],
    targets: [{ name: 'items', weight: 1, url: 'http://catalog:8080/items', headers: { accept: '*/*' } }],
  },
};
