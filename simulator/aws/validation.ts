import { AwsError } from './errors.ts';

/**
 * Collects what is wrong with a request against its model, and fails with all of it at once in the sentence that AWS
 * services on this validator use: `2 validation errors detected: Value … at … failed to satisfy constraint: …; …`.
 */
export class ModelValidation {
  readonly #problems: string[] = [];

  /** @param member in the request's own spelling; the message lowers its first letter as AWS does */
  required(member: string, value: unknown): this {
    if (value === undefined) this.#add('null', member, 'Member must not be null');
    return this;
  }

  length(member: string, value: string | readonly string[] | undefined, min: number, max: number): this {
    if (value === undefined) return this;
    const shown = typeof value === 'string' ? `'${value}'` : `'[${value.join(', ')}]'`;
    if (value.length < min) this.#add(shown, member, `Member must have length greater than or equal to ${min}`);
    if (value.length > max) this.#add(shown, member, `Member must have length less than or equal to ${max}`);
    return this;
  }

  range(member: string, value: number | undefined, min: number, max: number): this {
    if (value === undefined) return this;
    if (value < min) this.#add(`'${value}'`, member, `Member must have value greater than or equal to ${min}`);
    if (value > max) this.#add(`'${value}'`, member, `Member must have value less than or equal to ${max}`);
    return this;
  }

  oneOf(member: string, value: string | undefined, allowed: readonly string[]): this {
    if (value === undefined || allowed.includes(value)) return this;
    return this.#add(`'${value}'`, member, `Member must satisfy enum value set: [${allowed.join(', ')}]`);
  }

  pattern(member: string, value: string | undefined, pattern: RegExp): this {
    if (value === undefined || pattern.test(value)) return this;
    const shown = pattern.source.replace(/^\^\(\?:(.*)\)\$$/, '$1');
    return this.#add(`'${value}'`, member, `Member must satisfy regular expression pattern: ${shown}`);
  }

  /** @throws AwsError ValidationException when anything was wrong */
  check(): void {
    const count = this.#problems.length;
    if (count === 0) return;
    const plural = count === 1 ? '' : 's';
    throw new AwsError(
      'ValidationException',
      `${count} validation error${plural} detected: ${this.#problems.join('; ')}`,
    );
  }

  #add(shown: string, member: string, constraint: string): this {
    const spelling = member.charAt(0).toLowerCase() + member.slice(1);
    this.#problems.push(`Value ${shown} at '${spelling}' failed to satisfy constraint: ${constraint}`);
    return this;
  }
}
