import { FATES } from './deal.ts';
import { slope } from './memory.ts';
import { leaked, type Sample, type Soaked } from './run.ts';

/**
 * Heap growth from the first quarter on that is no leak, bytes a deployment: V8 goes on compiling for long, and keeps
 * what it has made, 2 MB at the most. What a deployment itself takes is some 100 KB.
 */
function mostSlope(deployments: number): number {
  return Math.max(200, 2_000_000 / deployments);
}

/** The share of good releases that the canary hook may turn back: its `alpha`, 1 % by default, for the error count, and for all else. */
const FALSE_ALARMS = 0.02;

/** Samples from the first quarter on: until then modules, caches and compiled code come in. */
export function steady({ samples, deployments }: Pick<Soaked, 'samples' | 'deployments'>): Sample[] {
  return samples.filter((sample) => sample.deployments >= deployments / 4);
}

/** What must not be, a sentence each. */
export function soakProblems(soaked: Soaked, most = mostSlope(soaked.deployments)): string[] {
  const found: string[] = [];
  const bytes = slope(steady(soaked));
  if (!(bytes <= most)) found.push(`the heap grows by ${bytes.toFixed(0)} bytes a deployment`);
  const { leftBehind, handles, ends, falseAlarms, judged } = soaked;
  // Of few deployments even a rate within the bound may show more: one is always let pass.
  if (falseAlarms > Math.max(1, judged * FALSE_ALARMS)) found.push(`${falseAlarms} false alarms in ${judged} canaries`);
  if (leftBehind.length > 0) found.push(`${leftBehind.length} parameters are left behind, such as ${leftBehind[0]}`);
  found.push(...leaked(handles.before, handles.after));
  const wrong = (fate: keyof typeof ends, right: readonly string[]) =>
    Object.entries(ends[fate]).flatMap(([status, count]) =>
      right.includes(status) ? [] : [`${count} deployments (${fate}) ended ${status}`],
    );
  for (const fate of FATES) found.push(...wrong(fate, RIGHT[fate]));
  return found;
}

const RIGHT: Record<keyof Soaked['ends'], readonly string[]> = {
  good: ['SUCCESSFUL'],
  bad: ['ROLLBACK_SUCCESSFUL'],
  // It may be over before it is stopped, and one that was stopped while it rolled back was bad.
  stopped: ['ROLLBACK_SUCCESSFUL', 'SUCCESSFUL'],
  'lambda trouble': ['SUCCESSFUL'],
  'aws trouble': ['SUCCESSFUL'],
};

const grouped = (n: number) => Math.round(n).toLocaleString('en-GB');
const mib = (bytes: number) => `${(bytes / 1_048_576).toFixed(1)} MiB`;

const percent = (share: number) => `${(share * 100).toFixed(1)} %`;

/** Lines of Markdown. */
export function told(soaked: Soaked): string {
  const { deployments, accounts, calls, ends, samples, mostParameters, leftBehind, handles, falseAlarms, judged } =
    soaked;
  const fates = FATES.map((fate) => {
    const all = Object.entries(ends[fate]).map(([status, count]) => `${grouped(count)} ${status}`);
    return `| ${fate} | ${all.join(', ')} |`;
  });
  const at = (share: number) => samples.find((sample) => sample.deployments >= deployments * share);
  const heap = [0.25, 0.5, 1].map((share) => {
    const sample = at(share);
    return `| after ${grouped(sample?.deployments ?? 0)} | ${mib(sample?.heap ?? 0)} |`;
  });
  const shown = leaked(handles.before, handles.after);
  return [
    `${grouped(deployments)} deployments in ${grouped(accounts)} accounts, ${grouped(calls)} AWS calls.`,
    '',
    ...['| deployment | ended |', '|---|---|', ...fates],
    '',
    ...['| deployments | heap in use |', '|---|---|', ...heap],
    '',
    `- Heap: ${slope(steady(soaked)).toFixed(1)} bytes a deployment from the first quarter on (bound: ${Math.round(mostSlope(deployments))}).`,
    `- Parameters: ${mostParameters} in one account at the most; ${leftBehind.length} of earlier deployments left at its end.`,
    `- False alarms: ${falseAlarms} in ${grouped(judged)} canaries of good releases, ${percent(falseAlarms / judged)} (bound: alpha, 1 % for errors and 1 % for all other metrics).`,
    `- Handles: ${shown.length === 0 ? 'none more than before' : shown.join(', ')}.`,
  ].join('\n');
}
