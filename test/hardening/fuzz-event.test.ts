import fc from 'fast-check';
import { expect, it } from 'vitest';
import { answerProblems } from '../../library/testing/answer.ts';
import { EVENT_FIXTURES, withDetails } from '../../library/testing/events.ts';
import { EventError, StateError } from '../../shared/errors.ts';
import { looksLikeRollback, parseEvent, parseHookDetails } from '../../shared/event.ts';
import { recall, remember, STATE_KEY } from '../../shared/memory.ts';
import { isJsonObject, type JsonObject } from '../../shared/schema.ts';
import { isServiceEvent, parseServiceEvent } from '../../shared/service-event.ts';
import { inProgress } from '../../shared/status.ts';
import { oneLine } from '../../shared/text.ts';
import { remembering, START } from '../fixtures/probe.ts';
import { anyJson, anyText, mutationsOf } from './fuzz/arbitraries.ts';
import { fuzz, PATIENCE_MS } from './fuzz/cases.ts';
import { DEPLOYMENT_STATE_CHANGE, HOOK_STATE_CHANGE } from './fuzz/service-events.ts';

const ARN = /^arn:aws[\w-]*:ecs:[a-z0-9-]+:\d{12}:(service|service-deployment|service-revision)(\/[\w-]+){2,3}$/;

const fixtures = EVENT_FIXTURES.map(({ event }) => event);
/** As at a later look: with a state, which is sent back as a string, or taken apart by somebody. */
const later = fixtures.flatMap((event) => {
  const { _state } = remembering({ state: { seen: 1 } }, { pollSeconds: 5 });
  return [withDetails(event, { _state }), withDetails(event, { _state: JSON.parse(_state) })];
});
const valid = fc.constantFrom(...fixtures, ...later);
const events = fc.oneof({ weight: 9, arbitrary: mutationsOf(valid) }, { weight: 1, arbitrary: anyJson });

/** A parser's own error, or what it read. */
function attempt<T>(read: () => T, kind: new (...args: never[]) => Error): T | undefined {
  try {
    return read();
  } catch (error) {
    expect(error).toBeInstanceOf(kind);
    const { message } = error as Error; // as the line above says
    expect(message).toMatch(/\S/);
    expect(message).not.toMatch(/TypeError|is not a function|Cannot read/);
    return undefined;
  }
}

it(
  'a lifecycle event is read whole, or refused with an EventError that gives the path',
  () =>
    fuzz('lifecycle events', events, ['read', 'refused', 'rollback', 'details', 'state'], (event) => {
      const rollback = looksLikeRollback(event);
      const details = attempt(() => parseHookDetails(event), EventError);
      const deployment = attempt(() => parseEvent(event), EventError);
      if (deployment === undefined) return 'refused';
      const { deploymentArn, serviceArn, targetRevisionArn, productionTrafficWeights, testTrafficWeights } = deployment;
      for (const arn of [deploymentArn, serviceArn, targetRevisionArn]) expect(arn).toMatch(ARN);
      expect(targetRevisionArn.endsWith(`/${deployment.targetRevisionId}`)).toBe(true);
      for (const weight of [...Object.values(productionTrafficWeights), ...Object.values(testTrafficWeights)]) {
        expect(weight >= 0 && weight <= 100).toBe(true);
      }
      expect(deployment.direction).toBe(rollback ? 'rollback' : 'forward');
      if (rollback) {
        expect(deployment.stage).toMatch(/^(TEST|PRODUCTION)_TRAFFIC_SHIFT$/);
        expect(deployment.targetWeight === undefined || deployment.targetWeight === 0).toBe(true);
        return 'rollback';
      }
      if (details === undefined) return 'read';
      expect(isJsonObject(details)).toBe(true);
      const memory = attempt(() => recall(details, deployment, START), StateError);
      if (memory === undefined) return 'state';
      const kept = remember(details, memory);
      expect(Object.keys(kept).filter((key) => key !== STATE_KEY)).toEqual(
        Object.keys(details).filter((key) => key !== STATE_KEY),
      );
      expect(recall(kept, deployment, START)).toEqual(memory);
      return 'details';
    }),
  PATIENCE_MS,
);

it(
  'an event of EventBridge is read, or refused with an EventError',
  () => {
    const real = fc.constantFrom<JsonObject>(DEPLOYMENT_STATE_CHANGE, HOOK_STATE_CHANGE);
    return fuzz('EventBridge events', fc.oneof(mutationsOf(real), anyJson), ['read', 'refused'], (event) => {
      const read = attempt(() => parseServiceEvent(event), EventError);
      if (read === undefined) return 'refused';
      expect(isServiceEvent(event) || (isJsonObject(event) && event.lifecycleStage !== undefined)).toBe(true);
      expect(read.serviceArn).toMatch(ARN);
      expect(read.serviceArn.endsWith(`/${read.cluster}/${read.service}`)).toBe(true);
      return 'read';
    });
  },
  PATIENCE_MS,
);

it(
  'whatever a reason says, it stays one line, and the line has its bound',
  () => {
    const texts = fc.array(anyText, { maxLength: 6 }).map((parts) => parts.join(''));
    return fuzz(
      'reasons and log lines',
      fc.tuple(texts, fc.integer({ min: 1, max: 1200 })),
      ['whole', 'cut'],
      (one) => {
        const [text, limit] = one;
        const line = oneLine(text, limit);
        expect(line.length).toBeLessThanOrEqual(limit);
        expect(line).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
        expect(line.isWellFormed()).toBe(true);
        expect(oneLine(line, limit)).toBe(line);
        expect(answerProblems(inProgress(text, text.length / 3))).toEqual([]);
        return line.endsWith('…') && line.length === limit ? 'cut' : 'whole';
      },
    );
  },
  PATIENCE_MS,
);
