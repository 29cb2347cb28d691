/** Files of Flume's file channel as tests want them: logs of version 3, their meta files, a checkpoint. */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { type FileLayer, writeFully } from '../../../millrace/src/runtime/files.ts';

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return [...bytes, rest];
}

function long(value: number, bigEndian = false): Buffer {
  const bytes = Buffer.alloc(8);
  if (bigEndian) bytes.writeBigInt64BE(BigInt(value));
  else bytes.writeBigInt64LE(BigInt(value));
  return bytes;
}

function int(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

const field32 = (number: number, value: number) =>
  Buffer.concat([Buffer.from([(number << 3) | 5]), int(value)]);
const field64 = (number: number, value: number) =>
  Buffer.concat([Buffer.from([(number << 3) | 1]), long(value)]);
const fieldBytes = (number: number, bytes: Uint8Array) =>
  Buffer.concat([Buffer.from([(number << 3) | 2, ...varint(bytes.length)]), bytes]);
const delimited = (message: Uint8Array) => Buffer.concat([Buffer.from(varint(message.length)), message]);

const types = { put: 1, take: 2, rollback: 3, commit: 4 } as const;

/** One `log-N`, record by record. */
export class FlumeLogBytes {
  #parts: Buffer[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  put(
    transaction: number,
    order: number,
    body: Uint8Array | string,
    headers: Record<string, string> = {},
  ): number {
    const bytes = Buffer.from(body);
    const event = Buffer.concat([
      ...Object.entries(headers).map(([name, value]) =>
        fieldBytes(1, Buffer.concat([fieldBytes(1, Buffer.from(name)), fieldBytes(2, Buffer.from(value))])),
      ),
      fieldBytes(2, bytes),
    ]);
    return this.#record(types.put, transaction, order, [fieldBytes(1, event), field64(2, crc32(bytes))]);
  }

  take(transaction: number, order: number, fileId: number, offset: number): number {
    return this.#record(types.take, transaction, order, [field32(1, fileId), field32(2, offset)]);
  }

  rollback(transaction: number, order: number): number {
    return this.#record(types.rollback, transaction, order, []);
  }

  commit(transaction: number, order: number, of: 'put' | 'take'): number {
    return this.#record(types.commit, transaction, order, [field32(1, types[of])]);
  }

  #record(type: number, transaction: number, order: number, body: readonly Buffer[]): number {
    const record = Buffer.concat([
      delimited(Buffer.concat([field32(1, type), field64(2, transaction), field64(3, order)])),
      delimited(Buffer.concat(body)),
      delimited(Buffer.alloc(0)),
    ]);
    const prefix = Buffer.from([0x7f, 0, 0, 0, 0]);
    prefix.writeInt32BE(record.length, 1);
    const at = this.#size;
    this.#parts.push(prefix, record);
    this.#size += prefix.length + record.length;
    return at;
  }

  /** The file, with so much space allocated ahead. */
  bytes(spare = 0): Buffer {
    return Buffer.concat([...this.#parts, Buffer.alloc(spare, 0x80)]);
  }
}

export function flumeLogMeta(
  fileId: number,
  { position = 0, order = 0, keyAlias = '', version = 3 } = {},
): Buffer {
  const encryption = Buffer.concat([
    fieldBytes(1, Buffer.from('AESCTRNOPADDING')),
    fieldBytes(2, Buffer.from(keyAlias)),
  ]);
  const fields = [field32(1, version), field32(2, fileId), field64(3, position), field64(4, order)];
  return delimited(Buffer.concat([...fields, ...(keyAlias === '' ? [] : [fieldBytes(5, encryption)])]));
}

interface Pointer {
  readonly fileId: number;
  readonly offset: number;
}

const pointerLong = ({ fileId, offset }: Pointer): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeInt32BE(fileId);
  bytes.writeInt32BE(offset, 4);
  return bytes;
};

/** The files of a checkpoint by name. The ring begins at `head`. */
export function flumeCheckpoint(given: {
  readonly order: number;
  readonly queue: readonly Pointer[];
  readonly puts?: ReadonlyMap<number, readonly Pointer[]>;
  readonly takes?: ReadonlyMap<number, readonly Pointer[]>;
  readonly capacity?: number;
  readonly head?: number;
}): Record<'checkpoint' | 'checkpoint.meta' | 'inflightputs' | 'inflighttakes', Buffer> {
  const { order, queue, capacity = 100, head = 0 } = given;
  const ring = Buffer.alloc((1029 + capacity) * 8);
  long(3, true).copy(ring, 0);
  long(order, true).copy(ring, 8);
  queue.forEach((pointer, i) => void pointerLong(pointer).copy(ring, (1029 + ((head + i) % capacity)) * 8));
  const meta = Buffer.concat([field32(1, 3), field64(2, order), field32(3, queue.length), field32(4, head)]);
  return {
    checkpoint: ring,
    'checkpoint.meta': delimited(meta),
    inflightputs: inflightFile(given.puts ?? new Map()),
    inflighttakes: inflightFile(given.takes ?? new Map()),
  };
}

function inflightFile(transactions: ReadonlyMap<number, readonly Pointer[]>): Buffer {
  const content = Buffer.concat([
    ...[...transactions].flatMap(([transaction, pointers]) => [
      long(transaction, true),
      long(pointers.length, true),
      ...pointers.map(pointerLong),
    ]),
    Buffer.alloc(16), // Flume counts its checksum twice
  ]);
  return Buffer.concat([createHash('md5').update(content).digest(), content]);
}

/** Puts one `log-N` with its meta file into a folder. */
export function addFlumeLog(
  files: FileLayer,
  dir: string,
  id: number,
  bytes: Buffer,
  meta = flumeLogMeta(id),
): void {
  files.makeDir(dir);
  putFile(files, `${dir}/log-${id}`, bytes);
  putFile(files, `${dir}/log-${id}.meta`, meta);
}

/** The file with these bytes, whatever it held. */
export function putFile(files: FileLayer, path: string, bytes: Buffer): void {
  const file = files.open(path, 'create');
  try {
    file.truncate(0);
    writeFully(file, [bytes], 0);
  } finally {
    file.close();
  }
}
