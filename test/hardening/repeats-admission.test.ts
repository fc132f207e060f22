import '../hooks/quiet.ts';
import { hook } from '../../hooks/admission/hook.ts';
import { describeRepeats } from './repeats/suite.ts';
import { WORLDS } from './repeats/worlds.ts';

describeRepeats(hook, WORLDS.admission);
