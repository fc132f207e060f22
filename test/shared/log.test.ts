import { describe, expect, it } from 'vitest';
import { log, logDecision, putMetrics } from '../../shared/log.ts';
import { captureOutput } from '../fixtures/output.ts';

const output = captureOutput();

describe('log', () => {
  it.each(['info', 'warn', 'error'] as const)('%s writes one line of JSON with its fields', (level) => {
    log[level]('something happened', { n: 1, text: 'a\nb' });
    expect(output.lines()).toHaveLength(1);
    expect(output.records()).toEqual([
      expect.objectContaining({ level: level.toUpperCase(), message: 'something happened', n: 1, text: 'a\nb' }),
    ]);
  });

  it('can be called without fields, and keeps debug to itself', () => {
    log.debug('quiet');
    log.debug('quiet', { n: 1 });
    log.info('loud');
    log.warn('loud');
    log.error('loud');
    expect(output.records().map(({ message }) => message)).toEqual(['loud', 'loud', 'loud']);
  });
});

describe('logDecision', () => {
  it('writes one line with the service and the fields, and none of the fields stay for the next', () => {
    logDecision('info', 'ui', { hook: 'probe', status: 'SUCCEEDED', evidence: { n: 1 } });
    logDecision('error', 'ui', { hook: 'probe', status: 'FAILED' });
    expect(output.lines()).toHaveLength(2);
    expect(output.decisions()).toEqual([
      expect.objectContaining({ level: 'INFO', service: 'ui', hook: 'probe', status: 'SUCCEEDED', evidence: { n: 1 } }),
      expect.objectContaining({ level: 'ERROR', service: 'ui', hook: 'probe', status: 'FAILED' }),
    ]);
    expect(output.decisions()[1]).not.toHaveProperty('evidence');
  });

  it('keeps the services apart, and writes of an unknown one too', () => {
    for (const service of ['ui', 'catalog', undefined]) logDecision('info', service, {});
    expect(output.decisions().map(({ service }) => service)).toEqual(['ui', 'catalog', 'unknown']);
  });

  it('goes on with endless service names', () => {
    for (let n = 0; n < 150; n += 1) logDecision('info', `service-${n}`, {});
    expect(output.decisions().map(({ service }) => service)).toEqual(
      Array.from({ length: 150 }, (_, n) => `service-${n}`),
    );
  });

  it('shows what JSON cannot hold, instead of failing', () => {
    const circular: Record<string, unknown> = { n: 7n };
    circular.self = circular;
    logDecision('info', 'ui', { evidence: circular });
    expect(output.decisions()).toEqual([expect.objectContaining({ evidence: { n: '7' } })]);
  });
});

describe('putMetrics', () => {
  // Amazon CloudWatch User Guide, page CloudWatch_Embedded_Metric_Format_Specification.
  it('writes one record of the embedded metric format', () => {
    const before = Date.now();
    putMetrics('probe', 'PRE_SCALE_UP', { Succeeded: 1, Duration: 12.3 });
    expect(output.lines()).toHaveLength(1);
    const [record] = output.metrics();
    expect(record).toEqual({
      _aws: {
        Timestamp: expect.any(Number),
        CloudWatchMetrics: [
          {
            Namespace: 'EcsLifecycleHooks',
            Dimensions: [['service', 'hook', 'stage']],
            Metrics: [
              { Name: 'Succeeded', Unit: 'Count' },
              { Name: 'Duration', Unit: 'Milliseconds' },
            ],
          },
        ],
      },
      service: 'ecs-lifecycle-hooks',
      hook: 'probe',
      stage: 'PRE_SCALE_UP',
      Succeeded: 1,
      Duration: 12.3,
    });
    // Milliseconds since the epoch, as the specification asks: a value in seconds would be a date of 1970.
    expect(record?._aws).toMatchObject({ Timestamp: expect.toSatisfy((at: number) => at >= before) });
  });

  it('keeps nothing of it for the next record', () => {
    putMetrics('probe', 'PRE_SCALE_UP', { Failed: 1, Errors: 1 });
    putMetrics('other', 'unknown', { InProgress: 1 });
    const [, second] = output.metrics();
    expect(second).toMatchObject({ hook: 'other', stage: 'unknown', InProgress: 1 });
    expect(second).not.toHaveProperty('Errors');
    expect(second?._aws).toMatchObject({
      CloudWatchMetrics: [{ Dimensions: [['service', 'hook', 'stage']], Metrics: [{ Name: 'InProgress' }] }],
    });
  });
});
