import { AwsError } from '../errors.ts';
import { optionalString, optionalStrings } from '../input.ts';
import type { JsonObject } from '../service.ts';
import { ModelValidation } from '../validation.ts';
import { checkPath, isUnder } from './names.ts';
import type { ParameterVersion } from './parameter-store.ts';

/** ParameterStringFilter (Systems Manager API reference): all filters must hold, each by one of its values. */
export interface ParameterFilter {
  key: string;
  option: string;
  values: readonly string[];
}

/** What a request may filter by; GetParametersByPath takes fewer keys than DescribeParameters. */
interface Rules {
  keys: readonly string[];
}

export const DESCRIBE_FILTERS: Rules = { keys: ['Path', 'Name', 'Type', 'KeyId', 'Tier', 'DataType'] };
export const BY_PATH_FILTERS: Rules = { keys: ['Type', 'KeyId', 'Label'] };

const ENUMS: Record<string, readonly string[]> = {
  Tier: ['Standard', 'Advanced', 'Intelligent-Tiering'],
  Type: ['String', 'StringList', 'SecureString'],
};

/** @throws AwsError InvalidFilterKey, InvalidFilterOption, InvalidFilterValue or ValidationException */
export function parseFilters(raw: readonly JsonObject[], rules: Rules): ParameterFilter[] {
  const seen = new Set<string>();
  return raw.map((one, index) => {
    const filter = parseFilter(one, index + 1, rules);
    if (seen.has(filter.key)) {
      throw new AwsError(
        'InvalidFilterKey',
        `The following filter is duplicated in the request: ${filter.key}. A request can contain only one occurrence of a specific filter.`,
      );
    }
    seen.add(filter.key);
    return filter;
  });
}

function parseFilter(raw: JsonObject, position: number, rules: Rules): ParameterFilter {
  const key = optionalString(raw, 'Key');
  new ModelValidation()
    .required(`parameterFilters.${position}.member.key`, key)
    .length(`parameterFilters.${position}.member.key`, key, 1, 132)
    .pattern(`parameterFilters.${position}.member.key`, key, /^(?:tag:.+|Name|Type|KeyId|Path|Label|Tier|DataType)$/)
    .length(`parameterFilters.${position}.member.values`, optionalStrings(raw, 'Values'), 1, 50)
    .check();
  const name = key ?? '';
  if (!rules.keys.includes(name) && !(name.startsWith('tag:') && rules === DESCRIBE_FILTERS)) {
    throw new AwsError(
      'InvalidFilterKey',
      `The following filter key is not valid: ${name}. Valid filter keys include: [${rules.keys.join(', ')}].`,
    );
  }
  const values = optionalStrings(raw, 'Values');
  if (values === undefined) {
    throw new AwsError('InvalidFilterValue', `The following filter values are missing : null for filter key ${name}.`);
  }
  const option = optionalString(raw, 'Option') ?? (name === 'Path' ? 'OneLevel' : 'Equals');
  checkOption(name, option);
  checkValues(name, values);
  return { key: name, option, values };
}

function checkOption(key: string, option: string): void {
  const allowed = optionsOf(key);
  if (allowed.includes(option)) return;
  throw new AwsError(
    'InvalidFilterOption',
    `The following filter option is not valid: ${option}. Valid options include: [${allowed.join(', ')}].`,
  );
}

function optionsOf(key: string): readonly string[] {
  if (key === 'Path') return ['Recursive', 'OneLevel'];
  if (key === 'Label' || key.startsWith('tag:')) return ['Equals'];
  return key === 'Name' ? ['BeginsWith', 'Equals', 'Contains'] : ['BeginsWith', 'Equals'];
}

function checkValues(key: string, values: readonly string[]): void {
  if (key === 'Path') for (const value of values) checkPath(value);
  const known = ENUMS[key];
  const wrong = known && values.find((value) => !known.includes(value));
  if (known && wrong !== undefined) {
    throw new AwsError(
      'InvalidFilterValue',
      `The following filter value is not valid: ${wrong}. Valid values include: [${known.join(', ')}].`,
    );
  }
}

export function matches(
  version: ParameterVersion,
  tags: Readonly<Record<string, string>>,
  filters: readonly ParameterFilter[],
): boolean {
  return filters.every(({ key, option, values }) => values.some((value) => holds(version, tags, key, option, value)));
}

function holds(
  version: ParameterVersion,
  tags: Readonly<Record<string, string>>,
  key: string,
  option: string,
  value: string,
): boolean {
  if (key === 'Path') return isUnder(version.name, value, option === 'Recursive');
  if (key === 'Label') return version.labels.includes(value);
  // A leading slash does not count: the filter `approval` finds both `approval` and `/approval`.
  if (key === 'Name') return compare(rooted(version.name), option === 'Contains' ? value : rooted(value), option);
  const actual = key.startsWith('tag:') ? tags[key.slice(4)] : attribute(version, key);
  return actual !== undefined && compare(actual, value, option);
}

function attribute(version: ParameterVersion, key: string): string | undefined {
  if (key === 'Type') return version.type;
  if (key === 'Tier') return version.tier;
  return key === 'KeyId' ? version.keyId : 'text';
}

function compare(actual: string, value: string, option: string): boolean {
  if (option === 'BeginsWith') return actual.startsWith(value);
  return option === 'Contains' ? actual.includes(value) : actual === value;
}

function rooted(name: string): string {
  return name.startsWith('/') ? name : `/${name}`;
}
