import { type ParameterVersion, type Rules, tally } from '../../hooks/approval/tally.ts';

export const STS = 'arn:aws:sts::123456789012:assumed-role';
export const HOOK = `${STS}/HookRole/hook-fn`;
export const ALICE = `${STS}/Approver/alice`;
export const BOB = `${STS}/Approver/bob`;
export const CAROL = `${STS}/Approver/carol`;
export const CI = `${STS}/Deployer/ci`;
const ASKED = Date.parse('2026-03-02T09:00:00Z');
export const DEADLINE = new Date(ASKED + 3_600_000);

const RULES: Rules = {
  approvers: [`${STS}/Approver/*`, CI],
  deployers: [CI],
  quorum: 1,
  requireReason: 'never',
  functionName: 'hook-fn',
  deploymentId: 'dep-1',
  targetRevisionId: '2222222222222222222',
};

export type Written = [by: string, value: string, minute?: number];

/** The request, then one version after the other, a minute apart where no minute is given. */
function historyOf(...written: Written[]): ParameterVersion[] {
  const all: Written[] = [[HOOK, 'pending', 0], ...written];
  return all.map(([by, value, minute], index) => ({
    version: index + 1,
    value,
    by,
    at: new Date(ASKED + (minute ?? index) * 60_000),
  }));
}

export function tallyOf(written: Written[], rules: Partial<Rules> = {}) {
  const [request, ...rest] = historyOf(...written);
  if (request === undefined) throw new Error('a history begins with its request');
  return tally([request, ...rest], request, DEADLINE, { ...RULES, ...rules });
}
