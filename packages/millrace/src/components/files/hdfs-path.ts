import { cutAtEscapes } from '../../component/escape-template.ts';

/** Whose files a path means. */
export type PathScheme = 'file' | 'hdfs' | 'webhdfs' | 'swebhdfs' | 's3a';
const schemes: readonly string[] = ['file', 'hdfs', 'webhdfs', 'swebhdfs', 's3a'] satisfies PathScheme[];

/** A path, cut where its escapes begin. */
export interface SplitPath {
  /** null: none is written, which means what `fs.defaultFS` says. */
  readonly scheme: PathScheme | null;
  /** The server or name service, of s3a the bucket; empty: none is written. */
  readonly authority: string;
  /** An absolute path without escapes: nothing is ever written outside of it. */
  readonly root: string;
  /** The folders below it, with escapes. */
  readonly folder: string;
}

/** Reads `hdfs.path`; a text says why it can't be had. */
export function splitPath(path: string): SplitPath | string {
  const scheme = /^([A-Za-z][\w+.-]*):/.exec(path)?.[1]?.toLowerCase() ?? null;
  if (scheme !== null && !schemes.includes(scheme)) return `'${path}': ${scheme}:// is not built yet`;
  const place = placeOf(path, scheme);
  if (typeof place === 'string') return place;
  const { authority, rest } = place;
  const cut = cutAtEscapes(rest);
  if (cut === null) return `'${path}': write it without '..'`;
  return {
    scheme: scheme as PathScheme | null,
    authority,
    root: `/${cut.fixed.join('/')}`,
    folder: cut.folder,
  };
}

function placeOf(path: string, scheme: string | null): { authority: string; rest: string } | string {
  if (scheme === 'file') {
    const rest = /^file:(?:\/\/)?(\/(?!\/).*)$/i.exec(path)?.[1];
    return rest === undefined ? `'${path}' is no absolute path of this machine` : { authority: '', rest };
  }
  if (scheme === null)
    return path.startsWith('/') ? { authority: '', rest: path } : `'${path}' is no absolute path`;
  const [, authority, rest] = /^\w+:\/\/([^/]*)(\/.*)?$/.exec(path) ?? [];
  if (authority === undefined) return `'${path}' is not ${scheme}://SERVER/FOLDER`;
  if (!/^[\w.-]*(:\d{1,5})?$/.test(authority) && !/^\[[\da-fA-F:.]+\](:\d{1,5})?$/.test(authority))
    return `'${path}': '${authority}' is no server or name service`;
  if (authority === '' && scheme !== 'hdfs') return `'${path}' names no server`;
  return { authority, rest: rest ?? '/' };
}

/** Whether a path means an object store, where a file is there once it is whole. */
export function isObjectPath(path: string): boolean {
  const split = splitPath(path);
  return typeof split !== 'string' && split.scheme === 's3a';
}
