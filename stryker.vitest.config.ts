import { defineConfig, mergeConfig } from 'vitest/config';
import base from './vitest.config.ts';

/** The tests that are to find the mutants: MUTATION_TESTS, patterns separated by commas. */
const include = process.env.MUTATION_TESTS?.split(',') ?? ['test/shared/**/*.test.ts', 'test/hooks/**/*.test.ts'];

const config = mergeConfig(base, defineConfig({ test: { testTimeout: 30_000 } }));
config.test = { ...config.test, include, isolate: process.env.MUTATION_ISOLATE !== 'false' };
export default config;
