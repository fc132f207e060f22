/** npm run model [-- --small]: explores the lease protocol of consumer-switch and prints what was found. */
import { parseArgs } from 'node:util';
import { type Exploration, explore } from '../test/model/checker.ts';
import { LARGE, MUTANTS, SMALL } from '../test/model/configurations.ts';
import { consumerSwitch } from '../test/model/consumer-switch.ts';
import type { Rules } from '../test/model/rules.ts';

const { values } = parseArgs({ options: { small: { type: 'boolean', default: false } } });

process.stdout.write('| configuration | states | transitions | depth | found |\n|---|---:|---:|---:|---|\n');
let isSound = true;
for (const [name, rules] of Object.entries({ ...SMALL, ...(values.small ? {} : LARGE) })) {
  const { finding } = report(name, rules);
  isSound &&= finding === undefined;
  if (finding !== undefined) process.stderr.write(`${finding.trace.join('\n')}\n`);
}
for (const [name, rules] of Object.entries(MUTANTS)) {
  const { finding } = report(`broken: ${name}`, rules);
  isSound &&= finding !== undefined;
}
process.exitCode = isSound ? 0 : 1;

function report(name: string, rules: Rules): Exploration {
  const result = explore(consumerSwitch(rules));
  const { states, transitions, depth, finding } = result;
  const found = finding === undefined ? 'nothing' : `breaks “${finding.property}”, ${finding.trace.length - 1} steps`;
  process.stdout.write(`| ${[name, states, transitions, depth, found].join(' | ')} |\n`);
  return result;
}
