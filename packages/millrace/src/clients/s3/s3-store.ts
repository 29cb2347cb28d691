import { Deadline } from '../../runtime/deadline.ts';
import type {
  FileStore,
  ListCall,
  StoreAbilities,
  StoreCall,
  StoredFile,
  StoreFile,
} from '../file-store/file-store.ts';
import { StoreError } from '../file-store/store-error.ts';
import { assertStoreName, longestNameBytes } from '../file-store/store-name.ts';
import { S3Connection, type S3Place } from './s3-connection.ts';
import { S3File } from './s3-file.ts';

export interface S3StoreOptions extends S3Place {
  readonly bucket: string;
  /** Of all keys, without slashes around it; `''`: none. */
  readonly prefix: string;
  /** A file with more goes up in parts of so many bytes (all but the last), from 5 MiB on; it is held in memory. */
  readonly partBytes?: number;
}

const defaultPartBytes = 8 * 1024 * 1024;
/** How long a close waits for what is taken back at the store. */
const farewellMs = 2000;

/**
 * Objects of one bucket of S3 or of a store that speaks its protocol. An object is there once it is whole; none is
 * written over (`If-None-Match: *`), which the store has to know: AWS does since 2024, MinIO since 2022.
 */
export class S3Store implements FileStore {
  readonly url: string;
  readonly abilities: StoreAbilities = {
    durableAt: 'close',
    exclusiveAt: 'close',
    showsOpenFiles: false,
    rename: false,
    cut: false,
  };
  readonly #bucket: string;
  readonly #keyPrefix: string;
  readonly #partBytes: number;
  readonly #connection: S3Connection;
  readonly #open = new Set<S3File>();
  readonly #spare: Buffer[] = [];
  readonly #farewells = new Set<Promise<void>>();

  constructor(options: S3StoreOptions) {
    const { bucket, prefix, partBytes = defaultPartBytes, ...place } = options;
    this.url = prefix === '' ? `s3://${bucket}` : `s3://${bucket}/${prefix}`;
    this.#bucket = bucket;
    this.#keyPrefix = prefix === '' ? '' : `${prefix}/`;
    this.#partBytes = partBytes;
    this.#connection = new S3Connection(place);
  }

  async create(name: string): Promise<StoreFile> {
    const file = new S3File({
      name,
      bucket: this.#bucket,
      key: this.#key(name),
      partBytes: this.#partBytes,
      connection: this.#connection,
      spare: this.#spare,
      onOver: (farewell) => {
        this.#open.delete(file);
        this.#farewells.add(farewell);
        void farewell.then(() => this.#farewells.delete(farewell));
      },
    });
    this.#open.add(file);
    return file;
  }

  async rename(from: string, to: string): Promise<void> {
    assertStoreName(from);
    assertStoreName(to);
    throw new StoreError('denied', `${this.url} has no rename`);
  }

  async delete(name: string, call?: StoreCall): Promise<void> {
    const Key = this.#key(name);
    await this.#connection.ask(
      `can't remove ${this.url}/${name}`,
      (sdk, client, options) =>
        client.send(new sdk.DeleteObjectCommand({ Bucket: this.#bucket, Key }), options),
      call,
    );
  }

  /** Ends the uploads of a file that was not closed. */
  async discard(name: string, call?: StoreCall): Promise<void> {
    const key = this.#key(name);
    const what = `can't remove what is left of ${this.url}/${name}`;
    const { Uploads = [] } = await this.#connection.ask(
      what,
      (sdk, client, options) =>
        client.send(new sdk.ListMultipartUploadsCommand({ Bucket: this.#bucket, Prefix: key }), options),
      call,
    );
    for (const { Key, UploadId } of Uploads) {
      if (Key !== key || UploadId === undefined) continue;
      await this.#connection
        .ask(
          what,
          (sdk, client, options) =>
            client.send(
              new sdk.AbortMultipartUploadCommand({ Bucket: this.#bucket, Key, UploadId }),
              options,
            ),
          call,
        )
        .catch((error) => {
          if (!(error instanceof StoreError && error.kind === 'lost')) throw error; // gone meanwhile
        });
    }
  }

  async *list(folder: string, { signal, startingWith = '' }: ListCall = {}): AsyncIterable<StoredFile> {
    const prefix = folder === '' ? this.#keyPrefix : `${this.#key(folder)}/`;
    for (let token: string | undefined; ; ) {
      const page = await this.#connection.ask(
        `can't list ${this.url}${folder === '' ? '' : `/${folder}`}`,
        (sdk, client, options) =>
          client.send(
            new sdk.ListObjectsV2Command({
              Bucket: this.#bucket,
              Prefix: prefix + startingWith,
              Delimiter: '/',
              ...(token === undefined ? {} : { ContinuationToken: token }),
            }),
            options,
          ),
        signal === undefined ? {} : { signal },
      );
      for (const { Key = '', Size = 0 } of page.Contents ?? []) {
        // A key that ends with a slash is how some tools show an empty folder.
        if (Key.length > prefix.length && !Key.endsWith('/'))
          yield { name: Key.slice(this.#keyPrefix.length), sizeBytes: Size };
      }
      token = page.NextContinuationToken;
      if (token === undefined) return;
    }
  }

  async close(): Promise<void> {
    for (const file of [...this.#open]) await file.abandon();
    await Deadline.in(farewellMs).race(Promise.all(this.#farewells));
    this.#connection.close();
  }

  #key(name: string): string {
    assertStoreName(name);
    const key = this.#keyPrefix + name;
    if (Buffer.byteLength(key) > longestNameBytes)
      throw new StoreError(
        'name',
        `${this.url}: with its prefix a key has more than ${longestNameBytes} bytes`,
      );
    return key;
  }
}
