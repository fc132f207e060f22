import type { LocalAws } from '../../../simulator/aws/local-aws.ts';
import { CONSUMER, namings } from '../matrix/names.ts';
import type { Trace } from './trace.ts';

/** What a deployment has left in the world: what must be the same however often its hook was called. */
export interface Ledger {
  final: string;
  /** Messages to approvers. */
  notices: number;
  /** Shards of load that were run; a generator runs one once, whoever sends it how often. */
  shards: readonly string[];
  /** Containers that were run. */
  tasks: number;
  /** Of those, the ones that nobody has stopped and that have not ended. */
  running: number;
  /** What the generators are scaled to at the end. */
  generators: number | undefined;
  /** Which revisions the consumer parameter named, in turn; and what it says in the end. */
  named: readonly string[];
  holder: string | undefined;
  parameters: readonly string[];
}

export function ledgerOf({ final, scene: { aws, ecs } }: Trace): Ledger {
  return {
    final: final?.hookStatus ?? 'nothing decided',
    notices: aws.topics.messages.length,
    shards: aws.parameters.names().filter((name) => /\/(green|blue)-\d+$/.test(name)),
    tasks: ecs.started.length,
    running: ecs.started.filter(({ desiredStatus, lastStatus }) => ![desiredStatus, lastStatus].includes('STOPPED'))
      .length,
    generators: ecs.others[0]?.desiredCount,
    named: namedIn(aws),
    holder: aws.parameters.get(CONSUMER)?.value,
    parameters: aws.parameters.names(),
  };
}

/** Names in a row are one, whoever wrote them again. */
function namedIn(aws: LocalAws): string[] {
  const names = namings(aws)
    .map(({ value }) => value)
    .filter((value) => value !== 'none');
  return names.filter((value, index) => value !== names[index - 1]);
}
