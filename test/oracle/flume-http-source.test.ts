/**
 * The same drawn requests, good and broken, to a real Flume 1.11 and to Millrace: statuses, the messages of error pages
 * where they are Flume's own words, and the events in a file are equal. What differs on purpose stands on the pages of
 * the source and its handlers and is not drawn here.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { TempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { BesideFlume, fileSinkLines, textIn } from '../../packages/testkit/src/flume/beside-flume.ts';
import { type DrawnRequest, drawnRequests } from '../../packages/testkit/src/flume/drawn-http.ts';
import { freePorts } from '../../packages/testkit/src/net/free-port.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';

const kinds = ['json', 'blob', 'full'] as const;
type Kind = (typeof kinds)[number];
const seed = Number(process.env.MILLRACE_ORACLE_SEED ?? 11);
const requestsOfEach = Number(process.env.MILLRACE_ORACLE_ROUNDS ?? 1) * 200;

function conf(dir: string, ports: readonly number[]): string {
  const names = kinds.join(' ');
  const lines = [`a1.sources = ${names}`, `a1.channels = ${names}`, 'a1.sinks = json blob'];
  for (const [i, name] of kinds.entries()) {
    lines.push(
      `a1.sources.${name}.type = http`,
      `a1.sources.${name}.bind = 127.0.0.1`,
      `a1.sources.${name}.port = ${ports[i]}`,
      `a1.sources.${name}.channels = ${name}`,
      `a1.channels.${name}.type = memory`,
    );
    if (name === 'full') {
      lines.push(
        'a1.channels.full.capacity = 3',
        'a1.channels.full.transactionCapacity = 3',
        'a1.channels.full.keep-alive = 0',
      );
      continue;
    }
    if (name === 'blob')
      lines.push(
        'a1.sources.blob.handler = org.apache.flume.source.http.BLOBHandler',
        'a1.sources.blob.handler.mandatoryParameters = app,host',
      );
    lines.push(
      `a1.channels.${name}.capacity = 10000`,
      `a1.channels.${name}.transactionCapacity = 1000`,
      ...fileSinkLines(name, dir),
    );
  }
  return `${lines.join('\n')}\n`;
}

interface Answer {
  readonly status: number;
  /** Of the error page, where Flume's own words are all of it. */
  readonly message: string | undefined;
}

/** Over a socket of its own, as the bytes stand there: a client would not send what is broken. */
async function ask(port: number, { method, target, headers, body }: DrawnRequest): Promise<Answer> {
  const socket = connect(port, '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', () => {});
  const lines = [
    `${method} ${target} HTTP/1.1`,
    'Host: localhost',
    'Connection: close',
    ...headers.map(([name, value]) => `${name}: ${value}`),
    `Content-Length: ${body.length}`,
  ];
  socket.write(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), body]));
  await once(socket, 'close');
  const text = Buffer.concat(chunks).toString('latin1');
  const message = /<th>MESSAGE:<\/th><td>(.*?)<\/td>/s.exec(text)?.[1];
  // What follows these is an exception's own text.
  const own =
    message === undefined || /^Bad request|JSON handler supports|^Please|full/.test(message)
      ? message
      : undefined;
  return {
    status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]),
    message: own?.replace(/(Channel might be full\.).*/s, '$1'),
  };
}

async function linesOf(dir: TempDir, kind: Kind, last: string): Promise<string[]> {
  const text = () => textIn(dir.join(kind), 'latin1');
  await waitFor(`the last event of ${kind}`, () => text().includes(last), { timeoutMs: 60_000 });
  return text()
    .split('\n')
    .map((line) =>
      line.replace(/^\{(.*?)\} /s, (_, headers: string) => `{${headers.split(', ').sort().join(', ')}} `),
    );
}

it(`what Flume answers to requests, and makes of them, Millrace does (seed ${seed})`, async () => {
  await using beside = await BesideFlume.start('http', await freePorts(2 * kinds.length), conf);
  const { own, flume } = beside;
  expect(beside.flumePid).toBeGreaterThan(0);
  for (const [i, kind] of kinds.entries()) {
    const empty: DrawnRequest = { method: 'PUT', target: '/', headers: [], body: Buffer.alloc(0) };
    await waitFor(`Flume's ${kind}`, async () => (await ask(flume.ports[i]!, empty)).status === 405, {
      timeoutMs: 60_000,
    });
    const drawn = fc.sample(drawnRequests(kind), {
      seed: seed + i,
      numRuns: kind === 'full' ? 20 : requestsOfEach,
    });
    const different: unknown[] = [];
    for (const request of drawn) {
      const [flumes, ours] = [await ask(flume.ports[i]!, request), await ask(own.ports[i]!, request)];
      if (isDeepStrictEqual(flumes, ours)) continue;
      const { method, target, headers, body } = request;
      different.push({ asked: [method, target, ...headers.flat(), body.toString()].join(' '), flumes, ours });
    }
    expect(different).toEqual([]);
    if (kind === 'full') continue;
    const last: DrawnRequest = {
      method: 'POST',
      target: '/?app=a&host=b',
      headers: [],
      body: Buffer.from('["last"]'),
    };
    const end = kind === 'blob' ? last : { ...last, body: Buffer.from('[{"body":"the last one"}]') };
    await ask(flume.ports[i]!, end);
    await ask(own.ports[i]!, end);
    const mark = kind === 'blob' ? '["last"]' : 'the last one';
    expect(await linesOf(own.dir, kind, mark)).toEqual(await linesOf(flume.dir, kind, mark));
  }
});
