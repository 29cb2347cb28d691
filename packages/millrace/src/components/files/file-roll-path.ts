import { join } from 'node:path';

export interface RollPathOptions {
  readonly directory: string;
  readonly prefix: string;
  readonly extension: string;
}

/** Names the files of a rolling series. */
export interface RollPath {
  /** The file to write now; the same until `rotate`. */
  current(): string;
  rotate(): void;
}

/** Flume's DefaultPathManager: `<prefix><start of the series, Unix ms>-<n>[.ext]`, n from 1. */
export function defaultPath(options: RollPathOptions, now: () => number = Date.now): RollPath {
  const seriesStart = now();
  let n = 0;
  return series(options, () => `${seriesStart}-${++n}`);
}

/** Flume's RollTimePathManager: `<prefix>yyyyMMddHHmmss-<n>[.ext]` in local time, n from 1 in every second. */
export function rollTimePath(options: RollPathOptions, now: () => number = Date.now): RollPath {
  let last = '';
  let n = 0;
  return series(options, () => {
    const stamp = localStamp(new Date(now()));
    n = stamp === last ? n + 1 : 1;
    last = stamp;
    return `${stamp}-${n}`;
  });
}

function series({ directory, prefix, extension }: RollPathOptions, next: () => string): RollPath {
  let current: string | null = null;
  return {
    current() {
      current ??= join(directory, `${prefix}${next()}${extension === '' ? '' : `.${extension}`}`);
      return current;
    },
    rotate() {
      current = null;
    },
  };
}

function localStamp(date: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}${two(date.getMonth() + 1)}${two(date.getDate())}`;
  return `${day}${two(date.getHours())}${two(date.getMinutes())}${two(date.getSeconds())}`;
}
