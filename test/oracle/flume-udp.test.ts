/**
 * The same datagrams to a real Flume 1.11 and to Millrace, sent from the same port: headers and bodies are equal. What
 * differs on purpose stands on the pages of the sources and is not drawn here.
 */
import { createSocket } from 'node:dgram';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { TempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { BesideFlume, fileSinkLines, textIn } from '../../packages/testkit/src/flume/beside-flume.ts';
import { drawnSyslog } from '../../packages/testkit/src/flume/drawn-syslog.ts';
import { freeDatagramPort } from '../../packages/testkit/src/net/datagrams.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';

const kinds = ['none', 'all', 'fields', 'netcat'] as const;
type Kind = (typeof kinds)[number];
const datagramsOfEach = Number(process.env.MILLRACE_ORACLE_ROUNDS ?? 1) * 150;
const seed = Number(process.env.MILLRACE_ORACLE_SEED ?? 7);

/** An agent with the sources in question, each with a file of its own for what it takes. */
function conf(dir: string, ports: readonly number[]): string {
  const names = kinds.join(' ');
  const lines = [`a1.sources = ${names}`, `a1.channels = ${names}`, `a1.sinks = ${names}`];
  const keep = { none: 'none', all: 'true', fields: 'priority version timestamp hostname' };
  for (const [i, name] of kinds.entries()) {
    const own =
      name === 'netcat'
        ? ['type = netcatudp', 'bind = 127.0.0.1', 'remoteAddress = ra']
        : ['type = syslogudp', 'host = 127.0.0.1', `keepFields = ${keep[name]}`, 'clientIPHeader = ip'];
    lines.push(
      ...own.map((line) => `a1.sources.${name}.${line}`),
      `a1.sources.${name}.port = ${ports[i]}`,
      `a1.sources.${name}.channels = ${name}`,
      `a1.channels.${name}.type = memory`,
      `a1.channels.${name}.capacity = 10000`,
      ...fileSinkLines(name, dir),
    );
  }
  return `${lines.join('\n')}\n`;
}

/** Each with a mark of its own, at the end of its first line. */
function datagrams(kind: Kind): string[] {
  const ends = fc.constantFrom('', '\n', '\r', '\r\n', '\nsecond line', '\n<13>second\n');
  const netcat = fc.tuple(
    fc.string({ unit: 'grapheme', maxLength: 300 }).map((text) => text.replace(/[\n\r]/g, '')),
  );
  const syslog = fc.tuple(
    fc.constantFrom('', '', '', '\n', '\n\n'),
    drawnSyslog.tcp.map((parts) => parts.slice(0, -1).join('')),
  );
  const arbitrary = fc.tuple(
    (kind === 'netcat' ? netcat : syslog).map((parts) => parts.join('')),
    ends,
  );
  return fc
    .sample(arbitrary, { seed: seed + kinds.indexOf(kind), numRuns: datagramsOfEach })
    .map(([text, end], i) => `${text} #${i}${end}`);
}

interface Written {
  readonly headers: readonly string[];
  readonly body: string;
}

/** Events by their marks, once all are there. */
async function written(dir: TempDir, name: string, count: number): Promise<Map<string, Written>> {
  const text = () => textIn(dir.join(name));
  const marks = () => new Set(text().match(/#\d+(?=\r?\n)/g)).size;
  await waitFor(`the events of ${name}`, () => marks() >= count, { timeoutMs: 60_000 });
  const events = new Map<string, Written>();
  for (const line of text().split('\n').slice(0, -1)) {
    const [, headers = '', body = ''] = /^\{(.*?)\} (.*)$/s.exec(line) ?? ['', '', line];
    const mark = /#\d+(?=\r?$)/.exec(body)?.[0];
    if (mark === undefined) continue;
    expect(events.has(mark), `${mark} of ${name} twice`).toBe(false);
    events.set(mark, { headers: headers.split(', ').sort(), body });
  }
  return events;
}

it(`what Flume makes of datagrams is what Millrace makes of them (seed ${seed})`, async () => {
  const ports: number[] = [];
  while (ports.length < 2 * kinds.length) ports.push(await freeDatagramPort());
  await using beside = await BesideFlume.start('udp', ports, conf);
  const { own, flume } = beside;
  expect(beside.flumePid).toBeGreaterThan(0);
  const socket = createSocket('udp4');
  const send = (text: string, port: number) =>
    new Promise<void>((resolve, reject) =>
      socket.send(text, port, '127.0.0.1', (error) => (error === null ? resolve() : reject(error))),
    );
  try {
    for (const [i, kind] of kinds.entries()) {
      const ready = async () => {
        await send('probe', flume.ports[i]!);
        return textIn(flume.dir.join(kind)) !== '';
      };
      await waitFor(`Flume's ${kind}`, ready, { timeoutMs: 60_000 });
      const all = datagrams(kind);
      for (const text of all) {
        await send(text, own.ports[i]!);
        await send(text, flume.ports[i]!);
      }
      const [ours, flumes] = [
        await written(own.dir, kind, all.length),
        await written(flume.dir, kind, all.length),
      ];
      for (const [mark, event] of flumes) {
        const mine = ours.get(mark)!;
        // Where Flume does not understand a message, it has the priority and version of the one before it.
        const understood = kind === 'netcat' || mine.headers.some((header) => header.startsWith('priority='));
        const leaked = event.headers.filter((header) => !understood && /^(priority|version)=/.test(header));
        const headers = event.headers.filter((header) => !leaked.includes(header));
        expect(mine, JSON.stringify(all[Number(mark.slice(1))])).toEqual({ headers, body: event.body });
      }
      expect(ours.size).toBe(flumes.size);
    }
  } finally {
    socket.close();
  }
});
