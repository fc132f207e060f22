import type { TimelineEvent } from '../report/timeline-event.ts';

/**
 * Tells deployments that run side by side one after another, in the order in which they began: what happens in the
 * others is kept until the one before has finished.
 */
export function inTurn(tell: (event: TimelineEvent) => void): (event: TimelineEvent) => void {
  /** Of the deployments under way; the first of them is the one being told. */
  const kept = new Map<string, TimelineEvent[]>();
  const over = new Set<string>();

  const tellKept = (): void => {
    for (const [arn, events] of kept) {
      for (const event of events.splice(0)) tell(event);
      if (!over.has(arn)) return;
      kept.delete(arn);
    }
  };

  return (event) => {
    const arn = event.deployment.deploymentArn;
    if (over.has(arn) && !kept.has(arn)) {
      tell(event);
      return;
    }
    const events = kept.get(arn) ?? [];
    events.push(event);
    kept.set(arn, events);
    if (event.kind === 'finished') over.add(arn);
    tellKept();
  };
}
