import { type AdmissionWorld, type ContainerInput, REGISTRY } from './docs-admission-world.ts';

export const DIGEST = `sha256:${'a'.repeat(64)}`;

type Push = Parameters<AdmissionWorld['push']>[1];
type Image = (world: AdmissionWorld) => string | ContainerInput;

export interface Case {
  it: string;
  image: Image;
  container?: string;
  /** Days from now, by the clock that the hook sees. */
  inDays?: number;
  is: 'admitted' | 'denied' | 'waited for';
  because: string;
}

const text = (reference: string) => () => reference;
export const tagged = (uri: string, push?: Push) => (w: AdmissionWorld) => w.push(uri, push).reference;
const pinned = (uri: string, push?: Push) => (w: AdmissionWorld) => {
  const pushed = w.push(uri, push);
  return `${pushed.uri}@${pushed.digest}`;
};
/** An image that is there, named by another host or tag than it was pushed under. */
const named = (uri: string, as: (uri: string) => string) => (w: AdmissionWorld) => as(w.push(uri).reference);
const withMutability =
  (
    uri: string,
    mutability: Parameters<AdmissionWorld['aws']['registry']['setMutability']>[1],
    filters: string[] = [],
  ) =>
  (w: AdmissionWorld) => {
    const { uri: repository, reference } = w.push(uri);
    w.aws.registry.setMutability(repository, mutability, filters);
    return reference;
  };

/** Images that show what each policy of the page admits and denies, by its title: by what their references say. */
export const REFERENCE_CASES: Readonly<Record<string, readonly Case[]>> = {
  'The own registry only': [
    { it: 'a tag', image: tagged(`${REGISTRY}/team/web`), is: 'admitted', because: 'passes rule own-registry' },
    { it: 'a digest', image: pinned(`${REGISTRY}/team/web`), is: 'admitted', because: 'passes rule own-registry' },
    {
      it: 'the FIPS host',
      image: named(`${REGISTRY}/fips`, (uri) => uri.replace('dkr.ecr', 'dkr.ecr-fips')),
      is: 'admitted',
      because: 'passes rule own-registry',
    },
    {
      it: 'the dual-stack host',
      image: named(`${REGISTRY}/dual`, (uri) => uri.replace('dkr.ecr', 'dkr-ecr').replace('amazonaws.com', 'on.aws')),
      is: 'admitted',
      because: 'passes rule own-registry',
    },
    {
      it: 'another registry',
      image: text(`quay.io/team/web@${DIGEST}`),
      is: 'denied',
      because: 'no rule of the policy matches quay.io/team/web',
    },
    {
      it: 'another account',
      image: text(`${REGISTRY.replace('123456789012', '210987654321')}/team/web:v1`),
      is: 'denied',
      because: 'no rule of the policy matches 210987654321',
    },
    {
      it: 'another Region',
      image: text(`${REGISTRY.replace('eu-west-1', 'eu-west-2')}/team/web:v1`),
      is: 'denied',
      because: 'no rule of the policy matches',
    },
    {
      it: 'a short name',
      image: text(`nginx@${DIGEST}`),
      is: 'denied',
      because: 'no rule of the policy matches docker.io/library/nginx',
    },
    {
      it: 'a look-alike',
      image: text(`${REGISTRY}.evil.example/team/web:v1`),
      is: 'denied',
      because: 'looks like Amazon ECR, and is not',
    },
    {
      it: 'a host that begins like it',
      image: text(`evil.example/${REGISTRY}/team/web@${DIGEST}`),
      is: 'denied',
      because: 'no rule of the policy matches evil.example',
    },
  ],
  'Several accounts and Regions': [
    { it: 'its first Region', image: tagged(`${REGISTRY}/web`), is: 'admitted', because: 'rule own-registries' },
    {
      it: 'its second Region',
      image: tagged(`${REGISTRY.replace('eu-west-1', 'us-east-1')}/web`),
      is: 'admitted',
      because: 'rule own-registries',
    },
    {
      it: "the other account's shared images",
      image: tagged(`${REGISTRY.replace('123456789012', '210987654321')}/shared/base/alpine`),
      is: 'admitted',
      because: 'rule shared-images',
    },
    {
      it: 'the rest of the other account',
      image: tagged(`${REGISTRY.replace('123456789012', '210987654321')}/private/app`),
      is: 'denied',
      because: 'no rule of the policy matches',
    },
    {
      it: 'a third Region',
      image: tagged(`${REGISTRY.replace('eu-west-1', 'ap-southeast-2')}/web`),
      is: 'denied',
      because: 'no rule of the policy matches',
    },
    {
      it: "the other account's other Region",
      image: tagged('210987654321.dkr.ecr.us-east-1.amazonaws.com/shared/base'),
      is: 'denied',
      because: 'no rule of the policy matches',
    },
  ],
  'Digests everywhere': [
    { it: 'a digest', image: pinned(`${REGISTRY}/team/web`), is: 'admitted', because: 'rule pinned' },
    {
      it: 'a tag',
      image: tagged(`${REGISTRY}/team/web`),
      is: 'denied',
      because: 'rule pinned: the reference has no digest',
    },
    {
      it: 'a tag beside a digest',
      image: (w) => {
        const { uri, digest } = w.push(`${REGISTRY}/team/web`);
        return `${uri}:whatever@${digest}`;
      },
      is: 'admitted',
      because: 'rule pinned',
    },
    {
      it: 'an immutable tag',
      image: withMutability(`${REGISTRY}/immutable`, 'IMMUTABLE'),
      is: 'denied',
      because: 'rule pinned: the reference has no digest',
    },
    {
      it: 'an official image, pinned',
      image: text(`public.ecr.aws/docker/library/nginx@${DIGEST}`),
      is: 'admitted',
      because: 'allow-listed and pinned by digest',
    },
    {
      it: 'an official image by tag',
      image: text('public.ecr.aws/docker/library/nginx:1.27'),
      is: 'denied',
      because: 'rule pinned: the reference has no digest',
    },
  ],
  'Tags that cannot move': [
    {
      it: 'a tag of an immutable repository',
      image: withMutability(`${REGISTRY}/frozen`, 'IMMUTABLE'),
      is: 'admitted',
      because: 'rule immutable-tags',
    },
    {
      it: 'a tag that alone is immutable',
      image: withMutability(`${REGISTRY}/half`, 'MUTABLE_WITH_EXCLUSION', ['v*']),
      is: 'admitted',
      because: 'rule immutable-tags',
    },
    { it: 'a digest', image: pinned(`${REGISTRY}/loose`), is: 'admitted', because: 'rule immutable-tags' },
    {
      it: 'a tag of a mutable repository',
      image: tagged(`${REGISTRY}/loose`),
      is: 'denied',
      because: 'tag v1 can be moved: the repository is MUTABLE',
    },
    {
      it: 'a tag that a filter leaves movable',
      image: withMutability(`${REGISTRY}/holes`, 'IMMUTABLE_WITH_EXCLUSION', ['v*']),
      is: 'denied',
      because: 'tag v1 is excluded from IMMUTABLE_WITH_EXCLUSION by filter v*',
    },
    { it: 'latest', image: text(`${REGISTRY}/frozen:latest`), is: 'denied', because: 'denied by denyTags latest' },
    { it: 'no tag', image: text(`${REGISTRY}/frozen`), is: 'denied', because: 'no tag, which means latest' },
    {
      it: 'a snapshot',
      image: text(`${REGISTRY}/frozen:v2-snapshot`),
      is: 'denied',
      because: 'denied by denyTags *-snapshot',
    },
  ],
  "A vendor's sidecar": [
    {
      it: 'the sidecar by tag',
      container: 'datadog-agent',
      image: text('public.ecr.aws/datadog/agent:7'),
      inDays: 222, // 30 June 2027
      is: 'admitted',
      because: 'exempt until 2027-06-30',
    },
    {
      it: 'the sidecar a day later',
      container: 'datadog-agent',
      image: text('public.ecr.aws/datadog/agent:7'),
      inDays: 223,
      is: 'denied',
      because: 'its exemption ended with 2027-06-30',
    },
    {
      it: 'its image in another container',
      container: 'web',
      image: text('public.ecr.aws/datadog/agent:7'),
      is: 'denied',
      because: 'no rule of the policy matches public.ecr.aws/datadog/agent',
    },
    {
      it: 'another image in its container',
      container: 'datadog-agent',
      image: text('public.ecr.aws/datadog/other:7'),
      is: 'denied',
      because: 'no rule of the policy matches public.ecr.aws/datadog/other',
    },
    {
      it: 'another image that a rule admits, in its container',
      container: 'datadog-agent',
      image: pinned(`${REGISTRY}/agent`),
      is: 'admitted',
      because: 'passes rule own-registry',
    },
  ],
  'Pull through cache': [
    { it: 'an own image', image: tagged(`${REGISTRY}/team/web`), is: 'admitted', because: 'rule own' },
    {
      it: 'a cached official image, pinned',
      image: pinned(`${REGISTRY}/docker-hub/library/nginx`),
      is: 'admitted',
      because: 'rule cached',
    },
    {
      it: "AWS's cached image, pinned",
      image: pinned(`${REGISTRY}/ecr-public/aws-observability/adot`),
      is: 'admitted',
      because: 'rule cached',
    },
    {
      it: 'a cached official image by tag',
      image: tagged(`${REGISTRY}/docker-hub/library/nginx`),
      is: 'denied',
      because: 'rule cached: the reference has no digest',
    },
    {
      it: "somebody's image of Docker Hub",
      image: pinned(`${REGISTRY}/docker-hub/somebody/tool`),
      is: 'denied',
      because: 'no rule of the policy matches',
    },
    {
      it: 'another cached registry',
      image: pinned(`${REGISTRY}/quay/somebody/tool`),
      is: 'denied',
      because: 'no rule of the policy matches',
    },
  ],
};
