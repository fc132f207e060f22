import type { Policy } from '../../scripts/deploy/policies.ts';

const PLACE: Readonly<Record<string, string>> = {
  'AWS::Partition': 'aws',
  'AWS::Region': 'eu-west-1',
  'AWS::AccountId': '123456789012',
};

/** A generated policy with names in the place of its placeholders. @throws Error when one is missing */
export function filled(policy: Policy, names: Readonly<Record<string, string>>): Policy {
  const values = { ...PLACE, ...names };
  return JSON.parse(JSON.stringify(policy), (_, value: unknown) =>
    typeof value !== 'string'
      ? value
      : value.replace(/\$\{([\w:]+)\}/g, (placeholder, name: string) => {
          const given = values[name];
          if (given === undefined) throw new Error(`nothing is given for ${placeholder}`);
          return given;
        }),
  );
}
