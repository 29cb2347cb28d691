import { join } from 'node:path';
import { decodeLogMeta, type LogMeta } from '../../../formats/flume-log/log-meta.ts';
import { NotFlumeLog } from '../../../formats/flume-log/not-flume-log.ts';
import { MillraceError } from '../../../runtime/errors.ts';
import { type FileLayer, readFully } from '../../../runtime/files.ts';

/** One `log-N` of a Flume file channel. */
export interface FlumeLogFile {
  readonly id: number;
  readonly path: string;
  readonly sizeBytes: number;
  readonly meta: LogMeta;
}

/** Far above what any of these small files has. */
const mostMetaBytes = 1 << 20;

/**
 * The logs of a Flume file channel, by folder, in the order in which they were written. Nothing is changed. Throws
 * `CONFIG_INVALID` for what can't be read at all: logs of another version, encrypted ones, two of one number.
 */
export function findLogs(dirs: readonly string[], files: FileLayer): FlumeLogFile[][] {
  const paths = new Map<number, string>();
  return dirs.map((dir) => {
    const logs: FlumeLogFile[] = [];
    for (const name of files.list(dir)) {
      const id = Number(/^log-(\d+)$/.exec(name)?.[1] ?? Number.NaN);
      const path = join(dir, name);
      const sizeBytes = files.size(path);
      if (!Number.isSafeInteger(id) || sizeBytes === null || sizeBytes === 0) continue;
      const same = paths.get(id);
      if (same !== undefined)
        throw unreadable(path, `${same} has the same number`, 'Name the data folders of one channel only.');
      paths.set(id, path);
      const meta = metaOf(path, files);
      if (meta !== null) logs.push({ id, path, sizeBytes, meta });
    }
    return logs.sort((a, b) => a.id - b.id);
  });
}

/** Null: Flume ended before it wrote anything into the log. */
function metaOf(path: string, files: FileLayer): LogMeta | null {
  // Flume renames over: what it left under another name counts where the first is not there (FLUME-1699).
  const from = [`${path}.meta`, `${path}.meta.tmp`, `${path}.meta.old`].find((at) => files.size(at) !== null);
  if (from === undefined) throw withoutMeta(path, files);
  const bytes = readAll(from, files, mostMetaBytes);
  if (bytes.length === 0) {
    if (startsWithRecord(path, files))
      throw unreadable(from, `it is empty, but ${path} is not`, 'Put it back from a backup.');
    return null;
  }
  try {
    const meta = decodeLogMeta(bytes);
    if (meta.keyAlias === null) return meta;
    const remedy =
      'Start Flume once more with the sources taken out of its configuration, until the channel is empty; then nothing needs to be imported.';
    throw unreadable(path, `it is encrypted (key ${meta.keyAlias})`, remedy);
  } catch (error) {
    if (error instanceof NotFlumeLog) throw unreadable(from, error.message);
    throw error;
  }
}

function withoutMeta(path: string, files: FileLayer): MillraceError {
  const file = files.open(path, 'read');
  try {
    const bytes = Buffer.alloc(4);
    readFully(file, bytes, 0);
    if (bytes.readInt32BE(0) !== 2)
      return unreadable(path, `there is no ${path}.meta`, 'Put it back from a backup.');
  } finally {
    file.close();
  }
  const remedy =
    'Start Flume 1.11 on it once: it goes on in files of version 3. When those of version 2 are gone, import.';
  return unreadable(path, 'it is of version 2 (Flume 1.2 and older)', remedy);
}

function startsWithRecord(path: string, files: FileLayer): boolean {
  const file = files.open(path, 'read');
  try {
    const bytes = Buffer.alloc(1);
    return readFully(file, bytes, 0) === 1 && bytes[0] === 0x7f;
  } finally {
    file.close();
  }
}

/** A small file as a whole. */
export function readAll(path: string, files: FileLayer, mostBytes: number): Buffer {
  const file = files.open(path, 'read');
  try {
    const size = file.size();
    if (size > mostBytes) throw unreadable(path, `it has ${size} bytes`);
    const bytes = Buffer.alloc(size);
    return bytes.subarray(0, readFully(file, bytes, 0));
  } finally {
    file.close();
  }
}

function unreadable(
  path: string,
  why: string,
  remedy = "Name a folder of Flume's file channel.",
): MillraceError {
  return new MillraceError('CONFIG_INVALID', `${path}: ${why}`, { remedy, details: { file: path } });
}
