import { describe, expect, it } from 'vitest';
import type { DeploymentRecord, DistributionRecord, PlayRecord } from '../../simulator/record.ts';
import { renderHtml } from '../../simulator/report/html.ts';
import { Timeline } from '../../simulator/report/timeline.ts';
import { eventsOf } from '../../simulator/report/timeline-event.ts';
import { accepted } from '../fixtures/records/blue-green.ts';
import { poisoned, poisonedDeployment } from '../fixtures/records/consumer.ts';
import { play } from '../fixtures/records/play.ts';

const PLAYED = poisonedDeployment();
const BLUE = PLAYED.source?.id ?? '';
const GREEN = PLAYED.target.id;

const pageOf = (more: Partial<DeploymentRecord>) => renderHtml(play('test', [{ ...PLAYED, ...more }]));

function told(record: PlayRecord): string {
  const written: string[] = [];
  const timeline = new Timeline(
    { write: (text: string) => written.push(text) },
    { color: false, width: 120, tty: false },
  );
  for (const event of eventsOf(record)) timeline.on(event);
  return written.join('');
}

/** What one strip draws: its name, and the left edge, height and right edge of each bar. */
function strips(page: string) {
  const rows = page.matchAll(/strip-name">([^<]*)<.*?<path class="taken taken--(\w+)" d="([^"]*)"/gs);
  return [...rows].map(([, name, kind, d = '']) => {
    const bars = [...d.matchAll(/M([\d.]+) 100V([\d.]+)H([\d.]+)V100Z/g)].map((bar) => bar.slice(1).map(Number));
    return { name, kind, bars };
  });
}

describe('the consumption in the report', () => {
  const queue = (byRevision: Record<string, number[]>, deadLettered: number[] = [0, 0]) => ({
    consumption: [{ queue: 'orders', from: PLAYED.createdAt, stepMs: 60_000, byRevision, deadLettered }],
  });

  it('is a strip for each revision, blue first, the more the higher', () => {
    const [blue, green, ...more] = strips(pageOf(queue({ [BLUE]: [10, 0], [GREEN]: [0, 5] })));

    expect(more).toEqual([]);
    expect([blue?.name, blue?.kind, green?.name, green?.kind]).toEqual(['release-1', 'source', 'release-2', 'target']);
    expect(blue?.bars.map(([left, top]) => [left, top])).toEqual([[0, 6]]);
    expect(green?.bars.map(([, top]) => top)).toEqual([53]);
    expect(green?.bars[0]?.[0]).toBe(blue?.bars[0]?.[2]);
  });

  it('shows one message beside a thousand', () => {
    const [, green] = strips(pageOf(queue({ [BLUE]: [1000, 0], [GREEN]: [0, 1] })));
    expect(green?.bars.map(([, top]) => top)).toEqual([94]);
  });

  it('has a strip of dead letters where there are any, and of a revision that should not be there', () => {
    const found = strips(pageOf(queue({ [BLUE]: [1, 1], [GREEN]: [1, 1], '42': [1, 0] }, [0, 3])));
    expect(found.slice(2).map(({ name, kind }) => [name, kind])).toEqual([
      ['42', 'other'],
      ['dead-lettered', 'dead'],
    ]);
  });

  it('says in words how many, and when', () => {
    const page = pageOf(queue({ [BLUE]: [4, 2], [GREEN]: [0, 0] }));
    expect(page).toContain('orders: processed by release-1&#10;6 messages, from +00:00:00 to +00:02:00');
    expect(page).toContain('orders: processed by release-2&#10;none');
  });

  it('says which revision the parameter named', () => {
    const bars = [
      ...renderHtml(poisoned).matchAll(/class="consumer consumer--(\w+)"[^>]*aria-label="consumer: ([^&"]*)/g),
    ];
    const [first] = [bars.slice(0, 5).map(([, kind, name]) => `${kind} ${name}`)];
    expect(first).toEqual(['source release-1', 'none none', 'target release-2', 'none none', 'source release-1']);
  });

  it.each([
    ['4402117759038261173', 'other', '4402117759038261173'],
    ['', 'none', 'no parameter'],
    ['<b>', 'other', '&lt;b&gt;'],
  ])('and a value %j as %s, %s', (value, kind, name) => {
    const page = pageOf({ consumer: [{ at: PLAYED.createdAt, value }] });
    expect(page).toContain(`consumer consumer--${kind}"`);
    expect(page).toContain(`consumer: ${name}&#10;`);
  });

  it('is not there without queues', () => {
    const page = renderHtml(accepted);
    for (const part of ['class="strip"', 'row--consumer"', 'class="spread"']) expect(page).not.toContain(part);
  });
});

describe('the invocations by events', () => {
  it('have a lane, a row with event and AWS calls, and a mark that leads to it', () => {
    const page = renderHtml(poisoned);
    const [, id] = /<tr id="([\w-]+)"[^>]*>(?:(?!<\/tr>).)*SERVICE_<wbr>DEPLOYMENT_<wbr>COMPLETED/s.exec(page) ?? [];

    expect(page).toContain('<span class="hook-name">consumer-switch</span><span class="quiet">events</span>');
    expect(page).toContain('ssm:GetParameter, ecs:ListServiceDeployments');
    expect(page).toContain(`href="#${id}"`);
  });

  it('lie on the axis, though the deployment is over by then', () => {
    const page = renderHtml(poisoned);
    expect(page).toContain('+00:06:50');
    expect(page).toContain('<dt>took</dt><dd>6 min 49 s</dd>');
  });

  it('wear the face of the worst', () => {
    const [one] = PLAYED.eventInvocations ?? [];
    if (one === undefined) throw new Error('the fixture has no such invocation');
    const outcome = { kind: 'function-error', errorType: 'Error', errorMessage: 'no such table' } as const;
    const page = pageOf({ eventInvocations: [one, { ...one, startedAt: one.startedAt + 1, attempt: 2, outcome }] });

    expect(page).toMatch(/class="mark tone-error"[^>]*consumer-switch function error, attempt 2, Error: no such table/);
  });

  it('are in the timeline after the end, with what they called', () => {
    const lines = told(poisoned).split('\n');
    const end = lines.findIndex((line) => line.includes('ROLLBACK_SUCCESSFUL'));

    expect(
      lines
        .slice(end + 2)
        .join(' ')
        .replaceAll(/\s+/g, ' ')
        .trim(),
    ).toBe(
      '+00:06:50 ✓ consumer-switch handled SERVICE_DEPLOYMENT_COMPLETED: release-1 serves and may consume (ssm:GetParameter, ecs:ListServiceDeployments)',
    );
  });

  it('leave an empty line before the next deployment', () => {
    const next = { ...PLAYED, title: 'the next', deploymentArn: `${PLAYED.deploymentArn}2` };
    expect(told(play('two', [PLAYED, next]))).toMatch(/ListServiceDeployments\)\n\n━━ the next/);
  });
});

describe('the timeline', () => {
  it('has a line for each value of the consumer parameter', () => {
    const lines = told(poisoned)
      .split('\n')
      .filter((line) => line.includes('consumer:'));
    expect(lines.map((line) => line.replace(/^(\S+)\s+\S+ /, '$1 '))).toEqual([
      '+00:00:00 consumer: release-1',
      '+00:01:18 consumer: none',
      '+00:02:18 consumer: release-2',
      '+00:04:48 consumer: none',
      '+00:05:48 consumer: release-1',
    ]);
  });
});

describe('a distribution', () => {
  const values = [
    { value: 10, percentile: 0 },
    { value: 20, percentile: 90 },
    { value: 40, percentile: 99 },
    { value: 80, percentile: 100 },
  ];
  const distribution = (more: Partial<DistributionRecord> = {}): DistributionRecord => ({
    title: 'latency',
    unit: 'ms',
    series: [
      { name: 'blue', revision: BLUE, values },
      { name: 'limit', values: [] },
    ],
    ...more,
  });

  it('is a curve whose axis gives each nine the same room', () => {
    const [, d = ''] =
      /<path class="curve curve--source"[^>]*d="([^"]*)"/.exec(pageOf({ distributions: [distribution()] })) ?? [];
    const points = [...d.matchAll(/[ML]([\d.]+) ([\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)]);
    const [[x0], [x90, y90], [x99, y99], [x100, y100]] = points as [number[], number[], number[], number[]]; // four values

    expect([x0, x100, y100]).toEqual([0, 100, 4]);
    expect(x99 ?? 0).toBeCloseTo(2 * (x90 ?? 0), 1);
    expect((98 - (y99 ?? 0)) / (98 - (y90 ?? 0))).toBeCloseTo(2, 2);
  });

  it('names the percentiles that the values reach, and the figures of each series', () => {
    const page = pageOf({ distributions: [distribution()] });
    const ticks = [...page.matchAll(/spread__tick"[^>]*>([^<]*)</g)].map(([, text]) => text);

    expect(ticks).toEqual(['0 %', '50 %', '90 %', '99 %']);
    expect(page).toContain('p50 20 ms, p99 40 ms, max 80 ms');
    expect(page).toContain('nothing measured');
  });

  it('without any values is still a page', () => {
    expect(pageOf({ distributions: [distribution({ series: [] })] })).toContain('latency');
  });
});

it('the record of it all is JSON', () => {
  expect(JSON.parse(JSON.stringify(poisoned))).toEqual(poisoned);
});
