/**
 * The same syslog messages to a real Flume 1.11 and to Millrace: headers and bodies are equal. What differs on purpose
 * stands on the pages of the sources and is not drawn here.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { statusHeader } from '../../packages/millrace/src/components/syslog/event-writer.ts';
import type { TempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { BesideFlume, fileSinkLines, textIn } from '../../packages/testkit/src/flume/beside-flume.ts';
import { drawnSyslog } from '../../packages/testkit/src/flume/drawn-syslog.ts';
import { freePorts } from '../../packages/testkit/src/net/free-port.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';

const kinds = ['tcp', 'all', 'fields', 'multi'] as const;
const messagesOfEach = 150;

/** An agent with the sources in question, each with a file of its own for what it takes. */
function conf(dir: string, ports: readonly number[]): string {
  const names = kinds.join(' ');
  const lines = [`a1.sources = ${names}`, `a1.channels = ${names}`, `a1.sinks = ${names}`];
  for (const [i, name] of kinds.entries()) {
    const port = name === 'multi' ? `ports = ${ports[i]}` : `port = ${ports[i]}`;
    const keep = { tcp: 'none', all: 'all', fields: 'priority version timestamp hostname', multi: 'none' }[
      name
    ];
    lines.push(
      `a1.sources.${name}.type = ${name === 'multi' ? 'multiport_syslogtcp' : 'syslogtcp'}`,
      `a1.sources.${name}.host = 127.0.0.1`,
      `a1.sources.${name}.${port}`,
      `a1.sources.${name}.keepFields = ${keep}`,
      `a1.sources.${name}.clientIPHeader = ip`,
      `a1.sources.${name}.eventSize = 120`,
      `a1.sources.${name}.channels = ${name}`,
      `a1.channels.${name}.type = memory`,
      `a1.channels.${name}.capacity = 10000`,
      ...fileSinkLines(name, dir),
    );
  }
  return `${lines.join('\n')}\n`;
}

/** Places behind what is no date are counted in bytes here, in characters there. */
const isCounted = (parts: readonly string[]): boolean =>
  parts.includes('Hello World') && !/^[ -~\t\r]*$/.test(parts.join(''));

/** Each with a mark of its own at the end of its body. */
function messages(kind: (typeof kinds)[number]): string[] {
  const arbitrary: fc.Arbitrary<string[]> = kind === 'multi' ? drawnSyslog.multi : drawnSyslog.tcp;
  return fc
    .sample(
      arbitrary.filter((parts) => !isCounted(parts)),
      { seed: 1111 + kinds.indexOf(kind), numRuns: messagesOfEach },
    )
    .map((parts, i) => `${parts.slice(0, -1).join('')} #${i}${parts.at(-1)}\n`);
}

async function sendEach(port: number, texts: readonly string[]): Promise<void> {
  for (const text of texts) {
    const socket = connect(port, '127.0.0.1');
    socket.resume();
    await once(socket, 'connect');
    socket.end(text);
    await once(socket, 'finish');
    socket.destroySoon();
  }
}

/** Headers and body of every event, in the order of their marks; a cut event comes with the rest of its line. */
async function written(dir: TempDir, name: string): Promise<unknown[]> {
  const text = () => textIn(dir.join(name));
  const marks = () => new Set(text().match(/#\d+/g)).size;
  await waitFor(`the messages of ${name}`, () => marks() === messagesOfEach, { timeoutMs: 60_000 });
  const lines = text().split('\n').slice(0, -1);
  return lines
    .map((line) => {
      const [, headers = '', body = ''] = /^\{(.*?)\} (.*)$/s.exec(line) ?? ['', '', line];
      const named = headers.split(', ').sort();
      // The rest of a cut message has, in Flume, the priority and version of its beginning.
      const own = named.includes(`${statusHeader}=Invalid`)
        ? named.filter((header) => !/^(priority|version)=/.test(header))
        : named;
      return { headers: own.join(', '), body };
    })
    .sort((a, b) => (a.body + a.headers < b.body + b.headers ? -1 : 1));
}

it('what Flume makes of syslog messages is what Millrace makes of them', async () => {
  await using beside = await BesideFlume.start('syslog', await freePorts(2 * kinds.length), conf);
  const { own, flume } = beside;
  expect(beside.flumePid).toBeGreaterThan(0);
  for (const [i, kind] of kinds.entries()) {
    const texts = messages(kind);
    const ready = () => connectable(flume.ports[i]!);
    await waitFor(`Flume's ${kind}`, ready);
    await sendEach(own.ports[i]!, texts);
    await sendEach(flume.ports[i]!, texts);
    expect(await written(own.dir, kind), kind).toEqual(await written(flume.dir, kind));
  }
});

async function connectable(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const connected = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  return connected;
}
