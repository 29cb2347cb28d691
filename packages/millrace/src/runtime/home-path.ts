import { homedir } from 'node:os';
import { join } from 'node:path';

/** A leading `~/` is the user's home folder, as in Flume's default paths; any other path stays as it is. */
export function expandHome(path: string): string {
  return path.startsWith('~/') ? join(homedir(), path.slice(2)) : path;
}
