import * as fc from 'fast-check';

/** The same cases every time, so that a run proves the same as the last; FC_SEED tries others. */
fc.configureGlobal({ seed: Number(process.env.FC_SEED ?? 20261123) });
