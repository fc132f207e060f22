import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { selfSignedCertificate } from '../../simulator/aws/self-signed.ts';
import { ended, generatorWorld, soon } from './traffic-generator-world.ts';

// A bound for what hangs, not a measure: beside these processes the machine builds, tests and more.
vi.setConfig({ testTimeout: 120_000 });

const tls = selfSignedCertificate(Date.now());
let folder = '';
let file = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'traffic-generator-'));
  file = join(folder, 'ca.pem');
  await writeFile(file, tls.cert);
});
afterAll(() => rm(folder, { recursive: true }));

async function over(http: '1.1' | '2', environment: Readonly<Record<string, string>>) {
  const world = await generatorWorld({ tls });
  world.start(environment);
  const targets = [{ name: 'it', weight: 1, url: world.origin }];
  await world.send(1, { plan: { stages: [{ rate: 50, seconds: 1 }], targets, http } });
  await vi.waitFor(() => expect(ended(world.value())).toMatchObject({ endedBy: 'plan', sent: 50 }), soon);
  return { result: ended(world.value()), versions: world.versions };
}

describe('over TLS', () => {
  it.each([
    ['2', '2.0'],
    ['1.1', '1.1'],
  ] as const)('HTTP/%s is agreed by ALPN, with a certificate of NODE_EXTRA_CA_CERTS', async (http, version) => {
    const { result, versions } = await over(http, { NODE_EXTRA_CA_CERTS: file });

    expect(result).toMatchObject({ completed: 50, byStatus: { '2xx': 50 }, errorsByKind: {} });
    expect(versions).toEqual(Array.from({ length: 50 }, () => version));
  });

  it.each(['2', '1.1'] as const)('nothing is sent to a server that nobody vouches for: HTTP/%s', async (http) => {
    const { result, versions } = await over(http, {});

    expect(result).toMatchObject({ completed: 0, errorsByKind: { tls: 50 } });
    expect(versions).toEqual([]);
  });
});
