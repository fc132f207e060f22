import '../hooks/quiet.ts';
import { hook } from '../../hooks/consumer-switch/hook.ts';
import { NET_WORLDS } from './repeats/net-worlds.ts';
import { describeRepeats } from './repeats/suite.ts';

describeRepeats(hook, NET_WORLDS);
