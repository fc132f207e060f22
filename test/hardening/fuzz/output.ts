import { afterAll, beforeAll, expect, vi } from 'vitest';
import { isJsonObject, type JsonObject, parseJson } from '../../../shared/schema.ts';

/** Takes what the code under test writes, case by case: everything of millions of cases is too much to keep. */
export function takeOutput(): () => JsonObject[] {
  let written: string[] = [];
  beforeAll(() => {
    for (const stream of [process.stdout, process.stderr]) {
      vi.spyOn(stream, 'write').mockImplementation((chunk) => written.push(String(chunk)) > 0);
    }
  });
  afterAll(() => {
    vi.restoreAllMocks();
  });
  return () => {
    const chunks = written;
    written = [];
    return chunks.map(record);
  };
}

/** Each write is one line, and the line is one JSON object: nothing that comes from outside can add another. */
function record(chunk: string): JsonObject {
  expect(chunk.indexOf('\n'), chunk).toBe(chunk.length - 1);
  expect(chunk.slice(0, -1)).not.toMatch(/\p{Cc}/u);
  const value = parseJson(chunk);
  if (!isJsonObject(value)) throw new Error(`a line that is no JSON object: ${chunk}`);
  return value;
}
