/** What sinks have set aside because their destination will never take it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** `STREAM#NUMBER` of the lines in the files that begin with `prefix`, with how often each is there. */
export function setAsideLines(folder: string, prefix: string): Map<string, number> {
  const lines = new Map<string, number>();
  if (!existsSync(folder)) return lines;
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(prefix)) continue;
    for (const text of readFileSync(join(folder, name), 'utf8').split('\n')) {
      if (text === '') continue;
      const { body = '' } = JSON.parse(text) as { body?: string };
      const line = body.split('#', 2).join('#');
      lines.set(line, (lines.get(line) ?? 0) + 1);
    }
  }
  return lines;
}
