import { AwsError } from '../errors.ts';
import { optionalBoolean, optionalObjects, optionalString } from '../input.ts';
import type { JsonObject } from '../service.ts';
import { ModelValidation } from '../validation.ts';
import type { ParameterStore, ParameterTier, ParameterType } from './parameter-store.ts';

const TYPES: readonly ParameterType[] = ['SecureString', 'StringList', 'String'];
const TIERS: readonly (ParameterTier | 'Intelligent-Tiering')[] = ['Standard', 'Advanced', 'Intelligent-Tiering'];

/**
 * PutParameter (Systems Manager API reference). Parameter policies and the data types beside `text` are not there:
 * a request for one is refused as not implemented rather than half obeyed.
 */
export function putParameter(store: ParameterStore, input: JsonObject, callerArn: string): object {
  const name = optionalString(input, 'Name');
  const value = optionalString(input, 'Value');
  const type = optionalString(input, 'Type');
  const tier = optionalString(input, 'Tier');
  const description = optionalString(input, 'Description');
  const allowedPattern = optionalString(input, 'AllowedPattern');
  const keyId = optionalString(input, 'KeyId');
  const overwrite = optionalBoolean(input, 'Overwrite') ?? false;
  new ModelValidation()
    .required('Name', name)
    .length('Name', name, 1, 2048)
    .required('Value', value)
    .length('Value', value, 1, Number.POSITIVE_INFINITY)
    .oneOf('Type', type, TYPES)
    .oneOf('Tier', tier, TIERS)
    .length('Description', description, 0, 1024)
    .length('AllowedPattern', allowedPattern, 0, 1024)
    .length('KeyId', keyId, 1, 256)
    .check();
  const tags = tagsOf(input, overwrite);
  refuseUnimplemented(input);
  const put = store.put(
    {
      name: name ?? '',
      value: value ?? '',
      type: TYPES.find((one) => one === type),
      tier: TIERS.find((one) => one === tier),
      description,
      allowedPattern,
      keyId,
      overwrite,
      tags,
    },
    callerArn,
  );
  return { Version: put.version, Tier: put.tier };
}

function tagsOf(input: JsonObject, overwrite: boolean): Record<string, string> {
  const tags = optionalObjects(input, 'Tags') ?? [];
  if (tags.length > 0 && overwrite) {
    throw new AwsError(
      'ValidationException',
      "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.",
    );
  }
  if (tags.length > 50)
    throw new AwsError(
      'TooManyTagsError',
      'The Targets parameter includes too many tags. Remove one or more tags and try the command again.',
    );
  return Object.fromEntries(tags.map((tag) => [optionalString(tag, 'Key') ?? '', optionalString(tag, 'Value') ?? '']));
}

function refuseUnimplemented(input: JsonObject): void {
  const dataType = optionalString(input, 'DataType') ?? 'text';
  const policies = optionalString(input, 'Policies') ?? '';
  if (policies === '' && dataType === 'text') return;
  if (policies === '' && !/^(aws:[a-z0-9:]+|url|jsonc?)$/.test(dataType)) {
    throw new AwsError(
      'ValidationException',
      `The following data type is not supported: ${dataType} (Data type names are all lowercase.)`,
    );
  }
  const what = policies === '' ? `DataType ${dataType}` : 'Policies';
  throw new AwsError('NotImplementedException', `PutParameter: ${what} is not implemented by the local endpoint.`, 501);
}
