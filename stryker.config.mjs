/** For `npm run mutation`, which says what is mutated and which tests are to find it. */
export default {
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  vitest: { configFile: 'stryker.vitest.config.ts', related: false },
  // No such file: Stryker would rewrite a tsconfig by the compiler's API, which TypeScript 7 does not have.
  tsconfigFile: 'no-typescript-api.json',
  coverageAnalysis: 'perTest',
  incremental: true,
  // What runs only while a module is loaded would take all tests of the part for each mutant.
  ignoreStatic: true,
  concurrency: 2,
  cleanTempDir: 'always',
  timeoutMS: 4000,
  timeoutFactor: 2,
  disableTypeChecks: false,
  ignorePatterns: ['dist', 'reports', 'docs', 'deploy'],
  // Texts are held to docs/reasons.md, expressions to vectors and fuzz.
  mutator: { excludedMutations: ['StringLiteral', 'Regex'] },
  reporters: ['clear-text', 'progress-append-only', 'json'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false, reportMutants: false },
  jsonReporter: { fileName: 'reports/mutation.json' },
  tempDirName: '.stryker-tmp',
};
