#!/usr/bin/env node
/** `npx ecs-lifecycle-hooks <command>`: the commands that need nothing of this project's sources. */
import { existsSync } from 'node:fs';
import { ARTIFACTS } from './simulator.ts';

const NAME = 'ecs-lifecycle-hooks';
const USAGE = `npx ${NAME} <command> [options]

  simulate    play a scenario, with the hooks in ./dist, or with those of this package where there is no ./dist
  local-aws   SSM, ECS, ECR, SNS, SQS, CloudWatch and STS on one local port
  attach      print the lifecycle hook of a service, checked
  validate    find the lifecycle hooks in service definitions and check them
  doctor      what is wired right or wrong around a service's hooks, in an account
  approve     accept or decline deployments that wait

npx ${NAME} <command> --help has the rest.`;

const COMMANDS: Readonly<Record<string, () => Promise<unknown>>> = {
  simulate: () => import('../scripts/simulate.ts'),
  'local-aws': () => import('../scripts/local-aws.ts'),
  attach: () => import('../scripts/attach.ts'),
  validate: () => import('../scripts/validate.ts'),
  doctor: () => import('../scripts/doctor.ts'),
  approve: () => import('../scripts/approve.ts'),
};

const [name = '--help', ...args] = process.argv.slice(2);
const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
if (load !== undefined) {
  // Before the caller's own options, so that a --dist of his wins.
  const dist = name === 'simulate' ? ['--dist', existsSync('dist') ? 'dist' : ARTIFACTS] : [];
  process.argv.splice(2, process.argv.length, ...dist, ...args);
  await load().catch(explain);
} else if (name === '--help') {
  process.stdout.write(`${USAGE}\n`);
} else {
  process.stderr.write(`${NAME} has no command ${name}\n\n${USAGE}\n`);
  process.exitCode = 2;
}

/** What one command alone needs is not installed with the package. */
function explain(error: unknown): void {
  const missing = error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
  const name = missing ? /^Cannot find package '([^']+)'/.exec(error.message)?.[1] : undefined;
  if (name === undefined) throw error;
  process.stderr.write(`This command needs a package that is not there: npm install ${name}\n`);
  process.exitCode = 2;
}
