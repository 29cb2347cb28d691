import type {
  FileStore,
  StoreAbilities,
  StoreCall,
  StoredFile,
  StoreFile,
} from '../file-store/file-store.ts';
import { isStoreFault, StoreError } from '../file-store/store-error.ts';
import { assertStoreName } from '../file-store/store-name.ts';
import { hdfsNameFault } from './hdfs-name.ts';
import type { WebHdfsClient } from './webhdfs-client.ts';
import { AppendedFile, type HdfsPlace, SharedRoom, StreamedFile, sendWhole } from './webhdfs-file.ts';

export interface WebHdfsStoreOptions {
  readonly client: WebHdfsClient;
  /** For messages, without a slash at its end: `hdfs://nn:8020/collected`. */
  readonly url: string;
  /** The absolute path of its folder; `/`: the whole file system. */
  readonly folder: string;
  /**
   * How a file is written: in one request that is open until the file is closed, of which nothing is safe before; or in
   * one request for each `sync`.
   */
  readonly way: 'stream' | 'append';
}

/**
 * Files of HDFS over WebHDFS or HttpFS. Durable means what it means in HDFS: every DataNode of the file's pipeline has
 * the bytes (in memory, unless `dfs.datanode.synconclose` is set there).
 *
 * A file is made empty first: only that tells a name that is taken from one that is free, while bytes can still be kept.
 * What was cut off a file may go when it is renamed: HDFS cuts no file whose writer has just died.
 */
export class WebHdfsStore implements FileStore {
  readonly url: string;
  readonly abilities: StoreAbilities;
  readonly #options: WebHdfsStoreOptions;
  readonly #open = new Set<StoreFile>();
  readonly #room = new SharedRoom();
  /** By path: to how many bytes a file is to be cut before it gets another name. */
  readonly #cuts = new Map<string, number>();
  /** Paths whose making was not answered: what is there may be of another writer. */
  readonly #doubtful = new Set<string>();

  constructor(options: WebHdfsStoreOptions) {
    this.#options = options;
    this.url = options.url;
    this.abilities = {
      durableAt: options.way === 'append' ? 'sync' : 'close',
      exclusiveAt: 'create',
      showsOpenFiles: true,
      rename: true,
      cut: options.way === 'append',
    };
  }

  async create(name: string, { signal }: StoreCall = {}): Promise<StoreFile> {
    const { client, way } = this.#options;
    const place: HdfsPlace = { client, name, path: this.#path(name), url: `${this.url}/${name}` };
    try {
      await sendWhole(
        place,
        `can't make ${place.url}`,
        'PUT',
        { op: 'CREATE', overwrite: 'false' },
        [],
        201,
        signal,
      );
    } catch (error) {
      if (!(error instanceof StoreError) || error.kind !== 'transient') throw error;
      const { message, remedy } = error;
      if (message.includes('AlreadyBeingCreatedException'))
        throw new StoreError('exists', message, { cause: error });
      // A NameNode may have made it before it went, whatever the DataNode says.
      this.#doubtful.add(place.path);
      throw new StoreError('transient', message, { cause: error, remedy, maybeDone: true });
    }
    const file: StoreFile =
      way === 'stream'
        ? new StreamedFile(place, (closed) => this.#open.delete(closed), this.#room)
        : new AppendedFile(
            place,
            (closed) => this.#open.delete(closed),
            (sizeBytes) => this.#cut(place.path, sizeBytes),
          );
    this.#open.add(file);
    return file;
  }

  async rename(from: string, to: string, { signal }: StoreCall = {}): Promise<void> {
    const oldPath = this.#path(from);
    const newPath = this.#path(to);
    const what = `can't rename ${this.url}/${from} to ${to}`;
    const cut = this.#cuts.get(oldPath);
    if (cut !== undefined) await this.#truncate(what, oldPath, cut, signal);
    for (let hasMadeFolder = false; ; hasMadeFolder = true) {
      if (await this.#renameOnce(what, oldPath, newPath, signal)) break;
      // Either is not there: the file, or the folder it is to go to.
      const { client } = this.#options;
      const source = await client.status(what, oldPath, signal);
      if (source === null) {
        const target = await client.status(what, newPath, signal);
        if (target?.isFile === true) break; // an earlier call, whose answer was lost
        throw new StoreError('absent', `${what}: there is no such file`);
      }
      if (hasMadeFolder) throw new StoreError('transient', `${what}: HDFS answers that it was not done`);
      const folder = newPath.slice(0, newPath.lastIndexOf('/')) || '/';
      await client.call(what, 'PUT', folder, { op: 'MKDIRS' }, signal);
    }
    this.#cuts.delete(oldPath);
  }

  async delete(name: string, { signal }: StoreCall = {}): Promise<void> {
    const path = this.#path(name);
    const what = `can't remove ${this.url}/${name}`;
    const { client } = this.#options;
    try {
      // One that is ours is empty: nothing was written to it. Nothing of an empty one is acknowledged, whosever it is.
      const isOurs = !this.#doubtful.has(path) || (await client.status(what, path, signal))?.sizeBytes === 0;
      if (isOurs) await client.call(what, 'DELETE', path, { op: 'DELETE', recursive: 'false' }, signal);
      this.#doubtful.delete(path);
    } catch (error) {
      if (!isStoreFault(error, 'absent')) throw error;
    }
    this.#cuts.delete(path);
  }

  async *list(folder: string, { signal }: StoreCall = {}): AsyncIterable<StoredFile> {
    const path = folder === '' ? this.#options.folder : this.#path(folder);
    const what = `can't list ${this.url}/${folder}`;
    for (let startAfter = ''; ; ) {
      let page: Page;
      try {
        page = (await this.#options.client.call(
          what,
          'GET',
          path,
          { op: 'LISTSTATUS_BATCH', ...(startAfter === '' ? {} : { startAfter }) },
          signal,
        )) as Page;
      } catch (error) {
        if (isStoreFault(error, 'absent')) return;
        throw error;
      }
      const { partialListing, remainingEntries } = page.DirectoryListing;
      const entries = partialListing.FileStatuses.FileStatus;
      for (const { pathSuffix, type, length } of entries) {
        if (type === 'FILE' && pathSuffix !== '')
          yield { name: folder === '' ? pathSuffix : `${folder}/${pathSuffix}`, sizeBytes: length };
      }
      if (remainingEntries === 0 || entries.length === 0) return;
      startAfter = entries.at(-1)!.pathSuffix;
    }
  }

  async close(): Promise<void> {
    for (const file of [...this.#open]) await file.abandon();
    await this.#options.client.close();
  }

  /** False: HDFS has not done it, because the file or the new folder is missing. */
  async #renameOnce(what: string, from: string, to: string, signal?: AbortSignal): Promise<boolean> {
    const { client } = this.#options;
    const rename = (source: string, destination: string) =>
      // With this option HDFS says why it does not; without it, and by HttpFS always, only `false`.
      client.call(what, 'PUT', source, { op: 'RENAME', destination, renameoptions: 'NONE' }, signal);
    let answer: unknown;
    try {
      answer = await rename(from, to);
    } catch (error) {
      if (isStoreFault(error, 'absent')) return false;
      throw error;
    }
    if (answer === null || !isBoolean(answer)) return true;
    const target = await client.status(what, to, signal);
    if (answer.boolean && target?.isFile !== false) return true;
    // The plain rename moves a file into a folder that has the new name.
    if (answer.boolean) await rename(`${to}/${from.slice(from.lastIndexOf('/') + 1)}`, from);
    const source = await client.status(what, from, signal);
    if (target !== null && source !== null)
      throw new StoreError('exists', `${what}: there is one of that name`);
    return false;
  }

  /** Never rejects where it may be done later. */
  async #cut(path: string, sizeBytes: number): Promise<void> {
    this.#cuts.set(path, sizeBytes);
    await this.#truncate(`can't cut ${path}`, path, sizeBytes).then(
      () => this.#cuts.delete(path),
      () => {}, // its rename tries again, and tells
    );
  }

  async #truncate(what: string, path: string, sizeBytes: number, signal?: AbortSignal): Promise<void> {
    const { client } = this.#options;
    const status = await client.status(what, path, signal);
    if (status === null || status.sizeBytes === sizeBytes) return; // gone, or done by an earlier call
    await client.call(what, 'POST', path, { op: 'TRUNCATE', newlength: String(sizeBytes) }, signal);
  }

  #path(name: string): string {
    assertStoreName(name);
    const fault = hdfsNameFault(name);
    if (fault !== null)
      throw new StoreError('name', `'${name.slice(0, 100)}' can't be a name in HDFS: ${fault}`);
    const { folder } = this.#options;
    return `${folder === '/' ? '' : folder}/${name}`;
  }
}

interface Page {
  readonly DirectoryListing: {
    readonly partialListing: {
      readonly FileStatuses: {
        readonly FileStatus: readonly { pathSuffix: string; type: string; length: number }[];
      };
    };
    readonly remainingEntries: number;
  };
}

function isBoolean(answer: unknown): answer is { boolean: boolean } {
  return typeof answer === 'object' && answer !== null && 'boolean' in answer;
}
