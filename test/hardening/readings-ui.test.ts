import { READ_SCENARIOS } from './readings/differences.ts';
import { describeReadings } from './readings-kit.ts';

// A file of its own: its approvers take hours, and are asked about every half minute.
describeReadings(READ_SCENARIOS.filter(({ file }) => file.endsWith('/ui.yaml')));
