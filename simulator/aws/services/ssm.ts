import { AwsError } from '../errors.ts';
import { optionalBoolean, optionalInteger, optionalObjects, optionalString, optionalStrings } from '../input.ts';
import { page } from '../paging.ts';
import type { JsonObject, OperationContext, ServiceDefinition } from '../service.ts';
import { BY_PATH_FILTERS, DESCRIBE_FILTERS, matches, parseFilters } from '../ssm/filters.ts';
import { checkPath, isUnder, parseReference } from '../ssm/names.ts';
import type { ParameterStore, ParameterVersion } from '../ssm/parameter-store.ts';
import { putParameter } from '../ssm/put-parameter.ts';
import { visibleValue } from '../ssm/values.ts';
import { ModelValidation } from '../validation.ts';
import { jsonServiceErrors } from './common-errors.ts';

/** Parameter Store as the Systems Manager API reference describes it; nothing else of Systems Manager. */
export function ssmService(store: ParameterStore): ServiceDefinition {
  return {
    id: 'ssm',
    protocol: { kind: 'json', targetPrefix: 'AmazonSSM' },
    operations: {
      PutParameter: (input, { callerArn }) => putParameter(store, input, callerArn),
      GetParameter: (input) => getParameter(store, input),
      GetParameters: (input) => getParameters(store, input),
      GetParametersByPath: (input) => getParametersByPath(store, input),
      GetParameterHistory: (input) => getParameterHistory(store, input),
      DescribeParameters: (input) => describeParameters(store, input),
      DeleteParameter: (input) => deleteParameter(store, input),
      DeleteParameters: (input) => deleteParameters(store, input),
      LabelParameterVersion: (input) => labelParameterVersion(store, input),
    },
    resource: (operation, input, context) => resource(store, operation, input, context),
    errors: jsonServiceErrors('ssm', {
      serverError: new AwsError('InternalServerError', 'An error occurred on the server side.', 500),
      notFound: parameterNotFound,
    }),
    redact: (operation, input) => (operation === 'PutParameter' ? withoutSecret(store, input) : input),
  };
}

function getParameter(store: ParameterStore, input: JsonObject): object {
  const reference = requiredName(input);
  const version = store.get(reference);
  if (version === undefined) throw parameterNotFound();
  return { Parameter: parameterShape(store, version, decrypts(input), parseReference(reference).selector) };
}

function getParameters(store: ParameterStore, input: JsonObject): object {
  const names = namesOf(input);
  const found: object[] = [];
  const invalid: string[] = [];
  for (const name of new Set(names)) {
    const version = getOrUndefined(store, name);
    if (version === undefined) invalid.push(name);
    else found.push(parameterShape(store, version, decrypts(input), parseReference(name).selector));
  }
  return { Parameters: found, InvalidParameters: invalid };
}

/** A version that does not exist is an invalid parameter here, not an error of the whole request. */
function getOrUndefined(store: ParameterStore, reference: string): ParameterVersion | undefined {
  try {
    return store.get(reference);
  } catch (error) {
    if (error instanceof AwsError) return undefined;
    throw error;
  }
}

function getParametersByPath(store: ParameterStore, input: JsonObject): object {
  const path = optionalString(input, 'Path');
  const size = optionalInteger(input, 'MaxResults');
  new ModelValidation().required('Path', path).range('MaxResults', size, 1, 10).check();
  checkPath(path ?? '');
  const filters = parseFilters(optionalObjects(input, 'ParameterFilters') ?? [], BY_PATH_FILTERS);
  const recursive = optionalBoolean(input, 'Recursive') ?? false;
  const label = filters.find(({ key }) => key === 'Label');
  const found = store
    .names()
    .filter((name) => isUnder(name, path ?? '', recursive))
    // With a label filter the answer is the labelled version, otherwise the latest one.
    .map((name) => store.history(name)?.findLast((one) => label === undefined || matches(one, {}, [label])))
    .filter((one) => one !== undefined)
    .filter((one) => matches(one, store.tags(one.name), filters));
  const scope = `ByPath ${path} ${recursive}`;
  const { items, nextToken } = page(
    found,
    (one) => one.name,
    size ?? 10,
    optionalString(input, 'NextToken'),
    scope,
    invalidToken(),
  );
  return {
    Parameters: items.map((one) => parameterShape(store, one, decrypts(input), undefined)),
    NextToken: nextToken,
  };
}

function getParameterHistory(store: ParameterStore, input: JsonObject): object {
  const size = optionalInteger(input, 'MaxResults');
  new ModelValidation().range('MaxResults', size, 1, 50).check();
  const name = requiredName(input);
  const versions = store.history(name);
  if (versions === undefined) throw parameterNotFound();
  const { items, nextToken } = page(
    versions,
    (one) => one.version,
    size ?? 50,
    optionalString(input, 'NextToken'),
    `History ${name}`,
    invalidToken(),
  );
  const shapes = items.map((one) => ({
    ...metadata(one),
    Value: visibleValue(one, decrypts(input)),
    Labels: one.labels,
  }));
  return { Parameters: shapes, NextToken: nextToken };
}

function describeParameters(store: ParameterStore, input: JsonObject): object {
  if (optionalObjects(input, 'Filters')?.length) {
    throw new AwsError(
      'NotImplementedException',
      'DescribeParameters: Filters is the old form and not implemented here; use ParameterFilters.',
      501,
    );
  }
  const size = optionalInteger(input, 'MaxResults');
  new ModelValidation().range('MaxResults', size, 1, 50).check();
  const filters = parseFilters(optionalObjects(input, 'ParameterFilters') ?? [], DESCRIBE_FILTERS);
  const found = store
    .names()
    .map((name) => store.get(name))
    .filter((one) => one !== undefined)
    .filter((one) => matches(one, store.tags(one.name), filters));
  const scope = `Describe ${JSON.stringify(filters)}`;
  const { items, nextToken } = page(
    found,
    (one) => one.name,
    size ?? 50,
    optionalString(input, 'NextToken'),
    scope,
    invalidToken(),
  );
  return { Parameters: items.map((one) => ({ ...metadata(one), ARN: store.arn(one.name) })), NextToken: nextToken };
}

function deleteParameter(store: ParameterStore, input: JsonObject): object {
  if (!store.delete(requiredName(input))) throw parameterNotFound();
  return {};
}

function deleteParameters(store: ParameterStore, input: JsonObject): object {
  const deleted: string[] = [];
  const invalid: string[] = [];
  for (const name of new Set(namesOf(input))) (store.delete(name) ? deleted : invalid).push(name);
  return { DeletedParameters: deleted, InvalidParameters: invalid };
}

function labelParameterVersion(store: ParameterStore, input: JsonObject): object {
  const name = requiredName(input);
  const labels = optionalStrings(input, 'Labels');
  new ModelValidation().required('Labels', labels).length('Labels', labels, 1, 10).check();
  for (const label of labels ?? []) new ModelValidation().length('Labels', label, 1, 100).check();
  const valid = (labels ?? []).filter((label) => /^(?!aws|ssm)[a-z_.-][a-z0-9_.-]*$/i.test(label));
  const version = store.label(name, valid, optionalInteger(input, 'ParameterVersion'));
  if (version === undefined) throw parameterNotFound();
  return { InvalidLabels: (labels ?? []).filter((label) => !valid.includes(label)), ParameterVersion: version };
}

function parameterShape(
  store: ParameterStore,
  version: ParameterVersion,
  decrypted: boolean,
  selector: string | undefined,
): object {
  return {
    Name: version.name,
    Type: version.type,
    Value: visibleValue(version, decrypted),
    Version: version.version,
    Selector: selector === undefined ? undefined : `:${selector}`,
    LastModifiedDate: new Date(version.lastModifiedAt),
    ARN: store.arn(version.name),
    DataType: 'text',
  };
}

function metadata(version: ParameterVersion): object {
  return {
    Name: version.name,
    Type: version.type,
    KeyId: version.keyId,
    LastModifiedDate: new Date(version.lastModifiedAt),
    LastModifiedUser: version.lastModifiedUser,
    Description: version.description,
    AllowedPattern: version.allowedPattern,
    Version: version.version,
    Tier: version.tier,
    Policies: [],
    DataType: 'text',
  };
}

function requiredName(input: JsonObject): string {
  const name = optionalString(input, 'Name');
  new ModelValidation().required('Name', name).length('Name', name, 1, 2048).check();
  return name ?? '';
}

function namesOf(input: JsonObject): string[] {
  const names = optionalStrings(input, 'Names');
  new ModelValidation().required('Names', names).length('Names', names, 1, 10).check();
  return names ?? [];
}

function decrypts(input: JsonObject): boolean {
  return optionalBoolean(input, 'WithDecryption') ?? false;
}

/** Parameter Store sends this error without a message. */
function parameterNotFound(): AwsError {
  return new AwsError('ParameterNotFound', '');
}

function invalidToken(): AwsError {
  return new AwsError('InvalidNextToken', 'The specified token is not valid.');
}

function resource(store: ParameterStore, operation: string, input: JsonObject, context: OperationContext): string {
  if (operation === 'DescribeParameters')
    return `arn:${context.partition}:ssm:${context.region}:${context.accountId}:*`;
  const [first] = Array.isArray(input.Names) ? input.Names : [input.Name ?? input.Path];
  return store.arn(parseReference(String(first ?? '')).name);
}

function withoutSecret(store: ParameterStore, input: JsonObject): JsonObject {
  const name = typeof input.Name === 'string' ? input.Name.trim() : '';
  const secret = input.Type === 'SecureString' || store.history(name)?.at(-1)?.type === 'SecureString';
  return secret ? { ...input, Value: '********' } : input;
}
