import type { AnyHook } from '../../shared/hook.ts';
import { FRAMEWORK_PERMISSIONS } from '../../shared/hook.ts';
import type { HookStatus } from '../../shared/status.ts';
import { loadHooks } from '../hooks.ts';
import { matchesText } from './match.ts';
import { frameworkRows, hookRows, type Row } from './rows.ts';
import type { Part, Text } from './text.ts';

/** The AWS services that hooks may call, as IAM names them. */
export function servicesOf(hooks: readonly AnyHook[]): readonly string[] {
  const actions = [...FRAMEWORK_PERMISSIONS, ...hooks.flatMap(({ permissions }) => permissions)];
  return [...new Set(actions.map((action) => action.split(':')[0] ?? ''))].sort();
}

/** Tells whether a reason is one that the source of a hook, or of the framework, can give with this status. */
export class ReasonBook {
  readonly #framework: readonly Row[];
  readonly #byHook = new Map<string, readonly Row[]>();

  constructor(services: readonly string[]) {
    this.#framework = frameworkRows(services);
  }

  static async load(): Promise<ReasonBook> {
    return new ReasonBook(servicesOf(await loadHooks()));
  }

  knows(hook: string, status: HookStatus, reason: string): boolean {
    return this.#rowsOf(hook).some((row) => row.status === status && matchesText(row.text, reason));
  }

  /** The hook's own, and the framework's around them. Trouble alone is never an answer. */
  #rowsOf(hook: string): readonly Row[] {
    const known = this.#byHook.get(hook);
    if (known !== undefined) return known;
    const own = hookRows(hook);
    const answers = [...own, ...this.#framework].filter(isAnswer);
    const inner = answers.map(({ text }) => text);
    const around = this.#framework.map((row) => ({ ...row, text: filled(row.text, 'reason', inner) }));
    const rows = [...own, ...around].filter(isAnswer);
    this.#byHook.set(hook, rows);
    return rows;
  }
}

function isAnswer({ kind }: Row): boolean {
  return kind !== 'trouble' && kind !== 'rollback';
}

/** The text with these texts wherever a place of this name is open. */
function filled(text: Text, name: string, texts: readonly Text[]): Text {
  const parts = text.parts.map((part): Part => {
    if (typeof part === 'string') return part;
    if (part.of !== undefined) return { ...part, of: part.of.map((one) => filled(one, name, texts)) };
    return part.name === name ? { name, of: texts } : part;
  });
  return { ...text, parts };
}
