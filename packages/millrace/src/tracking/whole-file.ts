import { type FileLayer, readFully } from '../runtime/files.ts';

/** A file of positions that is larger than this is none. */
const maxBytes = 64 * 1024 * 1024;

/** The bytes of a whole file; null where there is none. Throws the system's error, and one for a file above `most`. */
export function readWhole(files: FileLayer, path: string, most = maxBytes): Buffer | null {
  const size = files.size(path);
  if (size === null) return null;
  if (size > most) throw new Error(`it has ${size} bytes`);
  const file = files.open(path, 'read');
  try {
    const bytes = Buffer.alloc(size);
    return bytes.subarray(0, readFully(file, bytes, 0));
  } finally {
    file.close();
  }
}
