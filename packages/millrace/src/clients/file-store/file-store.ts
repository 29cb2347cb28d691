/**
 * What a sink that writes files needs of the place where they go: a local disk, HDFS over WebHDFS, an object store.
 *
 * The three differ in what counts. A disk has `sync` and a rename that spares what is there; WebHDFS writes a file in
 * one request, of which nothing is safe before its answer, or appends a piece at a time; an object store shows nothing
 * before it is whole, and has no rename. A store says in `abilities` which of it holds, and a writer goes by that, never
 * by the store's name.
 *
 * Every call rejects with a `StoreError`, whose `kind` says what can be done.
 */

export interface StoreAbilities {
  /** From when on bytes outlive a power cut: once `StoreFile.sync` has resolved, or not before `close` has. */
  readonly durableAt: 'sync' | 'close';
  /**
   * Where a name that is taken is found out, also when two come at once: `create` rejects with `exists`, or `close`
   * does (a conditional put), after all has been written.
   */
  readonly exclusiveAt: 'create' | 'close';
  /** Others see a file under its name while it is being written: it needs a name of its own until it is whole. */
  readonly showsOpenFiles: boolean;
  /** `rename` works. Where `showsOpenFiles` holds, this does. */
  readonly rename: boolean;
  /** `StoreFile.cut` works. */
  readonly cut: boolean;
}

export interface StoreCall {
  /** Ends the wait for the call; what becomes of it is not known then (`transient`). */
  readonly signal?: AbortSignal;
}

export interface ListCall extends StoreCall {
  /** Only files whose own name (without the folder) begins so are asked for; a store may give others, too. */
  readonly startingWith?: string;
}

/** A file of a store. */
export interface StoredFile {
  /** Relative to the store, as `create` takes it. */
  readonly name: string;
  readonly sizeBytes: number;
}

/** Names are relative to the store's prefix, parts separated by `/`, and never lead out of it (`store-name.ts`). */
export interface FileStore {
  /** Its address, for messages: `file:///var/collected`. Holds no secret. */
  readonly url: string;
  readonly abilities: StoreAbilities;
  /** Begins a file that is not there; folders above it are made. Rejects with `exists` where `exclusiveAt` says so. */
  create(name: string, call?: StoreCall): Promise<StoreFile>;
  /**
   * Gives a closed file another name in one step, which is durable when it resolves; folders above the new name are
   * made. Rejects with `exists` where the new name is taken, with `absent` where there is no such file. Where only the
   * new name is there, an earlier call whose answer was lost has done it: it resolves.
   */
  rename(from: string, to: string, call?: StoreCall): Promise<void>;
  /** Removes a file; that it is gone is durable when it resolves. A missing one is no error. */
  delete(name: string, call?: StoreCall): Promise<void>;
  /** The files in a folder (`''`: the prefix itself), without those in its folders; none where there is no folder. */
  list(folder: string, call?: ListCall): AsyncIterable<StoredFile>;
  /** Removes what a process has left of a file that it did not close. Absent: `delete` does. */
  discard?(name: string, call?: StoreCall): Promise<void>;
  /** Ends connections. Files that are still open are abandoned. */
  close(): Promise<void>;
}

/**
 * A file that is being written. One call at a time. After a rejection of `write`, `sync` or `close` what it holds beyond
 * the last `sync` is not known: only `cut`, `close` and `abandon` make sense then.
 */
export interface StoreFile {
  readonly name: string;
  /** Bytes that `write` has taken. */
  readonly sizeBytes: number;
  /** Takes all the bytes, or rejects. The buffers must stay as they are until it resolves. */
  write(buffers: readonly Buffer[], call?: StoreCall): Promise<void>;
  /**
   * At least so many bytes of memory that the file sends from: who makes bytes there spares a buffer and a copy. Null:
   * there are none just now, which says nothing of `write`. Absent, as `wrote` is then: there never are.
   */
  room?(sizeBytes: number): Buffer | null;
  /** Takes the first bytes of the room that was asked for last, as `write` would; nothing may come in between. */
  wrote?(sizeBytes: number, call?: StoreCall): Promise<void>;
  /** Resolves when all bytes and the file's name are durable. Rejects with `denied` where `durableAt` is `close`. */
  sync(call?: StoreCall): Promise<void>;
  /** Takes off all bytes from `sizeBytes` on. Rejects with `denied` where the store can't. */
  cut(sizeBytes: number, call?: StoreCall): Promise<void>;
  /** Resolves when the file is whole, durable and under its name. */
  close(call?: StoreCall): Promise<void>;
  /** Lets go of it without waiting. What was synced stays; of a store with `durableAt: 'close'` nothing need stay. */
  abandon(): Promise<void>;
}
