import { GetParameterCommand, ParameterNotFound } from '@aws-sdk/client-ssm';
import { createParameter, putParameter } from '../../shared/aws/parameters.ts';
import { ssm } from '../../shared/aws/ssm.ts';
import { ShardClaim } from '../../shared/load/result.ts';
import { parseJson } from '../../shared/schema.ts';

export interface Claimant {
  readonly taskId: string;
  readonly heartbeatSeconds: number;
}

export type Taking =
  | { readonly kind: 'taken'; readonly claim: Claim }
  /** There is a result already. */
  | { readonly kind: 'done' }
  /** Another task works on it: look again after so many seconds. */
  | { readonly kind: 'busy'; readonly seconds: number };

const DESCRIPTION = 'A shard of a load test: who works on it, then its result';
const HEARTBEATS = 3;
/** One heartbeat less than others wait: room for clocks that differ, and for a call that is slow. */
const SURE_HEARTBEATS = 2;

/**
 * The right to run one shard, kept in its result parameter. Parameter Store creates a parameter for one caller only,
 * and numbers its versions without a gap: who writes the very next version over a dead claim has taken it over.
 */
export class Claim {
  readonly #name: string;
  readonly #claimant: Claimant;
  readonly #over: number;
  #version: number;
  /** The last sign of life that Parameter Store is known to have, milliseconds since the epoch. */
  #confirmed: number;
  #isLost = false;

  private constructor(name: string, claimant: Claimant, over: number, version: number, confirmed: Date) {
    this.#name = name;
    this.#claimant = claimant;
    this.#over = over;
    this.#version = version;
    this.#confirmed = confirmed.getTime();
  }

  static async take(name: string, claimant: Claimant, now: Date, signal: AbortSignal): Promise<Taking> {
    const busy: Taking = { kind: 'busy', seconds: HEARTBEATS * claimant.heartbeatSeconds };
    const found = await read(name, signal);
    if (found === undefined) {
      const text = { name, value: claimText(claimant, 0, now), description: DESCRIPTION };
      const version = await createParameter(text, signal);
      return version === undefined ? busy : { kind: 'taken', claim: new Claim(name, claimant, 0, version, now) };
    }
    if (found.claim === undefined) return { kind: 'done' };
    const left = Date.parse(found.claim.at) + HEARTBEATS * found.claim.heartbeatSeconds * 1000 - now.getTime();
    if (left > 0) return { kind: 'busy', seconds: left / 1000 };
    const value = claimText(claimant, found.version, now);
    const version = await putParameter({ name, value, description: DESCRIPTION, overwrite: true }, signal);
    if (version !== found.version + 1) return busy;
    return { kind: 'taken', claim: new Claim(name, claimant, found.version, version, now) };
  }

  /**
   * A sign of life.
   *
   * @returns false when another has taken the shard over, or removed it: the load must stop, and nothing be written
   */
  async renew(clock: () => Date, signal: AbortSignal): Promise<boolean> {
    const found = await this.#mine(signal);
    if (found === undefined) return false;
    const now = clock();
    const value = claimText(this.#claimant, this.#over, now);
    const version = await putParameter({ name: this.#name, value, description: DESCRIPTION, overwrite: true }, signal);
    // Somebody wrote in between. While no other may have seen this claim dead, that was a loser of the race for it, or
    // this very write, which the SDK sent again because its answer was lost.
    if (version !== found.version + 1 && !this.isSure(clock())) this.#isLost = true;
    if (this.#isLost) return false;
    this.#version = version;
    this.#confirmed = now.getTime();
    return true;
  }

  /** Can no other have taken the shard over? Without an answer for so long, nobody can tell, and the load must stop. */
  isSure(now: Date): boolean {
    return now.getTime() - this.#confirmed < SURE_HEARTBEATS * this.#claimant.heartbeatSeconds * 1000;
  }

  /** Writes the result over the claim. False as for `renew`. */
  async finish(result: string, signal: AbortSignal): Promise<boolean> {
    if ((await this.#mine(signal)) === undefined) return false;
    await putParameter({ name: this.#name, value: result, description: DESCRIPTION, overwrite: true }, signal);
    return true;
  }

  /** A loser of the race for the claim that this one took over may have written once; it gives up by itself. */
  async #mine(signal: AbortSignal): Promise<{ version: number } | undefined> {
    const found = await read(this.#name, signal);
    const isOthers = found?.claim?.running !== this.#claimant.taskId && (found?.claim?.over ?? 0) >= this.#version;
    if (found?.claim === undefined || isOthers) this.#isLost = true;
    return this.#isLost ? undefined : found;
  }
}

function claimText({ taskId, heartbeatSeconds }: Claimant, over: number, now: Date): string {
  return JSON.stringify({ v: 1, running: taskId, at: now.toISOString(), heartbeatSeconds, over } satisfies ShardClaim);
}

async function read(name: string, signal: AbortSignal) {
  try {
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: name }), { abortSignal: signal });
    const parsed = ShardClaim.safeParse(parseJson(Parameter?.Value ?? ''));
    return { version: Parameter?.Version ?? 0, claim: parsed.success ? parsed.data : undefined };
  } catch (error) {
    if (error instanceof ParameterNotFound) return undefined;
    throw error;
  }
}

/** Is there a parameter of this name? */
export async function parameterExists(name: string, signal: AbortSignal): Promise<boolean> {
  return (await read(name, signal)) !== undefined;
}
