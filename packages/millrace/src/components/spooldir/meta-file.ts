import { randomBytes } from 'node:crypto';
import { dirname } from 'node:path';
import {
  encodeBlock,
  encodeHeader,
  readBlockHead,
  readHeader,
  syncBytes,
} from '../../formats/avro/container.ts';
import { readLong, writeLong } from '../../formats/avro/long.ts';
import { type FileLayer, type LayerFile, writeFully } from '../../runtime/files.ts';
import { readWhole } from '../../tracking/whole-file.ts';

/** Flume's DurablePositionTracker: which file is being read, and up to where. */
export interface SpoolMeta {
  /** As Flume names it: `spoolDir` as it is written, and the rest of the path. */
  readonly file: string;
  readonly offset: number;
}

const schema =
  '{"type":"record","name":"TransferStateFileMeta","namespace":"org.apache.flume.serialization","fields":[{"name":"offset","type":"long"}]}';
/** One of this size is written anew, with its last offset alone. */
const mostBytes = 1024 * 1024;

/**
 * What `.flumespool-main.meta` says; null where there is none, where it is empty (Flume deletes such a one), and where
 * it can't be understood. A torn end is passed over, as in Flume.
 */
export function readMeta(files: FileLayer, path: string): SpoolMeta | null {
  try {
    const bytes = readWhole(files, path);
    const header = bytes === null ? null : readHeader(bytes);
    const file = header?.metadata.get('file')?.toString('utf8');
    if (bytes === null || header === null || file === undefined) return null;
    let offset = 0;
    for (let at = header.sizeBytes; ; ) {
      const block = readBlockHead(bytes, at);
      if (block === null) break;
      const end = block.dataAt + block.sizeBytes;
      if (!bytes.subarray(end, end + syncBytes).equals(header.sync)) break;
      for (let from = block.dataAt, left = block.count; left > 0; left--) {
        const long = readLong(bytes, from);
        if (long === null) break;
        offset = long.value;
        from = long.to;
      }
      at = end + syncBytes;
    }
    return { file, offset };
  } catch {
    return null; // what was read of that file is read again
  }
}

/** Writes the meta file of one spooled file: an Avro container to which every commit appends an offset. */
export class MetaWriter {
  readonly file: string;
  readonly #files: FileLayer;
  readonly #path: string;
  readonly #sync = randomBytes(syncBytes);
  #out: LayerFile;
  #size = 0;

  constructor(files: FileLayer, path: string, file: string, offset: number) {
    this.#files = files;
    this.#path = path;
    this.file = file;
    files.makeDir(dirname(path));
    this.#out = this.#begin(offset);
  }

  store(offset: number): void {
    if (this.#size > mostBytes) {
      this.#out.close();
      this.#out = this.#begin(offset);
      return;
    }
    const block = encodeBlock(1, writeLong(offset), this.#sync);
    writeFully(this.#out, [block], this.#size);
    this.#size += block.length;
  }

  close(): void {
    this.#out.close();
  }

  /** A new one in the place of the old one, in one step. */
  #begin(offset: number): LayerFile {
    const temporary = `${this.#path}.tmp`;
    this.#files.remove(temporary);
    const out = this.#files.open(temporary, 'create');
    const metadata = new Map([
      ['file', Buffer.from(this.file)],
      ['avro.schema', Buffer.from(schema)],
    ]);
    const bytes = Buffer.concat([
      encodeHeader(metadata, this.#sync),
      encodeBlock(1, writeLong(offset), this.#sync),
    ]);
    writeFully(out, [bytes], 0);
    this.#files.rename(temporary, this.#path);
    this.#size = bytes.length;
    return out;
  }
}
