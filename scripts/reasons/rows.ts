import { join } from 'node:path';
import type { HookStatus } from '../../shared/status.ts';
import { field } from './field.ts';
import { newRun, type Run } from './run.ts';
import { isOpaque, keyOfText, merged, mergeTexts, type Text } from './text.ts';
import { type ErrorValue, NOTHING, textsOf, unknown, type Value } from './values.ts';

/**
 * verdict: what the hook decides. refusal: an error that no retry mends, answered with FAILED. trouble: one that a retry
 * may mend; the framework says so around it. rollback: one of work in a rollback, which goes on all the same. event: the
 * end of work on an event of EventBridge, for the log alone.
 */
export type RowKind = 'verdict' | 'refusal' | 'trouble' | 'rollback' | 'event';

/** A reason, as the source has it. */
export interface Row {
  readonly status: HookStatus;
  readonly kind: RowKind;
  readonly text: Text;
}

const ROOT = join(import.meta.dirname, '../..');
const OUTCOMES: Readonly<Record<string, HookStatus>> = { succeed: 'SUCCEEDED', fail: 'FAILED', wait: 'IN_PROGRESS' };
/** See isRetryable in shared/errors.ts: these are refused at once, in their own words. */
const REFUSED = new Set(['ConfigError', 'EventError', 'PermanentError', 'StateError']);

/** Every reason that the hook of `hooks/<id>` itself can give, read from its source. */
export function hookRows(id: string): readonly Row[] {
  const run = newRun();
  const hook =
    run
      .module(join(ROOT, `hooks/${id}/hook.ts`))
      .find('hook')
      ?.values() ?? [];
  const rowsOf = (name: string, kind: RowKind) =>
    answersOf(run, field(hook, name), ['input']).flatMap((verdict) => verdictRows(verdict, kind));
  const forward = [...rowsOf('check', 'verdict'), ...rowsOf('onServiceEvent', 'event')];
  answersOf(run, field(hook, 'layers'), ['layers']);
  const thrown = thrownRows(run.thrown.splice(0));
  const back = rowsOf('onRollback', 'verdict');
  const known = new Set(thrown.map(({ text }) => keyOfText(text)));
  const thrownBack = thrownRows(run.thrown)
    .filter(({ text }) => !known.has(keyOfText(text)))
    .map((row): Row => ({ ...row, status: 'SUCCEEDED', kind: 'rollback' }));
  return merge([...forward, ...back, ...thrown, ...thrownBack]);
}

/**
 * Every reason that the framework gives on its own, or around one of a hook.
 *
 * @param services those of AWS that hooks call, as IAM names them
 */
export function frameworkRows(services: readonly string[]): readonly Row[] {
  const run = newRun();
  const called = (file: string, name: string, names: readonly string[]) =>
    answersOf(
      run,
      run
        .module(join(ROOT, 'shared', file))
        .find(name)
        ?.values() ?? [],
      names,
    );
  const decisions = [
    ...called('answer.ts', 'answerVerdict', ['look', 'verdict']),
    ...called('answer.ts', 'answerError', ['hook', 'look', 'thrown']),
  ].flatMap((decision) => field([decision], 'answer'));
  const last = called('lambda.ts', 'lastResort', ['hook', 'look', 'error']);
  const looked = called('look.ts', 'takeLook', ['hook', 'look', 'around']).flatMap((one) =>
    verdictRows(one, 'verdict'),
  );
  called('lambda.ts', 'lambdaHandler', ['hook', 'options']);
  called('service-event.ts', 'parseServiceEvent', ['event']);
  return merge([
    ...looked,
    ...[...decisions, ...last].flatMap(answerRows),
    ...thrownRows(run.thrown),
    refusedByAws(services),
  ]);
}

/** What `describeError` makes of the refusal of one of these services. */
function refusedByAws(services: readonly string[]): Row {
  const parts = [
    { name: 'service', of: services.map((service) => plain([service])) },
    ':',
    { name: 'Operation' },
    ': ',
    { name: 'AWS error' },
    ': ',
    { name: 'message' },
    { name: 'attempts', of: [plain([]), plain([' (after ', { name: 'attempts' }, ' attempts)'])] },
  ];
  return { status: 'FAILED', kind: 'refusal', text: plain(parts) };
}

function plain(parts: Text['parts']): Text {
  return { parts, file: 'shared/errors.ts' };
}

function answersOf(run: Run, called: readonly Value[], names: readonly string[]): readonly Value[] {
  return called.flatMap((one) =>
    one.kind === 'function'
      ? run.apply(
          one,
          names.map((name) => [unknown(name)]),
        )
      : [],
  );
}

function verdictRows(verdict: Value, kind: RowKind): Row[] {
  if (verdict.kind !== 'object') return [];
  const outcomes = (verdict.entries.get('outcome') ?? []).flatMap((one) =>
    one.kind === 'text' ? keyOfText(one.text) : [],
  );
  const texts = textsOf(verdict.entries.get('reason') ?? [NOTHING], 'reason');
  return outcomes.flatMap((outcome) => {
    const status = OUTCOMES[outcome];
    return status === undefined ? [] : texts.map((text) => ({ status, kind, text }));
  });
}

function answerRows(answer: Value): Row[] {
  if (answer.kind !== 'object') return [];
  const [said] = answer.entries.get('hookStatus') ?? [];
  const status = Object.values(OUTCOMES).find((one) => said?.kind === 'text' && keyOfText(said.text) === one);
  const texts = textsOf(answer.entries.get('reason') ?? [NOTHING], 'reason');
  return status === undefined ? [] : texts.map((text) => ({ status, kind: 'verdict', text }));
}

function thrownRows(thrown: readonly ErrorValue[]): Row[] {
  return thrown.flatMap(({ name, message }): Row[] => {
    const isRefused = REFUSED.has(name);
    const kind = isRefused ? 'refusal' : name === 'DeadlineError' ? 'verdict' : 'trouble';
    const status = isRefused ? 'FAILED' : 'IN_PROGRESS';
    const prefix = isRefused || name === 'Error' ? '' : `${name}: `;
    return textsOf(message, 'message').map((text) => ({ status, kind, text: prefixed(prefix, text) }));
  });
}

/** `describeError` names an error's class where it is not one of ours. */
function prefixed(prefix: string, text: Text): Text {
  return prefix === '' ? text : { parts: merged([prefix, ...text.parts]), file: text.file };
}

const ORDER: readonly HookStatus[] = ['FAILED', 'IN_PROGRESS', 'SUCCEEDED'];

/** Each reason once, those of one template as one; without those that only pass on what they were given. */
function merge(rows: readonly Row[]): readonly Row[] {
  const groups = Map.groupBy(
    rows.filter(({ text }) => !isOpaque(text)),
    ({ status, kind }) => `${ORDER.indexOf(status)} ${kind}`,
  );
  return [...groups]
    .sort(([a], [b]) => a.localeCompare(b))
    .flatMap(([, group]) => {
      const [{ status, kind } = { status: 'FAILED' as const, kind: 'verdict' as const }] = group;
      return mergeTexts(group.map(({ text }) => text)).map((text) => ({ status, kind, text }));
    });
}
