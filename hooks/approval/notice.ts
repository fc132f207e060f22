import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { CLIENT_OPTIONS, naming } from '../../shared/aws/client.ts';
import { createParameter, putParameter } from '../../shared/aws/parameters.ts';
import { describeError, isRetryable } from '../../shared/errors.ts';
import type { Log } from '../../shared/log.ts';
import { readContext } from './context.ts';
import type { Input } from './input.ts';
import { customNotification, plainText, type Request, shortText, subjectOf } from './message.ts';
import { readHistory } from './request.ts';

const sns = naming(new SNSClient(CLIENT_OPTIONS));

/** A claim that nobody confirmed within this time died with its function: the notice is sent again, milliseconds. */
const LEASE_MS = 120_000;
/** The second try comes at the next look, each later one two minutes later than the one before: 40 minutes in all. */
const TRIES = 8;
const DESCRIPTION = 'Written by the approval hook so that it notifies only once';

/** `sent`: by this or another invocation. `claimed`: another is at it. `failed`: to be tried at the next look. */
export type NoticeOutcome = 'sent' | 'claimed' | 'failed' | 'given up';

/** How many notices should be out: the request itself, and a reminder for every `remindMinutes` since. */
export function noticesDue({ config, now }: Input, askedAt: Date): number {
  if (config.notifyTopicArn === undefined) return 0;
  const elapsed = Math.max(0, now.getTime() - askedAt.getTime());
  return 1 + (config.remindMinutes === undefined ? 0 : Math.floor(elapsed / (config.remindMinutes * 60_000)));
}

/**
 * @param due more than the state knows to be out
 * @returns how many notices are known to be out after this look
 */
export async function notify(
  { config, state, now, signal, log }: Input,
  request: Request,
  due: number,
): Promise<number> {
  const out = state?.notices ?? 0;
  if (config.notifyTopicArn === undefined) return out;
  const slot = { request, topicArn: config.notifyTopicArn, number: due - 1 };
  const outcome = await sendOnce(slot, now, signal, log);
  return outcome === 'sent' || outcome === 'given up' ? due : out;
}

export async function describeTo(
  { config, deployment, signal, log }: Input,
  parameterName: string,
  deadline: Date,
): Promise<Request> {
  const context = await readContext(deployment, signal, log);
  const { quorum, testUrl } = config;
  return { parameterName, deployment, deadline, quorum, context, ...(testUrl !== undefined && { testUrl }) };
}

/**
 * Sends the notice of one slot (the request, or the n-th reminder) once, however many invocations try: a claim
 * parameter that only one of them can create, then the message, then the confirmation.
 *
 * @throws when SNS refuses for good (no permission, no such topic): an approval that nobody is told of is a mistake
 */
async function sendOnce(
  slot: { request: Request; topicArn: string; number: number },
  now: Date,
  signal: AbortSignal,
  log: Log,
): Promise<NoticeOutcome> {
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    const name = `${slot.request.parameterName}/notice-${slot.number}-${attempt}`;
    if ((await createParameter({ name, value: 'claimed', description: DESCRIPTION }, signal)) !== undefined) {
      return publish(slot, name, signal, log);
    }
    const claim = (await readHistory(name, signal)).at(-1);
    if (claim?.value === 'sent') return 'sent';
    const age = claim === undefined ? 0 : now.getTime() - claim.at.getTime();
    if (claim?.value === 'failed' && age < (attempt - 1) * LEASE_MS) return 'failed';
    if (claim?.value !== 'failed' && age < LEASE_MS) return 'claimed';
  }
  log.error('the approvers were not notified: no try went through', { topicArn: slot.topicArn, tries: TRIES });
  return 'given up';
}

async function publish(
  { request, topicArn, number }: { request: Request; topicArn: string; number: number },
  claim: string,
  signal: AbortSignal,
  log: Log,
): Promise<NoticeOutcome> {
  const kind = number === 0 ? 'request' : 'reminder';
  const message = {
    default: customNotification(request, kind),
    email: plainText(request, kind),
    sms: shortText(request, kind),
  };
  let outcome: 'sent' | 'failed' = 'sent';
  let refusal: unknown;
  try {
    await sns.send(
      new PublishCommand({
        TopicArn: topicArn,
        Subject: subjectOf(request, kind),
        MessageStructure: 'json',
        Message: JSON.stringify(message),
      }),
      { abortSignal: signal },
    );
  } catch (error) {
    signal.throwIfAborted();
    log.warn('the approvers could not be notified', { trouble: describeError(error), topicArn });
    outcome = 'failed';
    if (!isRetryable(error)) refusal = error;
  }
  await confirm(claim, outcome, signal, log);
  if (refusal !== undefined) throw refusal;
  return outcome;
}

/** An unconfirmed claim only means that the notice may go out a second time after the lease: no reason to fail. */
async function confirm(name: string, value: string, signal: AbortSignal, log: Log): Promise<void> {
  try {
    await putParameter({ name, value, description: DESCRIPTION, overwrite: true }, signal);
  } catch (error) {
    log.warn('the notice could not be confirmed', { trouble: describeError(error), name });
  }
}
