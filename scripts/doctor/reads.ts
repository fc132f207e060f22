import type { HookAround } from './around.ts';
import type { Line } from './line.ts';
import { metricLines } from './metrics.ts';
import type { Facts } from './needs.ts';
import { textAt } from './settings.ts';
import {
  consumerLine,
  generatorLine,
  imageLines,
  type Looked,
  parametersLine,
  queueLines,
  taskLines,
  topicLine,
} from './things.ts';

export interface Read {
  lines: Line[];
  facts: Facts;
}

const NONE: Facts = { repositories: [], deadLetterQueues: [], taskRoles: [], unseen: undefined };

/** What only this hook reads and writes. Of a hook that is not among these, nothing is known. */
export async function look(around: HookAround): Promise<Read> {
  switch (around.hook.name) {
    case 'admission': {
      const { lines, found, unseen } = await imageLines(around);
      return { lines: [...lines, await parametersLine(around)], facts: { ...NONE, repositories: found, unseen } };
    }
    case 'approval':
      return { lines: [await topicLine(around), await parametersLine(around)], facts: NONE };
    case 'canary':
      return { lines: [...(await metricLines(around)), await parametersLine(around)], facts: NONE };
    case 'consumer-switch':
      return lookAtQueues(around);
    case 'load-test': {
      const { lines, found, unseen } = await loadLines(around);
      return { lines: [...lines, await parametersLine(around)], facts: { ...NONE, taskRoles: found, unseen } };
    }
    default:
      return { lines: [], facts: NONE };
  }
}

async function lookAtQueues(around: HookAround): Promise<Read> {
  const { queueUrls, monitor } = around.config;
  const urls: unknown[] = Array.isArray(queueUrls) ? queueUrls : [];
  const { lines, found, unseen } = await queueLines(around, urls.map(String));
  // Dead letters are counted while the queues are watched, and at no other time.
  const facts = monitor === undefined ? NONE : { ...NONE, deadLetterQueues: found, unseen };
  return { lines: [...lines, await consumerLine(around)], facts };
}

async function loadLines(around: HookAround): Promise<Looked> {
  if (around.config.runner === 'task') return taskLines(around);
  const url = textAt(around.config, 'queueUrl');
  const { lines } = await queueLines(around, url === undefined ? [] : [url]);
  return { lines: [...lines, await generatorLine(around)], found: [], unseen: undefined };
}
