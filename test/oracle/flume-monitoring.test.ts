/** What Flume's monitoring says of each component, and what ours says: JSON over HTTP, Ganglia's packets over UDP. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type TempDir, tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { RealFlume } from '../../packages/testkit/src/flume/real-flume.ts';
import { freePort, freePorts } from '../../packages/testkit/src/net/free-port.ts';
import { startMillrace } from '../../packages/testkit/src/process/millrace.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';

type Metrics = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** One of each component that is in Flume's own jars here and needs no other server. */
async function everything(dir: TempDir): Promise<string> {
  const ports = await freePorts(8);
  const at = (i: number) => `bind = 127.0.0.1, port = ${ports[i]}`;
  for (const name of ['spool', 'roll', 'tail']) mkdirSync(dir.join(name));
  const sources: Readonly<Record<string, string>> = {
    seq: 'type = seq, totalEvents = 1',
    exec: 'type = exec, command = cat /dev/null',
    netcat: `type = netcat, ${at(0)}`,
    netcatudp: `type = netcatudp, ${at(1)}`,
    syslogtcp: `type = syslogtcp, host = 127.0.0.1, port = ${ports[2]}`,
    syslogudp: `type = syslogudp, host = 127.0.0.1, port = ${ports[3]}`,
    multi: `type = multiport_syslogtcp, host = 127.0.0.1, ports = ${ports[4]}`,
    http: `type = http, ${at(5)}`,
    avro: `type = avro, ${at(6)}`,
    thrift: `type = thrift, ${at(7)}`,
    spool: `type = spooldir, spoolDir = ${dir.join('spool')}`,
    tail: `type = TAILDIR, filegroups = f, filegroups.f = ${dir.join('tail')}/.*log, positionFile = ${dir.join('p.json')}`,
  };
  const channels: Readonly<Record<string, string>> = {
    memory: 'type = memory',
    file: `type = file, checkpointDir = ${dir.join('cp')}, dataDirs = ${dir.join('data')}`,
    spill: `type = spillablememory, checkpointDir = ${dir.join('scp')}, dataDirs = ${dir.join('sdata')}`,
  };
  const sinks: Readonly<Record<string, string>> = {
    null1: 'type = null, channel = memory',
    logger: 'type = logger, channel = file',
    roll: `type = file_roll, channel = spill, sink.directory = ${dir.join('roll')}`,
  };
  const lines = (kind: string, all: Readonly<Record<string, string>>, more: string) => [
    `a1.${kind} = ${Object.keys(all).join(' ')}`,
    ...Object.entries(all).flatMap(([name, text]) =>
      `${text}${more}`.split(', ').map((line) => `a1.${kind}.${name}.${line}`),
    ),
  ];
  return [
    ...lines('sources', sources, ', channels = memory'),
    ...lines('channels', channels, ''),
    ...lines('sinks', sinks, ''),
  ].join('\n');
}

async function metricsOf(port: number): Promise<Metrics> {
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
  expect(answer.headers.get('content-type')).toBe('application/json;charset=utf-8');
  return (await answer.json()) as Metrics;
}

/** Names of attributes by component. */
const names = (metrics: Metrics) =>
  Object.fromEntries(
    Object.entries(metrics)
      .map(([component, attributes]) => [component, Object.keys(attributes).toSorted()] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );

/** Attributes that Flume has not; docs/metrics.md lists them. */
const ours = new Set(['EventRefusedCount', 'DatagramDroppedCount']);

/** Those whose start takes longest; a component is there once it has started. */
const slow = ['SOURCE.avro', 'SOURCE.http', 'SOURCE.thrift', 'SOURCE.multi', 'SINK.roll'];
/** Components that Flume does not count. */
const countedHereAlone = new Set(['SOURCE.netcatudp']);

test('every component has the attributes that it has in Flume, every value a text', async () => {
  await using dir = tempDir();
  await using otherDir = tempDir();
  const [flumePort, ourPort] = [await freePort(), await freePort()];
  const monitor = (port: number) => ['-Dflume.monitoring.type=http', `-Dflume.monitoring.port=${port}`];
  mkdirSync(dir.join('flume'));
  await using flume = await RealFlume.start({
    conf: await everything(dir),
    dir: dir.join('flume'),
    jvmFlags: ['-Xmx512m', ...monitor(flumePort)],
  });
  writeFileSync(otherDir.join('a.conf'), await everything(otherDir));
  await using agent = await startMillrace(
    ['agent', '-n', 'a1', '-f', otherDir.join('a.conf'), ...monitor(ourPort)],
    { bin: 'flume-ng' },
  );
  const started = (metrics: Metrics) =>
    slow.every((name) => name in metrics) &&
    Object.values(metrics).every(({ StartTime }) => StartTime !== '0');
  const whole = (port: number, who: string) =>
    waitFor(`${who}'s components to start`, async () => {
      const metrics = await metricsOf(port);
      return started(metrics) ? metrics : null;
    }).catch(() => metricsOf(port));
  const theirs = await whole(flumePort, 'Flume');
  const mine = await whole(ourPort, 'Millrace');
  for (const attributes of Object.values(mine))
    for (const value of Object.values(attributes)) expect(value).toBeTypeOf('string');
  const [flumeHas, weHave] = [names(theirs), names(mine)];
  const missing = Object.keys(flumeHas).filter((component) => !(component in weHave));
  expect(missing).toEqual([]);
  const surplus = Object.keys(weHave).filter((component) => !(component in flumeHas));
  expect(surplus.filter((component) => !countedHereAlone.has(component))).toEqual([]);
  for (const [component, attributes] of Object.entries(flumeHas)) {
    const ownToo = weHave[component];
    if (ownToo === undefined) continue;
    expect([component, ownToo.filter((name) => !ours.has(name))]).toEqual([component, attributes]);
  }
  expect(flume.process.running && agent.running).toBe(true);
});

/** Unix time in milliseconds, as a field of XDR. */
const time = new RegExp(`${'\\0'.repeat(3)}\\x0d\\d{13}${'\\0'.repeat(3)}`, 'g');

/** The packets of one report of an agent with one component each, by what names they have. */
async function packetsOf(
  start: (port: number) => Promise<AsyncDisposable>,
  count: number,
): Promise<string[]> {
  const socket: Socket = createSocket('udp4');
  const packets: Buffer[] = [];
  socket.on('message', (packet) => void packets.push(packet));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  await using _running = await start(socket.address().port);
  await waitFor(`${count} packets`, () => packets.length >= count, { timeoutMs: 40_000 });
  socket.close();
  // Times of the start are of each its own.
  return packets
    .slice(0, count)
    .map((packet) => packet.toString('latin1').replace(time, '<time>'))
    .toSorted();
}

test.each([true, false])("Ganglia's packets are Flume's, byte for byte (3.0: %s)", async (isGanglia3) => {
  await using dir = tempDir();
  const conf = [
    'a1.sources = r1',
    'a1.channels = c1',
    'a1.sources.r1.type = seq',
    'a1.sources.r1.totalEvents = 3',
    'a1.sources.r1.channels = c1',
    'a1.channels.c1.type = memory',
  ].join('\n');
  writeFileSync(dir.join('a.conf'), conf);
  const flags = (port: number) => [
    '-Dflume.monitoring.type=ganglia',
    `-Dflume.monitoring.hosts=127.0.0.1:${port}`,
    `-Dflume.monitoring.isGanglia3=${isGanglia3}`,
    // The first report may find nothing started; the second has it all.
    '-Dflume.monitoring.pollFrequency=600',
  ];
  // 13 attributes of a source, 10 of a channel; two packets each from 3.1 on.
  const count = isGanglia3 ? 23 : 46;
  const theirs = await packetsOf(
    (port) => RealFlume.start({ conf, dir: dir.join('flume'), jvmFlags: flags(port) }),
    count,
  );
  const mine = await packetsOf(
    (port) =>
      startMillrace(['agent', '-n', 'a1', '-f', dir.join('a.conf'), ...flags(port)], { bin: 'flume-ng' }),
    count,
  );
  // What was counted by the time of the report is of each its own.
  const still = (packets: readonly string[]) =>
    packets.filter((packet) => !/Count|ChannelSize|Percentage/.test(packet));
  expect(mine.map((packet) => packet.length).toSorted()).toHaveLength(count);
  expect(still(mine)).toEqual(still(theirs));
  const named = (packets: readonly string[]) =>
    packets.map((packet) => /flume\.[A-Za-z0-9.]+/.exec(packet)?.[0]).toSorted();
  expect(named(mine)).toEqual(named(theirs));
});
