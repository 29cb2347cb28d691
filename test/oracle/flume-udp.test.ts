/**
 * The same datagrams to a real Flume 1.11 and to Millrace, sent from the same port: headers and bodies are equal. What
 * differs on purpose stands on the pages of the sources and is not drawn here.
 */
import { createSocket } from 'node:dgram';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Agent } from '../../packages/millrace/src/agent/agent.ts';
import { recordingLogger } from '../../packages/millrace/src/component/testing/context.ts';
import { type TempDir, tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { drawnSyslog } from '../../packages/testkit/src/flume/drawn-syslog.ts';
import { RealFlume } from '../../packages/testkit/src/flume/real-flume.ts';
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
    mkdirSync(`${dir}/${name}`, { recursive: true });
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
      `a1.sinks.${name}.type = file_roll`,
      `a1.sinks.${name}.channel = ${name}`,
      `a1.sinks.${name}.sink.directory = ${dir}/${name}`,
      `a1.sinks.${name}.sink.rollInterval = 0`,
      `a1.sinks.${name}.sink.serializer = HEADER_AND_TEXT`,
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
  const text = () =>
    readdirSync(dir.join(name))
      .map((file) => readFileSync(dir.join(name, file), 'utf8'))
      .join('');
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
  using dir = tempDir('millrace-udp-');
  using flumeDir = tempDir('flume-udp-');
  const ports: number[] = [];
  while (ports.length < 2 * kinds.length) ports.push(await freeDatagramPort());
  const [own, theirs] = [ports.slice(0, kinds.length), ports.slice(kinds.length)];
  await using flume = await RealFlume.start({ conf: conf(flumeDir.path, theirs), dir: flumeDir.path });
  expect(flume.pid).toBeGreaterThan(0);
  writeFileSync(dir.join('f.conf'), conf(dir.path, own));
  await using agent = await Agent.fromFile(dir.join('f.conf'), 'a1', {
    log: recordingLogger(),
    reloadIntervalMs: 0,
    drainMs: 0,
  });
  await agent.start();
  const socket = createSocket('udp4');
  const send = (text: string, port: number) =>
    new Promise<void>((resolve, reject) =>
      socket.send(text, port, '127.0.0.1', (error) => (error === null ? resolve() : reject(error))),
    );
  try {
    for (const [i, kind] of kinds.entries()) {
      const size = () =>
        readdirSync(flumeDir.join(kind)).reduce(
          (sum, file) => sum + readFileSync(flumeDir.join(kind, file)).length,
          0,
        );
      const ready = async () => {
        await send('probe', theirs[i]!);
        return size() > 0;
      };
      await waitFor(`Flume's ${kind}`, ready, { timeoutMs: 60_000 });
      const all = datagrams(kind);
      for (const text of all) {
        await send(text, own[i]!);
        await send(text, theirs[i]!);
      }
      const [ours, flumes] = [
        await written(dir, kind, all.length),
        await written(flumeDir, kind, all.length),
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
