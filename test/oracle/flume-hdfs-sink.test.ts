/** The hdfs sink on local folders beside Flume's own, and its files before Hadoop's own reader. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { Agent } from '../../packages/millrace/src/agent/agent.ts';
import { containerContents } from '../../packages/testkit/src/files/avro-container.ts';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { RealFlume } from '../../packages/testkit/src/flume/real-flume.ts';
import { freePort } from '../../packages/testkit/src/net/free-port.ts';
import { counterOf, monitoringArgs } from '../../packages/testkit/src/oracle/programs.ts';
import { javaCommand, log4jConfig } from '../../packages/testkit/src/process/java.ts';
import { runToEnd } from '../../packages/testkit/src/process/processes.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';

const events = 23;
/** 19 October 2012, 03:07:05 in Prague. */
const timestamp = 1350608825123;
const rolls = (interval: number, size: number, count: number) => [
  ...[`hdfs.rollInterval = ${interval}`, `hdfs.rollSize = ${size}`, `hdfs.rollCount = ${count}`],
];

/** Lines of a sink each, and whether its files can be compared byte by byte. */
const cases: {
  readonly name: string;
  readonly lines: readonly string[];
  readonly read?: (bytes: Buffer) => Buffer;
}[] = [
  { name: 'plain', lines: ['hdfs.fileType = DataStream', ...rolls(0, 0, 0)] },
  {
    name: 'count',
    lines: [
      'hdfs.fileType = DataStream',
      'hdfs.filePrefix = p-%{h}',
      'hdfs.fileSuffix = .log',
      ...rolls(0, 0, 4),
    ],
  },
  { name: 'size', lines: ['hdfs.fileType = datastream', 'hdfs.inUsePrefix = _', ...rolls(0, 9, 0)] },
  {
    name: 'headers',
    lines: ['hdfs.fileType = DataStream', 'serializer = header_and_text', ...rolls(0, 0, 10)],
  },
  { name: 'clock', lines: ['hdfs.fileType = DataStream', 'hdfs.emptyInUseSuffix = true', ...rolls(1, 0, 0)] },
  {
    name: 'gzip',
    lines: ['hdfs.fileType = CompressedStream', 'hdfs.codeC = gzip', ...rolls(0, 20, 0)],
    read: gunzipSync as (bytes: Buffer) => Buffer,
  },
  {
    name: 'avro',
    lines: [
      ...['hdfs.fileType = DataStream', 'hdfs.fileSuffix = .avro', ...rolls(0, 0, 10)],
      ...['serializer = avro_event', 'serializer.compressionCodec = deflate'],
    ],
    read: (bytes) => containerContents(bytes).data,
  },
];
/** `%a` to `%z` but for those whose text depends on the locale's habits in nothing that is compared. */
const letters = [...'aAbBcdeDHIjklmnMpsStyYz%qZ'];
const escapes = {
  name: 'escapes',
  lines: [
    ...['hdfs.fileType = DataStream', ...rolls(0, 0, 0), 'hdfs.timeZone = Europe/Prague'],
    'hdfs.filePrefix = %{h}-%{no}-',
  ],
  path: letters.map((letter) => `${letter}=%${letter}`).join('/'),
};
const rounded = {
  name: 'rounded',
  lines: [
    ...['hdfs.fileType = DataStream', ...rolls(0, 0, 0), 'hdfs.timeZone = GMT+5:30'],
    ...['hdfs.round = true', 'hdfs.roundValue = 10', 'hdfs.roundUnit = minute'],
  ],
  path: '%Y-%m-%d/%H%M%S/%s/%t',
};

function confOf(dir: string): string {
  const all = [...cases.map((each) => ({ ...each, path: '' })), escapes, rounded];
  const names = (kind: string) => all.map((_, i) => `${kind}${i}`).join(' ');
  return [
    `a1.sources = ${names('r')}`,
    `a1.channels = ${names('c')}`,
    `a1.sinks = ${names('k')}`,
    ...all.flatMap(({ name, lines, path }, i) => [
      ...[
        `a1.sources.r${i}.type = seq`,
        `a1.sources.r${i}.totalEvents = ${events}`,
        `a1.sources.r${i}.channels = c${i}`,
      ],
      `a1.sources.r${i}.interceptors = h t`,
      ...['type = static', 'key = h', 'value = v'].map((line) => `a1.sources.r${i}.interceptors.h.${line}`),
      ...['type = static', 'key = timestamp', `value = ${timestamp}`].map(
        (line) => `a1.sources.r${i}.interceptors.t.${line}`,
      ),
      ...[`a1.channels.c${i}.type = memory`, `a1.sinks.k${i}.type = hdfs`, `a1.sinks.k${i}.channel = c${i}`],
      `a1.sinks.k${i}.openFilesFolder = ${dir}.open/${i}`,
      `a1.sinks.k${i}.hdfs.path = file://${dir}/${name}/${path}`,
      ...lines.map((line) => `a1.sinks.k${i}.${line}`),
    ]),
  ].join('\n');
}

/** Files of a case without the numbers in their names, in the order of these; Hadoop's checksums left out. */
async function filesOf(folder: string, read = (bytes: Buffer) => bytes): Promise<[string, string][]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.name.endsWith('.crc'));
  const number = (name: string) => /\.(\d{13})/.exec(name)?.[1] ?? '';
  files.sort((a, b) => (number(a.name) < number(b.name) ? -1 : 1));
  return Promise.all(
    files.map(async ({ parentPath, name }): Promise<[string, string]> => {
      const path = join(parentPath, name);
      return [path.slice(folder.length + 1).replace(/\.\d{13}/, '.N'), read(await readFile(path)).toString()];
    }),
  );
}

it('makes the same files as Flume', async () => {
  using dir = tempDir('millrace-hdfs-');
  const found: Record<string, Record<string, [string, string][]>> = { flume: {}, millrace: {} };
  for (const who of ['flume', 'millrace']) {
    const out = dir.join(who);
    mkdirSync(out);
    const conf = confOf(out);
    const all = [...cases, escapes, rounded];
    // What is in open files shows at their end alone: Hadoop's local files keep back what does not fill a checksum.
    const arrived = (count: (sink: string) => Promise<number>) =>
      waitFor('all events', async () => {
        const counts = await Promise.all(all.map((_, k) => count(`k${k}`)));
        return counts.every((each) => each === events);
      });
    if (who === 'flume') {
      const port = await freePort();
      const flume = await RealFlume.start({
        ...{ conf, dir: dir.path, beside: ['hadoop'] },
        jvmFlags: ['-Xmx512m', ...monitoringArgs(port)],
      });
      const count = (sink: string) => counterOf(port, `SINK.${sink}`, 'EventDrainSuccessCount');
      await arrived(count).finally(() => flume.stop());
    } else {
      writeFileSync(dir.join('f.conf'), conf);
      const agent = await Agent.fromFile(dir.join('f.conf'), 'a1');
      await agent.start();
      await arrived(async (sink) => drainedOf(agent, sink)).finally(() => agent.stop());
    }
    for (const each of all)
      found[who]![each.name] = await filesOf(join(out, each.name), 'read' in each ? each.read : undefined);
  }
  expect(found.flume!.count).toHaveLength(6);
  expect(Object.values(found.flume!).every((files) => files.length > 0)).toBe(true);
  expect(found.millrace).toEqual(found.flume);
});

/** Lines of a sink each, and how Hadoop shows the body of event `i` of its files. */
const readable: { readonly lines: readonly string[]; readonly shown: (i: number) => string }[] = [];
const hexShown = (i: number) =>
  Buffer.from(String(i))
    .toString('hex')
    .replace(/..(?=.)/g, '$& ');
for (const codec of ['', 'default', 'gzip', 'bzip2', 'snappy', 'lz4']) {
  const compressed = codec === '' ? [] : [`hdfs.codeC = ${codec}`];
  for (const format of ['Text', 'Writable'])
    readable.push({
      lines: [`hdfs.writeFormat = ${format}`, ...compressed],
      shown: (i) => `${timestamp}\t${format === 'Text' ? i : hexShown(i)}`,
    });
  if (codec !== '')
    readable.push({ lines: ['hdfs.fileType = CompressedStream', ...compressed], shown: String });
}
/** Enough for several blocks of Hadoop's framing in a stream, and for several streams. */
const manyEvents = 40_000;

it('Hadoop reads a file of every kind and codec', async () => {
  using dir = tempDir('millrace-hadoop-reads-');
  const names = (kind: string) => readable.map((_, i) => `${kind}${i}`).join(' ');
  const conf = [
    ...[`a1.sources = ${names('r')}`, `a1.channels = ${names('c')}`, `a1.sinks = ${names('k')}`],
    ...readable.flatMap(({ lines }, i) => [
      ...[
        'type = seq',
        `totalEvents = ${manyEvents}`,
        `channels = c${i}`,
        'batchSize = 5000',
        'interceptors = t',
      ].map((line) => `a1.sources.r${i}.${line}`),
      ...['type = static', 'key = timestamp', `value = ${timestamp}`].map(
        (line) => `a1.sources.r${i}.interceptors.t.${line}`,
      ),
      ...['type = memory', 'capacity = 100000', 'transactionCapacity = 20000'].map(
        (line) => `a1.channels.c${i}.${line}`,
      ),
      ...[
        'type = hdfs',
        `channel = c${i}`,
        `hdfs.path = file://${dir.path}/out/${i}`,
        'hdfs.batchSize = 20000',
      ].map((line) => `a1.sinks.k${i}.${line}`),
      ...[...rolls(0, 0, 0), ...lines].map((line) => `a1.sinks.k${i}.${line}`),
      `a1.sinks.k${i}.openFilesFolder = ${dir.path}/open/${i}`,
    ]),
  ].join('\n');
  writeFileSync(dir.join('f.conf'), conf);
  const agent = await Agent.fromFile(dir.join('f.conf'), 'a1');
  await agent.start();
  await waitFor('all events', () => readable.every((_, i) => drainedOf(agent, `k${i}`) === manyEvents), {
    timeoutMs: 120_000,
  }).finally(() => agent.stop());
  const files = await Promise.all(
    readable.map(async (_, i) => {
      const [file, ...others] = await readdir(dir.join('out', String(i)));
      expect(others).toEqual([]);
      return `file://${dir.path}/out/${i}/${file}`;
    }),
  );
  writeFileSync(dir.join('log4j2.properties'), log4jConfig('ERROR'));
  const { command, args } = await javaCommand('hadoop', 'org.apache.hadoop.fs.FsShell', ['-text', ...files], {
    log4j: dir.join('log4j2.properties'),
    beside: ['kafka'], // has the LZ4 that Hadoop leaves to its user
  });
  // The shell wants a file of settings, if only an empty one.
  writeFileSync(dir.join('core-site.xml'), '<configuration/>');
  const jars = args.indexOf('-cp') + 1;
  const { stdout, stderr } = await runToEnd(command, args.with(jars, `${dir.path}:${args[jars]}`), {
    ...{ timeoutMs: 240_000, keepBytes: 256 * 1024 * 1024 },
  });
  const lines = stdout.split('\n');
  for (const [k, { lines: its, shown }] of readable.entries()) {
    const got = lines.slice(k * manyEvents, (k + 1) * manyEvents);
    const wrong = got.findIndex((line, i) => line !== shown(i));
    expect(wrong === -1 ? null : [its, wrong, got[wrong], stderr.slice(0, 2000)]).toBeNull();
  }
  expect(lines.length).toBe(readable.length * manyEvents + 1);
});

function drainedOf(agent: Agent, sink: string): number {
  return Number(agent.counters().find(({ name }) => name === sink)?.attributes.EventDrainSuccessCount);
}
