import { readFile } from 'node:fs/promises';
import { mergePropertySets, parseProperties } from '../config/properties.ts';

/**
 * What the files say of one agent, in a form that is equal when it says the same; null where a file can't be read now.
 * Comments and the order of lines mean nothing, a later file overrides an earlier one.
 */
export async function ownLines(files: readonly string[], agent: string): Promise<string | null> {
  try {
    const sets = await Promise.all(files.map(async (file) => parseProperties(await readFile(file), file)));
    const lines = [...mergePropertySets(sets).properties.values()]
      .filter(({ key }) => key.startsWith(`${agent}.`))
      .map(({ key, value }) => JSON.stringify([key, value]));
    return lines.sort().join('\n');
  } catch {
    return null;
  }
}
