/**
 * What to do about a reason, by the hook and by how the reason begins, as docs/reasons.md writes it. A test holds the
 * keys against the reasons: none without a reason, and no FAILED of ours without advice.
 */
export const ADVICE: Readonly<Record<string, readonly (readonly [beginning: string, advice: string])[]>> = {
  framework: [
    [
      'Not an ECS lifecycle event: ',
      'Something else than ECS invoked the function, or ECS sends a form that this version does not know. The reason has the path; keep the event.',
    ],
    [
      'The <name> hook does not serve ',
      'Attach the hook at a stage that it serves; `npm run validate` finds this before a deployment does.',
    ],
    ['hookDetails holds more than ', 'Take out of `hookDetails` what the hook does not ask for.'],
    ['hookDetails must be ', 'Write `hookDetails` as a JSON object; `npm run attach` prints one.'],
    [
      'Damaged state: ',
      'Something other than this hook has changed `hookDetails._state`. Deploy again; where it comes back, look for whoever writes it.',
    ],
    ['Bad configuration: (HOOK_DEFAULTS', 'Mend the environment of the function, and deploy again.'],
    ['Bad configuration: HOOK_POLICY ', 'Mend the parameter that `HOOK_POLICY` names: it must hold a JSON object.'],
    [
      'Bad configuration: <found',
      "Each problem has its layer and path. Mend it where the layer says: the function's environment, or the service's `hookDetails`; `npm run validate` checks both kinds.",
    ],
    [
      'Not an ECS service event: ',
      'The EventBridge rule lets through events of something else than ECS services. Mend its pattern.',
    ],
    [
      '(',
      'AWS refused the call, and would again: a permission or a name. `AccessDeniedException` names the action and the resource to allow; `npm run doctor` looks at the rest.',
    ],
    ['no reason given', "The hook's own code gave an empty reason. Mend the hook."],
    [
      'Waited <timeoutMinutes>',
      'What was waited for did not come in time. The part after the colon is what the last look saw. Mend that, or raise `timeoutMinutes`, and the timeout of the lifecycle hook with it.',
    ],
    [
      'Could not tell: gave up',
      'AWS, or what the hook asks, could not be asked for a long time. Look at the last error; deploy again when it has passed.',
    ],
    ['Internal error of ', 'A fault of ours. Keep the log line and the event, and report it.'],
    ['Could not tell yet', 'Nothing yet: it looks again, with a growing delay.'],
    ['DeadlineError: ', 'Nothing, if it is rare. Else raise the timeout of the function.'],
    ['Rolling back, not done yet', 'Nothing: it tries again, for five minutes at most.'],
    ['Not done while rolling back', 'ECS goes on. Do by hand what the reason says is left.'],
    ['Rolling back, a rollback is never hindered', 'ECS goes on. Do by hand what the reason says is left.'],
    [
      'Audit mode, would have been FAILED',
      'Nothing is stopped. Mend what the rest says before you set `mode` to `enforce`.',
    ],
  ],
  admission: [
    [
      'Bad configuration: there is no policy',
      'Give the function a policy in `HOOK_POLICY`: see [Policy reference](admission.md#policy-reference).',
    ],
    ['Bad configuration: <name>.version', 'Write `"version": 1` into the policy.'],
    ['Bad configuration: <name>.addedRules', 'A service adds rules under `rules`, not under `addedRules`.'],
    ['Bad policy: ', 'Mend the policy, or what the service adds to it; each problem has its path.'],
    ['Denied: ', 'Compare the task definition with the service revision. Where they are right, deploy again.'],
    ['Denied <denied>', 'What each clause asks for: [Reasons](admission.md#reasons).'],
    ['Waiting for ', 'Nothing: the scan of ECR is under way. `waitSeconds` says how long it is waited for.'],
  ],
  approval: [
    [
      'The approval parameter <parameter> does not exist (look <looks> of <maxErrors>): ',
      'Deploy again, and find out who deletes parameters under the prefix.',
    ],
    ['<parameter> <trouble>', 'Deploy again. Something writes the parameter over and over, or deletes it.'],
    [
      'Deployment declined by <LastModifiedUser> at <LastModifiedDate>[: <reason>] without',
      'Somebody said no and did not say why until the deadline. Ask them; then deploy again.',
    ],
    ['Deployment declined by ', 'A person said no, and why. Mend that, and deploy again.'],
    [
      'Approval expired at ',
      'Nobody, or too few, decided in time. Deploy again when the approvers are there; `remindMinutes` reminds them.',
    ],
    ['Asked for ', 'Decide: `npm run approve -- list`.'],
    [
      'Waiting for approval ',
      'Decide: `npm run approve -- list`. Votes that were ignored stand in the reason, with why.',
    ],
  ],
  canary: [
    [
      'Bad configuration: there is nothing to judge',
      'Attach the hook at POST_PRODUCTION_TRAFFIC_SHIFT with `holdMinutes`, or use a canary or linear deployment.',
    ],
    [
      'Bad configuration: the preset alb',
      'Use a preset that fits the service, or write the metrics out: see [Choose the metrics](canary.md#choose-the-metrics).',
    ],
    ['Bad configuration: the metrics ask', 'Ask for fewer metrics, or attach two hooks.'],
    ['Bad configuration: <problems', 'Mend the metric that is named.'],
    [
      'Green at <weight> % (from <from> to <to> | since <from>) UTC: (FAIL',
      "`FAIL` names the metric and both sides' numbers: look at green there. `ERROR`, `NODATA` and `INCONCLUSIVE` fail only where `onUnreadable`, `onNoData` or `onInconclusive` says so.",
    ],
  ],
  'consumer-switch': [
    [
      '<parameter> is (missing | <held>), and it is not clear',
      'Of an event: no deployment is in progress, and several revisions have tasks. Nobody may consume until the parameter names the right one: write it as the reason says.',
    ],
    ['Bad configuration: monitor needs', 'Name the queues in `queueUrls`, or leave `monitor` out.'],
    ['Bad configuration: <name>.(onTimeout', 'Leave the key out, or set it to `fail`.'],
    [
      'Not switched: ',
      'The old revision did not finish its messages within `drain.maxSeconds`. Raise it, or find out why they take so long; the source consumes again.',
    ],
    [
      'Worse after the switch: ',
      "Look at green's log for these queues. ECS rolls back, and the hook names the source again.",
    ],
    ['Over the limit ', "Look at green's log for these queues, or raise the limit that the reason names."],
    [
      'CloudWatch knows no age ',
      "Look whether the queue's metrics are there: SQS publishes none for a queue that was idle for six hours. `onNoData` chooses the answer.",
    ],
    [
      'No revision is named, and no lease runs: ',
      'Nothing: what is in flight is waited for, `drain.maxSeconds` at the most.',
    ],
    ['Somebody wrote ', 'Something else writes the parameter. Find it; the hook keeps to its protocol meanwhile.'],
  ],
  'load-test': [
    ['Bad configuration: ', 'Mend the keys that are named.'],
    [
      'The plan of this load test cannot be read',
      'Something other than the hook wrote the parameter `…/plan`. Delete it, and deploy again.',
    ],
    [
      'The generator service ',
      'Deploy the traffic generators, or mend the name: see [traffic generators](traffic-generator.md).',
    ],
    ['sqs:SendMessageBatch did not take ', 'SQS refused the shards for good: the code says why.'],
    [
      'The load test could not run: ',
      'It says nothing about green. Mend what the reason says of the generators or the task; `onCouldNotRun` chooses the answer, `maxRuns` how often it is tried.',
    ],
    [
      'Load test: <container> ended with exit code <exitCode>: a threshold',
      "Look at the log of the test's container: its own thresholds failed.",
    ],
    [
      'The load test is not done: ',
      "The test takes longer than `timeoutMinutes`, or no generator takes its shards. Look at the generators' service.",
    ],
    [
      'Load test failed: ',
      'Green is over a threshold under load: the reason has the value and the limit. Mend green, or the threshold.',
    ],
  ],
};

/** The advice for a reason as it is written; undefined where there is none, or none is needed. */
export function adviceFor(owner: string, written: string): string | undefined {
  return ADVICE[owner]?.find(([beginning]) => written.startsWith(beginning))?.[1];
}
