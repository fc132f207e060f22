import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { usualStages } from '../scripts/attach/stages.ts';
import { loadHooks } from '../scripts/hooks.ts';
import { ROOT } from './fixtures/sources.ts';

// Processes of their own, beside whatever else the machine does.
vi.setConfig({ testTimeout: 120_000 });

const PAGE = await readFile(join(ROOT, 'docs/attach.md'), 'utf8');
const HOOKS = await loadHooks();

interface Command {
  shell: string;
  /** What the page says that it prints, and with which exit code. */
  output: string | undefined;
  code: number;
}

const COMMANDS = [
  ...PAGE.matchAll(/^```sh\n([\s\S]*?)^```\n(?:\n((?:ends with 1 and )?prints)\n\n```\w+\n([\s\S]*?)^```$)?/gm),
].map(([, shell = '', how = '', output]): Command => ({ shell, output, code: how.startsWith('ends with 1') ? 1 : 0 }));

/** The files that the page shows: `name` is … */
const FILES = [...PAGE.matchAll(/^`([\w.]+)` is[^\n]*\n\n```json\n([\s\S]*?)^```$/gm)].map(
  ([, name = '', text = '']) => ({ name, text }),
);

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'docs-attach-'));
  for (const { name, text } of FILES) await writeFile(join(folder, name), text);
});
afterAll(async () => rm(folder, { recursive: true }));

/** Runs a shell in the folder of the files, as a user of another repository does. */
function shell(script: string, ...args: string[]): Promise<{ code: number; output: string; err: string }> {
  const { PATH } = process.env;
  const env = { PATH, HOME: folder, ROOT, npm_config_update_notifier: 'false' };
  const prelude = 'npm() { command npm --prefix "$ROOT" "$@"; }\n';
  return new Promise((resolve) => {
    execFile('sh', ['-c', prelude + script, 'sh', ...args], { cwd: folder, env }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), output: out || err, err });
    });
  });
}

describe('the page about attach and validate', () => {
  const shown = COMMANDS.filter(({ output }) => output !== undefined);

  it('shows commands with their output, and files', () => {
    expect(shown).toHaveLength(7);
    expect(FILES.map(({ name }) => name)).toEqual(['load.json', 'ui.json']);
  });

  it.concurrent.each(shown.map((command, index) => ({ index, ...command })))(
    'says what is printed: command $index',
    async ({ shell: text, output, code }) => {
      expect(await shell(text)).toMatchObject({ code, output });
    },
  );

  it('says what is read, by tools whose output is put in here', async () => {
    const [lines = ''] = COMMANDS.filter(({ output }) => output === undefined).map((command) => command.shell);
    const hook = HOOK_OF_TEMPLATE;
    const template = {
      Resources: { Ui: { Type: 'AWS::ECS::Service', Properties: { DeploymentConfiguration: hook } } },
    };
    await mkdir(join(folder, 'made'));
    await writeFile(join(folder, 'template.yaml'), JSON.stringify(template));
    await writeFile(join(folder, 'made/Ui.template.json'), JSON.stringify(template));
    await writeFile(join(folder, 'plan.json'), JSON.stringify(PLAN));
    const tools = [
      'cdk() { test "$*" = "synth --quiet" && cp -r made cdk.out; }',
      'terraform() { test "$*" = "show -json plan.tfplan" && cat plan.json; }',
      'aws() { test "$*" = "ecs describe-services --cluster unicorn-watch --services ui" && cat ui.json; }',
    ];

    const { output } = await shell(`${tools.join('\n')}\n${lines}`);

    expect(output.match(/^\d service.*$/gm)).toEqual([
      '1 service, 1 lifecycle hook: 0 errors, 0 warnings, 0 notes',
      '1 service, 1 lifecycle hook: 0 errors, 0 warnings, 0 notes',
      '1 service, 1 lifecycle hook: 0 errors, 0 warnings, 0 notes',
      '1 service, 2 lifecycle hooks: 2 errors, 1 warning, 1 note',
    ]);
  });

  it('says how to check before each commit', async () => {
    const [, yaml = ''] = /^```yaml\n(repos:[\s\S]*?)^```$/m.exec(PAGE) ?? [];
    const [{ entry, files }] = parse(yaml).repos[0].hooks;
    const names = ['ui.json', 'tsconfig.json', 'README.md'];
    await writeFile(join(folder, 'tsconfig.json'), '{"compilerOptions":{}}');

    const chosen = names.filter((name) => new RegExp(files).test(name));

    expect(chosen).toEqual(['ui.json', 'tsconfig.json']);
    expect(await shell(`${entry} "$@"`, ...chosen)).toMatchObject({
      code: 1,
      output: expect.stringContaining('1 service, 2 lifecycle hooks: 2 errors'),
    });
    expect(await shell(`${entry} "$@"`, 'tsconfig.json')).toMatchObject({ code: 0, err: '' });
  });

  it('names schemas that know what the hooks take', async () => {
    const [, json = ''] = /^```json\n(\{\n {2}"json.schemas"[\s\S]*?)^```$/m.exec(PAGE) ?? [];
    const schemas: { fileMatch: string[]; url: string }[] = JSON.parse(json)['json.schemas'];
    const load = JSON.parse(FILES.find(({ name }) => name === 'load.json')?.text ?? '');
    const examples: Record<string, object> = { approval: { quorum: 2, timeoutMinutes: 50 }, 'load-test': load };

    expect(schemas).toHaveLength(2);
    for (const { fileMatch, url } of schemas) {
      const [, hook = ''] = /^(.+)\.details\.json$/.exec(fileMatch[0] ?? '') ?? [];
      const schema = JSON.parse(await readFile(join(ROOT, url), 'utf8'));
      const accepts = new Ajv2020({ formats: { uri: true } }).compile(schema);
      expect(schema.title).toBe(`hookDetails of ${hook}`);
      expect(accepts(examples[hook]), hook).toBe(true);
      expect(accepts({ ...examples[hook], qourum: 1 }), hook).toBe(false);
    }
  });
});

describe.each(HOOKS.map((hook) => ({ id: hook.name, hook })))('by default $id is attached', ({ id, hook }) => {
  it('where its page says', async () => {
    const page = await readFile(join(ROOT, 'docs', `${id}.md`), 'utf8');
    const [, stages = ''] = /"lifecycleStages": (\[[^\]]*\])/.exec(page) ?? [];

    expect(usualStages(hook)).toEqual(JSON.parse(stages));
  });
});

const HOOK_OF_TEMPLATE = {
  Strategy: 'BLUE_GREEN',
  LifecycleHooks: [
    {
      HookTargetArn: { 'Fn::GetAtt': ['ApprovalFunction', 'Arn'] },
      RoleArn: { 'Fn::GetAtt': ['Role', 'Arn'] },
      LifecycleStages: ['POST_TEST_TRAFFIC_SHIFT'],
    },
  ],
};

const PLAN = {
  format_version: '1.2',
  resource_changes: [
    {
      address: 'aws_ecs_service.ui',
      type: 'aws_ecs_service',
      change: {
        actions: ['create'],
        after: {
          deployment_configuration: [
            { strategy: 'BLUE_GREEN', lifecycle_hook: [{ lifecycle_stages: ['PRE_SCALE_UP'] }] },
          ],
        },
        after_unknown: {
          deployment_configuration: [{ lifecycle_hook: [{ hook_target_arn: true, role_arn: true }] }],
        },
      },
    },
  ],
};
