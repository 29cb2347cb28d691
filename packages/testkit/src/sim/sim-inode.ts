const sectorBytes = 512;

type Operation = { readonly position: number; readonly bytes: Buffer } | { readonly truncate: number };

/** A file: what programs see, what the device surely has, and what may or may not have reached it since. */
export class SimInode {
  cache: Buffer = Buffer.alloc(0);
  #durable: Buffer = Buffer.alloc(0);
  #pending: { readonly serial: number; readonly operation: Operation }[] = [];
  /** How many changes there were; a sync covers those before its call. */
  changes = 0;

  write(position: number, bytes: Buffer): void {
    this.#change({ position, bytes: Buffer.from(bytes) });
  }

  truncate(sizeBytes: number): void {
    this.#change({ truncate: sizeBytes });
  }

  damage(position: number, bytes: Buffer): void {
    this.cache = applied(this.cache, { position, bytes });
    this.#durable = applied(this.#durable, { position, bytes });
    // What is still on its way was written before the damage: it must not heal it.
    this.#pending = this.#pending.map(({ serial, operation }) => ({
      serial,
      operation: 'truncate' in operation ? operation : damaged(operation, position, bytes),
    }));
  }

  /** The changes up to number `upTo` are on the device. */
  settle(upTo: number): void {
    while (this.#pending.length > 0 && this.#pending[0]!.serial <= upTo) {
      this.#durable = applied(this.#durable, this.#pending.shift()!.operation);
    }
  }

  /** Writes up to number `upTo` are not tried again: each has reached the device if `hasReached` says so, else never will. */
  lose(upTo: number, hasReached: () => boolean): void {
    const lost = this.#pending.filter(({ serial }) => serial <= upTo);
    this.#pending = this.#pending.filter(({ serial }) => serial > upTo);
    for (const { operation } of lost) {
      if ('truncate' in operation || hasReached()) this.#durable = applied(this.#durable, operation);
      // The size is kept by the journal, the bytes are not.
      else
        this.#durable = applied(this.#durable, {
          position: operation.position + operation.bytes.length,
          bytes: Buffer.alloc(0),
        });
    }
  }

  /** Programs see what the device has, and what is on its way: the pages are read again. */
  dropPages(): void {
    this.cache = this.#durable;
    for (const { operation } of this.#pending) this.cache = applied(this.cache, operation);
  }

  /** What a machine finds that lost its power: of the changes under way some happened, some not, some in part. */
  afterPowerCut(random: () => number): SimInode {
    let content = this.#durable;
    const mood = random();
    for (const { operation } of this.#pending) {
      if (mood < 0.3) break;
      if ('truncate' in operation) {
        if (random() < 0.7) content = applied(content, operation);
        continue;
      }
      const { position, bytes } = operation;
      for (let at = 0; at < bytes.length; ) {
        const length = Math.min(sectorBytes - ((position + at) % sectorBytes), bytes.length - at);
        if (mood > 0.8 || random() < 0.7) {
          content = applied(content, { position: position + at, bytes: bytes.subarray(at, at + length) });
        }
        at += length;
      }
    }
    const survivor = new SimInode();
    survivor.cache = content;
    survivor.#durable = content;
    return survivor;
  }

  #change(operation: Operation): void {
    this.changes++;
    this.cache = applied(this.cache, operation);
    this.#pending.push({ serial: this.changes, operation });
  }
}

function damaged(
  operation: { readonly position: number; readonly bytes: Buffer },
  position: number,
  bytes: Buffer,
): Operation {
  const copy = Buffer.from(operation.bytes);
  for (let i = 0; i < bytes.length; i++) {
    const at = position + i - operation.position;
    if (at >= 0 && at < copy.length) copy[at] = bytes[i]!;
  }
  return { position: operation.position, bytes: copy };
}

function applied(content: Buffer, operation: Operation): Buffer {
  if ('truncate' in operation) {
    if (operation.truncate <= content.length) return Buffer.from(content.subarray(0, operation.truncate));
    return Buffer.concat([content, Buffer.alloc(operation.truncate - content.length)]);
  }
  const { position, bytes } = operation;
  const result = Buffer.alloc(Math.max(content.length, position + bytes.length));
  content.copy(result);
  bytes.copy(result, position);
  return result;
}

type Names = Map<string, SimInode | SimFolder>;

/** A folder: the names that programs see, those that the device surely has, and the changes between the two. */
export class SimFolder {
  readonly names: Names = new Map();
  readonly #durable: Names = new Map();
  #pending: { readonly serial: number; readonly change: (names: Names) => void }[] = [];
  changes = 0;

  change(change: (names: Names) => void): void {
    this.changes++;
    change(this.names);
    this.#pending.push({ serial: this.changes, change });
  }

  /** The changes up to number `upTo` are on the device. */
  settle(upTo: number): void {
    while (this.#pending.length > 0 && this.#pending[0]!.serial <= upTo)
      this.#pending.shift()!.change(this.#durable);
  }

  /** What a machine finds that lost its power. `survivors` keeps a file one that has two names. */
  afterPowerCut(random: () => number, survivors: Map<SimInode | SimFolder, SimInode | SimFolder>): SimFolder {
    this.settle(this.changes - this.#pending.length + Math.floor(random() * (this.#pending.length + 1)));
    const after = new SimFolder();
    for (const [name, node] of this.#durable) {
      let survivor = survivors.get(node);
      if (survivor === undefined) {
        survivor =
          node instanceof SimInode ? node.afterPowerCut(random) : node.afterPowerCut(random, survivors);
        survivors.set(node, survivor);
      }
      after.names.set(name, survivor);
      after.#durable.set(name, survivor);
    }
    return after;
  }
}
