import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorText, hasErrno } from '../../../runtime/errors.ts';
import type { Logger } from '../../../runtime/logger.ts';
import { propertiesOf } from '../load-config.ts';
import type { ConfigOrigin, ConfigText, OriginWatch } from './config-origin.ts';

/**
 * An origin whose last texts are kept in `FOLDER/.AGENT.properties`, where Flume's `--backup-directory` keeps them, and
 * which starts with those while the origin itself can't be read. Flume writes values with their `${…}` looked up;
 * here they stay as they are written, so that no secret of the environment goes to the disk, and only the user may read
 * the file. Either reads what the other has written.
 */
export class BackedUp implements ConfigOrigin {
  readonly #origin: ConfigOrigin;
  readonly #folder: string;
  readonly #file: string;
  readonly #log: Logger;
  #backup: ConfigText | null = null;

  constructor(origin: ConfigOrigin, folder: string, agentName: string, log: Logger) {
    this.#origin = origin;
    this.#folder = folder;
    // Whatever an agent is called, its file lies in the folder.
    this.#file = join(folder, `.${agentName.replaceAll(/[/\\\0]/g, '_')}.properties`);
    this.#log = log;
  }

  get names(): readonly string[] {
    return this.#backup === null ? this.#origin.names : [this.#backup.name];
  }

  texts(): readonly ConfigText[] {
    return this.#backup === null ? this.#origin.texts() : [this.#backup];
  }

  async open(signal?: AbortSignal): Promise<void> {
    let failure: unknown = null;
    try {
      await this.#origin.open(signal);
    } catch (error) {
      failure = error;
    }
    if (failure === null && propertiesOf(this.#origin.texts()).properties.size > 0) return this.#keep();
    const bytes = await readFile(this.#file).catch((error: unknown) => {
      if (!hasErrno(error, 'ENOENT', 'ENOTDIR'))
        this.#log.warn(`Error reading backup file: ${errorText(error)}`);
      return null;
    });
    if (bytes !== null) {
      this.#log.warn(
        `Unable to access primary configuration. Trying backup ${this.#file}${failure === null ? '' : `: ${errorText(failure)}`}`,
      );
      this.#backup = { name: this.#file, bytes };
    } else if (failure !== null) throw failure;
  }

  async refresh(signal?: AbortSignal): Promise<void> {
    await this.#origin.refresh(signal);
    await this.#keep();
  }

  watch(changed: (line: string) => Promise<void>): OriginWatch {
    return this.#origin.watch(async (line) => {
      await this.#keep();
      await changed(line);
    });
  }

  close(): Promise<void> {
    return this.#origin.close();
  }

  /** What the origin has now counts, and is kept; a disk that takes nothing is told and holds up nothing. */
  async #keep(): Promise<void> {
    const { properties } = propertiesOf(this.#origin.texts());
    if (properties.size === 0) return;
    this.#backup = null;
    const lines = [...properties.values()].map(
      ({ key, value }) => `${escaped(key, true)}=${escaped(value)}\n`,
    );
    const text = `# The last configuration that was read, for a start without the original\n${lines.join('')}`;
    try {
      await mkdir(this.#folder, { recursive: true });
      // One that a kill has left, or somebody has put there, keeps its own mode, or leads elsewhere.
      await rm(`${this.#file}.new`, { force: true });
      await writeFile(`${this.#file}.new`, text, { mode: 0o600, flag: 'wx' });
      await rename(`${this.#file}.new`, this.#file);
    } catch (error) {
      this.#log.warn(`Unable to create backup properties file ${this.#file}: ${errorText(error)}`);
    }
  }
}

/** As java.util.Properties writes: what would be a separator, a comment or no ASCII is escaped. */
function escaped(text: string, isKey = false): string {
  return text.replace(/[\\\t\n\r\f=:#!]|[^\x20-\x7e]| /g, (char, at: number) => {
    if (char === ' ') return isKey || at === 0 ? '\\ ' : char;
    const letter = letters[char];
    if (letter !== undefined) return `\\${letter}`;
    if (char >= ' ' && char <= '~') return `\\${char}`;
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

const letters: Readonly<Record<string, string>> = { '\t': 't', '\n': 'n', '\r': 'r', '\f': 'f' };
