import '../../hooks/quiet.ts';
import { lambdaHandler } from '../../../shared/lambda.ts';
import { AwsError } from '../../../simulator/aws/errors.ts';
import type { LocalAws } from '../../../simulator/aws/local-aws.ts';
import { explore } from '../../../simulator/engine/all-readings.ts';
import { parseChoices, type Readings } from '../../../simulator/engine/readings.ts';
import { READINGS } from '../../../simulator/engine/readings-table.ts';
import type { PlayRecord } from '../../../simulator/record.ts';
import type { MakeHandler } from '../../../simulator/scenario/functions.ts';
import { play } from '../../../simulator/scenario/play.ts';
import type { Scenario } from '../../../simulator/scenario/schema.ts';
import { SUBJECTS } from '../matrix/hooks.ts';
import { MemoryTransport } from '../matrix/transport.ts';
import { VirtualTime } from '../matrix/virtual-time.ts';

/** One play under one combination of readings. */
export interface PlayedReadings {
  /** Readings that differ from the scenario's own and from the defaults. */
  deviations: Readonly<Record<string, string>>;
  /** What the scenario expects and did not come to; empty where all came as expected. */
  failures: readonly string[];
}

export interface Explored {
  plays: PlayedReadings[];
  /** Branches that were found and not played because of the cap. */
  unplayed: number;
}

/** What a play did that no expectation of a scenario can say, a sentence each. */
export type Audit = (record: PlayRecord, aws: LocalAws | undefined) => string[];

/**
 * Plays a scenario under every combination of readings that it can tell apart, up to `cap`, those with the fewest
 * deviations first. The hooks run in this process, on the play's own clock.
 */
export async function exploreReadings(scenario: Scenario, cap: number, audit: Audit = () => []): Promise<Explored> {
  const time = new VirtualTime();
  const transport = new MemoryTransport();
  const fixed = parseChoices(scenario.readings);
  const found: Explored = { plays: [], unplayed: 0 };
  const onCapped = (unplayed: number) => {
    found.unplayed = unplayed;
  };
  time.install();
  transport.install();
  try {
    // The first time, clients read their configuration from files.
    time.patient = true;
    const playOne = async (readings: Readings) => {
      const failures = await playOnce(scenario, readings, { time, transport, audit });
      time.patient = false;
      return failures;
    };
    for await (const { choices, result } of explore(playOne, { cap, fixed, onCapped })) {
      const usual: Readonly<Record<string, string>> = { ...defaults(), ...fixed };
      const deviations = Object.entries(choices).filter(([id, value]) => usual[id] !== value);
      found.plays.push({ deviations: Object.fromEntries(deviations), failures: result });
    }
  } finally {
    transport.uninstall();
    time.uninstall();
  }
  return found;
}

function defaults(): Record<string, string> {
  return Object.fromEntries(Object.entries(READINGS).map(([id, reading]) => [id, reading.default]));
}

interface Machinery {
  time: VirtualTime;
  transport: MemoryTransport;
  audit: Audit;
}

async function playOnce(
  scenario: Scenario,
  readings: Readings,
  { time, transport, audit }: Machinery,
): Promise<string[]> {
  time.restart(Date.parse(scenario.start));
  let account: LocalAws | undefined;
  const makeHandler: MakeHandler = ({ artifact, environment, accessKeyId, aws, clock }) => {
    const subject = SUBJECTS.find(({ hook }) => hook.name === artifact);
    if (subject === undefined) throw new Error(`there is no hook ${artifact}`);
    const handler = lambdaHandler(subject.hook, { now: () => new Date(), env: environment });
    transport.connect(aws);
    account = aws;
    return async (event, context) => {
      time.follow(clock.now());
      transport.accessKeyId = accessKeyId;
      return handler(event, context);
    };
  };
  try {
    const record = await time.run(play(scenario, { readings, makeHandler }));
    return [...(record.expectation?.failures ?? []), ...audit(record, account)];
  } catch (error) {
    // By these readings ECS takes no such service: that, too, is worth knowing.
    if (!(error instanceof AwsError)) throw error;
    return [`ECS refuses: ${error.name}: ${error.message}`];
  }
}
