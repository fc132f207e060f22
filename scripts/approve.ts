/** `npm run approve`: the approver's command line. See `npm run approve -- --help`. */
import { run } from './approve/cli.ts';

process.exitCode = await run(process.argv.slice(2), {
  env: process.env,
  now: () => new Date(),
  out: (text) => console.log(text),
  err: (text) => console.error(text),
});
