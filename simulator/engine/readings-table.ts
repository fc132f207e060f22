/**
 * Every behaviour of Amazon ECS that its documentation leaves open, with the readings that its wording allows.
 * None was measured on AWS. The default is the reading that the evidence speaks for, or else the most natural one.
 */
interface Reading<Value extends string> {
  description: string;
  values: readonly Value[];
  default: NoInfer<Value>;
  /** What the reading rests on: the AWS page and its wording, or the lack of any. */
  source: string;
  /** The documentation is clear; the other values are there for those who want to see what they would do. */
  onlyWhenChosen?: true;
}

function define<const Value extends string>(reading: Reading<Value>): Reading<Value> {
  return reading;
}

/** What AWS leaves open: the values that are played, the default, and what each rests on. */
export const READINGS = {
  trafficShiftOrder: define({
    description: 'Whether traffic has already moved when the hooks of a traffic-shift stage run.',
    values: ['shift-first', 'hook-first', 'concurrent'],
    default: 'shift-first',
    source:
      'deployment-type-canary: traffic "is routed to green revision and lifecycle hook is invoked"; troubleshooting-blue-green reports the listener change itself as a failed hook',
  }),
  stepBake: define({
    description: 'When the bake of a canary or linear step runs, seen from the PRODUCTION_TRAFFIC_SHIFT hooks.',
    values: ['after-hooks', 'before-hooks', 'with-hooks'],
    default: 'after-hooks',
    source: 'deployment-type-linear: bake "between each traffic shift increment"; its order to the hooks is not stated',
  }),
  preProductionAfterBake: define({
    description: 'Whether PRE_PRODUCTION_TRAFFIC_SHIFT of the next step waits for the bake of this one.',
    values: ['after-bake', 'before-bake'],
    default: 'after-bake',
    source: 'deployment-type-linear: "before each production traffic shift increment"',
  }),
  canaryAt100: define({
    description: 'How many steps a canary of 100 percent has.',
    values: ['one-step', 'two-steps'],
    default: 'one-step',
    source: 'API CanaryConfiguration allows 100.0; no page describes it',
  }),
  stepBakeStageName: define({
    description: 'What lifecycleStage reads during the bake of a canary or linear step.',
    values: ['PRODUCTION_TRAFFIC_SHIFT', 'BAKE_TIME'],
    default: 'PRODUCTION_TRAFFIC_SHIFT',
    source: 'deployment-type-canary counts the canary bake to the shift; no sample output',
  }),
  preProductionStageName: define({
    description: 'What lifecycleStage reads while a PRE_PRODUCTION_TRAFFIC_SHIFT hook runs.',
    values: ['PRE_PRODUCTION_TRAFFIC_SHIFT', 'POST_TEST_TRAFFIC_SHIFT', 'PRODUCTION_TRAFFIC_SHIFT'],
    default: 'PRE_PRODUCTION_TRAFFIC_SHIFT',
    source: 'API ServiceDeployment: the field lists the stage in its text, the enum does not have it',
  }),
  preProductionStepWeights: define({
    description: 'The weights in a PRE_PRODUCTION_TRAFFIC_SHIFT event of a canary or linear step.',
    values: ['before-step', 'empty'],
    default: 'before-step',
    source: 'lambda-lifecycle-hooks shows the blue/green event only: the weights before the shift',
  }),
  productionStepWeights: define({
    description: 'The weights in a PRODUCTION_TRAFFIC_SHIFT event of a canary or linear step.',
    values: ['cumulative', 'empty'],
    default: 'cumulative',
    source: 'lambda-lifecycle-hooks shows the blue/green event only: the weights of the shift',
  }),
  reconcileWeights: define({
    description: 'The weights in a RECONCILE_SERVICE event.',
    values: ['target-100', 'empty'],
    default: 'target-100',
    source: 'an older deployment-lifecycle-hooks page shows target 100, other 0 in both maps; the current one no event',
  }),
  firstDeploymentPreProductionWeights: define({
    description:
      'The weights in the PRE_PRODUCTION_TRAFFIC_SHIFT event of a first deployment, where nothing served before.',
    values: ['empty', 'target-100'],
    default: 'empty',
    source: 'no page describes the events of a first deployment',
  }),
  hookDetailsMerge: define({
    description: 'How the hookDetails of an IN_PROGRESS answer are combined with those sent.',
    values: ['shallow', 'deep', 'replace'],
    default: 'shallow',
    source: 'lambda-lifecycle-hooks: "Amazon ECS merges this data and passes it back on the next invocation"',
  }),
  hookDetailsAcrossSteps: define({
    description: 'Whether returned hookDetails carry over to the next step of a recurring stage.',
    values: ['carry', 'reset'],
    default: 'carry',
    source: 'lambda-lifecycle-hooks: data "persists between invocations of the same hook within a single deployment"',
  }),
  hookDetailsAcrossStages: define({
    description: 'Whether returned hookDetails carry over between the stages that one hook is registered on.',
    values: ['carry', 'reset'],
    default: 'carry',
    source: 'lambda-lifecycle-hooks: data "persists between invocations of the same hook within a single deployment"',
  }),
  hookDetailsInRollback: define({
    description: 'Whether returned hookDetails carry over from the forward deployment to its rollback.',
    values: ['carry', 'reset'],
    default: 'carry',
    source: 'lambda-lifecycle-hooks: data "persists between invocations of the same hook within a single deployment"',
  }),
  executionId: define({
    description: 'Whether executionId stays the same when an IN_PROGRESS hook is invoked again.',
    values: ['stable', 'fresh'],
    default: 'stable',
    source: 'lambda-lifecycle-hooks: "The unique identifier for this hook execution"',
  }),
  functionErrorRetry: define({
    description:
      'Whether a function error or function time-out is retried, twice, after 1 and 2 minutes as asynchronous invocation does.',
    values: ['fail', 'retry'],
    default: 'fail',
    source:
      'lambda-lifecycle-hooks: "if it fails, Amazon ECS rolls back"; one public report of a rollback after one error',
  }),
  lambdaThrottle: define({
    description:
      'Whether throttling and errors of the Lambda service are retried every 30 seconds until the hook times out.',
    values: ['retry', 'fail'],
    default: 'retry',
    source: 'no page mentions them',
  }),
  callBackDelayBounds: define({
    description: 'Whether a callBackDelay under 30 seconds is kept (never under 1 second) or raised to 30.',
    values: ['as-given', 'at-least-30'],
    default: 'as-given',
    source: 'lambda-lifecycle-hooks: "You can customize this value"; no bounds stated',
  }),
  callBackDelayInvalid: define({
    description: 'What a callBackDelay that is no positive number does.',
    values: ['default-30', 'fails'],
    default: 'default-30',
    source: 'no page mentions it',
  }),
  hookStatusCase: define({
    description: 'Whether hookStatus must be in capitals.',
    values: ['strict', 'insensitive'],
    default: 'strict',
    source: 'lambda-lifecycle-hooks lists the values in capitals',
  }),
  siblingsAfterFailure: define({
    description: 'What becomes of the other hooks of a stage when one has failed: abandoned, or waited for.',
    values: ['stop', 'continue'],
    default: 'stop',
    source: 'pause-lifecycle-hooks: hooks of a stage run in parallel, any rollback rolls back everything',
  }),
  stageLimitAction: define({
    description: 'What happens when a hook that continues on time-out reaches the 24 hours of its stage.',
    values: ['hook-action', 'rollback'],
    default: 'hook-action',
    source:
      'blue-green-deployment-how-it-works: a stage can last up to 24 hours; hook time-outs default to the same 24 hours',
  }),
  stageLimitForPause: define({
    description: 'Whether the 24 hours of a stage bind a PAUSE hook with a longer time-out.',
    values: ['exempt', 'applies'],
    default: 'exempt',
    source: 'pause-lifecycle-hooks: time-outs of up to 20,160 minutes; other pages: a stage can last up to 24 hours',
  }),
  testStagesWithoutTestListener: define({
    description: 'Whether the hooks of the two test-traffic stages run when there is no test listener.',
    values: ['run', 'skip'],
    default: 'run',
    source: 'no page says that they are skipped',
  }),
  rollingHooks: define({
    description: 'Which stages a ROLLING deployment invokes hooks at.',
    values: ['pre-scale-up', 'none', 'scale-up-stages'],
    default: 'pre-scale-up',
    source:
      'an AWS blog of September 2025: PRE_SCALE_UP is the hook available to both strategies; no stage table for rolling',
  }),
  rollbackProductionHooks: define({
    description: 'Whether a rollback invokes PRODUCTION_TRAFFIC_SHIFT hooks when that stage was never reached.',
    values: ['only-if-reached', 'always'],
    default: 'only-if-reached',
    source:
      'lambda-lifecycle-hooks: a rollback re-invokes them; AWS News blog, July 2025: "simply rolled back test traffic"',
  }),
  rollbackTestHooks: define({
    description: 'Whether a rollback invokes TEST_TRAFFIC_SHIFT hooks when that stage was never reached.',
    values: ['only-if-reached', 'always'],
    default: 'only-if-reached',
    source: 'lambda-lifecycle-hooks: a rollback re-invokes hooks registered at both shift stages',
  }),
  rollbackHooksOnStop: define({
    description: 'Whether the rollback of a StopServiceDeployment invokes hooks.',
    values: ['run', 'skip'],
    default: 'run',
    source: 'stop-service-deployment does not mention hooks',
  }),
  rollbackHooksOnAlarm: define({
    description: 'Whether the rollback after an alarm or the circuit breaker invokes hooks.',
    values: ['run', 'skip'],
    default: 'run',
    source: 'deployment-failure-detection does not mention hooks',
  }),
  rollbackHooksOnFailure: define({
    description:
      'Whether the rollback after a failed hook, a time-out or a networking fault invokes hooks. With rollbackHooksOnStop and rollbackHooksOnAlarm no rollback does. Played only when it is chosen.',
    values: ['run', 'skip'],
    default: 'run',
    source: 'lambda-lifecycle-hooks says that it does; a hook that must be safe can be played without',
    onlyWhenChosen: true,
  }),
  rollbackShape: define({
    description: 'Whether canary and linear production traffic goes back in one jump or step by step.',
    values: ['one-jump', 'step-by-step'],
    default: 'one-jump',
    source: 'lambda-lifecycle-hooks shows a rollback event with target 0, other 100',
  }),
  rollbackTestWeights: define({
    description: 'The test weights in a TEST_TRAFFIC_SHIFT event during rollback.',
    values: ['reversed', 'empty'],
    default: 'reversed',
    source: 'no example; by analogy with production',
  }),
  hookFailureInRollback: define({
    description: 'What a hook that fails during a rollback does to it.',
    values: ['rollback-failed', 'ignored'],
    default: 'rollback-failed',
    source: 'the status ROLLBACK_FAILED exists; no page says what leads to it',
  }),
  rollbackHookWaits: define({
    description: 'Whether a rollback waits for a hook that answers IN_PROGRESS, until its time-out.',
    values: ['honoured', 'not-waited'],
    default: 'honoured',
    source: 'lambda-lifecycle-hooks makes no difference for rollback',
  }),
  rollbackEndEvent: define({
    description: 'Which service deployment event tells of the end of a rollback.',
    values: ['COMPLETED', 'FAILED', 'none'],
    default: 'COMPLETED',
    source:
      'ecs_service_deployment_events: COMPLETED is sent once "a service reaches a steady state after a deployment"; of a rollback it shows the beginning only',
  }),
  failedEventWithoutCircuitBreaker: define({
    description: 'Whether a failed deployment has its SERVICE_DEPLOYMENT_FAILED event without a circuit breaker too.',
    values: ['sent', 'none'],
    default: 'none',
    source: 'ecs_service_deployment_events: sent "for services with deployment circuit breaker logic turned on"',
  }),
  lambdaHookEvents: define({
    description: 'Whether Lambda hooks have hook state change events, as PAUSE hooks have.',
    values: ['sent', 'none'],
    default: 'sent',
    source: 'ecs_hook_state_change_events: the example is of a PAUSE hook; the names fit both',
  }),
  eventDelivery: define({
    description: 'How EventBridge delivers an event: once, twice (the second 10 seconds later), or 5 minutes late.',
    values: ['once', 'twice', 'delayed'],
    default: 'once',
    source: 'EventBridge user guide: delivery at least once, retried for up to 24 hours; no order is promised',
  }),
  failedCreateStatus: define({
    description: 'The status of a first deployment that failed.',
    values: ['ROLLBACK_FAILED', 'STOPPED'],
    default: 'ROLLBACK_FAILED',
    source: 'action-logs-troubleshooting: SERVICE_DEPLOYMENT_ROLLBACK_FAILED with "No rollback candidate was found"',
  }),
  firstDeploymentSource: define({
    description: 'Whether the first deployment of a service has an empty sourceServiceRevisions or none.',
    values: ['empty', 'absent'],
    default: 'empty',
    source: 'API ServiceDeployment: "The currently deployed workload configuration"',
  }),
  imageDigestAtPreScaleUp: define({
    description: 'Whether DescribeServiceRevisions shows image digests before the first task has started.',
    values: ['absent', 'present'],
    default: 'absent',
    source: 'deployment-type-ecs: digests come from the first task started; a blog says "at deployment start"',
  }),
  resolvedConfigurationAtPreScaleUp: define({
    description: 'Whether DescribeServiceRevisions shows resolvedConfiguration before the revision is scaled up.',
    values: ['absent', 'present'],
    default: 'absent',
    source: 'API ServiceRevision does not say from when',
  }),
  alarmAlreadyInAlarm: define({
    description: 'What an alarm does that is in ALARM already when the deployment starts.',
    values: ['fails', 'ignored'],
    default: 'fails',
    source: 'API ServiceDeploymentAlarms: failed "when any of the alarms go off"; public reports of immediate failure',
  }),
  alarmInsufficientData: define({
    description: 'Whether an alarm in INSUFFICIENT_DATA fails a deployment.',
    values: ['ignored', 'fails'],
    default: 'ignored',
    source: 'no page mentions it',
  }),
  alarmWindow: define({
    description: 'From which stage on alarms are watched outside ROLLING.',
    values: ['whole-deployment', 'from-production-shift'],
    default: 'whole-deployment',
    source: 'API DeploymentAlarms does not say',
  }),
  circuitBreakerStrategies: define({
    description: 'Whether the circuit breaker works for all strategies or for ROLLING only.',
    values: ['all', 'rolling-only'],
    default: 'all',
    source:
      'deployment-circuit-breaker: rolling update only; deployment-failure-detection: blue/green too, and it was seen to trip there',
  }),
  abortStop: define({
    description: 'Whether StopServiceDeployment takes stopType ABORT.',
    values: ['stops', 'rejected'],
    default: 'stops',
    source: 'API StopServiceDeployment: the enum has ABORT, the text says "The valid values are ROLLBACK"',
  }),
  supersededDeployment: define({
    description: 'What becomes of a running deployment when a newer one starts: stopped, or rolled back first.',
    values: ['stopped', 'rolled-back'],
    default: 'stopped',
    source: 'service-deployment; RECONCILE_SERVICE exists for a start with more than one ACTIVE revision',
  }),
  pauseAtReconcile: define({
    description: 'Whether a PAUSE hook may be registered at RECONCILE_SERVICE.',
    values: ['accepted', 'rejected'],
    default: 'accepted',
    source: 'pause-lifecycle-hooks says yes; the list on troubleshooting-blue-green omits it',
  }),
  lambdaTimeoutOver1440: define({
    description: 'Whether a Lambda hook time-out between 1,441 and 20,160 minutes is rejected.',
    values: ['rejected', 'accepted'],
    default: 'rejected',
    source: 'lambda-lifecycle-hooks: 1 to 1,440; the API shape, shared with PAUSE, allows 20,160',
  }),
  headlessProgressive: define({
    description: 'Whether a service without load balancer and Service Connect may use CANARY or LINEAR.',
    values: ['accepted', 'rejected'],
    default: 'accepted',
    source: 'the canary and linear pages require one of them for "managed traffic shifting"',
  }),
  nlbLinear: define({
    description: 'Whether a service behind a Network Load Balancer may use LINEAR.',
    values: ['accepted', 'rejected'],
    default: 'accepted',
    source: 'the canary page now lists Network Load Balancers; an older page said that neither supports them',
  }),
} as const;

/** The name of a reading. */
export type ReadingId = keyof typeof READINGS;
/** A value that a reading can have. */
export type ReadingValue<Id extends ReadingId> = (typeof READINGS)[Id]['default'];
