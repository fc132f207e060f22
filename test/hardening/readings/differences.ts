/** Under these readings a scenario comes to something else than it expects, and why that is right. */
export interface Difference {
  /** All of them together. */
  readings: Readonly<Record<string, string>>;
  why: string;
}

export interface ReadScenario {
  file: string;
  /** Plays at the most in CI; docs/hardening.md has the numbers of a longer run. */
  cap: number;
  differences: readonly Difference[];
}

const ours = (name: string) => `simulator/scenarios/${name}.yaml`;
const own = (name: string) => `test/hardening/readings/scenarios/${name}.yaml`;

/** Every scenario that plays in virtual time; those with tasks that are processes play at real speed, under one reading. */
export const READ_SCENARIOS: readonly ReadScenario[] = [
  {
    file: ours('admission'),
    cap: 60,
    differences: [
      {
        readings: { imageDigestAtPreScaleUp: 'present' },
        why: 'ECS has resolved the tag before it moves, so its tasks run what was admitted: there is nothing to refuse.',
      },
    ],
  },
  { file: ours('approval-trouble'), cap: 60, differences: [] },
  { file: ours('approval-votes'), cap: 60, differences: [] },
  { file: ours('canary-approval'), cap: 80, differences: [] },
  { file: ours('catalog'), cap: 50, differences: [] },
  {
    file: ours('lambda-trouble'),
    cap: 60,
    differences: [
      { readings: { functionErrorRetry: 'retry' }, why: 'The function throws once; ECS asks again, and it answers.' },
      { readings: { lambdaThrottle: 'fail' }, why: 'ECS gives up at the first trouble of the Lambda service.' },
      { readings: { failedCreateStatus: 'STOPPED' }, why: 'The same end by another name.' },
    ],
  },
  {
    file: ours('pause'),
    cap: 60,
    differences: [
      {
        readings: { stageLimitForPause: 'applies', stageLimitAction: 'rollback' },
        why: 'A stage ends after 24 hours, and with it a PAUSE hook that was to wait for two weeks and then to continue.',
      },
    ],
  },
  {
    file: ours('strategies'),
    cap: 100,
    differences: [
      { readings: { trafficShiftOrder: 'hook-first' }, why: 'The hook refuses before the step has moved any traffic.' },
      { readings: { trafficShiftOrder: 'concurrent' }, why: 'The hook refuses before the step has moved any traffic.' },
      { readings: { rollingHooks: 'none' }, why: 'No hook is invoked on ROLLING: a hook cannot guard it then.' },
      { readings: { rollingHooks: 'scale-up-stages' }, why: 'The hook is invoked at a second stage.' },
      {
        readings: { rollbackShape: 'step-by-step' },
        why: 'The way back has steps, and the hook is asked at each of them.',
      },
    ],
  },
  {
    file: ours('turning-back'),
    cap: 80,
    differences: [
      { readings: { rollbackHooksOnAlarm: 'skip' }, why: 'The way back from an alarm asks no hook.' },
      {
        readings: { circuitBreakerStrategies: 'rolling-only' },
        why: 'Without the circuit breaker, tasks that crash end with the stage, after 24 hours.',
      },
      {
        readings: { rollbackProductionHooks: 'always' },
        why: 'A scripted hook that cannot tell a rollback is asked on the way back too, and refuses; the hooks here do not.',
      },
      {
        readings: { siblingsAfterFailure: 'continue' },
        why: 'The sibling of the hook that failed waits to its time-out.',
      },
      { readings: { abortStop: 'rejected' }, why: 'The deployment cannot be aborted, so it goes on to its end.' },
    ],
  },
  { file: ours('ui'), cap: 8, differences: [] },
  {
    file: own('consumer-switch'),
    cap: 80,
    differences: [
      { readings: { headlessProgressive: 'rejected' }, why: 'ECS takes no headless service with CANARY.' },
      {
        readings: { trafficShiftOrder: 'hook-first', productionStepWeights: 'empty' },
        why: 'Neither the event nor the description says how far the shift is. The hook gives up rather than guess: to guess wrong would name a revision too early, or never.',
      },
    ],
  },
  { file: own('load-test'), cap: 80, differences: [] },
];

/** The differences that explain why a play with these deviations came to something else. */
export function explaining(
  differences: readonly Difference[],
  deviations: Readonly<Record<string, string>>,
): Difference[] {
  return differences.filter(({ readings }) =>
    Object.entries(readings).every(([id, value]) => deviations[id] === value),
  );
}
