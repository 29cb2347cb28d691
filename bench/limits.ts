/** What this machine can do at most: memory copy, checksum, loopback, writes and syncs. `node bench/limits.ts`; `TMPDIR` names the disk. */
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { crc32c } from '@node-rs/crc32';
import { tempDir } from '../packages/testkit/src/files/temp-dir.ts';
import { describeMachine } from './lib/machine.ts';

const mebi = 1 << 20;
const rounds = 5;

interface Limit {
  readonly name: string;
  readonly unit: 'MB/s' | '/s';
  /** One round: how much was done, in bytes or in times. */
  run(): number | Promise<number>;
}

function copyMemory(): number {
  const from = Buffer.alloc(mebi, 1);
  const ring = Buffer.alloc(64 * mebi, 1);
  const times = 1024;
  for (let i = 0; i < times; i++) from.copy(ring, (i & 63) * mebi);
  return times * mebi;
}

/** What a batch that nobody gives back costs: fresh memory for each. */
function copyIntoFreshMemory(): number {
  const from = Buffer.alloc(mebi, 1);
  const held: Buffer[] = [];
  const times = 512;
  for (let i = 0; i < times; i++) {
    const fresh = Buffer.allocUnsafeSlow(mebi);
    from.copy(fresh);
    held.push(fresh);
    if (held.length > 40) held.shift();
  }
  return times * mebi;
}

function checksum(): number {
  const bytes = Buffer.alloc(mebi, 1);
  const times = 1024;
  for (let i = 0; i < times; i++) crc32c(bytes);
  return times * mebi;
}

/** 1 MB writes to a socket whose other end, in this process, throws away what it reads. */
async function loopback(): Promise<number> {
  const total = 512 * mebi;
  const done = Promise.withResolvers<void>();
  let received = 0;
  const server = createServer((socket: Socket) => {
    socket.on('data', (bytes) => {
      received += bytes.length;
      if (received === total) done.resolve();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  const block = Buffer.alloc(mebi, 1);
  for (let sent = 0; sent < total; sent += mebi) {
    if (!socket.write(block)) await new Promise((resolve) => socket.once('drain', resolve));
  }
  await done.promise;
  socket.destroy();
  server.close();
  return total;
}

/** 20 KB to a socket and 100 bytes back, one at a time: a batch of a hundred lines and its answer. */
async function roundTrips(): Promise<number> {
  const times = 5000;
  const size = 20_000;
  const server = createServer({ noDelay: true }, (socket: Socket) => {
    let got = 0;
    socket.on('data', (bytes) => {
      got += bytes.length;
      for (; got >= size; got -= size) socket.write(Buffer.alloc(100));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  const block = Buffer.alloc(size, 1);
  for (let i = 0; i < times; i++) {
    const answer = new Promise((resolve) => socket.once('data', resolve));
    socket.write(block);
    await answer;
  }
  socket.destroy();
  server.close();
  return times;
}

function writeFile(dir: string, blockBytes: number, times: number, sync: boolean): void {
  const fd = openSync(join(dir, 'limit'), 'w');
  try {
    const block = Buffer.alloc(blockBytes, 1);
    for (let i = 0; i < times; i++) {
      writeSync(fd, block);
      if (sync) fdatasyncSync(fd);
    }
  } finally {
    closeSync(fd);
  }
}

function limits(dir: string): readonly Limit[] {
  const write = (blockBytes: number, times: number, sync: boolean, perBlock: boolean) => () => {
    writeFile(dir, blockBytes, times, sync);
    return perBlock ? times : times * blockBytes;
  };
  return [
    { name: 'copy within memory, 1 MB', unit: 'MB/s', run: copyMemory },
    { name: 'copy into fresh memory, 1 MB', unit: 'MB/s', run: copyIntoFreshMemory },
    { name: 'CRC32C, 1 MB', unit: 'MB/s', run: checksum },
    { name: 'loopback TCP, 1 MB writes', unit: 'MB/s', run: loopback },
    { name: 'loopback round trip, 20 KB and 100 bytes', unit: '/s', run: roundTrips },
    { name: 'write to the page cache, 1 MB', unit: 'MB/s', run: write(mebi, 256, false, false) },
    { name: 'write and fdatasync, 1 MB', unit: 'MB/s', run: write(mebi, 128, true, false) },
    { name: 'write and fdatasync, 20 KB', unit: '/s', run: write(20_000, 500, true, true) },
  ];
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1]!;

using dir = tempDir('millrace-limits-');
console.log(`| limit | median of ${rounds} | CPU s per GB, or ms per time |\n|---|---:|---:|`);
for (const { name, unit, run } of limits(dir.path)) {
  const rates: number[] = [];
  const costs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const cpu = process.cpuUsage();
    const from = performance.now();
    const amount = (await run()) / (unit === 'MB/s' ? 1e6 : 1);
    rates.push(amount / ((performance.now() - from) / 1000));
    const { user, system } = process.cpuUsage(cpu);
    costs.push((user + system) / 1000 / amount);
  }
  console.log(
    `| ${name} | ${Math.round(median(rates)).toLocaleString('en')} ${unit} | ${median(costs).toFixed(3)} |`,
  );
}
const { cpu, cores, memoryGiB, system, node } = describeMachine();
console.log(`\n${cpu}, ${cores} cores, ${memoryGiB} GiB, ${system}, Node ${node}`);
