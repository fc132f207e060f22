import { ECSClient } from '@aws-sdk/client-ecs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { CLIENT_OPTIONS, naming } from '../../shared/aws/client.ts';
import { describeError } from '../../shared/errors.ts';
import { spelled } from '../command.ts';
import { type Arguments, readArguments, USAGE, UsageError, type Where } from './arguments.ts';
import { readEnded } from './deployments.ts';
import { checkOpen, matching, Refusal, theOne } from './find.ts';
import { listText, showText } from './print.ts';
import { type ApprovalRequest, castVote, listNames, type RequestName, readRequest } from './requests.ts';

export interface Surroundings {
  env: NodeJS.ProcessEnv;
  now: () => Date;
  out: (text: string) => void;
  err: (text: string) => void;
}

interface Clients {
  ssm: SSMClient;
  ecs: ECSClient;
}

/** @returns the exit code: 0 done, 1 it cannot be done, 2 wrong usage */
export async function run(argv: readonly string[], around: Surroundings): Promise<0 | 1 | 2> {
  let args: Arguments | 'help' | undefined;
  try {
    args = readArguments(argv, around.env);
    if (args === 'help') around.out(USAGE);
    else around.out(await perform(args, connect(args.where), around.now));
    return 0;
  } catch (error) {
    if (error instanceof UsageError) {
      around.err(`approve: ${error.message}\nSee: ${spelled('approve')} --help`);
      return 2;
    }
    const where = typeof args === 'object' ? args.where : undefined;
    around.err(`approve: ${error instanceof Refusal ? error.message : awsTrouble(error, where)}`);
    return 1;
  }
}

function connect({ region, endpointUrl, accessKeyId }: Where): Clients {
  const options = {
    ...CLIENT_OPTIONS,
    region,
    ...(endpointUrl !== undefined && { endpoint: endpointUrl }),
    ...(accessKeyId !== undefined && { credentials: { accessKeyId, secretAccessKey: accessKeyId } }),
  };
  return { ssm: naming(new SSMClient(options)), ecs: naming(new ECSClient(options)) };
}

function perform(args: Arguments, clients: Clients, now: () => Date): Promise<string> {
  if (args.command === 'list') return list(args, clients, now());
  return args.command === 'show' ? show(args, clients, now()) : vote(args, args.command, clients, now);
}

async function list(args: Arguments, { ssm, ecs }: Clients, now: Date): Promise<string> {
  const names = matching(await listNames(ssm, args.prefix), args);
  const ended = await readEnded(ecs, names);
  const wanted = args.all ? names : names.filter((name) => !isStale(name, now) && ended(name) === undefined);
  const requests = await readAll(ssm, wanted, now);
  const shown = args.all ? requests : requests.filter(({ standing }) => standing === 'pending');
  if (args.json) return json({ requests: shown.map((one) => withState(one, ended(one))) });
  if (shown.length > 0) return listText(shown, now);
  return `No deployment waits for approval under ${args.prefix}/approval in ${args.where.region}.`;
}

async function show(args: Arguments, { ssm, ecs }: Clients, now: Date): Promise<string> {
  const request = await find(args, ssm, now);
  const ended = (await readEnded(ecs, [request]))(request);
  return args.json ? json(withState(request, ended)) : showText(request, ended, now);
}

async function vote(
  args: Arguments,
  decision: 'accept' | 'decline',
  { ssm, ecs }: Clients,
  now: () => Date,
): Promise<string> {
  const request = await find(args, ssm, now());
  checkOpen(request, (await readEnded(ecs, [request]))(request), args);
  const version = await castVote(ssm, request.parameter, decision, args.reason);
  const after = (await readRequest(ssm, request, now())) ?? request;
  if (args.json) return json({ decision, version, request: withState(after, undefined) });
  const by = after.votes.at(-1)?.by ?? 'you';
  return [
    `${decision === 'accept' ? 'Accepted' : 'Declined'}: ${request.service} in ${request.cluster}, deployment ${request.deployment}, at ${request.stage}.`,
    `Recorded as ${by}, version ${version} of ${request.parameter}.`,
    whatNext(after, decision, args.reason),
  ].join('\n');
}

const NEXT_LOOK = 'The hook looks again within 30 s (its pollSeconds)';

function whatNext({ accepted, quorum = 1, standing }: ApprovalRequest, decision: string, reason?: string): string {
  if (decision === 'decline') {
    const more =
      reason === undefined ? ' Where it requires a reason, it waits for one: decline again with --reason.' : '';
    return `${NEXT_LOOK} and then fails the deployment, which ECS rolls back.${more}`;
  }
  if (standing === 'declined') return `${NEXT_LOOK}; if it counts the decline that is there too, the deployment fails.`;
  if (accepted < quorum) return `${accepted} of ${quorum} approvals: the hook waits for ${quorum - accepted} more.`;
  return `${NEXT_LOOK} and then, if it counts this vote, lets the deployment go on.`;
}

async function find(args: Arguments, ssm: SSMClient, now: Date): Promise<ApprovalRequest> {
  const names = matching(await listNames(ssm, args.prefix), args);
  return theOne(await readAll(ssm, names, now), args);
}

/** One after the other: Parameter Store allows all readers of an account together 40 requests a second. */
async function readAll(ssm: SSMClient, names: readonly RequestName[], now: Date): Promise<ApprovalRequest[]> {
  const requests: ApprovalRequest[] = [];
  for (const name of names) {
    const request = await readRequest(ssm, name, now);
    if (request !== undefined) requests.push(request);
  }
  return requests;
}

/** A hook waits for a day at most, so that what nobody has written to for longer is not worth a read. */
function isStale({ lastChangedAt }: RequestName, now: Date): boolean {
  return now.getTime() - lastChangedAt.getTime() > 25 * 3_600_000;
}

function withState(request: ApprovalRequest, ended: string | undefined): object {
  return ended === undefined ? request : { ...request, ended };
}

function json(value: object): string {
  return JSON.stringify(value, undefined, 2);
}

function awsTrouble(error: unknown, where: Where | undefined): string {
  const told = describeError(error);
  if (/ECONNREFUSED|ENOTFOUND|EAI_AGAIN/.test(told) && where?.endpointUrl !== undefined) {
    return `nothing answers at ${where.endpointUrl}; is the endpoint running? (${told})`;
  }
  if (/CredentialsProviderError/.test(told)) return `no AWS credentials: log in, or set AWS_PROFILE (${told})`;
  if (/ExpiredToken|InvalidClientTokenId|UnrecognizedClient/.test(told)) {
    return `AWS does not take these credentials: log in again (${told})`;
  }
  if (/AccessDenied/.test(told)) {
    return `you may not do this; an approver needs ssm:GetParametersByPath, ssm:GetParameterHistory and ssm:PutParameter (${told})`;
  }
  return told;
}
