/** The broker's port under abuse: it stays up, its memory bounded, everybody else served. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { type TempDir, tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { kcatConsumeAll, kcatProduce } from '../../packages/testkit/src/kafka/kcat.ts';
import { producedBatch } from '../../packages/testkit/src/kafka/produced-batch.ts';
import { WireClient } from '../../packages/testkit/src/kafka/wire-client.ts';
import { lastingPort } from '../../packages/testkit/src/oracle/port.ts';
import type { Program } from '../../packages/testkit/src/oracle/program.ts';
import { brokerProgram } from '../../packages/testkit/src/oracle/programs.ts';
import { chanceOf } from '../../packages/testkit/src/oracle/seed.ts';
import { memoryOf } from '../../packages/testkit/src/process/process-figures.ts';

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  sockets.push(socket);
  await once(socket, 'connect');
  return socket;
}

async function startBroker(dir: TempDir): Promise<{ broker: Program; port: number }> {
  const port = await lastingPort();
  const broker = await brokerProgram(dir.join('broker'), port).start();
  return { broker, port };
}

/** A real client writes and reads what it wrote. */
async function expectServed(port: number, topic: string): Promise<void> {
  const values = ['one', 'two', 'three'];
  await kcatProduce(`127.0.0.1:${port}`, topic, values, ['-X', 'acks=all']);
  const records = await kcatConsumeAll(`127.0.0.1:${port}`, topic);
  expect(records.map(({ value }) => value.toString())).toEqual(values);
}

function expectBounded(broker: Program, megabytes: number): void {
  expect(broker.running).toBe(true);
  const { rssBytes, peakRssBytes } = memoryOf(broker.pid)!;
  console.log(`broker: RSS ${Math.round(rssBytes / 1e6)} MB, peak ${Math.round(peakRssBytes / 1e6)} MB`);
  expect(peakRssBytes).toBeLessThan(megabytes * 1e6);
}

const framed = (bytes: Buffer) => {
  const frame = Buffer.alloc(4 + bytes.length);
  frame.writeInt32BE(bytes.length);
  bytes.copy(frame, 4);
  return frame;
};
const header = (apiKey: number, version: number, correlationId: number, rest = Buffer.alloc(0)) => {
  const bytes = Buffer.alloc(10);
  bytes.writeInt16BE(apiKey, 0);
  bytes.writeInt16BE(version, 2);
  bytes.writeInt32BE(correlationId, 4);
  bytes.writeInt16BE(-1, 8);
  return Buffer.concat([bytes, rest]);
};

test('garbage, absurd lengths, half frames, unknown keys and versions, from a seed', async () => {
  await using dir = tempDir('millrace-fault-');
  const { broker, port } = await startBroker(dir);
  await using _ = broker;
  const chance = chanceOf('broker port');
  const length = (value: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(value | 0);
    return bytes;
  };
  const attacks: (() => Buffer)[] = [
    () => randomBytes(chance.int(1, 5000)),
    () => framed(randomBytes(chance.int(1, 300))),
    () => length(chance.pick([-1, -2147483648, 2147483647, 0x40000000, 0])),
    () => Buffer.concat([length(100_000_000), randomBytes(1000)]),
    () => framed(header(chance.int(0, 100), chance.int(-1, 30), 1, randomBytes(chance.int(0, 200)))),
    () => framed(header(chance.pick([-5, 200, 32767]), 0, 1)),
    () =>
      framed(header(chance.pick([0, 1, 3, 9, 11, 19]), 2, 1, length(chance.pick([-1, 2147483647, 1 << 24])))),
    () => Buffer.from('GET / HTTP/1.1\r\nHost: broker\r\n\r\n'),
    () => Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03]),
  ];
  for (let i = 0; i < 600; i++) {
    const socket = await open(port);
    const attack = chance.pick(attacks)();
    socket.write(chance.bool(0.3) ? attack.subarray(0, chance.int(0, attack.length)) : attack);
    if (chance.bool(0.5)) socket.end();
    if (i % 100 === 99) await expectServed(port, `t${i}`);
  }
  expectBounded(broker, 500);
});

test('a valid request with one byte changed, at every place', async () => {
  await using dir = tempDir('millrace-fault-');
  const { broker, port } = await startBroker(dir);
  await using _ = broker;
  await kcatProduce(`127.0.0.1:${port}`, 't', ['before']);
  const { Writer } = await import('../../packages/millrace/src/protocol/writer.ts');
  const { messages } = await import('../../packages/millrace/src/protocol/messages.ts');
  const writer = new Writer();
  const records = producedBatch(['value'.repeat(5)]);
  const topicData = [{ name: 't', partitionData: [{ index: 0, records }] }];
  messages.produce.encodeRequest(writer, { acks: -1, timeoutMs: 100, topicData }, 9);
  const head = Buffer.concat([header(0, 9, 7), Buffer.from([0])]);
  const good = Buffer.concat([head, ...writer.finish()]);
  const chance = chanceOf('changed requests');
  for (let at = 0; at < good.length; at++) {
    const bad = Buffer.from(good);
    bad[at] = bad[at]! ^ chance.int(1, 255);
    const socket = await open(port);
    socket.end(framed(bad));
  }
  await expectServed(port, 'after');
  const values = (await kcatConsumeAll(`127.0.0.1:${port}`, 't')).map(({ value }) => value.toString());
  expect(values[0]).toBe('before');
  // What was changed outside of the records may be a good request still; inside, the checksum tells.
  expect(new Set(values.slice(1)).size).toBeLessThanOrEqual(1);
  expectBounded(broker, 500);
});

test('1,000 idle connections, half of them with half a frame', async () => {
  await using dir = tempDir('millrace-fault-');
  const { broker, port } = await startBroker(dir);
  await using _ = broker;
  for (let i = 0; i < 1000; i++) {
    const socket = await open(port);
    if (i % 2 === 0) socket.write(Buffer.concat([Buffer.from([0, 100, 0, 0]), randomBytes(1000)]));
  }
  await expectServed(port, 'busy');
  expectBounded(broker, 500);
});

test('clients that ask for much and never read', async () => {
  await using dir = tempDir('millrace-fault-');
  const { broker, port } = await startBroker(dir);
  await using _ = broker;
  await kcatProduce(`127.0.0.1:${port}`, 'big', ['first']);
  using writer = await WireClient.connect(port);
  for (let i = 0; i < 60; i++) {
    const records = producedBatch(['x'.repeat(900_000)]);
    const topicData = [{ name: 'big', partitionData: [{ index: 0, records }] }];
    await writer.request('produce', 9, { acks: 1, timeoutMs: 1000, topicData });
  }
  const wanted = [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 50 << 20 }];
  const fetch = {
    maxWaitMs: 0,
    minBytes: 1,
    sessionEpoch: -1,
    topics: [{ topic: 'big', partitions: wanted }],
  };
  const stuck = await Promise.all(Array.from({ length: 40 }, () => WireClient.connect(port)));
  for (const client of stuck) {
    client.socket.pause();
    for (let i = 0; i < 10; i++) client.post('fetch', 11, fetch);
  }
  await sleep(1000);
  await expectServed(port, 'others');
  await sleep(1000);
  expectBounded(broker, 600);
  for (const client of stuck) client[Symbol.dispose]();
});
