/**
 * What ECS waits for a hook where its time-out is not written, and the most that it waits for a Lambda and for a PAUSE
 * hook (developer guide, lambda-lifecycle-hooks and pause-lifecycle-hooks).
 */
export const MINUTES = { standard: 1440, AWS_LAMBDA: 1440, PAUSE: 20_160 } as const;
