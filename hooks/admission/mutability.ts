import { oneLine } from '../../shared/text.ts';
import { matchesWildcard } from './wildcard.ts';

/** What of ECR's `Repository` decides whether a tag can move. */
export interface TagSettings {
  imageTagMutability?: string | undefined;
  imageTagMutabilityExclusionFilters?:
    | readonly { filterType?: string | undefined; filter?: string | undefined }[]
    | undefined;
}

export interface TagMutability {
  immutable: boolean;
  /** A clause: `tag latest is excluded from IMMUTABLE_WITH_EXCLUSION by filter latest*`. */
  why: string;
}

/**
 * Whether ECR refuses to push another image under this tag. What cannot be told counts as movable: a setting that is
 * missing or new, and a filter of a type other than WILDCARD or without a pattern.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html
 */
export function tagMutability(tag: string, settings: TagSettings): TagMutability {
  const mutability = settings.imageTagMutability;
  switch (mutability) {
    case 'IMMUTABLE':
      return { immutable: true, why: 'the repository is IMMUTABLE' };
    case 'MUTABLE':
    case undefined:
      return { immutable: false, why: `tag ${tag} can be moved: the repository is MUTABLE` };
    case 'IMMUTABLE_WITH_EXCLUSION':
    case 'MUTABLE_WITH_EXCLUSION':
      return withExclusion(tag, mutability, settings.imageTagMutabilityExclusionFilters ?? []);
    default:
      return {
        immutable: false,
        why: `tag ${tag} may be movable: imageTagMutability ${oneLine(mutability, 60)} is not known to this version`,
      };
  }
}

function withExclusion(
  tag: string,
  mutability: 'IMMUTABLE_WITH_EXCLUSION' | 'MUTABLE_WITH_EXCLUSION',
  filters: NonNullable<TagSettings['imageTagMutabilityExclusionFilters']>,
): TagMutability {
  const known = filters.filter(({ filterType }) => filterType === 'WILDCARD');
  const excluding = known.find(({ filter }) => filter !== undefined && matchesWildcard(filter, tag));
  const excluded = `tag ${tag} is excluded from ${mutability} by filter ${excluding?.filter}`;
  if (mutability === 'MUTABLE_WITH_EXCLUSION') {
    if (excluding !== undefined) return { immutable: true, why: excluded };
    return { immutable: false, why: `tag ${tag} can be moved: no filter excludes it from ${mutability}` };
  }
  if (excluding !== undefined) return { immutable: false, why: excluded };
  const strange = filters.find(({ filterType, filter }) => filterType !== 'WILDCARD' || filter === undefined);
  if (strange !== undefined) {
    if (strange.filterType === 'WILDCARD') {
      return { immutable: false, why: `tag ${tag} may be movable: an exclusion filter has no pattern` };
    }
    const type = oneLine(strange.filterType ?? 'without a type', 60);
    return { immutable: false, why: `tag ${tag} may be movable: an exclusion filter is ${type}, not WILDCARD` };
  }
  return { immutable: true, why: `no filter excludes tag ${tag} from ${mutability}` };
}
