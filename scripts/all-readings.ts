/** node scripts/all-readings.ts [--cap N] [--only TEXT] [--write]: every scenario that plays in virtual time, under all readings. */
import { parseArgs } from 'node:util';
import { EXIT, runCommand, wholeNumber } from './command.ts';
import { renewPart } from './renew-part.ts';

// The SDK must never find the caller's own account or profile; clients read these when they are loaded.
Object.assign(process.env, {
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
});

const HEAD = '| scenario | combinations played | left out | another outcome | not argued |\n|---|---|---|---|---|';

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { cap: { type: 'string' }, only: { type: 'string' }, write: { type: 'boolean', default: false } },
  });
  const cap = values.cap === undefined ? undefined : wholeNumber('--cap', values.cap, 1, 1_000_000);
  const { READ_SCENARIOS, explaining } = await import('../test/hardening/readings/differences.ts');
  const { exploreReadings } = await import('../test/hardening/readings/explore.ts');
  const { consumerAudit } = await import('../test/hardening/readings/consumer-audit.ts');
  const { loadScenario } = await import('../simulator/scenario/load.ts');
  const rows: string[] = [];
  const reasons: string[] = [];
  let isArgued = true;
  for (const { file, differences, cap: usual } of READ_SCENARIOS) {
    if (values.only !== undefined && !file.includes(values.only)) continue;
    const { plays, unplayed } = await exploreReadings(await loadScenario(file), cap ?? usual, consumerAudit);
    const other = plays.filter(({ failures }) => failures.length > 0);
    const not = other.filter(({ deviations }) => explaining(differences, deviations).length === 0);
    for (const { deviations, failures } of not)
      console.log(`✗ ${JSON.stringify(deviations)}\n    ${failures.join('\n    ')}`);
    isArgued &&= not.length === 0;
    const left = unplayed > 0 ? `${unplayed} found` : 'none';
    rows.push(`| \`${file}\` | ${plays.length} | ${left} | ${other.length} | ${not.length} |`);
    for (const { readings, why } of differences) {
      const chosen = Object.entries(readings).map(([id, value]) => `\`${id}=${value}\``);
      reasons.push(`| \`${file.replace(/^.*\//, '')}\` | ${chosen.join(' with ')} | ${why} |`);
    }
  }
  const table = [
    HEAD,
    ...rows,
    '',
    '| scenario | readings | why it comes to something else |',
    '|---|---|---|',
    ...reasons,
  ];
  console.log(table.join('\n'));
  if (values.write) await renewPart('docs/hardening.md', 'all readings', table.join('\n'));
  return isArgued ? EXIT.met : EXIT.unmet;
}

await runCommand(main);
