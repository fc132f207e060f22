/** Everything that happened, in words: invocations (repeated waits as one row), pauses, and what came from outside. */
import type {
  DeploymentRecord,
  EventInvocationRecord,
  HookRunRecord,
  InvocationRecord,
  NoteRecord,
  StageRecord,
} from '../../record.ts';
import { formatCount, formatDuration, plural } from '../format.ts';
import { deploymentGroups, type InvocationGroup, readAnswer, readEventOutcome } from '../model.ts';
import { runLook } from './hook-rows.ts';
import { answerIcon, icon, NOTE_ICON } from './icons.ts';
import { type Html, html } from './markup.ts';
import { stepWords } from './stage-rows.ts';
import { clockOf } from './time-axis.ts';

type Entry = { at: number; source: unknown } & (
  | { kind: 'group'; group: InvocationGroup }
  | { kind: 'run'; stage: StageRecord; hook: HookRunRecord }
  | { kind: 'note'; note: NoteRecord }
  | { kind: 'event'; invocation: EventInvocationRecord }
);

export interface EventsTable {
  rows: number;
  markup: Html;
  /** Which row tells of a first invocation, a hook run or a note: the ids that marks point to. */
  rowOf: ReadonlyMap<unknown, string>;
}

export function eventsTable(deployment: DeploymentRecord, id: string): EventsTable {
  const list = entries(deployment);
  const rowOf = new Map(list.map((entry, index) => [entry.source, `${id}-e${index + 1}`]));
  const rows = list.map((entry) => entryRow(deployment, entry, rowOf.get(entry.source) ?? id));
  const markup = html`<table class="events"><thead><tr><th scope="col">when</th><th scope="col">who</th><th scope="col">stage</th><th scope="col">answer</th><th scope="col">what it said</th></tr></thead><tbody>${rows}</tbody></table>`;
  return { rows: list.length, markup, rowOf };
}

function entries(deployment: DeploymentRecord): Entry[] {
  const groups = deploymentGroups(deployment).map(
    (group): Entry => ({ kind: 'group', at: group.first.startedAt, source: group.first, group }),
  );
  const runs = deployment.stages.flatMap((stage) =>
    stage.hooks
      .filter((hook) => hook.targetType === 'PAUSE' || hook.status === 'TIMED_OUT')
      .map((hook): Entry => ({ kind: 'run', at: hook.endedAt ?? hook.startedAt, source: hook, stage, hook })),
  );
  const notes = deployment.notes.map((note): Entry => ({ kind: 'note', at: note.at, source: note, note }));
  const events = (deployment.eventInvocations ?? []).map(
    (invocation): Entry => ({ kind: 'event', at: invocation.startedAt, source: invocation, invocation }),
  );
  return [...notes, ...groups, ...runs, ...events].sort((a, b) => a.at - b.at);
}

function entryRow(deployment: DeploymentRecord, entry: Entry, id: string): Html {
  switch (entry.kind) {
    case 'group':
      return groupRow(deployment, entry.group, id);
    case 'run':
      return runRow(deployment, entry.stage, entry.hook, id);
    case 'note':
      return noteRow(deployment, entry.note, id);
    case 'event':
      return eventRow(deployment, entry.invocation, id);
  }
}

function cell(content: Html | string, className = ''): Html {
  return html`<td class="${className}">${content}</td>`;
}

/** From and to: one above the other, or in one line on a narrow screen. */
function span(from: string, to: string): Html {
  return html`<span>${from}</span><i> to </i><span>${to}</span>`;
}

/** May break after an underscore, so that long names of stages fit their column. */
function breakable(name: string): Html[] {
  return name.split(/(?<=_)/).map((part, index) => html`${index > 0 && html`<wbr>`}${part}`);
}

function stageCell(stage: StageRecord): Html {
  const back = stage.direction === 'rollback' && html` <span class="quiet">rollback</span>`;
  return cell(
    html`<code>${breakable(stage.stage)}</code><span class="quiet">${stepWords(stage).replace(', ', ' ')}</span>${back}`,
    'stage',
  );
}

function groupRow(deployment: DeploymentRecord, group: InvocationGroup, id: string): Html {
  const { invocations, answer, first, last } = group;
  const many = invocations.length > 1;
  const from = clockOf(deployment, first.startedAt);
  const when = many ? span(from, clockOf(deployment, last.startedAt)) : from;
  const times = many && html` <span class="times">× ${formatCount(invocations.length)}</span>`;
  return html`<tr id="${id}" tabindex="-1">${[
    cell(when, 'when'),
    cell(html`<b>${group.hook.name}</b>`),
    stageCell(group.stage),
    cell(html`<span class="answer">${answerIcon(answer.look)}<span>${answer.label}${times}</span></span>`),
    cell(html`<p class="said">${answer.reason || '–'}</p>${details(deployment, group)}`),
  ]}</tr>`;
}

function details(deployment: DeploymentRecord, group: InvocationGroup): Html {
  const { invocations, last } = group;
  const summary =
    invocations.length > 1
      ? `${plural(invocations.length, 'look')}, attempts ${formatCount(group.first.attempt)} to ${formatCount(last.attempt)}`
      : `attempt ${formatCount(last.attempt)}, took ${formatDuration(last.endedAt - last.startedAt)}`;
  const looks = invocations.length > 1 && html`<ol class="looks">${lookItems(deployment, invocations)}</ol>`;
  const calls = last.awsCalls.length === 0 ? 'none' : last.awsCalls.join(', ');
  const which = invocations.length > 1 ? ' of the last look' : '';
  return html`<details class="more"><summary>${summary}</summary>${looks}<dl><dt>AWS calls${which}</dt><dd><code>${calls}</code></dd><dt>event${which}</dt><dd><pre tabindex="0">${json(last.event)}</pre></dd><dt>answer${which}</dt><dd><pre tabindex="0">${json(payloadOf(last))}</pre></dd></dl></details>`;
}

/** As many looks from the beginning and from the end of a long wait are listed. */
const LISTED = 6;

function lookItems(deployment: DeploymentRecord, invocations: readonly InvocationRecord[]): Html[] {
  const item = (invocation: InvocationRecord): Html => {
    const { reason } = readAnswer(invocation.outcome);
    return html`<li value="${invocation.attempt}"><time>${clockOf(deployment, invocation.startedAt)}</time> ${reason}</li>`;
  };
  if (invocations.length <= 2 * LISTED + 1) return invocations.map(item);
  const between = invocations.length - 2 * LISTED;
  return [
    ...invocations.slice(0, LISTED).map(item),
    html`<li class="between">… ${formatCount(between)} more of the same …</li>`,
    ...invocations.slice(-LISTED).map(item),
  ];
}

function payloadOf(invocation: InvocationRecord): unknown {
  const { outcome } = invocation;
  return outcome.kind === 'answer' || outcome.kind === 'invalid-answer' ? outcome.payload : outcome;
}

function json(value: unknown): string {
  return JSON.stringify(value, null, 2) ?? String(value);
}

function runRow(deployment: DeploymentRecord, stage: StageRecord, hook: HookRunRecord, id: string): Html {
  const end = hook.endedAt === undefined ? 'now' : clockOf(deployment, hook.endedAt);
  const expiry = `expires at ${clockOf(deployment, hook.expiresAt)}, then ${hook.timeoutAction}`;
  const waited = hook.endedAt === undefined ? '' : `waited ${formatDuration(hook.endedAt - hook.startedAt)}; `;
  return html`<tr id="${id}" tabindex="-1">${[
    cell(span(clockOf(deployment, hook.startedAt), end), 'when'),
    cell(html`<b>${hook.name}</b>`),
    stageCell(stage),
    cell(html`<span class="answer">${answerIcon(runLook(hook))}<span>${hook.status}</span></span>`),
    cell(html`<p class="said">${waited}${expiry}</p><p class="quiet"><code>${hook.hookId}</code></p>`),
  ]}</tr>`;
}

function eventRow(deployment: DeploymentRecord, invocation: EventInvocationRecord, id: string): Html {
  const { attempt, awsCalls, outcome, eventName, startedAt, endedAt } = invocation;
  const answer = readEventOutcome(outcome);
  const calls = awsCalls.length === 0 ? 'none' : awsCalls.join(', ');
  const summary = `attempt ${formatCount(attempt)}, took ${formatDuration(endedAt - startedAt)}`;
  const payload = outcome.kind === 'returned' ? outcome.payload : outcome;
  const more = html`<details class="more"><summary>${summary}</summary><dl><dt>AWS calls</dt><dd><code>${calls}</code></dd><dt>event</dt><dd><pre tabindex="0">${json(invocation.event)}</pre></dd><dt>answer</dt><dd><pre tabindex="0">${json(payload)}</pre></dd></dl></details>`;
  return html`<tr id="${id}" tabindex="-1">${[
    cell(clockOf(deployment, startedAt), 'when'),
    cell(html`<b>${invocation.function}</b>`),
    cell(html`<code>${breakable(eventName)}</code> <span class="quiet">event</span>`, 'stage'),
    cell(html`<span class="answer">${answerIcon(answer.look)}<span>${answer.label}</span></span>`),
    cell(html`<p class="said">${answer.reason || '–'}</p>${more}`),
  ]}</tr>`;
}

function noteRow(deployment: DeploymentRecord, note: NoteRecord, id: string): Html {
  const { name, tone, words } = NOTE_ICON[note.kind];
  return html`<tr id="${id}" tabindex="-1" class="event">${[
    cell(clockOf(deployment, note.at), 'when'),
    html`<td colspan="3"><span class="answer">${icon(name, `tone-${tone}`)}<span>${words}</span></span></td>`,
    cell(html`<p class="said">${note.text}</p>`),
  ]}</tr>`;
}
