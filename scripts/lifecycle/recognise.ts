import type { AnyHook } from '../../shared/hook.ts';
import { isJsonObject, type JsonObject } from '../../shared/schema.ts';

/** `arn:<partition>:lambda:<region>:<account>:function:<name>[:<version or alias>]` */
export const FUNCTION_ARN =
  /^arn:aws[\w-]*:lambda:[a-z0-9-]+:\d{12}:function:(?<name>[\w-]{1,64})(?::(?<qualifier>\$LATEST|[\w-]{1,128}))?$/;

export interface Recogniser {
  hooks: readonly AnyHook[];
  /** Hook ids by function ARN, name or logical id, or by the path of the lifecycle hook, as the caller knows better. */
  map: ReadonlyMap<string, string>;
  /** The resources of the template, by logical id. */
  resources?: JsonObject;
}

/**
 * Which hook a function is: as `map` says, else the one whose id the function's name ends with. Of a reference within a
 * template, the name of the function that it leads to, or its logical id.
 * @param path of the lifecycle hook in its file
 */
export function recognise(target: unknown, { hooks, map, resources = {} }: Recogniser, path = ''): AnyHook | undefined {
  const names = namesOf(target, resources);
  const mapped = [path, ...names].map((name) => map.get(name)).find((id) => id !== undefined);
  if (mapped !== undefined) return hooks.find((hook) => hook.name === mapped);
  for (const name of names) {
    // The longest: load-test, and not a hook called test.
    const [found] = hooks
      .filter((hook) => name === hook.name || name.endsWith(`-${hook.name}`) || name.endsWith(`_${hook.name}`))
      .sort((a, b) => b.name.length - a.name.length);
    if (found !== undefined) return found;
  }
  return undefined;
}

function namesOf(target: unknown, resources: JsonObject): string[] {
  if (typeof target === 'string') {
    const name = FUNCTION_ARN.exec(target)?.groups?.name;
    return name === undefined ? [target] : [target, name];
  }
  if (!isJsonObject(target)) return [];
  const text = textOf(target);
  if (text !== undefined) {
    const reference = /^\$\{([\w.]+)\}$/.exec(text)?.[1];
    return reference === undefined ? [text.slice(text.lastIndexOf(':') + 1)] : namesOfReference(reference, resources);
  }
  const { Ref: reference, 'Fn::GetAtt': attribute, 'Fn::ImportValue': imported } = target;
  if (typeof imported === 'string') return [imported, wordsOf(imported)];
  const id = reference ?? (Array.isArray(attribute) ? attribute.join('.') : attribute);
  return typeof id === 'string' ? namesOfReference(id, resources) : [];
}

/** The text of an Fn::Sub, and of an Fn::Join in which placeholders stand for what is not text. */
function textOf({ 'Fn::Sub': sub, 'Fn::Join': join }: JsonObject): string | undefined {
  if (sub !== undefined) return String(Array.isArray(sub) ? sub[0] : sub);
  if (!Array.isArray(join) || !Array.isArray(join[1])) return undefined;
  // biome-ignore lint/suspicious/noTemplateCurlyInString: as Fn::Sub writes it
  return join[1].map((part: unknown) => (typeof part === 'string' ? part : '${part}')).join(String(join[0]));
}

/** Of `ApprovalFunction.Arn`, or of a nested stack's `Hooks.Outputs.ApprovalFunctionArn`. */
function namesOfReference(reference: string, resources: JsonObject): string[] {
  const [id = '', kind, output] = reference.split('.');
  if (kind === 'Outputs' && output !== undefined) return [output, wordsOf(output)];
  const resource = resources[id];
  const properties = isJsonObject(resource) && isJsonObject(resource.Properties) ? resource.Properties : {};
  const { FunctionName: name } = properties;
  const named = namesOfFunction(name);
  return [id, ...named, wordsOf(id)];
}

/** A name may be put together: `!Sub ${Prefix}-approval`. */
function namesOfFunction(name: unknown): string[] {
  const text = isJsonObject(name) ? textOf(name) : name;
  return typeof text === 'string' ? [text] : [];
}

/** `load-test` of the logical ids LoadTestFunction, LoadTestFunctionArn and, as CDK has it, LoadTestHook4C1F0A2B. */
function wordsOf(id: string): string {
  const bare = id.replace(/[0-9A-F]{8}$/, '').replace(/Arn$/, '');
  const words = bare.replace(/(?:Hook)?(?:Function|Lambda|Hook)$/, '');
  return words.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, '-').toLowerCase();
}
