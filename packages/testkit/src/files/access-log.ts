/** Access-log lines from a seed: about 206 bytes each, every one with its own id, so that any loss can be named. */

import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { crc32 } from 'node:zlib';

const methods = ['GET', 'GET', 'GET', 'GET', 'POST', 'PUT', 'DELETE'];
const sections = ['products', 'orders', 'users', 'search', 'cart', 'static/images', 'api/v2/items'];
const statuses = ['200', '200', '200', '200', '200', '304', '302', '404', '500'];
const agents = [
  'Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/128.0',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/126.0 Safari',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) Version/17.5 Saf',
  'curl/8.7.1 (x86_64-pc-linux-gnu) libcurl/8.7.1 OpenSSL/3.2 zl',
];

/** A small seeded generator (mulberry32): the same numbers from the same seed, everywhere. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Gives line after line, without newline. The id is the last field: `id=000000000042`. */
export function accessLogLines(seed: number, firstId = 0): () => string {
  const random = seededRandom(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  let id = firstId;
  return () => {
    const second = id % 86_400;
    const two = (n: number) => String(n).padStart(2, '0');
    const clock = `${two(Math.floor(second / 3600))}:${two(Math.floor(second / 60) % 60)}:${two(second % 60)}`;
    const ip = `10.${Math.floor(random() * 256)}.${Math.floor(random() * 256)}.${Math.floor(random() * 256)}`;
    const path = `/${pick(sections)}/${Math.floor(random() * 1e6)}?page=${Math.floor(random() * 100)}`;
    const line =
      `${ip} - - [22/Nov/2026:${clock} +0000] "${pick(methods)} ${path} HTTP/1.1" ${pick(statuses)} ` +
      `${Math.floor(random() * 60_000)} "https://shop.example.com/" "${pick(agents)}" id=${String(id).padStart(12, '0')}`;
    id += 1;
    return line;
  };
}

/** The id of a line, or null when it has none. */
export function lineId(line: string): number | null {
  const digits = /id=(\d{12})$/.exec(line)?.[1];
  return digits === undefined ? null : Number(digits);
}

/** How many lines and which, in any order: equal for equal multisets of lines. */
export interface LineSum {
  readonly count: number;
  /** Without newlines. */
  readonly bytes: number;
  /** Sum of the lines' CRC-32, modulo 2^53. */
  readonly checksum: number;
}

/** Adds up lines from chunks that may end anywhere. */
export class LineSummer {
  #count = 0;
  #bytes = 0;
  #checksum = 0;
  #rest: Buffer = Buffer.alloc(0);

  add(chunk: Buffer): void {
    let from = 0;
    let end = chunk.indexOf(10);
    if (this.#rest.length > 0 && end >= 0) {
      this.#line(Buffer.concat([this.#rest, chunk.subarray(0, end)]));
      this.#rest = Buffer.alloc(0);
      from = end + 1;
      end = chunk.indexOf(10, from);
    }
    for (; end >= 0; end = chunk.indexOf(10, from)) {
      this.#line(chunk.subarray(from, end));
      from = end + 1;
    }
    if (from < chunk.length) this.#rest = Buffer.concat([this.#rest, chunk.subarray(from)]);
  }

  /** The sum so far; bytes after the last newline count as a line of their own. */
  sum(): LineSum {
    if (this.#rest.length > 0) {
      this.#line(this.#rest);
      this.#rest = Buffer.alloc(0);
    }
    return { count: this.#count, bytes: this.#bytes, checksum: this.#checksum };
  }

  #line(line: Buffer): void {
    this.#count += 1;
    this.#bytes += line.length;
    this.#checksum = (this.#checksum + crc32(line)) % Number.MAX_SAFE_INTEGER;
  }
}

export async function sumFiles(paths: readonly string[]): Promise<LineSum> {
  const summer = new LineSummer();
  for (const path of paths) {
    for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 }))
      summer.add(chunk as Buffer);
  }
  return summer.sum();
}

/** Writes a file of `count` lines and returns their sum; the same seed writes the same bytes. */
export async function writeAccessLog(path: string, count: number, seed = 1, firstId = 0): Promise<LineSum> {
  const next = accessLogLines(seed, firstId);
  const out = createWriteStream(path, { highWaterMark: 4 * 1024 * 1024 });
  const summer = new LineSummer();
  for (let done = 0; done < count; ) {
    let block = '';
    for (const until = Math.min(count, done + 5_000); done < until; done += 1) block += `${next()}\n`;
    const bytes = Buffer.from(block);
    summer.add(bytes);
    if (!out.write(bytes)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'close');
  return summer.sum();
}
