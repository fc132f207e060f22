/** An event that is still to come. Cancelling it leaves no trace: it does not move the clock either. */
export interface ScheduledEvent {
  readonly at: number;
  cancel(): void;
}

interface QueuedEvent extends ScheduledEvent {
  readonly sequence: number;
  readonly action: () => void;
  cancelled: boolean;
}

/** A binary heap ordered by time, then by the order of scheduling. */
export class EventQueue {
  private readonly heap: QueuedEvent[] = [];
  private sequence = 0;

  push(at: number, action: () => void): ScheduledEvent {
    const event: QueuedEvent = {
      at,
      action,
      sequence: this.sequence++,
      cancelled: false,
      cancel() {
        this.cancelled = true;
      },
    };
    this.heap.push(event);
    this.rise(this.heap.length - 1);
    return event;
  }

  /** The earliest event that was not cancelled. */
  peek(): { at: number; action: () => void } | undefined {
    while (this.heap[0]?.cancelled === true) this.removeFirst();
    return this.heap[0];
  }

  pop(): void {
    if (this.peek() !== undefined) this.removeFirst();
  }

  private removeFirst(): void {
    const last = this.heap.pop();
    if (last === undefined || this.heap.length === 0) return;
    this.heap[0] = last;
    this.sink(0);
  }

  private rise(from: number): void {
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.before(index, parent)) return;
      this.swap(index, parent);
      index = parent;
    }
  }

  private sink(from: number): void {
    let index = from;
    for (;;) {
      const left = 2 * index + 1;
      let first = index;
      if (this.before(left, first)) first = left;
      if (this.before(left + 1, first)) first = left + 1;
      if (first === index) return;
      this.swap(index, first);
      index = first;
    }
  }

  private before(a: number, b: number): boolean {
    const first = this.heap[a];
    const second = this.heap[b];
    if (first === undefined || second === undefined) return false;
    return first.at === second.at ? first.sequence < second.sequence : first.at < second.at;
  }

  private swap(a: number, b: number): void {
    const first = this.heap[a];
    const second = this.heap[b];
    if (first === undefined || second === undefined) return;
    this.heap[a] = second;
    this.heap[b] = first;
  }
}
