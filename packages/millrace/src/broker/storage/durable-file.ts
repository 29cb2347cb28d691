import { dirname, join } from 'node:path';
import { type FileLayer, readFully, writeFully } from '../../runtime/files.ts';

/** The whole file, or null when there is none. */
export function readWhole(files: FileLayer, path: string): Buffer | null {
  if (files.size(path) === null) return null;
  const file = files.open(path, 'read');
  try {
    const bytes = Buffer.alloc(file.size());
    return bytes.subarray(0, readFully(file, bytes, 0));
  } finally {
    file.close();
  }
}

/** Replaces a small file: after a crash there is the old content or the new one, never a part. Durable on return. */
export async function replaceFile(
  files: FileLayer,
  path: string,
  content: Buffer | string,
  permissions?: number,
): Promise<void> {
  const temporary = `${path}.tmp`;
  files.remove(temporary);
  const file = files.open(temporary, 'create', permissions);
  try {
    writeFully(file, [typeof content === 'string' ? Buffer.from(content) : content], 0);
    await file.datasync();
  } finally {
    file.close();
  }
  files.rename(temporary, path);
  await files.syncDir(dirname(path));
}

/** Removes a folder that holds only files. */
export function removeFolder(files: FileLayer, dir: string): void {
  for (const name of files.list(dir)) files.remove(join(dir, name));
  files.removeDir(dir);
}
