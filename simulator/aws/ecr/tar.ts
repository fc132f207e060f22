import { crc32 } from 'node:zlib';

const BLOCK = 512;

/** One file in a POSIX ustar archive, owned by root and from the beginning of the epoch: same content, same bytes. */
export function tarOf(name: string, content: string): Buffer {
  const data = Buffer.from(content);
  const header = Buffer.alloc(BLOCK);
  header.write(name, 0, 100);
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${data.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  // The checksum counts its own field as spaces.
  header.write('        ', 148);
  header.write('0', 156);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  const padding = Buffer.alloc((BLOCK - (data.length % BLOCK)) % BLOCK);
  return Buffer.concat([header, data, padding, Buffer.alloc(2 * BLOCK)]);
}

const STORED_MAX = 65_535;

/**
 * Gzip of stored blocks (RFC 1951 and 1952), without time and operating system: written here and not by zlib, so that
 * a layer's digest is the same with every version of it.
 */
export function gzipStored(bytes: Uint8Array): Buffer {
  const header = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
  const blocks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length || at === 0; at += STORED_MAX) {
    const data = bytes.subarray(at, at + STORED_MAX);
    const head = Buffer.alloc(5);
    head.writeUInt8(at + STORED_MAX >= bytes.length ? 1 : 0);
    head.writeUInt16LE(data.length, 1);
    head.writeUInt16LE(0xffff - data.length, 3);
    blocks.push(head, data);
  }
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32(bytes));
  trailer.writeUInt32LE(bytes.length % 2 ** 32, 4);
  return Buffer.concat([header, ...blocks, trailer]);
}
