import { createHash } from 'node:crypto';

const URL_SAFE = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const HEX = '0123456789abcdef';

/** Ids in the shapes that ECS uses; the same seed gives the same ids in the same order. */
export class Ids {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** A service revision's id: 19 digits. More than a JavaScript number can hold exactly, so always a string. */
  revision(): string {
    return String(1 + this.below(9)) + this.characters('0123456789', 18);
  }

  /** A service deployment's id: 21 URL-safe characters. */
  deployment(): string {
    return this.characters(URL_SAFE, 21);
  }

  /** `ecs-{hookType}-{id}`, as Amazon ECS service deployments show it. */
  hook(type: 'AWS_LAMBDA' | 'PAUSE'): string {
    return `ecs-${type === 'PAUSE' ? 'pause' : 'lambda'}-${this.characters(URL_SAFE, 21)}`;
  }

  /** A version 4 UUID. */
  uuid(): string {
    const hex = this.characters(HEX, 30);
    const variant = '89ab'[this.below(4)];
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(12, 15)}-${variant}${hex.slice(15, 18)}-${hex.slice(18)}`;
  }

  private characters(alphabet: string, length: number): string {
    let text = '';
    for (let index = 0; index < length; index += 1) text += alphabet[this.below(alphabet.length)];
    return text;
  }

  /** A whole number of 0 … limit-1, by a 32-bit Weyl sequence with a mixing finaliser. */
  private below(limit: number): number {
    this.state = (this.state + 0x9e3779b9) >>> 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return Math.floor((((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32) * limit);
  }
}

/** The digest that an image reference resolves to: its own when it is pinned, else one that belongs to its name. */
export function digestOf(image: string): string {
  const pinned = /@(sha256:[0-9a-f]{64})$/.exec(image)?.[1];
  return pinned ?? `sha256:${createHash('sha256').update(image).digest('hex')}`;
}
