import { generateKeyPairSync, sign } from 'node:crypto';

/**
 * A certificate for `localhost` and 127.0.0.1 that signs itself, for the endpoint's `tls` option: production speaks
 * https, so what is measured here should. Clients trust it as their `ca` or through NODE_EXTRA_CA_CERTS.
 * @param now milliseconds since the epoch; the certificate is good from the day before for ten years
 */
export function selfSignedCertificate(now: number): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const day = 86_400_000;
  const body = sequence(
    tagged(0xa0, integer(2)), // X.509 version 3
    integer(1),
    ECDSA_WITH_SHA256,
    LOCALHOST,
    sequence(time(now - day), time(now + 3650 * day)),
    LOCALHOST,
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(ALTERNATIVE_NAMES, IS_AUTHORITY)),
  );
  const certificate = sequence(body, ECDSA_WITH_SHA256, bitString(sign('sha256', body, privateKey)));
  return { key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), cert: pem(certificate) };
}

/** DER (ITU-T X.690) as far as a certificate (RFC 5280) needs it. */
function tagged(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const bytes = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...bytes]), content]);
}

function sequence(...contents: readonly Uint8Array[]): Buffer {
  return tagged(0x30, ...contents);
}

function integer(value: number): Buffer {
  return tagged(0x02, Buffer.from([value]));
}

function bitString(bits: Uint8Array): Buffer {
  return tagged(0x03, Buffer.from([0]), bits);
}

function objectId(hex: string): Buffer {
  return tagged(0x06, Buffer.from(hex, 'hex'));
}

/** GeneralizedTime, which RFC 5280 wants from 2050 on and every parser takes before. */
function time(at: number): Buffer {
  return tagged(0x18, Buffer.from(`${new Date(at).toISOString().slice(0, 19).replace(/\D/g, '')}Z`));
}

function pem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

const ECDSA_WITH_SHA256 = sequence(objectId('2a8648ce3d040302'));
const COMMON_NAME = objectId('550403');
const LOCALHOST = sequence(tagged(0x31, sequence(COMMON_NAME, tagged(0x0c, Buffer.from('localhost')))));
const ALTERNATIVE_NAMES = sequence(
  objectId('551d11'),
  tagged(0x04, sequence(tagged(0x82, Buffer.from('localhost')), tagged(0x87, Buffer.from([127, 0, 0, 1])))),
);
const IS_AUTHORITY = sequence(
  objectId('551d13'),
  tagged(0x01, Buffer.from([0xff])),
  tagged(0x04, sequence(tagged(0x01, Buffer.from([0xff])))),
);
