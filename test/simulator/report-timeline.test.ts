import { describe, expect, it } from 'vitest';
import type { PlayRecord } from '../../simulator/record.ts';
import { renderSummary } from '../../simulator/report/summary.ts';
import { timelineOptions } from '../../simulator/report/terminal/paint.ts';
import { columns } from '../../simulator/report/terminal/text.ts';
import { renderText } from '../../simulator/report/text.ts';
import { Timeline } from '../../simulator/report/timeline.ts';
import { eventsOf } from '../../simulator/report/timeline-event.ts';
import { accepted, declined, first, unanswered, unicornWatch } from '../fixtures/records/blue-green.ts';
import { hostile, interrupted, justStarted, underWay } from '../fixtures/records/odd.ts';
import { DeploymentPlay, MINUTE, play, revision, SECOND, succeeded, waiting } from '../fixtures/records/play.ts';
import { canary, canaryTurnedBack, linear } from '../fixtures/records/progressive.ts';

const ALL: readonly PlayRecord[] = [
  accepted,
  declined,
  unanswered,
  first,
  unicornWatch,
  canary,
  linear,
  canaryTurnedBack,
  interrupted,
  justStarted,
  underWay,
  hostile,
];
const ESCAPE = '\u001b';

/** What a terminal shows in the end: understands colours, cursor up, and erase below. */
function screen(stream: string): string[] {
  const lines = [''];
  let row = 0;
  for (const [token] of stream.matchAll(new RegExp(`${ESCAPE}\\[\\d*[A-Za-z]|\\n|\\r|[^${ESCAPE}\\n\\r]+`, 'g'))) {
    if (token.endsWith('A') && token.startsWith(ESCAPE)) row -= Number(token.slice(2, -1));
    else if (token === `${ESCAPE}[J`) lines.splice(row, Number.POSITIVE_INFINITY, '');
    else if (token === '\n') lines[++row] ??= '';
    else if (token !== '\r' && !token.startsWith(ESCAPE)) lines[row] += token;
  }
  return lines;
}

function live(record: PlayRecord, options: { color: boolean; width: number }, upTo = Number.POSITIVE_INFINITY) {
  let stream = '';
  const sink = {
    write(text: string): void {
      stream += text;
    },
  };
  const timeline = new Timeline(sink, { ...options, tty: true });
  for (const event of eventsOf(record).slice(0, upTo)) timeline.on(event);
  const before = stream;
  timeline.close();
  return { before, stream };
}

describe('renderText', () => {
  it('tells an accepted deployment', () => {
    expect(renderText(accepted, { width: 80 })).toMatchInlineSnapshot(`
      "━━ release 2, accepted after five minutes ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
         unicorn/ui  BLUE_GREEN  release-1 → release-2
         service deployment 0EYSiB0qap8xf0N76FsbE

      +00:00:00    ⇄ production ░░░░░░░░░░ release-2 0 %, release-1 100 %
      +00:00:00  PRE_SCALE_UP
      +00:00:00    ✓ admission SUCCEEDED  1 image of release 2 is on the allow-list,
                     digest sha256:4f1d…
      +00:00:00  SCALE_UP
      +00:01:15  POST_SCALE_UP
      +00:01:17  TEST_TRAFFIC_SHIFT
      +00:01:17    ⇄ test       ██████████ release-2 100 %, release-1 0 %
      +00:01:27  POST_TEST_TRAFFIC_SHIFT
      +00:01:27    ⋯ approval waiting, 10 looks  no decision yet: 0 of 1 approvals,
                     1376 min left
      +00:06:15    ⚑ approver ada accepts
      +00:06:27    ✓ approval SUCCEEDED  accepted by
                     arn:aws:sts::123456789012:assumed-role/Approver/ada: looks good
                     on staging
      +00:06:27  PRE_PRODUCTION_TRAFFIC_SHIFT
      +00:06:28  PRODUCTION_TRAFFIC_SHIFT
      +00:06:28    ⇄ production ██████████ release-2 100 %, release-1 0 %
      +00:06:38  POST_PRODUCTION_TRAFFIC_SHIFT
      +00:06:39  BAKE_TIME
      +00:21:39  CLEAN_UP
      +00:21:39    ⇄ test       ·········· none
      +00:22:09  ✓ SUCCESSFUL after 22 min 9 s, 12 hook invocations

      ui-accepted
      deployment                      outcome            expected         time   hooks
      release 2, accepted after fiv…  ✓ Successful       yes        22 min 9 s      12
          approval: accepted by arn:aws:sts::123456789012:assumed-role/Approver/ada:
          looks good on staging
      ✓ as the scenario expects
      "
    `);
  });

  it('tells a rollback, with the hook’s reason and ECS’s, once each', () => {
    const text = renderText(declined, { width: 120 });
    expect(text).toContain('+00:03:27    ✗ approval FAILED  declined by');
    expect(text).toContain('+00:03:27  ✗ POST_TEST_TRAFFIC_SHIFT failed after 2 min');
    expect(text).toContain('+00:03:27  TEST_TRAFFIC_SHIFT (rollback)');
    expect(text).toContain('↺ ROLLBACK_SUCCESSFUL after 4 min 7 s, 6 hook invocations');
    expect(text.match(/Service deployment rolled back because/g)).toHaveLength(1);
  });

  it('collapses 2,760 looks into one line, with the last one’s numbers', () => {
    const text = renderText(unanswered, { width: 120 });
    expect(text).toContain('⋯ approval waiting, 2,760 looks  no decision yet: 0 of 1 approvals, 1 min left');
    expect(text.match(/no decision yet/g)).toHaveLength(1);
    expect(text).toContain('+23:01:27    ✗ approval FAILED  no decision within 1,380 min');
  });

  it('numbers the steps, and shows every change of the weights', () => {
    const text = renderText(linear, { width: 120 });
    expect(text).toContain('PRE_PRODUCTION_TRAFFIC_SHIFT 10/10');
    for (const weight of [10, 20, 30, 40, 50, 60, 70, 80, 90]) {
      const bar = '█'.repeat(weight / 10) + '░'.repeat(10 - weight / 10);
      expect(text).toContain(`⇄ production ${bar} release-2 ${weight} %, release-1 ${100 - weight} %`);
    }
  });

  it('shows a small canary in the bar, and never a full one early', () => {
    const going = new DeploymentPlay({ title: 'small', source: revision(1), target: revision(2) });
    going.wait(1).traffic('production', 0.1).wait(1).traffic('production', 99.9);
    const text = renderText(play('small', [going.finish('SUCCESSFUL')]));
    expect(text).toContain('█░░░░░░░░░ release-2 0.1 %, release-1 99.9 %');
    expect(text).toContain('█████████░ release-2 99.9 %, release-1 0.1 %');
  });

  it('tells pauses, alarms, faults and stops', () => {
    const text = renderText(interrupted, { width: 120 });
    expect(text).toContain('‖ manual-check awaits action  until +01:01:01, then ROLLBACK');
    expect(text).toContain('✓ manual-check SUCCEEDED');
    expect(text).toContain('✗ manual-check TIMED_OUT  timeout action ROLLBACK');
    expect(text).toContain('▲ ui-5xx-high is in ALARM');
    expect(text).toContain('↯ image pull delayed by 60 s');
    expect(text).toContain('■ StopServiceDeployment stopType ABORT');
    expect(text).toContain('✗ STOPPED after 41 s, 0 hook invocations');
  });

  it('has one weight where there is no source', () => {
    const text = renderText(first);
    expect(text).toContain('first deployment → release-1');
    expect(text).toContain('⇄ production ██████████ release-1 100 %\n');
  });

  it('tells a play that has hardly begun', () => {
    expect(renderText(justStarted)).toContain('… Pending');
    expect(renderText(underWay)).toContain('⋯ approval waiting, 2 looks  no decision yet');
  });

  it.each([60, 80, 100, 120])('keeps to %d columns, whatever it tells, without a control character', (width) => {
    for (const record of ALL) {
      const text = renderText(record, { width });
      expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
      const wide = text.split('\n').filter((line) => columns(line) > width);
      expect(wide).toEqual([]);
    }
  });

  it('differs from its coloured form in colour only', () => {
    for (const record of ALL) {
      const coloured = renderText(record, { width: 90, color: true });
      expect(coloured).toContain(`${ESCAPE}[1m`);
      expect(coloured.replaceAll(new RegExp(`${ESCAPE}\\[\\d+m`, 'g'), '').replaceAll(/ +$/gm, '')).toBe(
        renderText(record, { width: 90 }).replaceAll(/ +$/gm, ''),
      );
    }
  });
});

describe('Timeline on a terminal', () => {
  it.each([true, false])('leaves on the screen what the still form says (colour: %s)', (color) => {
    for (const record of ALL) {
      const shown = screen(live(record, { color, width: 80 }).stream).map((line) => line.trimEnd());
      const still = renderText(record, { width: 80 }).split('\n');
      expect(shown.slice(0, -1)).toEqual(still.slice(0, shown.length - 1));
    }
  });

  it('shows the running wait with its count, the stage rail and both weights', () => {
    const polls = eventsOf(accepted).flatMap((event, index) => (event.kind === 'invocation' ? [index] : []));
    const shown = screen(live(accepted, { color: false, width: 80 }, (polls[9] ?? 0) + 1).before);
    expect(shown.filter((line) => line !== '').slice(-4)).toEqual([
      '+00:01:27    ⋯ approval waiting, 9 looks  no decision yet: 0 of 1 approvals, 13…',
      ' +00:05:27  ●━●━●━●━◉─○─○─○─○─○  POST_TEST_TRAFFIC_SHIFT',
      '   production ░░░░░░░░░░ release-2 0 %, release-1 100 %',
      '   test       ██████████ release-2 100 %, release-1 0 %',
    ]);
  });

  it('keeps the live part within the width, so that it can be taken back', () => {
    for (const record of [canaryTurnedBack, interrupted, hostile]) {
      for (const upTo of eventsOf(record).keys()) {
        const shown = screen(live(record, { color: true, width: 60 }, upTo).before);
        expect(shown.filter((line) => columns(line) > 60)).toEqual([]);
      }
    }
  });

  it('counts hooks that wait side by side each on its own line', () => {
    const going = new DeploymentPlay({ title: 'two hooks', source: revision(1), target: revision(2) });
    going.stage('POST_SCALE_UP', (stage) => {
      const begun = going.now;
      going.hook(stage, 'one', [waiting('a'), waiting('a'), waiting('a'), succeeded('fine')]);
      going.now = begun + SECOND;
      going.hook(stage, 'two', [waiting('b'), waiting('b'), succeeded('fine')], { delay: 35 });
      going.now = begun + 2 * MINUTE;
    });
    const lines = renderText(play('side by side', [going.finish('SUCCESSFUL')])).split('\n');
    expect(lines.filter((line) => line.includes(' looks')).map((line) => line.slice(11))).toEqual([
      '  ⋯ one waiting, 3 looks  a',
      '  ⋯ two waiting, 2 looks  b',
    ]);
  });

  it.each([true, false])('keeps what somebody else says, above the live part (terminal: %s)', (tty) => {
    let stream = '';
    const sink = {
      write(text: string): void {
        stream += text;
      },
    };
    const timeline = new Timeline(sink, { color: false, width: 90, tty });
    const events = eventsOf(unanswered);
    timeline.say('before all');
    for (const event of events.slice(0, 20)) timeline.on(event);
    timeline.say('in between');
    const shown = screen(stream);
    for (const event of events.slice(20)) timeline.on(event);
    timeline.say('after all');
    timeline.close();

    const said = ['before all', 'in between', 'after all'];
    expect(screen(stream).filter((line) => said.includes(line))).toEqual(said);
    const below = shown.slice(shown.indexOf('in between') + 1).join('\n');
    expect(below.includes('POST_TEST_TRAFFIC_SHIFT')).toBe(tty);
  });

  it('heads each deployment anew when two are told alternately, and forgets neither', () => {
    const [one, two] = [1, 2].map((ordinal) => {
      const going = new DeploymentPlay(
        { title: `deployment ${ordinal}`, source: revision(1), target: revision(2) },
        ordinal,
      );
      return going.stage('PRE_SCALE_UP', () => void going.wait(SECOND)).finish('SUCCESSFUL');
    });
    if (one === undefined || two === undefined) throw new Error('two deployments were made');
    const events = eventsOf(play('two', [one, two])).sort((a, b) => a.at - b.at);
    let text = '';
    const timeline = new Timeline(
      { write: (piece: string) => (text += piece) },
      { color: false, tty: false, width: 80 },
    );
    for (const event of events) timeline.on(event);
    expect(text.match(/━━ deployment 1 ━/g)?.length).toBeGreaterThan(1);
    expect(text.match(/SUCCESSFUL/g)).toHaveLength(2);
  });
});

describe('eventsOf', () => {
  it('tells everything once, in order of time, causes before effects', () => {
    for (const record of ALL) {
      for (const deployment of record.deployments) {
        const events = eventsOf({ ...record, deployments: [deployment] });
        const times = events.map((event) => event.at);
        expect(times).toEqual([...times].sort((a, b) => a - b));
        const hooks = deployment.stages.flatMap((stage) => stage.hooks);
        const count = (kind: string) => events.filter((event) => event.kind === kind).length;
        expect(count('stage-started')).toBe(deployment.stages.length);
        expect(count('invocation')).toBe(hooks.flatMap((hook) => hook.invocations).length);
        expect(count('weights')).toBe(deployment.weights.length);
        expect(count('note')).toBe(deployment.notes.length);
        expect(events[0]?.kind).toBe('started');
      }
    }
  });

  it('has the approver act before the look that sees it', () => {
    const going = new DeploymentPlay({ title: 'at once', source: revision(1), target: revision(2) });
    going.stage('POST_SCALE_UP', (stage) => {
      going.hook(stage, 'approval', [succeeded('accepted')]);
      going.note('action', 'accepts').note('service-event', 'reached a steady state');
    });
    const kinds = eventsOf(play('at once', [going.record]))
      .filter((event) => event.kind === 'invocation' || event.kind === 'note')
      .map((event) => (event.kind === 'note' ? event.note.kind : event.kind));
    expect(kinds).toEqual(['action', 'invocation', 'service-event']);
  });
});

describe('timelineOptions', () => {
  it.each([
    ['a terminal', { isTTY: true, columns: 90 }, {}, { tty: true, color: true, width: 90 }],
    ['NO_COLOR', { isTTY: true, columns: 90 }, { NO_COLOR: '1' }, { tty: true, color: false, width: 90 }],
    ['empty NO_COLOR', { isTTY: true, columns: 90 }, { NO_COLOR: '' }, { tty: true, color: true, width: 90 }],
    ['a dumb terminal', { isTTY: true, columns: 90 }, { TERM: 'dumb' }, { tty: false, color: false, width: 100 }],
    ['a pipe', {}, {}, { tty: false, color: false, width: 100 }],
    ['a very narrow one', { isTTY: true, columns: 40 }, {}, { tty: false, color: true, width: 60 }],
    ['a very wide one', { isTTY: true, columns: 300 }, {}, { tty: true, color: true, width: 120 }],
  ])('%s', (_name, stream, env, expected) => {
    expect(timelineOptions(stream, env)).toEqual(expected);
  });
});

describe('renderSummary', () => {
  it('has one row a deployment, and the reasons of those that did not go through', () => {
    expect(renderSummary([unicornWatch], { width: 100, color: false })).toMatchInlineSnapshot(`
      "unicorn-watch-ui
      deployment                                          outcome            expected         time   hooks
      release 1, the first deployment                     ✓ Successful       yes       16 min 40 s       1
          approval: first deployment of the service: no approval is asked for
      release 2, accepted after five minutes              ✓ Successful       yes        22 min 9 s      12
          approval: accepted by arn:aws:sts::123456789012:assumed-role/Approver/ada: looks good on staging
      release 3, declined                                 ↺ Rolled back      yes         4 min 7 s       6
          approval: declined by arn:aws:sts::123456789012:assumed-role/Approver/ada: the checkout button
          is gone on narrow screens
      release 4, left without an answer                   ↺ Rolled back      yes        23 h 2 min   2,762
          approval: no decision within 1,380 min: 0 of 1 approvals, nobody voted
      ✓ as the scenario expects
      "
    `);
  });

  it('lists what differs from the expectation, and knows of each deployment only what it was told', () => {
    const met = { ...unicornWatch.deployments[0], expectation: { met: true, failures: [] } };
    const unmet = { ...unicornWatch.deployments[1], expectation: { met: false, failures: ['x'] } };
    const [, , third] = unicornWatch.deployments;
    const record = {
      ...unicornWatch,
      deployments: [met, unmet, third],
      expectation: { met: false, failures: ['release 2: x'] },
    } as PlayRecord;
    const lines = renderSummary([record], { width: 100, color: false }).split('\n');
    expect(lines.filter((line) => line.startsWith('release')).map((line) => line.slice(71, 79).trim())).toEqual([
      'yes',
      'no',
      '-',
    ]);
    expect(lines).toContain('✗ not as the scenario expects: 1 difference');
    expect(lines).toContain('  - release 2: x');
  });

  it('counts the time from the creation of each deployment', () => {
    expect(renderText(unicornWatch)).toContain('+00:06:27    ✓ approval SUCCEEDED  accepted by');
  });
});
