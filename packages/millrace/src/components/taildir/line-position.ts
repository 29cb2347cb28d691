import { closeSync, openSync, readSync } from 'node:fs';

const chunkBytes = 64 * 1024;

/**
 * Where the n-th line after `start` begins in a file, for whoever has to name a single event to a person. The lines are
 * counted in the file when somebody asks, so that a batch costs nothing for it; where the file can't be read any more,
 * it is where the batch began.
 */
export function linePosition(path: string, start: number): (lines: number) => number {
  return (lines) => (lines === 0 ? start : (positionAfter(path, start, lines) ?? start));
}

function positionAfter(path: string, start: number, lines: number): number | null {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return null;
  }
  const bytes = Buffer.alloc(chunkBytes);
  try {
    let left = lines;
    for (let at = start; ; at += chunkBytes) {
      const got = readSync(fd, bytes, 0, chunkBytes, at);
      for (let i = bytes.indexOf(10); i >= 0 && i < got; i = bytes.indexOf(10, i + 1)) {
        if (--left === 0) return at + i + 1;
      }
      if (got < chunkBytes) return null;
    }
  } catch {
    return null;
  } finally {
    closeSync(fd);
  }
}
