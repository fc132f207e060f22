import type { ServiceRevision, TaskDefinition } from '@aws-sdk/client-ecs';
import { afterAll, afterEach, beforeAll, vi } from 'vitest';
import { hook } from '../hooks/admission/hook.ts';
import { at, TARGET, withDetails } from '../library/testing/events.ts';
import { lambdaHandler } from '../shared/lambda.ts';
import type { HookAnswer } from '../shared/status.ts';
import type { PushedImage, PushInput } from '../simulator/aws/ecr/registries.ts';
import type { Finding, ScanResult } from '../simulator/aws/ecr/scan.ts';
import { createLocalAws, type LocalAws } from '../simulator/aws/local-aws.ts';
import { emptyEcs } from '../simulator/aws/services/ecs.ts';

export const NOW = Date.parse('2026-11-20T12:00:00Z');
export const DAY = 86_400_000;
export const REGISTRY = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';

/** How a container's image stands in the task definition, and what ECS has made of it. */
export interface ContainerInput {
  image: string;
  /** What the service revision has instead. */
  listed?: string;
  digest?: string;
  versionConsistency?: 'disabled';
}

export interface LookInput {
  /** HOOK_POLICY. */
  policy: string;
  hookDetails?: unknown;
  stage?: 'PRE_SCALE_UP' | 'POST_SCALE_UP';
  containers: Readonly<Record<string, string | ContainerInput>>;
  runtimePlatform?: TaskDefinition['runtimePlatform'];
  /** Whether the service revision names no image. */
  unlisted?: boolean;
}

const TASK_DEFINITION = 'arn:aws:ecs:eu-west-1:123456789012:task-definition/web:7';

/** An account whose ECR, ECS and Parameter Store the hook asks by the AWS SDK, as it asks AWS. */
export class AdmissionWorld {
  readonly aws: LocalAws;
  /** `ecr:BatchGetImage` and the like, of the last look. */
  calls: string[] = [];
  readonly #ecs: { revisions: ServiceRevision[]; definitions: TaskDefinition[] };
  #images = 0;

  constructor(aws: LocalAws, ecs: { revisions: ServiceRevision[]; definitions: TaskDefinition[] }) {
    this.aws = aws;
    this.#ecs = ecs;
  }

  /** Pushes an image of its own content, so that nothing the hook remembers is of another. */
  push(uri: string, { scan, ...input }: Partial<PushInput> & { scan?: ScanResult } = {}): PushedImage {
    this.#images += 1;
    const [repository = '', tag = 'v1'] = uri.split(':');
    const pushed = this.aws.registry.push({ repository, tag, createdFrom: `content ${this.#images}`, ...input });
    for (const digest of [pushed.digest, ...Object.values(pushed.platforms)]) {
      this.aws.registry.setScan(pushed.uri, digest, scan);
    }
    return pushed;
  }

  /** One invocation of the hook; a later look is given the hookDetails of the answer before. */
  async look(input: LookInput): Promise<HookAnswer> {
    const { policy, stage = 'PRE_SCALE_UP', hookDetails } = input;
    this.#describe(input);
    const handler = lambdaHandler(hook, { now: () => new Date(), env: { HOOK_POLICY: policy } });
    const before = this.aws.calls.length;
    const answer = await handler(withDetails(at(stage), hookDetails), {
      functionName: 'admission',
      getRemainingTimeInMillis: () => 30_000,
    });
    this.calls = this.aws.calls.slice(before).map(({ service, operation }) => `${service}:${operation}`);
    return answer;
  }

  #describe({ containers, runtimePlatform, unlisted = false }: LookInput): void {
    const given = Object.entries(containers).map(([name, container]) => ({
      name,
      ...(typeof container === 'string' ? { image: container } : container),
    }));
    this.#ecs.definitions = [
      {
        taskDefinitionArn: TASK_DEFINITION,
        containerDefinitions: given.map(({ name, image, versionConsistency }) => ({ name, image, versionConsistency })),
        ...(runtimePlatform && { runtimePlatform }),
      },
    ];
    const images = given.map(({ name, image, listed = image, digest }) => ({
      containerName: name,
      image: listed,
      imageDigest: digest,
    }));
    this.#ecs.revisions = [
      { serviceRevisionArn: TARGET, taskDefinition: TASK_DEFINITION, containerImages: unlisted ? [] : images },
    ];
  }
}

/** Starts the account for a test file. */
export function useAdmissionWorld(): () => AdmissionWorld {
  let world: AdmissionWorld | undefined;
  let close: () => Promise<void> = async () => {};
  beforeAll(async () => {
    const ecs: { revisions: ServiceRevision[]; definitions: TaskDefinition[] } = { revisions: [], definitions: [] };
    vi.useFakeTimers({ toFake: ['Date'], now: NOW });
    const backend = { ...emptyEcs, serviceRevisions: () => ecs.revisions, taskDefinitions: () => ecs.definitions };
    const aws = createLocalAws({ clock: { now: () => Date.now() }, ecs: backend });
    const listening = await aws.listen();
    close = listening.close;
    world = new AdmissionWorld(aws, ecs);
    process.env.AWS_ENDPOINT_URL = listening.url;
  });
  afterEach(() => {
    vi.setSystemTime(NOW);
    world?.aws.faults.clear();
  });
  afterAll(async () => {
    await close();
    vi.useRealTimers();
  });
  return () => {
    if (world === undefined) throw new Error('the world begins with the first test');
    return world;
  };
}

/** A current scan by Amazon Inspector. */
export function scanned(...findings: Finding[]): ScanResult {
  return { type: 'ENHANCED', status: 'ACTIVE', findings };
}

/** As many findings, each of its own vulnerability. */
export function findings(number: number, severity: string, more: Partial<Finding> = {}): Finding[] {
  return Array.from({ length: number }, (_, n) => ({
    id: `CVE-2026-${severity}-${n}`,
    severity,
    package: 'openssl',
    fixAvailable: 'YES' as const,
    ...more,
  }));
}

/** A policy of one rule, `own`, for the own registry and some images of Amazon ECR Public. */
export function policy(rule: object = {}, more: object = {}): string {
  return JSON.stringify({
    version: 1,
    rules: [{ name: 'own', match: [`${REGISTRY}/**`, 'public.ecr.aws/docker/**'], ...rule }],
    ...more,
  });
}
