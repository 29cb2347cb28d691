/** Gives the sources of a running agent what a case has for them, and keeps what they answer. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { connectAvro } from '../../../../millrace/src/clients/avro-rpc/avro-connection.ts';
import { connectThrift } from '../../../../millrace/src/clients/thrift-rpc/thrift-connection.ts';
import { BatchBuilder } from '../../../../millrace/src/records/batch-builder.ts';
import { waitFor } from '../../process/wait.ts';
import type { Case, Given, Input, Place } from './case.ts';

type Of<K extends Given['kind']> = Extract<Given, { kind: K }>;

/** Folders and files that are there before a start. */
export function layOut({ folders, inputs }: Case, { dir }: Place): void {
  mkdirSync(dir, { recursive: true });
  for (const folder of folders) mkdirSync(join(dir, folder), { recursive: true });
  const now = Date.now() / 1000;
  for (const { give } of inputs) {
    if (give.kind !== 'file') continue;
    const path = join(dir, give.path);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, give.bytes, 'latin1');
    utimesSync(path, now - give.ageSeconds, now - give.ageSeconds);
  }
}

/**
 * One input after the other, each when the one before it is answered. Gives the answers, in the same order. A case that
 * is made smaller may have input for a source that it has no more.
 */
export async function feed({ inputs }: Case, place: Place, sources: readonly string[]): Promise<string[]> {
  const answers: string[] = [];
  for (const input of inputs)
    answers.push(sources.includes(input.source) ? await give(input, place).catch(String) : '');
  return answers;
}

async function give({ give: given }: Input, { dir, ports }: Place): Promise<string> {
  const port = 'port' in given ? ports.get(given.port)! : 0;
  switch (given.kind) {
    case 'file':
      return '';
    case 'append':
      appendFileSync(join(dir, given.path), given.bytes, 'latin1');
      return '';
    case 'tcp':
      return overTcp(port, given);
    case 'udp':
      return overUdp(port, given);
    case 'http':
      return overHttp(port, given);
    case 'rpc':
      return overRpc(port, given);
  }
}

/** Sources begin to listen a little after an agent's start. */
async function open(port: number): Promise<Socket> {
  const tryIt = async (): Promise<Socket | null> => {
    const socket = connect(port, '127.0.0.1');
    const opened = once(socket, 'connect').then(
      () => true,
      () => false,
    );
    return (await opened) ? socket : null;
  };
  return waitFor(`port ${port}`, tryIt, { timeoutMs: 60_000, everyMs: 100 });
}

/** However it ends: a peer may reset it. */
const closeOf = (socket: Socket) => new Promise<void>((resolve) => socket.once('close', () => resolve()));

async function overTcp(port: number, { chunks }: Of<'tcp'>): Promise<string> {
  const socket = await open(port);
  const answered: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => answered.push(chunk));
  socket.on('error', () => {});
  const closed = closeOf(socket);
  for (const chunk of chunks) {
    socket.write(Buffer.from(chunk, 'latin1'));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  socket.end();
  await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 10_000))]);
  socket.destroy();
  return Buffer.concat(answered).toString('latin1');
}

/** Whether somebody has bound it: what is sent before is lost. */
async function isBound(port: number): Promise<boolean> {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')} `;
  const tables = await Promise.all(
    ['/proc/net/udp', '/proc/net/udp6'].map((path) => readFile(path, 'utf8').catch(() => '')),
  );
  return tables.some((table) => table.includes(wanted));
}

async function overUdp(port: number, { bytes }: Of<'udp'>): Promise<string> {
  await waitFor(`datagrams at ${port}`, () => isBound(port), { timeoutMs: 60_000, everyMs: 100 });
  const socket = createSocket('udp4');
  await new Promise<void>((resolve, reject) =>
    socket.send(Buffer.from(bytes, 'latin1'), port, '127.0.0.1', (error) =>
      error ? reject(error) : resolve(),
    ),
  );
  socket.close();
  // In the order in which they were sent.
  await new Promise((resolve) => setTimeout(resolve, 30));
  return '';
}

async function overHttp(port: number, { target, type, body }: Of<'http'>): Promise<string> {
  const socket = await open(port);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', () => {});
  const bytes = Buffer.from(body, 'latin1');
  const head = `POST ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: ${type}\r\nContent-Length: ${bytes.length}\r\n\r\n`;
  socket.write(Buffer.concat([Buffer.from(head), bytes]));
  await closeOf(socket);
  const text = Buffer.concat(chunks).toString('latin1');
  const status = /^HTTP\/1\.1 (\d+)/.exec(text)?.[1];
  const message = /<th>MESSAGE:<\/th><td>(.*?)<\/td>/s.exec(text)?.[1] ?? '';
  // What follows these words is an exception's own text.
  return `${status} ${/^Bad request|JSON handler supports|^Please/.test(message) ? message : ''}`;
}

async function overRpc(port: number, { protocol, events }: Of<'rpc'>): Promise<string> {
  const first = await open(port);
  first.on('error', () => {});
  first.destroy();
  const options = { host: '127.0.0.1', port, connectTimeoutMs: 20_000, requestTimeoutMs: 20_000 };
  const builder = new BatchBuilder();
  for (const { headers, body } of events)
    builder.add(Buffer.from(body, 'latin1'), new Map(Object.entries(headers)));
  try {
    const connection = protocol.startsWith('avro')
      ? await connectAvro({ ...options, ...(protocol === 'avro' ? {} : { compressionLevel: 6 }) })
      : await connectThrift({ ...options, protocol: protocol === 'thrift compact' ? 'compact' : 'binary' });
    const failed = await connection.append([builder.build()]).then(
      () => false,
      () => true,
    );
    await connection.close();
    return failed ? 'failed' : 'OK';
  } catch (error) {
    return `no answer: ${(error as Error).name}`;
  }
}
