import {
  DescribeImagesCommand,
  DescribeRepositoriesCommand,
  GetAuthorizationTokenCommand,
  paginateDescribeRepositories,
} from '@aws-sdk/client-ecr';
import { describe, expect, it } from 'vitest';
import { parseRepositoryUri, registryHost, repositoryArn } from '../../simulator/aws/ecr/hosts.ts';
import { ImageRegistries } from '../../simulator/aws/ecr/registries.ts';
import { matchesWildcard } from '../../simulator/aws/ecr/repository.ts';
import { startEcr } from './aws-ecr-kit.ts';
import { START, TestClock } from './aws-fixture.ts';

function registries() {
  return new ImageRegistries(new TestClock(), { registryId: '123456789012', region: 'eu-west-1' });
}

describe('DescribeRepositories', () => {
  it('tells the settings of a repository', async () => {
    const { ecr, registry } = await startEcr();
    registry.createRepository('team/app', { scanOnPush: true, kmsKey: 'arn:aws:kms:eu-west-1:123456789012:key/k' });
    registry.setMutability('team/app', 'IMMUTABLE_WITH_EXCLUSION', ['dev-*']);
    registry.createRepository('team/plain');
    const repositoryNames = ['team/app', 'team/plain'];
    const { repositories } = await ecr.send(new DescribeRepositoriesCommand({ repositoryNames }));
    const common = { registryId: '123456789012', createdAt: new Date(START) };
    expect(repositories).toEqual([
      {
        ...common,
        repositoryArn: 'arn:aws:ecr:eu-west-1:123456789012:repository/team/app',
        repositoryName: 'team/app',
        repositoryUri: '123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app',
        imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
        imageTagMutabilityExclusionFilters: [{ filterType: 'WILDCARD', filter: 'dev-*' }],
        imageScanningConfiguration: { scanOnPush: true },
        encryptionConfiguration: { encryptionType: 'KMS', kmsKey: 'arn:aws:kms:eu-west-1:123456789012:key/k' },
      },
      {
        ...common,
        repositoryArn: 'arn:aws:ecr:eu-west-1:123456789012:repository/team/plain',
        repositoryName: 'team/plain',
        repositoryUri: '123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/plain',
        imageTagMutability: 'MUTABLE',
        imageScanningConfiguration: { scanOnPush: false },
        encryptionConfiguration: { encryptionType: 'AES256' },
      },
    ]);
  });

  it('pages through one registry and fails for a name that is not there', async () => {
    const { ecr, registry } = await startEcr();
    for (let index = 10; index < 35; index += 1) registry.createRepository(`team/app${index}`);
    registry.createRepository('210987654321.dkr.ecr.eu-west-1.amazonaws.com/team/other');
    const names: (string | undefined)[] = [];
    for await (const { repositories } of paginateDescribeRepositories({ client: ecr, pageSize: 10 }, {})) {
      names.push(...(repositories ?? []).map(({ repositoryName }) => repositoryName));
    }
    expect(names).toEqual(Array.from({ length: 25 }, (_, index) => `team/app${index + 10}`));
    const ask = new DescribeRepositoriesCommand({ repositoryNames: ['team/app10', 'team/other'] });
    await expect(ecr.send(ask)).rejects.toMatchObject({
      name: 'RepositoryNotFoundException',
      message: "The repository with name 'team/other' does not exist in the registry with id '123456789012'",
    });
  });
});

describe('pushing', () => {
  it('makes the same image from the same text, on any machine and at any time', () => {
    const digests = [registries(), registries()].map((registry, index) => {
      const pushedAt = START + index * 1000;
      return registry.push({ repository: 'team/app', createdFrom: 'release 1', pushedAt }).digest;
    });
    expect(digests[0]).toBe('sha256:51bf3363844b7e8ed6f3d4decb7f264d657e4701637c697fd73632c0493b8ef2');
    expect(digests[1]).toBe(digests[0]);
    const others = [
      { createdFrom: 'release 2' },
      { createdFrom: 'release 1', format: 'docker' as const },
      { createdFrom: 'release 1', platforms: ['linux/arm64'] },
      { createdFrom: 'release 1', platforms: ['linux/amd64'] },
    ].map((input) => registries().push({ repository: 'team/app', ...input }).digest);
    expect(new Set([digests[0], ...others]).size).toBe(5);
  });

  it.each([
    ['MUTABLE', [], 'v1', true],
    ['IMMUTABLE', [], 'v1', false],
    ['IMMUTABLE_WITH_EXCLUSION', ['dev-*'], 'v1', false],
    ['IMMUTABLE_WITH_EXCLUSION', ['dev-*'], 'dev-1', true],
    ['MUTABLE_WITH_EXCLUSION', ['v*'], 'v1', false],
    ['MUTABLE_WITH_EXCLUSION', ['v*'], 'dev-1', true],
  ] as const)('%s with %j lets the tag %s move: %s', (mutability, filters, tag, moves) => {
    const registry = registries();
    const one = registry.push({ repository: 'team/app', tag, createdFrom: 'one' });
    const two = registry.push({ repository: 'team/app', createdFrom: 'two' });
    registry.setMutability('team/app', mutability, filters);
    registry.push({ repository: 'team/app', tag, createdFrom: 'one' });
    const move = () => registry.moveTag('team/app', tag, two.digest);
    if (moves) expect(move).not.toThrow();
    else {
      expect(move).toThrow(
        `The image tag '${tag}' already exists in the 'team/app' repository and cannot be overwritten because the tag is immutable.`,
      );
      expect(() => registry.push({ repository: 'team/app', tag, createdFrom: 'three' })).toThrow('immutable');
    }
    expect(registry.image('team/app', tag).digest).toBe(moves ? two.digest : one.digest);
  });

  it('names what it cannot find', () => {
    const registry = registries();
    expect(() => registry.repository('nope')).toThrow(
      'no such repository: 123456789012.dkr.ecr.eu-west-1.amazonaws.com/nope',
    );
    expect(() => registry.push({ repository: 'Bad Name', createdFrom: 'x' })).toThrow(
      "Invalid parameter at 'repositoryName'",
    );
    expect(() => registry.push({ repository: 'team/app', createdFrom: 'x', platforms: ['linux'] })).toThrow(
      'not a platform: linux',
    );
    registry.createRepository('team/app');
    expect(() => registry.moveTag('team/app', 'v1', 'v2')).toThrow('no such image');
  });
});

describe('places', () => {
  it.each([
    ['eu-west-1', '123456789012.dkr.ecr.eu-west-1.amazonaws.com', 'arn:aws:ecr'],
    ['us-gov-west-1', '123456789012.dkr.ecr.us-gov-west-1.amazonaws.com', 'arn:aws-us-gov:ecr'],
    ['cn-north-1', '123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn', 'arn:aws-cn:ecr'],
    ['eusc-de-east-1', '123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu', 'arn:aws-eusc:ecr'],
    ['us-isob-east-1', '123456789012.dkr.ecr.us-isob-east-1.sc2s.sgov.gov', 'arn:aws-iso-b:ecr'],
    ['us-iso-east-1', '123456789012.dkr.ecr.us-iso-east-1.c2s.ic.gov', 'arn:aws-iso:ecr'],
  ])('%s is served by %s', (region, host, arn) => {
    const place = { registryId: '123456789012', region };
    expect(registryHost(place)).toBe(host);
    expect(repositoryArn(place, 'team/app')).toBe(`${arn}:${region}:123456789012:repository/team/app`);
    expect(parseRepositoryUri(`${host}/team/app`)).toEqual({ ...place, repository: 'team/app' });
  });

  it.each([
    ['*', '', true],
    ['v*', 'v1', true],
    ['v*', 'dev1', false],
    ['*-rc*', 'v1-rc2', true],
    ['*-rc', 'v1-rc2', false],
    ['a*a', 'a', false],
    ['a*b*c', 'abc', true],
    ['a*bc*bc', 'abc', false],
    ['latest', 'latest', true],
    ['latest', 'latest1', false],
    ['v1.0', 'v1x0', false],
  ])('the filter %s on the tag %j: %s', (filter, tag, expected) => {
    expect(matchesWildcard(filter, tag)).toBe(expected);
  });
});

describe('faults', () => {
  const ask = new DescribeImagesCommand({ repositoryName: 'team/app', imageIds: [{ imageTag: 'v1' }] });

  it.each([
    ['throttle', 'ThrottlingException', 'Rate exceeded'],
    ['server-error', 'ServerException', 'An internal server error has occured'],
    ['not-found', 'ImageNotFoundException', "imageTag:'v1'} does not exist within the repository with name 'team/app'"],
    ['expired-credentials', 'ExpiredTokenException', 'expired'],
    [
      'access-denied',
      'AccessDeniedException',
      'ecr:DescribeImages on resource: arn:aws:ecr:eu-west-1:123456789012:repository/team/app',
    ],
  ] as const)('plays %s as %s', async (kind, name, message) => {
    const { ecr, aws, registry } = await startEcr();
    registry.push({ repository: 'team/app', tag: 'v1', createdFrom: 'one' });
    aws.faults.add({ service: 'ecr', operation: 'DescribeImages', kind });
    await expect(ecr.send(ask)).rejects.toMatchObject({ name, message: expect.stringContaining(message) });
    expect((await ecr.send(ask)).imageDetails).toHaveLength(1);
  });

  it('says of other operations that they are not implemented', async () => {
    const { ecr } = await startEcr();
    await expect(ecr.send(new GetAuthorizationTokenCommand({}))).rejects.toMatchObject({
      name: 'NotImplementedException',
      message: expect.stringContaining('ecr:GetAuthorizationToken'),
    });
  });
});
