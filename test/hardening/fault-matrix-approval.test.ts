import { describeMatrix } from './fault-matrix-kit.ts';

describeMatrix('approval');
