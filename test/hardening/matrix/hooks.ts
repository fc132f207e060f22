import '../../hooks/quiet.ts';
import { hook as admission } from '../../../hooks/admission/hook.ts';
import { hook as approval } from '../../../hooks/approval/hook.ts';
import { hook as canary } from '../../../hooks/canary/hook.ts';
import { hook as consumerSwitch } from '../../../hooks/consumer-switch/hook.ts';
import { hook as loadTest } from '../../../hooks/load-test/hook.ts';
import type { AnyHook } from '../../../shared/hook.ts';
import type { World } from './world.ts';
import { ADMISSION_TOLD_WORLDS, ADMISSION_WORLDS } from './worlds/admission.ts';
import { APPROVAL_TOLD_WORLDS, APPROVAL_WORLDS } from './worlds/approval.ts';
import { CANARY_TOLD_WORLDS, CANARY_WORLDS } from './worlds/canary.ts';
import { CONSUMER_SWITCH_TOLD_WORLDS, CONSUMER_SWITCH_WORLDS } from './worlds/consumer-switch.ts';
import { CONSUMER_SWITCH_NET_WORLDS } from './worlds/consumer-switch-net.ts';
import { LOAD_TEST_TOLD_WORLDS, LOAD_TEST_WORLDS } from './worlds/load-test.ts';

export interface Subject {
  hook: AnyHook;
  worlds: readonly World[];
}

/** Every hook with its worlds; a test compares the list with the folder. */
export const SUBJECTS: readonly Subject[] = [
  { hook: admission, worlds: [...ADMISSION_WORLDS, ...ADMISSION_TOLD_WORLDS] },
  { hook: approval, worlds: [...APPROVAL_WORLDS, ...APPROVAL_TOLD_WORLDS] },
  { hook: canary, worlds: [...CANARY_WORLDS, ...CANARY_TOLD_WORLDS] },
  {
    hook: consumerSwitch,
    worlds: [...CONSUMER_SWITCH_WORLDS, ...CONSUMER_SWITCH_TOLD_WORLDS, ...CONSUMER_SWITCH_NET_WORLDS],
  },
  { hook: loadTest, worlds: [...LOAD_TEST_WORLDS, ...LOAD_TEST_TOLD_WORLDS] },
];
