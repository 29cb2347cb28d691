import { once } from 'node:events';
import { createWriteStream, existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  accessLogLines,
  type LineSum,
  LineSummer,
  writeAccessLog,
} from '../../packages/testkit/src/files/access-log.ts';
import { cacheDir } from '../../scripts/lib/test-needs.ts';

/** A log file to be collected, and what its lines come to. */
export interface Corpus {
  readonly path: string;
  readonly sum: LineSum;
}

const seed = 20_261_122;

/** Access-log lines of about 206 bytes, or lines of exactly `lineBytes` made from them; written once and kept. */
export async function corpus(events: number, lineBytes?: number): Promise<Corpus> {
  const path = join(
    cacheDir('bench'),
    `${lineBytes === undefined ? 'access' : `lines-${lineBytes}`}-${events}.log`,
  );
  const sumFile = `${path}.json`;
  if (existsSync(path) && existsSync(sumFile)) {
    const sum = JSON.parse(readFileSync(sumFile, 'utf8')) as LineSum;
    if (statSync(path).size === sum.bytes + sum.count) return { path, sum };
  }
  const fresh = `${path}.tmp`;
  const sum =
    lineBytes === undefined
      ? await writeAccessLog(fresh, events, seed)
      : await writeSizedLines(fresh, events, lineBytes);
  renameSync(fresh, path);
  writeFileSync(sumFile, JSON.stringify(sum));
  return { path, sum };
}

/** As many access-log lines one after the other as fit; the id of the last one ends the line. */
async function writeSizedLines(path: string, events: number, lineBytes: number): Promise<LineSum> {
  const next = accessLogLines(seed);
  const out = createWriteStream(path);
  const summer = new LineSummer();
  // A long line is made of few different ones: writing gigabytes is not what is measured.
  const filler = Array.from({ length: Math.ceil(Math.min(lineBytes, 100_000) / 190) }, next).join(' ');
  const long = filler.repeat(Math.ceil(lineBytes / filler.length));
  for (let id = 0; id < events; id += 1) {
    const tail = ` id=${String(id).padStart(12, '0')}`;
    const from = (id * 97) % Math.max(1, long.length - lineBytes);
    const bytes = Buffer.from(`${(long.slice(from) + long).slice(0, lineBytes - tail.length)}${tail}\n`);
    summer.add(bytes);
    if (!out.write(bytes)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'close');
  return summer.sum();
}
