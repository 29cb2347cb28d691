import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { MillraceError } from '../../../runtime/errors.ts';
import { readConfigFile } from './file-text.ts';
import type { PolledText } from './polled-texts.ts';

/**
 * `classpath:NAME`: the first file of that name in the folders of the class path; jars are not looked into. As in Flume
 * it is never looked at for changes.
 */
export class ClassPathText implements PolledText {
  readonly name: string;
  readonly changedLine: string;
  readonly #resource: string;
  readonly #folders: readonly string[];

  constructor(uri: string, folders: readonly string[]) {
    this.name = uri;
    this.changedLine = `Reloading configuration from:${uri}`;
    this.#resource = resourceOf(uri);
    this.#folders = folders;
  }

  async read(): Promise<Uint8Array> {
    const found = this.#folders
      .map((folder) => join(folder, this.#resource))
      .find((path) => existsSync(path));
    if (found !== undefined) return readConfigFile(found, '-u');
    const where =
      this.#folders.length === 0
        ? 'no folder is in the class path'
        : `there is no ${this.#resource} in ${this.#folders.join(', ')}`;
    throw new MillraceError('CONFIG_INVALID', `can't read ${this.name}: ${where}`, {
      remedy: 'Name its folder with --conf or --classpath (jars are not looked into), or use -f FILE.',
      details: { file: this.name },
    });
  }

  async look(): Promise<Uint8Array | null> {
    return null;
  }
}

/** `classpath:a.conf`, `classpath:/a.conf`, `classpath://a.conf` and `classpath:///a.conf` are one, as for Flume. */
function resourceOf(uri: string): string {
  const resource = uri.slice('classpath:'.length).replace(/^\/{0,3}/, '');
  if (resource !== '') return resource;
  throw new MillraceError('USAGE', `-u ${uri} names no file`, { remedy: 'Write -u classpath:flume.conf.' });
}
