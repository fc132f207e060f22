import { describe, expect, it } from 'vitest';
import type { MetricRecord, PlayRecord } from '../../simulator/record.ts';
import { renderHtml } from '../../simulator/report/html.ts';
import { canary } from '../fixtures/records/progressive.ts';

const MINUTE = 60_000;

/** The canary of the fixtures with one metric, a value of blue and of green for each minute. */
function withMetric(blue: (number | null)[], green: (number | null)[], more: Partial<MetricRecord> = {}): PlayRecord {
  const [deployment] = canary.deployments;
  if (deployment?.source === undefined) throw new Error('the fixture has no such deployment');
  const { source, target, createdAt } = deployment;
  const values = { [source.id]: blue, [target.id]: green };
  const metric = { title: '5xx', unit: '%', from: createdAt, stepMs: MINUTE, values, ...more };
  return { ...canary, deployments: [{ ...deployment, metrics: [metric] }] };
}

/** The rows of metrics in the first chart. */
function rowsOf(record: PlayRecord): string {
  const [first = ''] = renderHtml(record).split('class="chart chart--even"');
  return [...first.matchAll(/<div class="row row--metric">.*?<\/svg>/gs)].map(([row]) => row).join('\n');
}

/** What is drawn of each revision, blue first. */
function linesOf(record: PlayRecord): string[] {
  return [...rowsOf(record).matchAll(/<path class="line line--\w+" [^>]*d="([^"]*)"/g)].map(([, d = '']) => d);
}

const numbers = (path: string | undefined) => (path ?? '').match(/[\d.]+/g)?.map(Number) ?? [];

describe('the metrics in the report', () => {
  it('are not there when nothing was measured', () => {
    expect(rowsOf(canary)).toBe('');
  });

  it('are stairs of each revision, within the axis, the more the higher', () => {
    const [blue, green] = linesOf(withMetric([1, 1, 1], [1, 2, 4]));

    expect(blue?.match(/[ML]/g)).toEqual(['M', 'L', 'L']);
    expect([...numbers(blue), ...numbers(green)].every((value) => value >= 0 && value <= 100)).toBe(true);
    // x and y of the beginning of a step, and x of its end.
    const [, first, , , second, , , third] = numbers(green);
    expect([first, second, third]).toEqual([72.5, 50, 5]);
  });

  it('break where nothing was measured', () => {
    const [, green] = linesOf(withMetric([1, 1, 1, 1, 1], [null, 1, null, 1, 1]));

    expect(green?.match(/[ML]/g)).toEqual(['M', 'M', 'L']);
  });

  it('lie on the same axis as the weights, whatever their step', () => {
    const [blue] = linesOf(withMetric([1, 1], [1, 1]));
    const [coarse] = linesOf(withMetric([1], [1], { stepMs: 2 * MINUTE }));

    expect(numbers(coarse)[0]).toBe(numbers(blue)[0]);
    expect(numbers(coarse)[2]).toBe(numbers(blue).at(-1));
  });

  it.each<[number, string]>([
    [0, '1'],
    [0.7, '0.8'],
    [2.4, '3'],
    [999, '1000'],
    [1001, '1500'],
    [6001, '8000'],
  ])('have a round number above them: of %d it is %s', (most, top) => {
    expect(rowsOf(withMetric([0], [most]))).toContain(`<span class="top">${top}</span>`);
  });

  it('say in words what they show', () => {
    expect(rowsOf(withMetric([1, 3], [null, null]))).toMatch(
      /data-tip="5xx, %&#10;\S+: 1 to 3 %, mean 2&#10;\S+: nothing measured"/,
    );
  });

  it('let no text become markup', () => {
    const rows = rowsOf(withMetric([1], [1], { title: '<b>', unit: '"><i>' }));

    expect(rows).toContain('&lt;b&gt;');
    expect(rows).not.toMatch(/<b>|<i>/);
  });
});
