import type { AnyHook } from '../../shared/hook.ts';

/** The declarations for the CDK construct, whose types know the keys of each hook. */
export function cdkHooks(hooks: readonly AnyHook[]): string {
  const entries = hooks.map(({ name }) => {
    const variable = name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
    return { name, variable };
  });
  return [
    '// Written by `npm run docs` from the folders of hooks/.',
    ...entries.map(({ name, variable }) => {
      const what = variable === 'hook' ? 'hook' : `hook as ${variable}`;
      return `import { ${what} } from '../../hooks/${name}/hook.ts';`;
    }),
    '',
    '/** The declarations of the hooks, by their ids. */',
    'export const HOOKS = {',
    ...entries.map(({ name, variable }) => (name === variable ? `  ${name},` : `  '${name}': ${variable},`)),
    '} as const;',
    '',
  ].join('\n');
}
