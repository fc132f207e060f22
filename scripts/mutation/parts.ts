import { globSync } from 'node:fs';

/** Files that are mutated together, and the tests that are to find it. */
export interface Part {
  name: string;
  files: readonly string[];
  tests: readonly string[];
  /** Of functions that keep nothing: all test files may run in one worker, which takes half the time. */
  pure: boolean;
}

/**
 * Tests that play whole deployments over and over: they reach everything, and each mutant would cost them seconds.
 * What only they would find counts as survived.
 */
const SLOW = /-(trouble|power|model|vectors|properties)\.test\.ts$/;

function part(name: string, files: readonly string[], tests: readonly string[]): Part {
  const found = (patterns: readonly string[]) => globSync([...patterns]).sort();
  return { name, files: found(files), tests: found(tests).filter((file) => !SLOW.test(file)), pure: false };
}

function purePart(name: string, files: readonly string[], tests: readonly string[]): Part {
  return { ...part(name, files, tests), pure: true };
}

/** What admission reads without asking anybody, each file with tests of its own. */
const IMAGES = '{glob,images,manifest,mutability,reference,registry,wildcard}';
const POLICY = '{findings,policy,rules,scan}';
const ADMISSION = '{awaited,cache,config,ecr,facts,hook,judge,limiter,record,repository,subject,vulnerabilities}';
const SHARED = ['test/shared/!(client).test.ts'];
const LOAD_TEST = ['test/hooks/load-test*.test.ts'];

/** All of hooks/ and shared/, in parts that take minutes each. */
export const PARTS: readonly Part[] = [
  part(
    'shared',
    ['shared/*.ts', 'shared/load/*.ts'],
    [...SHARED, 'test/hooks/consumer-switch-net.test.ts', ...LOAD_TEST],
  ),
  part(
    'aws',
    ['shared/aws/*.ts'],
    ['test/shared/{aws,client,errors,memory}.test.ts', 'test/hooks/approval-notice.test.ts'],
  ),
  part('template', ['hooks/_template/*.ts'], ['test/hooks/_template.test.ts']),
  purePart('images', [`hooks/admission/${IMAGES}.ts`], [`test/hooks/admission-${IMAGES}.test.ts`]),
  purePart('policy', [`hooks/admission/${POLICY}.ts`], [`test/hooks/admission-${POLICY}.test.ts`]),
  part('admission', [`hooks/admission/${ADMISSION}.ts`], ['test/hooks/admission*.test.ts']),
  part('approval', ['hooks/approval/*.ts'], ['test/hooks/approval*.test.ts']),
  part('canary', ['hooks/canary/*.ts'], ['test/hooks/canary*.test.ts']),
  purePart('judge', ['hooks/canary/judge/*.ts'], ['test/hooks/canary-{judge*,statistics*,pains,fail-open}.test.ts']),
  purePart('statistics', ['hooks/canary/statistics/*.ts'], ['test/hooks/canary-{statistics*,judge*,pains}.test.ts']),
  part('consumer-switch', ['hooks/consumer-switch/*.ts'], ['test/hooks/consumer-switch*.test.ts']),
  part('load-test', ['hooks/load-test/*.ts'], LOAD_TEST),
];
