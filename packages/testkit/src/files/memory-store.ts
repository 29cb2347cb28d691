/** A store of files in memory, as a disk or as an object store, whose calls fail, are done without an answer, and end. */
import type {
  FileStore,
  StoreAbilities,
  StoredFile,
  StoreFile,
} from '../../../millrace/src/clients/file-store/file-store.ts';
import { StoreError } from '../../../millrace/src/clients/file-store/store-error.ts';

const abilities = {
  disk: { durableAt: 'sync', exclusiveAt: 'create', showsOpenFiles: true, rename: true, cut: true },
  objects: { durableAt: 'close', exclusiveAt: 'close', showsOpenFiles: false, rename: false, cut: false },
} as const satisfies Record<string, StoreAbilities>;

/** What becomes of a call: it works, it fails before anything is done, or is done and the answer gets lost. */
export type CallFate = 'works' | 'fails' | 'unanswered';

export class MemoryStore implements FileStore {
  readonly url = 'memory:';
  readonly abilities: StoreAbilities;
  readonly #objects: Map<string, Buffer>;
  readonly #fate: () => CallFate;

  /** `objects`: what is there, shared by the lives of a process; `fate` is asked for each call. */
  constructor(kind: keyof typeof abilities, objects: Map<string, Buffer>, fate: () => CallFate) {
    this.abilities = abilities[kind];
    this.#objects = objects;
    this.#fate = fate;
  }

  async create(name: string): Promise<StoreFile> {
    const { durableAt } = this.abilities;
    const isDisk = durableAt === 'sync';
    const pieces: Buffer[] = [];
    const whole = () => this.#objects.set(name, Buffer.concat(pieces));
    if (isDisk)
      await this.#call(() => {
        this.#assertFree(name);
        whole();
      });
    return {
      name,
      get sizeBytes() {
        return pieces.reduce((sum, { length }) => sum + length, 0);
      },
      write: (buffers) =>
        this.#call(() => {
          pieces.push(...buffers.map((buffer) => Buffer.from(buffer)));
          if (isDisk) whole();
        }),
      sync: () => this.#call(() => {}),
      cut: async () => {},
      close: () =>
        this.#call(() => {
          if (!isDisk) this.#assertFree(name);
          whole();
        }),
      abandon: async () => {},
    };
  }

  rename(from: string, to: string): Promise<void> {
    return this.#call(() => {
      const bytes = this.#objects.get(from);
      if (bytes === undefined && this.#objects.has(to)) return;
      if (bytes === undefined) throw new StoreError('absent', from);
      this.#assertFree(to);
      this.#objects.set(to, bytes);
      this.#objects.delete(from);
    });
  }

  delete(name: string): Promise<void> {
    return this.#call(() => void this.#objects.delete(name));
  }

  async *list(folder: string): AsyncIterable<StoredFile> {
    await this.#call(() => {});
    const start = folder === '' ? '' : `${folder}/`;
    for (const [name, { length: sizeBytes }] of [...this.#objects])
      if (name.startsWith(start) && !name.slice(start.length).includes('/')) yield { name, sizeBytes };
  }

  async close(): Promise<void> {}

  #assertFree(name: string): void {
    if (this.#objects.has(name)) throw new StoreError('exists', name);
  }

  async #call(work: () => void): Promise<void> {
    await new Promise(setImmediate);
    const fate = this.#fate();
    if (fate !== 'fails') work();
    if (fate !== 'works') throw new StoreError('transient', 'drawn');
  }
}
