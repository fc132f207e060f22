import type {
  DeploymentConfiguration,
  ServiceDeploymentAlarms,
  ServiceDeploymentCircuitBreaker,
  ServiceDeploymentRollbackMonitorsStatus,
} from '@aws-sdk/client-ecs';
import { strategyOf } from './definition.ts';
import type { Readings } from './readings.ts';
import type { AlarmState } from './state.ts';

/** What watches one deployment: CloudWatch alarms and the deployment circuit breaker. */
export class Monitors {
  private readonly configuration: DeploymentConfiguration;
  private readonly readings: Readings;
  private readonly threshold: number;
  private readonly triggeredAlarms = new Set<string>();
  private readonly forgiven = new Set<string>();
  private failureCount = 0;
  private complete = false;

  constructor(configuration: DeploymentConfiguration, desiredCount: number, readings: Readings) {
    this.configuration = configuration;
    this.readings = readings;
    this.threshold = circuitBreakerThreshold(configuration, desiredCount);
  }

  /** The alarm, if any, that fails the deployment as it starts. */
  alarmAtStart(alarms: ReadonlyMap<string, AlarmState>): string | undefined {
    const alarming = this.watched().filter((name) => this.isAlarming(alarms.get(name)));
    if (alarming.length === 0) return undefined;
    if (this.readings.reading('alarmAlreadyInAlarm') === 'fails') return alarming[0];
    for (const name of alarming) this.forgiven.add(name);
    return undefined;
  }

  /** The alarm, if any, that is going off now. */
  alarming(alarms: ReadonlyMap<string, AlarmState>): string | undefined {
    for (const name of this.forgiven) {
      if (!this.isAlarming(alarms.get(name))) this.forgiven.delete(name);
    }
    return this.watched().find((name) => !this.forgiven.has(name) && this.isAlarming(alarms.get(name)));
  }

  /** Whether alarms count already, before the first PRODUCTION_TRAFFIC_SHIFT. */
  watchesBeforeShift(): boolean {
    const isRolling = strategyOf(this.configuration) === 'ROLLING';
    return isRolling || this.readings.reading('alarmWindow') === 'whole-deployment';
  }

  trigger(alarm: string): void {
    this.triggeredAlarms.add(alarm);
  }

  circuitBreakerOn(): boolean {
    if (this.configuration.deploymentCircuitBreaker?.enable !== true) return false;
    return strategyOf(this.configuration) === 'ROLLING' || this.readings.reading('circuitBreakerStrategies') === 'all';
  }

  /** Counts a failed task; true when that trips the circuit breaker. */
  taskFailed(): boolean {
    this.failureCount += 1;
    return this.failureCount >= this.threshold;
  }

  end(): void {
    this.complete = true;
  }

  describeAlarms(): ServiceDeploymentAlarms {
    const alarmNames = this.configuration.alarms?.alarmNames ?? [];
    const enabled = this.configuration.alarms?.enable === true;
    const triggeredAlarmNames = [...this.triggeredAlarms];
    return { status: this.status(enabled, triggeredAlarmNames.length > 0), alarmNames, triggeredAlarmNames };
  }

  describeCircuitBreaker(): ServiceDeploymentCircuitBreaker {
    const { threshold, failureCount } = this;
    const enabled = this.configuration.deploymentCircuitBreaker?.enable === true;
    const status = this.status(enabled, enabled && failureCount >= threshold);
    return enabled ? { status, failureCount, threshold } : { status, failureCount: 0, threshold: 0 };
  }

  private status(enabled: boolean, triggered: boolean): ServiceDeploymentRollbackMonitorsStatus {
    if (!enabled) return 'DISABLED';
    if (triggered) return 'TRIGGERED';
    return this.complete ? 'MONITORING_COMPLETE' : 'MONITORING';
  }

  private watched(): readonly string[] {
    const { alarms } = this.configuration;
    return alarms?.enable === true ? (alarms.alarmNames ?? []) : [];
  }

  private isAlarming(state: AlarmState | undefined): boolean {
    if (state === 'INSUFFICIENT_DATA') return this.readings.reading('alarmInsufficientData') === 'fails';
    return state === 'ALARM';
  }
}

/** Failed tasks that trip the circuit breaker (API reference, ThresholdConfiguration). */
function circuitBreakerThreshold(configuration: DeploymentConfiguration, desiredCount: number): number {
  const { type, value } = configuration.deploymentCircuitBreaker?.thresholdConfiguration ?? {
    type: 'BOUNDED_PERCENT',
    value: 50,
  };
  const amount = value ?? 50;
  const share = Math.ceil((amount * desiredCount) / 100);
  switch (type) {
    case 'COUNT':
      return amount;
    case 'UNBOUNDED_PERCENT':
      return Math.max(share, 1);
    default:
      return Math.min(Math.max(share, 3), 200);
  }
}
