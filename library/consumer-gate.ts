/** For workers of a headless service: may this task take messages? */
export { createGate, type Gate, type GateListener, type GateState } from '../tasks/consumer-gate/gate.ts';
export type { GateOptions } from '../tasks/consumer-gate/options.ts';
/** For workers that use sqs-consumer. */
export { type Gated, type GatedOptions, gated, type InHand } from '../tasks/consumer-gate/sqs-consumer.ts';
