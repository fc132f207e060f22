import { isJsonObject } from '../../shared/schema.ts';

/** IAM takes a list of one and its item for the same. CDK sorts actions and resources. */
export function inOneForm(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOneForm);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      if (key !== 'Action' && key !== 'Resource') return [key, inOneForm(item)];
      return [key, (Array.isArray(item) ? item : [item]).toSorted()];
    }),
  );
}
