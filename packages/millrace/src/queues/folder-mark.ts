import { crc32c } from '@node-rs/crc32';
import { type FileLayer, readFully, writeFully } from '../runtime/files.ts';

/** What is written in a data folder that has others beside it. */
export interface FolderMark {
  /** The same in all that belong together. */
  readonly set: string;
  /** Of this one. */
  readonly id: string;
  /** All of them, this one, too, where they were when it was written. */
  readonly folders: readonly { readonly id: string; readonly path: string }[];
}

const name = 'data-folders';
const head = /^millrace-data-folders 1 ([0-9a-f]+)\n/;
const mostBytes = 1 << 20;

/** Null: there is none, or it is damaged; where the other folders name this one, the channel then does not start. */
export function readMark(files: FileLayer, dir: string): FolderMark | null {
  const size = files.size(`${dir}/${name}`);
  if (size === null || size > mostBytes) return null;
  const file = files.open(`${dir}/${name}`, 'read');
  try {
    const bytes = Buffer.alloc(size);
    const text = bytes.toString('utf8', 0, readFully(file, bytes, 0));
    const match = head.exec(text);
    const rest = text.slice(match?.[0].length ?? 0);
    return match !== null && crc32c(rest).toString(16) === match[1] ? (JSON.parse(rest) as FolderMark) : null;
  } finally {
    file.close();
  }
}

/** On the device when it resolves. */
export async function writeMark(files: FileLayer, dir: string, mark: FolderMark): Promise<void> {
  const rest = JSON.stringify(mark);
  const file = files.open(`${dir}/${name}.tmp`, 'create');
  try {
    file.truncate(0);
    writeFully(file, [Buffer.from(`millrace-data-folders 1 ${crc32c(rest).toString(16)}\n${rest}`)], 0);
    await file.datasync();
  } finally {
    file.close();
  }
  files.rename(`${dir}/${name}.tmp`, `${dir}/${name}`);
  await files.syncDir(dir);
}
