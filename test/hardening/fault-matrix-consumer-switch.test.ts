import { describeMatrix } from './fault-matrix-kit.ts';

describeMatrix('consumer-switch', ({ net }) => net === undefined);
