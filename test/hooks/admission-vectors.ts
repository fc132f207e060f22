import { readFileSync } from 'node:fs';
import * as z from 'zod';

const Case = z.object({
  name: z.string(),
  containerImages: z.array(
    z.object({ containerName: z.string(), image: z.string(), imageDigest: z.string().optional() }),
  ),
  facts: z
    .object({ tagMutability: z.string().optional(), exclusionFilters: z.array(z.string()).optional() })
    .optional(),
});

const Vectors = z.object({
  admission: z.object({ cases: z.array(Case) }),
  vulnerability: z.array(
    z.object({
      name: z.string(),
      expect: z.enum(['allow', 'deny']),
      scan: z.object({
        status: z.string().optional(),
        error: z.literal('ScanNotFoundException').optional(),
        counts: z.record(z.string(), z.int()).optional(),
        findings: z
          .array(z.tuple([z.string(), z.string(), z.object({ fixAvailable: z.string().optional() })]))
          .optional(),
      }),
      // `note` is for the reader, no key of the policy.
      policy: z.looseObject({ note: z.string().optional() }).transform(({ note: _note, ...policy }) => policy),
    }),
  ),
});

const read = Vectors.parse(
  JSON.parse(readFileSync(new URL('../fixtures/admission-vectors.json', import.meta.url), 'utf8')),
);

/** The reference cases of image admission that the pure parts of the hook decide alone. */
export const vectors = {
  vulnerability: read.vulnerability,
  /** The case whose name begins so. */
  admissionCase(name: string): z.infer<typeof Case> {
    const found = read.admission.cases.find((one) => one.name.startsWith(name));
    if (found === undefined) throw new Error(`no reference case ${name}`);
    return found;
  },
};
