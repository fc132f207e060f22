import '../hooks/quiet.ts';
import { hook } from '../../hooks/load-test/hook.ts';
import { describeRepeats } from './repeats/suite.ts';
import { WORLDS } from './repeats/worlds.ts';

describeRepeats(hook, WORLDS['load-test']);
