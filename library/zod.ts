/**
 * The zod that the framework parses with. A hook that takes its `z` from here needs no zod of its own, and never has
 * two. Not a namespace object: esbuild would keep the whole of zod in every bundle.
 */
// biome-ignore lint/performance/noReExportAll: whoever wraps zod name by name falls behind it
export * from 'zod/mini';
