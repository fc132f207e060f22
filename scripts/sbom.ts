import type { Metafile } from 'esbuild';
import { lockedPackages, type Package, packageFolder } from './packages.ts';

export interface Artifact {
  /** `approval`, or `tasks/consumer-gate`. */
  id: string;
  /** Of this project. */
  version: string;
  /** Of the file that is deployed, in hexadecimal. */
  sha256: string;
}

/** The folders of the packages that left bytes in a bundle, and how many. */
export function bundledPackages({ outputs }: Metafile): Map<string, number> {
  const bytes = new Map<string, number>();
  for (const { inputs } of Object.values(outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const folder = packageFolder(path);
      if (folder !== undefined && bytesInOutput > 0) bytes.set(folder, (bytes.get(folder) ?? 0) + bytesInOutput);
    }
  }
  return bytes;
}

/**
 * The software bill of materials of an artifact: what esbuild really put into it, not what is installed. Without time
 * and serial number, so that the same source gives the same document.
 *
 * @throws Error when a package is not in the lockfile
 * @see https://cyclonedx.org/docs/1.6/json/
 */
export function cycloneDx({ id, version, sha256 }: Artifact, metafile: Metafile): string {
  const locked = new Map(lockedPackages().map((one) => [one.folder, one]));
  const components = [...bundledPackages(metafile)].map(([folder, bytes]) => {
    const found = locked.get(folder);
    if (found === undefined) throw new Error(`${id} holds ${folder}, which is not in package-lock.json`);
    return componentOf(found, bytes);
  });
  components.sort((a, b) => (a['bom-ref'] < b['bom-ref'] ? -1 : 1));
  const root = `ecs-lifecycle-hooks/${id}`;
  const document = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      lifecycles: [{ phase: 'build' }],
      component: {
        type: 'application',
        'bom-ref': root,
        name: root,
        version,
        hashes: [{ alg: 'SHA-256', content: sha256 }],
        licenses: licences('MIT-0'),
      },
    },
    components,
    dependencies: [{ ref: root, dependsOn: components.map((component) => component['bom-ref']) }],
    // Nothing but these is inside: the bundler has followed every import.
    compositions: [{ aggregate: 'complete', assemblies: [root] }],
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function componentOf({ name, version, licence, integrity }: Package, bytes: number) {
  const [scope, ...rest] = name.split('/');
  const purl = `pkg:npm/${[encodeURIComponent(scope ?? ''), ...rest].join('/')}@${version}`;
  return {
    type: 'library',
    'bom-ref': purl,
    name,
    version,
    hashes: [{ alg: 'SHA-512', content: Buffer.from(integrity.replace(/^sha512-/, ''), 'base64').toString('hex') }],
    licenses: licences(licence),
    purl,
    properties: [{ name: 'esbuild:bytesInOutput', value: String(bytes) }],
  };
}

/** An expression of several licences is written in another way than a single one. */
function licences(text: string) {
  return /\s/.test(text) ? [{ expression: text }] : [{ license: { id: text } }];
}
