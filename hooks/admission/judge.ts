import type { Inquiry } from './facts.ts';
import type { ContainerImage } from './images.ts';
import { judgeRepository } from './repository.ts';
import { type ImageVerdict, type Judgement, type PolicyInForce, type Subject, sortOut } from './subject.ts';

/**
 * Judges every image, also when one is denied already: whoever mends the deployment should see all that is wrong.
 * Images that only a passing fault kept from a verdict are left out, and the fault is given back.
 *
 * @param isStarted whether tasks run already, so that ECS must have recorded digests
 * @returns the verdicts in the order of the containers
 */
export async function judgeImages(
  images: readonly ContainerImage[],
  policy: PolicyInForce,
  inquiry: Inquiry,
  isStarted: boolean,
): Promise<Judgement> {
  const sorted = images.map((image) => sortOut(image, policy, { now: inquiry.now, isStarted }));
  const subjects = sorted.filter((one): one is Subject => !isVerdict(one));
  const repositories = Map.groupBy(subjects, ({ identity }) => identity.name);
  const judged = await Promise.all([...repositories.values()].map((group) => judgeRepository(group, inquiry)));
  const answered = new Map(judged.flatMap(({ verdicts }) => verdicts).map((one) => [one.container, one]));
  const verdicts = sorted.flatMap((one) => (isVerdict(one) ? one : (answered.get(one.container) ?? [])));
  const trouble = judged.find((one) => one.trouble !== undefined)?.trouble;
  // Whatever goes wrong here, an image without a verdict is not an admitted one.
  if (trouble === undefined && verdicts.length < images.length) throw new Error('an image was left without a verdict');
  return { verdicts, trouble };
}

function isVerdict(one: Subject | ImageVerdict): one is ImageVerdict {
  return 'outcome' in one;
}
