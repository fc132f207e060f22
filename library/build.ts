/** Builds a hook for Lambda. It needs esbuild, which this package does not bring. */
export { type BuildHookOptions, type BuiltHook, buildHook, recipe } from '../scripts/bundle.ts';
export { type ZipEntry, zip } from '../scripts/zip.ts';
