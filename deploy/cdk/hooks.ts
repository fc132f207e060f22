// Written by `npm run docs` from the folders of hooks/.
import { hook as admission } from '../../hooks/admission/hook.ts';
import { hook as approval } from '../../hooks/approval/hook.ts';
import { hook as canary } from '../../hooks/canary/hook.ts';
import { hook as consumerSwitch } from '../../hooks/consumer-switch/hook.ts';
import { hook as loadTest } from '../../hooks/load-test/hook.ts';

/** The declarations of the hooks, by their ids. */
export const HOOKS = {
  admission,
  approval,
  canary,
  'consumer-switch': consumerSwitch,
  'load-test': loadTest,
} as const;
