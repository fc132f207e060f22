import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlayRecord } from '../../simulator/record.ts';
import { escapeHtml, html } from '../../simulator/report/html/markup.ts';
import { renderHtml } from '../../simulator/report/html.ts';
import { renderText } from '../../simulator/report/text.ts';
import { accepted, declined, first, unanswered, unicornWatch } from '../fixtures/records/blue-green.ts';
import { hostile, interrupted, justStarted, SCRIPT, underWay } from '../fixtures/records/odd.ts';
import { DeploymentPlay, failed, MINUTE, play, revision, waiting } from '../fixtures/records/play.ts';
import { canary, canaryTurnedBack, linear } from '../fixtures/records/progressive.ts';

const ALL: readonly [string, PlayRecord][] = [
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
].map((record) => [record.scenario, record]);

const VOID = new Set(['meta', 'br', 'input', 'wbr']);
const TAG = /<(\/?)([a-z][a-z0-9]*)((?:\s+[a-zA-Z0-9:-]+(?:="[^"<>]*")?)*)\s*(\/?)>/g;

interface Tag {
  closing: boolean;
  name: string;
  attributes: string;
}

/** The tags of a page, its style sheet and script left out. Throws when they are not balanced or anything else is a tag. */
function tagsOf(page: string): Tag[] {
  const body = page
    .replace(/^<!doctype html>/, '')
    .replace(/(<style>)[^<]*/, '$1')
    .replace(/(<script>)[\s\S]*?(<\/script>)/, '$1$2');
  const tags: Tag[] = [];
  const open: string[] = [];
  for (const [, slash, name = '', attributes = '', selfClosing] of body.matchAll(TAG)) {
    tags.push({ closing: slash === '/', name, attributes });
    if (slash === '/') {
      if (open.pop() !== name) throw new Error(`</${name}> closes something else`);
    } else if (selfClosing !== '/' && !VOID.has(name)) open.push(name);
  }
  if (open.length > 0) throw new Error(`left open: ${open.join(' ')}`);
  const rest = body.replaceAll(TAG, '');
  if (/[<>]/.test(rest)) throw new Error(`not a tag: ${/.{0,40}[<>].{0,40}/s.exec(rest)?.[0]}`);
  return tags;
}

function attribute(page: string, name: string): string[] {
  return tagsOf(page).flatMap(({ attributes }) =>
    [...attributes.matchAll(new RegExp(`\\s${name}="([^"]*)"`, 'g'))].map((match) => match[1] ?? ''),
  );
}

describe.each(ALL)('the report of %s', (_name, record) => {
  const page = renderHtml(record);

  it('is well formed, with unique ids, and every link leads somewhere', () => {
    const ids = attribute(page, 'id');
    expect(ids).toEqual([...new Set(ids)]);
    for (const href of attribute(page, 'href')) expect(ids).toContain(href.slice(1));
    for (const label of attribute(page, 'aria-labelledby')) expect(ids).toContain(label);
  });

  it('loads nothing', () => {
    for (const href of attribute(page, 'href')) expect(href).toMatch(/^#/);
    expect(tagsOf(page).map(({ name }) => name)).not.toContain('img');
    expect(tagsOf(page).map(({ name }) => name)).not.toContain('link');
    expect(attribute(page, 'src')).toEqual([]);
    for (const [, target] of page.matchAll(/url\(([^)]*)\)/g)) expect(target).toBe('#p-target');
    expect(page).not.toContain('@import');
  });

  it('is the same every time', () => {
    expect(renderHtml(structuredClone(record))).toBe(page);
  });

  it('draws within the axis', () => {
    for (const style of attribute(page, 'style')) {
      const left = Number(/left:([\d.]+)%/.exec(style)?.[1] ?? 0);
      const width = Number(/width:([\d.]+)%/.exec(style)?.[1] ?? 0);
      expect(left + width).toBeLessThanOrEqual(100.01);
    }
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('has every reason in full', () => {
    for (const deployment of record.deployments) {
      expect(page).toContain(escapeHtml(deployment.title));
      if (deployment.statusReason) expect(page).toContain(escapeHtml(deployment.statusReason));
      for (const note of deployment.notes) expect(page).toContain(escapeHtml(note.text));
      for (const hook of deployment.stages.flatMap((stage) => stage.hooks)) {
        const { outcome } = hook.invocations.at(-1) ?? {};
        if (outcome?.kind === 'answer')
          expect(page).toContain(`<p class="said">${escapeHtml(outcome.reason ?? '')}</p>`);
      }
    }
  });
});

describe('escaping', () => {
  it('lets no text become markup', () => {
    const page = renderHtml(hostile);
    expect(tagsOf(page).filter(({ name, closing }) => name === 'script' && !closing)).toHaveLength(1);
    expect(page).not.toContain(SCRIPT);
    expect(page).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;');
    expect(page).not.toMatch(/(?![\n])\p{Cc}/u);
    expect(page.isWellFormed()).toBe(true);
  });

  it('gives the same tags whatever the texts say', () => {
    const shape = (text: string): string => {
      const going = new DeploymentPlay({
        title: text,
        cluster: text,
        source: { ...revision(1), name: text },
        target: { ...revision(2), name: text },
      });
      going.note('action', text).stage('POST_SCALE_UP', (stage) => {
        going.hook(stage, text, [waiting(text), { kind: 'function-error', errorType: text, errorMessage: text }], {
          awsCalls: [text],
        });
      });
      const page = renderHtml(
        play(text, [going.finish('ROLLBACK_FAILED', text)], {
          description: text,
          readings: { [text]: text },
          expectation: { met: false, failures: [text] },
        }),
      );
      return tagsOf(page)
        .map(
          ({ closing, name, attributes }) =>
            `${closing ? '/' : ''}${name} ${[...attributes.matchAll(/\s([a-zA-Z0-9:-]+)(?:="[^"]*")?/g)].map((match) => match[1])}`,
        )
        .join('\n');
    };
    const plain = shape('plain');
    const nasty = fc
      .array(
        fc.constantFrom(
          '<',
          '>',
          '"',
          "'",
          '&',
          '`',
          '=',
          '/',
          '-->',
          '<!--',
          '</style>',
          '</script>',
          '\n',
          '\r',
          '\0',
          'a',
          '{{',
          '${',
        ),
        { minLength: 1 },
      )
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.oneof(nasty, fc.string({ unit: 'binary', minLength: 1 })), (text) => {
        expect(shape(text)).toBe(plain);
      }),
      { numRuns: 60 },
    );
  });

  it('escapes every value of a template, and joins lists', () => {
    expect(html`<p title="${'"'}">${['<', html`<br>`, 1]}${false}${undefined}</p>`.markup).toBe(
      '<p title="&quot;">&lt;<br>1</p>',
    );
  });

  it('lets only its own script run', () => {
    const page = renderHtml(hostile);
    const [, script = ''] = /<script>([\s\S]*?)<\/script>/.exec(page) ?? [];
    const [, hash] = /script-src &#39;sha256-([^&]+)&#39;/.exec(page) ?? [];
    expect(hash).toBe(createHash('sha256').update(script).digest('base64'));
    expect(page).toContain('default-src &#39;none&#39;');
  });
});

describe('the chart', () => {
  const marks = (page: string, look: string): number =>
    page.match(new RegExp(`<a class="mark tone-${look}"`, 'g'))?.length ?? 0;

  it('has a mark for each look of a short wait', () => {
    const compressed = renderHtml(accepted).split('class="chart chart--even"')[0] ?? '';
    expect(marks(compressed, 'waiting')).toBe(10);
    expect(marks(compressed, 'succeeded')).toBe(2);
  });

  it('draws a long wait as one, small enough to send', () => {
    const page = renderHtml(unanswered);
    expect(page).toContain('>2,760 looks</a>');
    expect(page).toContain('… 2,748 more of the same …');
    expect(page).toContain('× 2,760');
    expect(page.length).toBeLessThan(80_000);
  });

  it('names time, attempt, answer, reason and AWS calls at each mark', () => {
    const tips = attribute(renderHtml(declined), 'data-tip');
    expect(tips).toContain(
      escapeHtml(
        'approval: FAILED\n+00:03:27, attempt 5\nPOST_TEST_TRAFFIC_SHIFT\ndeclined by arn:aws:sts::123456789012:assumed-role/Approver/ada: the checkout button is gone on narrow screens\nAWS calls: ssm:GetParameterHistory',
      ),
    );
  });

  it('offers the true scale where something was cut short, and only there', () => {
    expect(renderHtml(unanswered)).toContain('true to scale');
    expect(renderHtml(unanswered)).toMatch(/<span class="gap"[^>]*>.*?22 h 59 min<\/span>/);
    expect(renderHtml(declined)).not.toContain('true to scale');
  });

  it('tells forward from rollback, and shows the stages never reached', () => {
    const page = renderHtml(declined);
    expect(page.match(/bar bar--rollback/g)).toHaveLength(2);
    expect(page.match(/bar bar--forward/g)).toHaveLength(5);
    expect(page.match(/class="bar bar--forward bar--failed"/g)).toHaveLength(1);
    expect(page.match(/<code class="unreached">/g)).toHaveLength(4);
    expect(page.match(/class="turning"/g)).toHaveLength(1);
  });

  it('stacks the weights: the areas of one moment fill the row, and the target grows step by step', () => {
    const page = renderHtml(linear).split('class="chart chart--even"')[0] ?? '';
    const [, production = ''] = page.split('class="row row--production"');
    const rects = [
      ...(production.split('class="row row--test"')[0] ?? '').matchAll(
        /area--(\w+)" x="([\d.]+)%" width="[\d.]+%" y="[\d.]+%" height="([\d.]+)%"/g,
      ),
    ];
    const heights = (name: string) => rects.filter((rect) => rect[1] === name).map((rect) => Number(rect[3]));
    expect(heights('target')).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90, 100]);
    expect(heights('source')).toEqual([100, 90, 80, 70, 60, 50, 40, 30, 20, 10]);
  });

  it('flags what came from outside', () => {
    const tips = attribute(renderHtml(interrupted), 'data-tip');
    for (const tip of [
      'alarm\n+00:19:24  alarm: ui-5xx-high is in ALARM',
      'stop\n+00:00:41  stop: StopServiceDeployment stopType ABORT',
    ]) {
      expect(tips).toContain(escapeHtml(tip));
    }
  });

  it('cuts the bar of a long wait where the axis is broken', () => {
    expect(renderHtml(unanswered).match(/<i class="cut"/g)).toHaveLength(1);
    expect(renderHtml(declined)).not.toContain('<i class="cut"');
  });

  it('ends the lane of a pause or a timeout with how it ended', () => {
    const going = new DeploymentPlay({ title: 'runs out', source: revision(1), target: revision(2) });
    going.stage('POST_SCALE_UP', (stage) => {
      const run = going.hook(stage, 'slow', [waiting('busy')], { timeoutMinutes: 5 });
      going.wait(5 * MINUTE);
      run.status = 'TIMED_OUT';
      run.endedAt = going.now;
      going.pause(stage, 'by-hand', MINUTE, 'AWAITING_ACTION');
    });
    const tips = attribute(renderHtml(play('runs out', [going.record])), 'data-tip');
    expect(tips).toContain(
      escapeHtml('slow: TIMED_OUT\n+00:00:00 to +00:05:00, 5 min\nPOST_SCALE_UP\nexpires at +00:05:00, then ROLLBACK'),
    );
    expect(tips.some((tip) => tip.startsWith('by-hand: AWAITING_ACTION'))).toBe(true);
    const ended = attribute(renderHtml(interrupted), 'data-tip').filter((tip) => tip.startsWith('manual-check: '));
    expect(ended.map((tip) => tip.split('&#10;')[0])).toEqual(
      ['SUCCEEDED', 'SUCCEEDED', 'TIMED_OUT', 'TIMED_OUT'].map((status) => `manual-check: ${status}`),
    );
  });

  it('is no chart while no stage has begun', () => {
    expect(renderHtml(justStarted)).toContain('No stage has begun.');
    expect(renderHtml(justStarted)).not.toContain('class="chart');
  });
});

describe('the page', () => {
  it('leads from the overview to each deployment', () => {
    const page = renderHtml(unicornWatch);
    for (const index of [1, 2, 3, 4]) {
      expect(attribute(page, 'id')).toContain(`p1-d${index}`);
      expect(attribute(page, 'href')).toContain(`#p1-d${index}`);
    }
    expect(page).toContain(
      '4 deployments · 2 successful · 2 rolled back · 2,781 hook invocations · 23 h 45 min of simulated time',
    );
  });

  it('names the hook that turned the deployment back, not one that failed in the rollback', () => {
    const going = new DeploymentPlay({ title: 'bad luck', source: revision(1), target: revision(2) });
    going.stage('PRODUCTION_TRAFFIC_SHIFT', (stage) => void going.hook(stage, 'judge', [failed('5xx 4.8 %')]));
    going.rollback('hook failed').stage('PRODUCTION_TRAFFIC_SHIFT', (stage) => {
      going.hook(stage, 'switch', [failed('lease lost')]);
    });
    const record = play('bad luck', [going.finish('ROLLBACK_FAILED', 'hook failed')]);
    expect(renderHtml(record)).toMatch(/<div class="why why--bad">.*<b>judge<\/b><\/a> at .*: 5xx 4\.8 %<\/p>/);
    expect(renderText(record)).toContain('    judge: 5xx 4.8 %');
  });

  it('survives a play without deployments', () => {
    const record = { ...justStarted, deployments: [] };
    expect(renderHtml(record)).toContain('No deployment was played.');
    expect(renderText(record)).toContain('ui-just-started\n');
  });

  it('says whether the expectation was met, and what differs', () => {
    expect(renderHtml(accepted)).toContain('</svg>As expected</span>');
    const page = renderHtml(canaryTurnedBack);
    expect(page).toContain('</svg>Not as expected</span>');
    expect(page).toContain('<li>release 2: canary should answer SUCCEEDED at step 1</li>');
    expect(renderHtml(canary)).not.toMatch(/(As|Not as) expected/);
  });

  it('states the readings chosen', () => {
    expect(renderHtml(accepted)).toContain('<dt>hookDetails-merge</dt><dd>shallow</dd>');
    expect(renderHtml(canary)).not.toContain('Readings chosen');
  });

  it('holds several plays, without mixing their ids', () => {
    const page = renderHtml([accepted, declined]);
    expect(page).toContain('<title>2 scenarios');
    expect(attribute(page, 'id')).toEqual([...new Set(attribute(page, 'id'))]);
    expect(attribute(page, 'href')).toEqual(expect.arrayContaining(['#p1', '#p2']));
  });
});
