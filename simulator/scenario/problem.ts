/** One thing that is wrong with a scenario, and where in the file it is. */
export interface Problem {
  path: readonly PropertyKey[];
  message: string;
}

/** The scenario file is wrong; the message has a line for each problem, with file, line and path. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** `services.ui.running`, `deployments[0].events[2]`: as shared/schema.ts writes the paths of zod's own problems. */
export function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .slice(1);
}
