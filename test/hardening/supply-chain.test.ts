import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Metafile } from 'esbuild';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { lockedPackages, packageFolder, shippedPackages } from '../../scripts/packages.ts';
import { bundledPackages, cycloneDx } from '../../scripts/sbom.ts';
import { parseJson } from '../../shared/schema.ts';
import { hookIds, ROOT } from '../fixtures/sources.ts';

/** Licences that ask for no more than their own text beside the code. */
const PERMISSIVE = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT', 'MIT-0', '(MIT AND Zlib)'];

const packages = lockedPackages();
const needed = shippedPackages();

interface Lock {
  lockfileVersion: number;
  packages: Record<string, { resolved?: string; link?: boolean; hasInstallScript?: boolean }>;
}
const lock: Lock = JSON.parse(read('package-lock.json'));
const manifest: {
  version: string;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  allowScripts: Record<string, boolean>;
} = JSON.parse(read('package.json'));

describe('the lockfile', () => {
  it('has the whole tree, each package with the SHA-512 of what the registry served', () => {
    expect(lock.lockfileVersion).toBe(3);
    expect(packages.length).toBeGreaterThan(100);
    const without = packages.filter(
      ({ integrity, bundled }) => !bundled && !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity),
    );
    expect(without.map(({ folder }) => folder)).toEqual([]);
  });

  it('takes packages from a registry alone, neither from Git nor from a folder', () => {
    const others = Object.entries(lock.packages).filter(
      ([, { resolved = '', link }]) => link === true || (resolved !== '' && !resolved.startsWith('https://')),
    );
    expect(others).toEqual([]);
    const ranges = Object.values({ ...manifest.dependencies, ...manifest.devDependencies });
    expect(ranges.filter((range) => !/^[\^~]?\d+(\.(\d+|x)){0,2}$/.test(range))).toEqual([]);
  });

  it('lets no package run a script at its installation but those that are named', () => {
    const withScript = Object.entries(lock.packages).flatMap(([folder, { hasInstallScript }]) =>
      hasInstallScript === true ? [folder.replace(/^.*node_modules\//, '')] : [],
    );
    expect(withScript.filter((name) => manifest.allowScripts[name] === undefined)).toEqual([]);
    expect(Object.entries(manifest.allowScripts).filter(([, isAllowed]) => isAllowed)).toEqual([['node', true]]);
  });
});

describe('the licences', () => {
  it('of all that an artifact may hold are permissive', () => {
    expect(needed.length).toBeGreaterThan(10);
    expect(
      needed.filter(({ licence }) => !PERMISSIVE.includes(licence)).map(({ name, licence }) => [name, licence]),
    ).toEqual([]);
  });

  it('and versions are those of what is installed', () => {
    for (const { folder, version, licence } of needed) {
      const installed: { version: string; license: string } = JSON.parse(read(`${folder}/package.json`));
      expect({ version: installed.version, licence: installed.license }, folder).toEqual({ version, licence });
    }
  });
});

const Ref = z
  .string()
  .check(z.regex(/^(pkg:npm\/(%40[\w.-]+\/)?[\w.-]+@\d+\.\d+\.\d+[\w.+-]*|ecs-lifecycle-hooks\/[\w/-]+)$/));
const Hash = z.union([
  z.strictObject({ alg: z.literal('SHA-256'), content: z.string().check(z.regex(/^[a-f0-9]{64}$/)) }),
  z.strictObject({ alg: z.literal('SHA-512'), content: z.string().check(z.regex(/^[a-f0-9]{128}$/)) }),
]);
const Licences = z
  .array(
    z.union([
      z.strictObject({ license: z.strictObject({ id: z.enum(PERMISSIVE) }) }),
      z.strictObject({ expression: z.enum(PERMISSIVE) }),
    ]),
  )
  .check(z.length(1));
const Component = z.strictObject({
  type: z.enum(['application', 'library']),
  'bom-ref': Ref,
  name: z.string().check(z.minLength(1)),
  version: z.string().check(z.regex(/^\d+\.\d+\.\d+/)),
  hashes: z.array(Hash).check(z.length(1)),
  licenses: Licences,
  purl: z.optional(Ref),
  properties: z.optional(z.array(z.strictObject({ name: z.string(), value: z.string() }))),
});
/** What we write of CycloneDX 1.6, by its reference. */
const Bom = z.strictObject({
  bomFormat: z.literal('CycloneDX'),
  specVersion: z.literal('1.6'),
  version: z.literal(1),
  metadata: z.strictObject({
    lifecycles: z.array(z.strictObject({ phase: z.literal('build') })),
    component: Component,
  }),
  components: z.array(Component).check(z.minLength(1)),
  dependencies: z.array(z.strictObject({ ref: Ref, dependsOn: z.array(Ref) })),
  compositions: z.array(z.strictObject({ aggregate: z.literal('complete'), assemblies: z.array(Ref) })),
});

const ARTIFACTS = [
  ...hookIds().map((id) => ({ id, file: `dist/${id}.zip` })),
  ...['consumer-gate', 'traffic-generator'].map((id) => ({ id: `tasks/${id}`, file: `dist/tasks/${id}/index.cjs` })),
];
const schemas = schemaFolder();

describe.each(ARTIFACTS)('the bill of materials of $id', ({ id, file }) => {
  const text = () => {
    if (!existsSync(join(ROOT, `dist/${id}.cdx.json`)))
      throw new Error(`dist/${id}.cdx.json is not there: npm run build`);
    return read(`dist/${id}.cdx.json`);
  };

  it('is a document of CycloneDX 1.6, of the very file that is deployed', () => {
    const bom = Bom.parse(parseJson(text()));
    const [hash] = bom.metadata.component.hashes;
    expect(hash?.content).toBe(
      createHash('sha256')
        .update(readFileSync(join(ROOT, file)))
        .digest('hex'),
    );
    expect(bom.metadata.component.version).toBe(manifest.version);
    const refs = bom.components.map((component) => component['bom-ref']);
    expect(new Set(refs).size).toBe(refs.length);
    expect(bom.dependencies).toEqual([{ ref: bom.metadata.component['bom-ref'], dependsOn: refs }]);
    expect(bom.compositions[0]?.assemblies).toEqual([bom.metadata.component['bom-ref']]);
    for (const { name, version, purl, 'bom-ref': ref } of bom.components) {
      expect([purl, decodeURIComponent(ref)]).toEqual([ref, `pkg:npm/${name}@${version}`]);
    }
  });

  it('names packages whose licences the page lists, and nothing else', () => {
    const { components } = Bom.parse(parseJson(text()));
    const known = new Set(needed.map(({ name, version }) => `${name}@${version}`));
    expect(components.map(({ name, version }) => `${name}@${version}`).filter((one) => !known.has(one))).toEqual([]);
  });

  it.runIf(schemas !== undefined)("fits the specification's own schema", () => {
    expect(schemaProblems(schemas ?? '', text())).toEqual([]);
  });
});

describe.each(hookIds())('the bill of materials of %s', (id) => {
  const metafile = (): Metafile => JSON.parse(read(`dist/${id}/meta.json`));

  it('has every package that left bytes in the bundle, with all of them, and is written the same again', () => {
    const sha256 = createHash('sha256')
      .update(readFileSync(join(ROOT, `dist/${id}.zip`)))
      .digest('hex');
    expect(read(`dist/${id}.cdx.json`)).toBe(cycloneDx({ id, version: manifest.version, sha256 }, metafile()));
    const inputs = Object.values(metafile().outputs).flatMap((output) => Object.entries(output.inputs));
    const ofPackages = inputs.filter(([path]) => path.includes('node_modules/'));
    const bytes = ofPackages.reduce((total, [, { bytesInOutput }]) => total + bytesInOutput, 0);
    expect(bytes).toBeGreaterThan(10_000);
    expect([...bundledPackages(metafile()).values()].reduce((total, n) => total + n, 0)).toBe(bytes);
  });
});

it('a package that is not in the lockfile is not passed over', () => {
  const inputs = { 'node_modules/@nobody/knows/index.js': { bytesInOutput: 7 }, 'shared/log.ts': { bytesInOutput: 9 } };
  const outputs = { 'index.cjs': { bytes: 16, inputs, imports: [], exports: [] } };
  expect(() => cycloneDx({ id: 'x', version: '1.0.0', sha256: '' }, { inputs: {}, outputs })).toThrow(
    'x holds node_modules/@nobody/knows, which is not in package-lock.json',
  );
});

it.each([
  ['node_modules/zod/v4/mini/schemas.js', 'node_modules/zod'],
  ['node_modules/@aws-sdk/core/dist-es/index.js', 'node_modules/@aws-sdk/core'],
  ['node_modules/a/node_modules/@b/c/d.js', 'node_modules/a/node_modules/@b/c'],
  ['shared/log.ts', undefined],
])('the package of %s is %s', (path, folder) => {
  expect(packageFolder(path)).toBe(folder);
});

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

/** Where the schemas are, if CycloneDX's own library is installed, which brings a lot that is not needed here. */
function schemaFolder(): string | undefined {
  try {
    const entry = createRequire(import.meta.url).resolve('@cyclonedx/cyclonedx-library/package.json');
    return join(dirname(entry), 'res/schema');
  } catch {
    return undefined;
  }
}

function schemaProblems(folder: string, text: string): unknown[] {
  const require = createRequire(join(folder, 'x.js'));
  const { default: Ajv } = require('ajv');
  const ajv = new Ajv({ strict: false, allErrors: true, logger: false, validateFormats: false });
  for (const name of ['spdx', 'jsf-0.82', 'cryptography-defs']) {
    const file = `${name}.SNAPSHOT.schema.json`;
    ajv.addSchema(JSON.parse(readFileSync(join(folder, file), 'utf8')), `http://cyclonedx.org/schema/${file}`);
  }
  const validate = ajv.compile(JSON.parse(readFileSync(join(folder, 'bom-1.6.SNAPSHOT.schema.json'), 'utf8')));
  return validate(JSON.parse(text)) ? [] : validate.errors;
}
