import { describe, expect, it, vi } from 'vitest';
import { decisionLog, log, putMetrics } from '../../shared/log.ts';
import { captureOutput } from '../fixtures/output.ts';

const output = captureOutput();

describe('log', () => {
  it.each(['info', 'warn', 'error'] as const)('%s writes one line of JSON with its fields', (level) => {
    log[level]('something happened', { n: 1, text: 'a\nb' });
    expect(output.lines()).toHaveLength(1);
    expect(output.records()).toEqual([
      expect.objectContaining({ level: level.toUpperCase(), message: 'something happened', n: 1, text: 'a\nb' }),
    ]);
    expect(process.stderr.write).toHaveBeenCalledTimes(level === 'info' ? 0 : 1);
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

describe('decisionLog', () => {
  it('writes one line with the service and the fields, and none of the fields stay for the next', () => {
    decisionLog.write('info', 'ui', { hook: 'probe', status: 'SUCCEEDED', evidence: { n: 1 } });
    decisionLog.write('error', 'ui', { hook: 'probe', status: 'FAILED' });
    expect(output.lines()).toHaveLength(2);
    expect(output.decisions()).toEqual([
      expect.objectContaining({ level: 'INFO', service: 'ui', hook: 'probe', status: 'SUCCEEDED', evidence: { n: 1 } }),
      expect.objectContaining({ level: 'ERROR', service: 'ui', hook: 'probe', status: 'FAILED' }),
    ]);
    expect(output.decisions()[1]).not.toHaveProperty('evidence');
  });

  it('keeps the services apart, and writes of an unknown one too', () => {
    for (const service of ['ui', 'catalog', undefined]) decisionLog.write('info', service, {});
    expect(output.decisions().map(({ service }) => service)).toEqual(['ui', 'catalog', 'unknown']);
  });

  it('goes on with endless service names', () => {
    for (let n = 0; n < 150; n += 1) decisionLog.write('info', `service-${n}`, {});
    expect(output.decisions().map(({ service }) => service)).toEqual(
      Array.from({ length: 150 }, (_, n) => `service-${n}`),
    );
  });

  it('shows what JSON cannot hold, instead of failing', () => {
    const circular: Record<string, unknown> = { n: 7n };
    circular.self = circular;
    decisionLog.write('info', 'ui', { evidence: circular });
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

describe('a line', () => {
  it('begins with what Powertools for AWS Lambda begins with, which no field can change', () => {
    vi.stubEnv('_X_AMZN_TRACE_ID', 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=557abcec3ee5a047;Sampled=1');
    decisionLog.write('info', 'ui', { level: 'ERROR', message: 'forged', service: 'other', timestamp: 'never', n: 1 });
    vi.unstubAllEnvs();
    expect(Object.entries(output.decisions()[0] ?? {})).toEqual([
      ['level', 'INFO'],
      ['message', 'decision'],
      ['timestamp', expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)],
      ['service', 'ui'],
      ['sampling_rate', 0],
      ['xray_trace_id', '1-5759e988-bd862e3fe1be46a994272793'],
      ['n', 1],
    ]);
  });

  it('commands no terminal and turns no text around, and still says what was said', () => {
    const text = 'a\u009b2Jb\u202ec';
    log.info('fields', { text });
    expect(output.text()).not.toMatch(/[\u009b\u202e]/);
    expect(output.records()).toMatchObject([{ text }]);
  });

  it('leaves out what is empty, and keeps 0 and false', () => {
    log.info('fields', { a: undefined, b: null, c: '', d: 0, e: false, f: { g: null } });
    const [record] = output.records();
    expect(record).toMatchObject({ d: 0, e: false, f: { g: null } });
    for (const key of ['a', 'b', 'c', 'xray_trace_id']) expect(record).not.toHaveProperty(key);
  });

  it('shows an error, and an object that comes twice both times', () => {
    const twice = { n: 1 };
    log.error('failed', { error: new TypeError('no such thing'), list: [twice, twice], big: 1n });
    expect(output.records()).toEqual([
      expect.objectContaining({
        error: {
          name: 'TypeError',
          message: 'no such thing',
          stack: expect.stringContaining('TypeError: no such thing'),
        },
        list: [twice, twice],
        big: '1',
      }),
    ]);
  });
});

describe('what the environment asks for', () => {
  const ALL = ['debug', 'info', 'warn', 'error', 'decision'];
  it.each<[string, Record<string, string>, string[], number]>([
    ['nothing', {}, ALL.slice(1), 1],
    ['POWERTOOLS_LOG_LEVEL', { POWERTOOLS_LOG_LEVEL: 'Debug' }, ALL, 1],
    ['the lowest level', { POWERTOOLS_LOG_LEVEL: 'TRACE' }, ALL, 1],
    ['a level that is none', { POWERTOOLS_LOG_LEVEL: 'LOUD' }, ALL.slice(1), 1],
    ['SILENT', { POWERTOOLS_LOG_LEVEL: 'SILENT' }, [], 1],
    ["the function's own level", { AWS_LAMBDA_LOG_LEVEL: 'WARN' }, ['warn', 'error'], 1],
    ['the stricter of the two', { POWERTOOLS_LOG_LEVEL: 'DEBUG', AWS_LAMBDA_LOG_LEVEL: 'ERROR' }, ['error'], 1],
    ['no metrics', { POWERTOOLS_METRICS_DISABLED: 'true' }, ALL.slice(1), 0],
  ])('%s', async (_, variables, messages, metrics) => {
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
    vi.resetModules();
    const fresh = await import('../../shared/log.ts');
    vi.unstubAllEnvs();
    for (const level of ['debug', 'info', 'warn', 'error'] as const) fresh.log[level](level);
    fresh.decisionLog.write('info', 'ui', {});
    fresh.putMetrics('probe', 'PRE_SCALE_UP', { Succeeded: 1 });
    expect(output.records().flatMap(({ message }) => message ?? [])).toEqual(messages);
    expect(output.metrics()).toHaveLength(metrics);
  });
});
