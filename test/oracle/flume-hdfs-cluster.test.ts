/** The hdfs sink beside Flume's own on one HDFS: the same files, names and contents, read by Hadoop. */
import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { Agent } from '../../packages/millrace/src/agent/agent.ts';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { RealFlume } from '../../packages/testkit/src/flume/real-flume.ts';
import { RealHdfs } from '../../packages/testkit/src/hdfs/real-hdfs.ts';
import { freePort } from '../../packages/testkit/src/net/free-port.ts';
import { counterOf, monitoringArgs } from '../../packages/testkit/src/oracle/programs.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';

const events = 23;
/** 19 October 2012, 03:07:05 in Prague. */
const timestamp = 1350608825123;
const rolls = (interval: number, size: number, count: number) => [
  ...[`hdfs.rollInterval = ${interval}`, `hdfs.rollSize = ${size}`, `hdfs.rollCount = ${count}`],
];
const plain = 'hdfs.fileType = DataStream';
/** The path below the case's folder, and lines of a sink. */
const cases: readonly (readonly [string, readonly string[]])[] = [
  ['', [plain, 'hdfs.filePrefix = p-%{h}', 'hdfs.fileSuffix = .log', ...rolls(0, 0, 4)]],
  ['', [plain, 'serializer = header_and_text', ...rolls(0, 9, 0)]],
  ['%Y-%m-%d/%H%M', [plain, 'hdfs.timeZone = Europe/Prague', ...rolls(0, 0, 10)]],
  ['', ['hdfs.writeFormat = Text', ...rolls(0, 0, 0)]],
  ['a b/%{h}', ['hdfs.fileType = CompressedStream', 'hdfs.codeC = gzip', ...rolls(0, 0, 10)]],
];

function confOf(url: string, dir: string, more: readonly string[]): string {
  const names = (kind: string) => cases.map((_, i) => `${kind}${i}`).join(' ');
  return [
    ...[`a1.sources = ${names('r')}`, `a1.channels = ${names('c')}`, `a1.sinks = ${names('k')}`],
    ...cases.flatMap(([path, lines], i) => [
      ...['type = seq', `totalEvents = ${events}`, `channels = c${i}`, 'interceptors = h t'].map(
        (line) => `a1.sources.r${i}.${line}`,
      ),
      ...['h.type = static', 'h.key = h', 'h.value = v', 't.type = static', 't.key = timestamp'].map(
        (line) => `a1.sources.r${i}.interceptors.${line}`,
      ),
      `a1.sources.r${i}.interceptors.t.value = ${timestamp}`,
      ...[`a1.channels.c${i}.type = memory`, `a1.sinks.k${i}.type = hdfs`, `a1.sinks.k${i}.channel = c${i}`],
      `a1.sinks.k${i}.hdfs.path = ${url}/${i}/${path}`,
      `a1.sinks.k${i}.openFilesFolder = ${dir}/open/${i}`,
      ...[...lines, ...more].map((line) => `a1.sinks.k${i}.${line}`),
    ]),
  ].join('\n');
}

it.each(['append', 'stream'])('%s: makes the same files as Flume', async (mode) => {
  using dir = tempDir('millrace-hdfs-beside-');
  await using hdfs = await RealHdfs.start();
  const userLines = [
    ...(mode === 'stream' ? ['hdfs.idleTimeout = 1'] : []),
    `writeMode = ${mode}`,
    'hdfs.user = hdfs',
    `hdfs.confDir = ${hdfs.confDir}`,
  ];
  const arrived = (count: (sink: string) => Promise<number>) =>
    waitFor(
      'all events',
      async () => {
        const counts = await Promise.all(cases.map((_, k) => count(`k${k}`)));
        return counts.every((each) => each === events);
      },
      { timeoutMs: 120_000 },
    );
  const port = await freePort();
  await hdfs.ask('PUT', '/', 'op=SETPERMISSION&permission=777');
  const flume = await RealFlume.start({
    ...{ conf: confOf(`${hdfs.url}/flume`, dir.path, []), dir: dir.path, beside: ['hdfs'] },
    jvmFlags: ['-Xmx512m', ...monitoringArgs(port)],
  });
  await arrived((sink) => counterOf(port, `SINK.${sink}`, 'EventDrainSuccessCount')).finally(() =>
    flume.stop(),
  );

  // Without a scheme a path means what core-site.xml says.
  writeFileSync(dir.join('f.conf'), confOf('/millrace', dir.path, userLines));
  const agent = await Agent.fromFile(dir.join('f.conf'), 'a1');
  await agent.start();
  const drained = (sink: string) =>
    Number(agent.counters().find(({ name }) => name === sink)?.attributes.EventDrainSuccessCount);
  await arrived(async (sink) => drained(sink)).finally(() => agent.stop());

  const found: Record<string, string[]> = {};
  for (const who of ['flume', 'millrace']) {
    const files = (await hdfs.files(`/${who}`)).map(({ path }) => path);
    const number = (path: string) => /\.(\d{13})/.exec(path)?.[1] ?? '';
    const folder = (path: string) => path.split('/')[2]!;
    files.sort((a, b) => folder(a).localeCompare(folder(b)) || (number(a) < number(b) ? -1 : 1));
    const text = await hdfs.dfs('-text', ...files.map((file) => file.replaceAll(' ', '\\ ')));
    found[who] = [...files.map((file) => file.replace(`/${who}/`, '').replace(/\.\d{13}/, '.N')), text];
  }
  expect(found.flume!.length).toBeGreaterThan(12);
  expect(found.millrace).toEqual(found.flume);
});
