/**
 * What it costs to put one small write into each of many files on the device: `node bench/hot/sync-many.ts [FOLDER]`.
 * The ways: a sync of each file, as `acks=all` over many partitions does it today (libuv's four threads; more with
 * `UV_THREADPOOL_SIZE`), one sync of the whole file system, and one journal in front of the files with a single sync.
 */
import { execFile } from 'node:child_process';
import { closeSync, fdatasync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const recordBytes = 200;
const rounds = 15;
const payload = Buffer.alloc(recordBytes, 0x61);
const run = promisify(execFile);

function sync(fd: number): Promise<void> {
  return new Promise((resolve, reject) =>
    fdatasync(fd, (error) => (error === null ? resolve() : reject(error))),
  );
}

async function medianMs(action: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  await action();
  for (let i = 0; i < rounds; i++) {
    const start = performance.now();
    await action();
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[rounds >> 1]!;
}

const folder = mkdtempSync(join(process.argv[2] ?? tmpdir(), 'millrace-sync-'));
try {
  console.log(
    `${folder}, UV_THREADPOOL_SIZE=${process.env.UV_THREADPOOL_SIZE ?? 4}: ms a round, median of ${rounds}`,
  );
  for (const count of [1, 10, 100, 1000]) {
    const files = Array.from({ length: count }, (_, i) => openSync(join(folder, `${count}-${i}`), 'w'));
    const journal = openSync(join(folder, `journal-${count}`), 'w');
    let position = 0;
    const writeAll = () => {
      for (const fd of files) writeSync(fd, payload, 0, recordBytes, position);
      position += recordBytes;
    };
    const each = await medianMs(async () => {
      writeAll();
      await Promise.all(files.map(sync));
    });
    const whole = await medianMs(async () => {
      writeAll();
      await run('sync', ['-f', folder]);
    });
    const journaled = await medianMs(async () => {
      writeAll();
      writeSync(journal, Buffer.concat(files.map(() => payload)), 0, recordBytes * count, position * count);
      await sync(journal);
    });
    const show = (ms: number) => ms.toFixed(2).padStart(9);
    console.log(
      `${String(count).padStart(5)} files: each${show(each)}  whole${show(whole)}  journal${show(journaled)}`,
    );
    for (const fd of [...files, journal]) closeSync(fd);
  }
} finally {
  rmSync(folder, { recursive: true });
}
