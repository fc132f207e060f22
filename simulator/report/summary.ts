/** The table at the end: what became of each deployment, and whether that was expected. */
import type { DeploymentRecord, PlayRecord } from '../record.ts';
import { formatCount, formatDuration, plural } from './format.ts';
import { countInvocations, decidingReason, lastMoment, readStatus } from './model.ts';
import { type Paint, painter } from './terminal/paint.ts';
import { STATUS } from './terminal/pieces.ts';
import { pad, plain, wrap } from './terminal/text.ts';

const OUTCOME = 17;
const EXPECTED = 8;
const TIME = 11;
const HOOKS = 6;
const GAPS = 8;

/** One block a play: a table of its deployments, then whether its expectation was met. */
export function renderSummary(records: readonly PlayRecord[], options: { width: number; color: boolean }): string {
  const paint = painter(options.color);
  return records
    .map((record) => summaryOf(record, options.width, paint).join('\n'))
    .join('\n\n')
    .concat('\n');
}

function summaryOf(record: PlayRecord, width: number, paint: Paint): string[] {
  const title = Math.max(10, width - OUTCOME - EXPECTED - TIME - HOOKS - GAPS);
  const head = [
    pad('deployment', title),
    pad('outcome', OUTCOME),
    pad('expected', EXPECTED),
    pad('time', TIME, 'right'),
    pad('hooks', HOOKS, 'right'),
  ];
  return [
    paint('bold', plain(record.scenario)),
    paint('dim', head.join('  ')),
    ...record.deployments.flatMap((deployment) => row(record, deployment, title, width, paint)),
    ...verdict(record, width, paint),
  ];
}

function row(record: PlayRecord, deployment: DeploymentRecord, title: number, width: number, paint: Paint): string[] {
  const status = readStatus(deployment);
  const { sign, ink } = STATUS[status.look];
  const took = formatDuration(lastMoment(deployment) - deployment.createdAt);
  const cells = [
    pad(plain(deployment.title), title),
    paint(ink, pad(`${sign} ${status.words}`, OUTCOME)),
    pad(expectedWord(record, deployment), EXPECTED),
    pad(took, TIME, 'right'),
    pad(formatCount(countInvocations(deployment)), HOOKS, 'right'),
  ];
  const reason = plain(decidingReason(deployment));
  const lines = reason === '' ? [] : wrap(reason, width - 4).map((line) => paint('dim', `    ${line}`));
  return [cells.join('  ').trimEnd(), ...lines];
}

/** A met expectation holds for every deployment; of one not met, only the deployment itself knows its share. */
export function expectedWord(record: PlayRecord, deployment: DeploymentRecord): 'yes' | 'no' | '-' {
  const met = deployment.expectation?.met ?? (record.expectation?.met === true ? true : undefined);
  return met === undefined ? '-' : met ? 'yes' : 'no';
}

function verdict(record: PlayRecord, width: number, paint: Paint): string[] {
  const { expectation } = record;
  if (expectation === undefined) return [];
  if (expectation.met) return [paint('good', '✓ as the scenario expects')];
  const failures = expectation.failures.flatMap((failure) =>
    wrap(plain(failure), width - 4).map((line, index) => `${index === 0 ? '  - ' : '    '}${line}`),
  );
  return [
    paint('bad', `✗ not as the scenario expects: ${plural(expectation.failures.length, 'difference')}`),
    ...failures,
  ];
}
