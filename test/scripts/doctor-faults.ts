import { ATTACHMENT_FAULTS } from './doctor-faults-attachment.ts';
import { CONFIGURATION_FAULTS } from './doctor-faults-configuration.ts';
import { FUNCTION_FAULTS } from './doctor-faults-function.ts';
import { READ_FAULTS } from './doctor-faults-reads.ts';
import type { DoctorFault } from './doctor-spoil.ts';

/** What gets a line wrong each, or makes it impossible to look. */
export const FAULTS: readonly DoctorFault[] = [
  ...ATTACHMENT_FAULTS,
  ...FUNCTION_FAULTS,
  ...CONFIGURATION_FAULTS,
  ...READ_FAULTS,
];
