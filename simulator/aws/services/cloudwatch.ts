import { type AlarmStore, describeAlarms } from '../cloudwatch/alarms.ts';
import { QUERY_ERROR_CODES } from '../cloudwatch/errors.ts';
import { getMetricData } from '../cloudwatch/get-metric-data.ts';
import { getMetricStatistics } from '../cloudwatch/get-metric-statistics.ts';
import { listMetrics } from '../cloudwatch/list-metrics.ts';
import type { MetricStore } from '../cloudwatch/metric-store.ts';
import { putMetricData } from '../cloudwatch/put-metric-data.ts';
import { AwsError } from '../errors.ts';
import type { ServiceDefinition } from '../service.ts';
import { jsonServiceErrors } from './common-errors.ts';

/**
 * The metrics of Amazon CloudWatch (CloudWatch API reference): written, read and listed; and the states of
 * alarms. Dashboards, streams and anomaly detectors are not there.
 */
export function cloudWatchService(store: MetricStore, alarms: AlarmStore): ServiceDefinition {
  return {
    // The service's name in signatures; in IAM actions it is cloudwatch.
    id: 'monitoring',
    protocol: { kind: 'json', targetPrefix: 'GraniteServiceVersion20100801', queryErrorCodes: QUERY_ERROR_CODES },
    operations: {
      PutMetricData: (input, { now }) => putMetricData(store, input, now),
      GetMetricData: (input, { now }) => getMetricData(store, input, now),
      GetMetricStatistics: (input, { now }) => getMetricStatistics(store, input, now),
      DescribeAlarms: (input, context) => describeAlarms(alarms, input, context),
      ListMetrics: (input, { now }) => listMetrics(store, input, now),
    },
    // None of these operations is asked for a resource here (service authorization reference, page "Amazon CloudWatch").
    resource: () => '*',
    errors: jsonServiceErrors('cloudwatch', {
      serverError: new AwsError(
        'InternalServiceFault',
        'Request processing has failed due to some unknown error, exception, or failure.',
        500,
      ),
      notFound: () => new AwsError('ResourceNotFoundException', 'The named resource does not exist.', 404),
    }),
  };
}
