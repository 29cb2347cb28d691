import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Log } from '../../packages/millrace/src/log/log.ts';
import { iterateBatches } from '../../packages/millrace/src/records/batch-header.ts';
import { openBatch } from '../../packages/millrace/src/records/open-batch.ts';
import { MillraceError } from '../../packages/millrace/src/runtime/errors.ts';
import { FaultyFiles } from '../../packages/testkit/src/files/faulty-files.ts';
import { batchBytes } from '../../packages/testkit/src/fuzz/event-batches.ts';

const dir = '/logs/t-0';
const options = { segmentBytes: 900, indexIntervalBytes: 120 };

interface Written {
  readonly file: string;
  readonly from: number;
  readonly to: number;
  readonly offset: number;
  readonly bodies: readonly string[];
}

/** A log of 40 batches over several segments, and where each of them lies. */
async function writtenLog(files: FaultyFiles, isClosed: boolean): Promise<Written[]> {
  const log = await Log.open(dir, { files, ...options });
  const written: Written[] = [];
  for (let i = 0; i < 40; i++) {
    const bodies = Array.from({ length: 1 + (i % 3) }, (_, n) => `batch ${i}.${n}`);
    const bytes = batchBytes(bodies);
    const { baseOffset: offset } = log.appendMany(bytes);
    const file = `${dir}/${String(log.activeBaseOffset).padStart(20, '0')}.log`;
    const to = files.size(file)!;
    written.push({ file, from: to - bytes.length, to, offset, bodies });
  }
  if (isClosed) await log.close();
  else await log.flush();
  files.kill();
  return written;
}

/** All that can be read, with repairs where damage is met. */
async function readAll(log: Log): Promise<Map<number, string>> {
  const found = new Map<number, string>();
  let repairs = 0;
  for (let offset = log.startOffset; offset < log.endOffset; ) {
    try {
      const bytes = log.read(offset, 500);
      if (bytes.length === 0) break;
      for (const { at, header } of iterateBatches(bytes)) {
        const batch = openBatch(bytes, at, { verifyCrc: true });
        for (let i = 0; i < batch.count; i++)
          found.set(header.baseOffset + i, batch.event(i).body.toString());
        offset = Math.max(offset + 1, header.baseOffset + header.lastOffsetDelta + 1);
      }
    } catch (error) {
      if (!(error instanceof MillraceError) || repairs++ > 50) throw error;
      await log.repair(offset);
    }
  }
  return found;
}

const damage = fc.record({
  file: fc.double({ min: 0, max: 0.999, noNaN: true }),
  at: fc.double({ min: 0, max: 0.999, noNaN: true }),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 40 }),
});

/**
 * Batches that may go with a damaged one: where its base offset or its length is hit, nothing says where the next one
 * begins until an entry of the index does, and with damage in front of it a base offset that is hit can be any.
 */
function besides(written: readonly Written[], touched: ReadonlySet<Written>, heads: ReadonlySet<Written>) {
  return new Set(
    written.filter((batch) => {
      const before = written.filter((each) => each.file === batch.file && each.from < batch.from);
      return before.some((each) => heads.has(each)) && !touched.has(batch);
    }),
  );
}

it('reads every batch that damage did not touch or hide, whatever it hit, and nothing that was not written', async () => {
  const property = fc.asyncProperty(
    fc.boolean(),
    fc.array(damage, { minLength: 1, maxLength: 4 }),
    async (closed, hits) => {
      const files = new FaultyFiles(1);
      const written = await writtenLog(files, closed);
      const names = files.list(dir).toSorted();
      const touched = new Set<Written>();
      const heads = new Set<Written>();
      for (const hit of hits) {
        const name = `${dir}/${names[Math.floor(hit.file * names.length)]}`;
        const at = Math.floor(hit.at * Math.max(1, files.size(name)!));
        // Bytes behind the end of a file would be another kind of accident.
        const bytes = Buffer.from(hit.bytes).subarray(0, Math.max(0, files.size(name)! - at));
        files.damage(name, at, bytes);
        for (const batch of written) {
          if (batch.file !== name || at >= batch.to || at + bytes.length <= batch.from) continue;
          touched.add(batch);
          if (at < batch.from + 12) heads.add(batch);
        }
      }
      const log = await Log.open(dir, { files, ...options });
      const found = await readAll(log);
      const original = new Map(
        written.flatMap((b) => b.bodies.map((body, i) => [b.offset + i, body] as const)),
      );
      for (const [offset, body] of found) expect(original.get(offset), `offset ${offset}`).toBe(body);
      const hidden = besides(written, touched, heads);
      for (const batch of written) {
        if (touched.has(batch) || hidden.has(batch)) continue;
        for (const [i, body] of batch.bodies.entries()) expect(found.get(batch.offset + i)).toBe(body);
      }
    },
  );
  await fc.assert(property, { numRuns: 1000 });
});
