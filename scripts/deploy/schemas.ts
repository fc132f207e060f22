import * as z from 'zod';
import { Overlay } from '../../hooks/admission/policy.ts';
import { CommonConfig } from '../../shared/config.ts';
import type { AnyHook } from '../../shared/hook.ts';
import { described } from '../../shared/schema.ts';

/** The part of a JSON Schema that is added to here. */
interface ObjectSchema {
  properties: Record<string, { default?: unknown; description?: string }>;
  required?: string[];
  [keyword: string]: unknown;
}

/** Hooks that take less from hookDetails than their configuration has. A test holds every schema against readConfig. */
const DETAILS: ReadonlyMap<string, (hook: AnyHook) => z.core.$ZodObject> = new Map<
  string,
  (hook: AnyHook) => z.core.$ZodObject
>([
  ['admission', () => Overlay],
  [
    'consumer-switch',
    (hook) => {
      const { onTimeout, onError } = CommonConfig.shape;
      const only = (key: typeof onTimeout) => described(z._default(z.literal('fail'), 'fail'), descriptionOf(key));
      return z.strictObject({ ...wholeOf(hook), onTimeout: only(onTimeout), onError: only(onError) });
    },
  ],
]);

/**
 * The JSON Schema (2020-12) of a hook's hookDetails, common keys included. Nothing is required at the top: HOOK_DEFAULTS
 * or HOOK_POLICY may give what hookDetails do not. What holds between keys is left to the hook.
 */
export function detailsSchema(hook: AnyHook): ObjectSchema {
  const details = detailsOf(hook);
  // zod's type of an object's schema leaves `properties` open.
  const { $schema, properties, required = [], ...rest } = z.toJSONSchema(details, { io: 'input' }) as ObjectSchema;
  return {
    $schema,
    $id: `urn:ecs-lifecycle-hooks:hook-details:${hook.name}`,
    title: `hookDetails of ${hook.name}`,
    description: hook.summary,
    ...rest,
    properties: Object.fromEntries(
      Object.entries(properties).map(([key, property]) => [key, propertyOf(hook, key, property, required)]),
    ),
  };
}

/** What the schema is made of. */
export function detailsOf(hook: AnyHook): z.core.$ZodObject {
  return DETAILS.get(hook.name)?.(hook) ?? z.strictObject(wholeOf(hook));
}

function propertyOf({ defaults = {} }: AnyHook, key: string, property: object, required: readonly string[]): object {
  const own: Record<string, unknown> = { ...defaults };
  return {
    title: key,
    ...property,
    ...(required.includes(key) && { description: needed(property) }),
    ...(key in own && { default: own[key] }),
  };
}

function needed({ description = '' }: { description?: string }): string {
  return `${description}; needed, here or in the function's HOOK_DEFAULTS or HOOK_POLICY`;
}

function wholeOf(hook: AnyHook): z.core.$ZodShape {
  return { ...hook.config._zod.def.shape, ...CommonConfig.shape };
}

function descriptionOf(schema: z.core.$ZodType): string {
  return z.toJSONSchema(schema).description ?? '';
}
