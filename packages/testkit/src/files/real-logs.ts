import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const candidates = [
  '/var/log/dpkg.log',
  '/var/log/alternatives.log',
  '/var/log/bootstrap.log',
  '/var/log/apt',
];

/** Log files that the machine's own package manager wrote, readable, not empty, not compressed. Fails without any. */
export function realLogFiles(): string[] {
  const files: string[] = [];
  for (const path of candidates) {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isDirectory()) files.push(...readdirSync(path).map((name) => join(path, name)));
    else if (stat) files.push(path);
  }
  const usable = files.filter((path) => path.endsWith('.log') && isReadable(path));
  if (usable.length === 0) throw new Error(`No log of a package manager to read: ${candidates.join(', ')}`);
  return usable;
}

function isReadable(path: string): boolean {
  try {
    return readFileSync(path).length > 0;
  } catch {
    return false;
  }
}
