import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { isJsonObject, parseJson } from '../../shared/schema.ts';
import { UsageError } from '../command.ts';
import { callersPath } from '../lifecycle/caller.ts';
import { parseYaml, servicesInTemplate } from './cloudformation.ts';
import type { FoundService } from './found.ts';
import { servicesInJson } from './service-json.ts';
import { servicesInPlan } from './terraform.ts';

export interface ReadFile {
  file: string;
  services: readonly FoundService[];
}

/**
 * Reads a service's JSON, a CloudFormation template, a plan of Terraform, or all templates of a cdk.out folder.
 * @param path `-` is standard input
 * @param skipUnknown whether a file that is none of them counts as one without services
 * @throws UsageError when it is none of them, or cannot be read
 */
export async function readDefinitions(path: string, skipUnknown = false): Promise<ReadFile[]> {
  if (path === '-') return [readText('standard input', await text(process.stdin), skipUnknown)];
  if (!(await isFolder(path))) return [await readOne(path, skipUnknown)];
  const files = (await readdir(callersPath(path), { recursive: true })).filter((file) =>
    /\.template\.(?:json|ya?ml)$/.test(file),
  );
  if (files.length === 0) throw new UsageError(`${path}: no *.template.json in this folder: is it a cdk.out?`);
  return Promise.all(files.sort().map((file) => readOne(join(path, file), false)));
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(callersPath(path))).isDirectory();
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

async function readOne(file: string, skipUnknown: boolean): Promise<ReadFile> {
  const content = await readFile(callersPath(file), 'utf8').catch((cause: unknown) =>
    Promise.reject(unreadable(file, cause)),
  );
  return readText(file, content, skipUnknown);
}

function readText(file: string, content: string, skipUnknown: boolean): ReadFile {
  try {
    return { file, services: servicesIn(file, parsed(file, content)) };
  } catch (error) {
    if (skipUnknown && error instanceof SomethingElse) return { file, services: [] };
    throw error;
  }
}

/** A file that is read well, and holds nothing that this is about. */
class SomethingElse extends UsageError {}

function servicesIn(file: string, content: unknown): readonly FoundService[] {
  if (!isJsonObject(content)) throw new SomethingElse(`${file}: ${UNKNOWN}`);
  if (isJsonObject(content.Resources)) return servicesInTemplate(content);
  if ('format_version' in content) return servicesInPlan(content);
  const { failures } = content;
  const [failure] = Array.isArray(failures) ? failures.filter(isJsonObject) : [];
  if (failure !== undefined) throw new UsageError(`${file}: ECS has no service ${failure.arn}: ${failure.reason}`);
  const services = servicesInJson(content);
  if (services.length === 0 && !Array.isArray(content.services)) throw new SomethingElse(`${file}: ${UNKNOWN}`);
  return services;
}

const UNKNOWN =
  'neither an ECS service as the AWS CLI has it, nor a CloudFormation template, nor what `terraform show -json` prints';

function parsed(file: string, content: string): unknown {
  const json = parseJson(content.replace(/^\uFEFF/, ''));
  if (json !== undefined) return json;
  try {
    return parseYaml(content);
  } catch (cause) {
    const [sentence] = (cause instanceof Error ? cause.message : String(cause)).split('\n', 1);
    throw new SomethingElse(`${file}: neither JSON nor YAML: ${sentence}`, { cause });
  }
}

function unreadable(file: string, cause: unknown): UsageError {
  return new UsageError(`${file}: cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, {
    cause,
  });
}
