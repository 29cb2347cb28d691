/**
 * File channels of a real Flume 1.11 whose sinks are slow, stuck or refused, ended at a random moment, are imported; what
 * comes is compared with what Flume itself delivers when it is started again on a copy of the folders. Flume may deliver
 * more: what was taken and committed, but had been given back before; the import does not.
 */
import { cpSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openDurableQueue } from '../../packages/millrace/src/component/options/durable-queue.ts';
import { importFlumeChannel } from '../../packages/millrace/src/components/file-channel/flume-import/import-events.ts';
import { refuseRunningFlume } from '../../packages/millrace/src/components/file-channel/flume-import/running-flume.ts';
import { realFiles } from '../../packages/millrace/src/runtime/files.ts';
import { type TempDir, tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { fileChannelDefaults } from '../../packages/testkit/src/flume/file-channel-options.ts';
import { HalfWayHttp, SilentServer } from '../../packages/testkit/src/flume/half-way-sinks.ts';
import { RealFlume } from '../../packages/testkit/src/flume/real-flume.ts';
import {
  drainConf,
  drawStuckChannel,
  type StuckChannel,
  stuckConf,
} from '../../packages/testkit/src/flume/stuck-channels.ts';
import { freePort } from '../../packages/testkit/src/net/free-port.ts';
import { monitoringArgs } from '../../packages/testkit/src/oracle/programs.ts';
import { type Chance, chanceOf, roundsOr } from '../../packages/testkit/src/oracle/seed.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';

const channelsPerRound = 8;
const numberOf = (body: string): number => Number(body.slice(0, body.indexOf(' ')));
/** Whole lines: of a kill the last may not be. */
const linesIn = (dir: string): string[] =>
  readdirSync(dir).flatMap((name) => readFileSync(join(dir, name), 'utf8').split('\n').slice(0, -1));

/** What an import gives, in the order in which an agent would take it. */
async function imported(channel: StuckChannel, dir: string, withCheckpoint: boolean): Promise<string[]> {
  const options = {
    ...fileChannelDefaults,
    ...{ dataDirs: [join(dir, 'data')], checkpointDir: join(dir, 'checkpoint') },
  };
  const queue = await openDurableQueue({ name: 'c', options, report: () => {} }, {}, () => {});
  const { dataDirs, checkpointDir } = channel;
  const report = await importFlumeChannel({
    ...{ dataDirs, queue },
    ...(withCheckpoint ? { checkpointDir } : {}),
  });
  expect(report.damage.filter(({ isTail }) => !isTail)).toEqual([]);
  const bodies: string[] = [];
  for (let run = await queue.take(1000); run !== null; run = await queue.take(1000)) {
    for (let i = 0; i < run.batch.count; i++) {
      const event = run.batch.event(i);
      expect(event.headers().get('basename')).toMatch(/^\d{4}$/);
      bodies.push(event.body.toString());
    }
  }
  await queue.close();
  expect(bodies).toHaveLength(report.imported);
  const { uncommittedTakes, withoutCheckpoint } = report;
  console.log(
    `${channel.name}: ${uncommittedTakes} takes not committed, ${withoutCheckpoint ?? 'by the checkpoint'}`,
  );
  return bodies;
}

/** What Flume counts of a channel and of the one sink behind it, which has the same name. */
async function countsOf(port: number, channel: string) {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`);
  const metrics = (await response.json()) as Record<string, Record<string, string>>;
  const ofChannel = metrics[`CHANNEL.${channel}`];
  const ofSink = metrics[`SINK.${channel}`];
  return {
    held: Number(ofChannel?.ChannelSize),
    takes: Number(ofChannel?.EventTakeAttemptCount),
    taken: Number(ofChannel?.EventTakeSuccessCount),
    writes: Number(ofSink?.EventDrainAttemptCount),
    written: Number(ofSink?.EventDrainSuccessCount),
    failures: Number(ofSink?.ChannelReadFail) + Number(ofSink?.EventWriteFail),
  };
}
type Counts = Awaited<ReturnType<typeof countsOf>>;

/** Takes that find nothing, one after the other, without an event between them. */
const emptyTakes = 3;

/**
 * Waits until a channel gives nothing any more. That it holds nothing is the quick sign, and its size alone no proof of
 * the contrary: it counts what transactions took, too, and stays where one of them is never told of its end. A take that
 * finds nothing is an attempt, and an event that is taken is first of all one that the sink begins to write; so takes that
 * go on while nothing is begun find the queue empty.
 */
async function emptied(port: number, channel: string): Promise<void> {
  let still: Counts | null = null;
  const gives = async () => {
    const now = await countsOf(port, channel);
    if (now.held === 0 && now.takes > now.taken) return true;
    const stands =
      now.written === now.writes && now.writes === still?.writes && now.failures === still.failures;
    if (!stands) still = now;
    const empty = stands && now.takes >= still!.takes + emptyTakes;
    if (empty) console.log(`${channel} is empty and says that it is not: ${JSON.stringify(now)}`);
    return empty;
  };
  await waitFor(`channel ${channel} to be empty`, gives, { timeoutMs: 120_000 });
}

/** What a Flume that is started again on a copy of the folders delivers. */
async function drained(channels: readonly StuckChannel[], dir: TempDir): Promise<Map<string, string[]>> {
  const port = await freePort();
  const out = dir.join('drained');
  const conf = drainConf(channels, out).replaceAll(dir.join('live'), dir.join('copy'));
  await using flume = await RealFlume.start({
    ...{ conf, dir: dir.join('copy'), readyLine: /Starting Sink \S+/ },
    jvmFlags: ['-Xmx256m', ...monitoringArgs(port)],
  });
  for (const { name: channel } of channels) {
    try {
      await emptied(port, channel);
    } catch (error) {
      const counts = await countsOf(port, channel).then(JSON.stringify, String);
      const told = flume.process.stdout
        .split('\n')
        .filter((line) => /ERROR|WARN|Exception|Jetty|metrics/.test(line) || line.includes(`${channel}/`));
      const threads = (await flume.threads())
        .split('\n\n')
        .filter((thread) => /channel|SinkRunner|Log-Back|"main"|lifecycle/i.test(thread));
      const what = [`Flume hangs with channel ${channel}: ${counts}`, ...told.slice(0, 60), ...threads];
      throw new Error(what.join('\n'), { cause: error });
    }
  }
  await flume.stop();
  return new Map(channels.map(({ name }) => [name, linesIn(join(out, name))]));
}

async function round(chance: Chance): Promise<void> {
  using dir = tempDir('millrace-import-');
  await using stack = new AsyncDisposableStack();
  const channels: StuckChannel[] = [];
  for (let i = 0; i < channelsPerRound; i++) {
    const http = stack.use(await HalfWayHttp.start(chance.fork()));
    const silent = stack.use(await SilentServer.start());
    channels.push(drawStuckChannel(`c${i}`, dir.join('live'), chance, http, silent));
  }
  const folders = channels.flatMap(({ dataDirs, checkpointDir }) => [...dataDirs, checkpointDir]);
  const ends = chance.int(1, 2);
  for (let n = 0; n < ends; n++) {
    await using flume = await RealFlume.start({
      ...{ conf: stuckConf(channels), dir: dir.join('live'), beside: ['flume-http-sink'] },
      jvmFlags: ['-Xmx256m'],
    });
    const hasBegun = ({ dataDirs }: StuckChannel) =>
      dataDirs.some((data) =>
        realFiles
          .list(data)
          .some((name) => /^log-\d+$/.test(name) && (realFiles.size(join(data, name)) ?? 0) > 0),
      );
    await waitFor('every channel to hold something', () => channels.every(hasBegun), { timeoutMs: 60_000 });
    await new Promise((resolve) => setTimeout(resolve, chance.int(0, 5000)));
    expect(() => refuseRunningFlume(folders, realFiles)).toThrow(`in use by process ${flume.pid}`);
    if (chance.bool(0.7)) await flume.kill();
    else await flume.stop();
  }
  refuseRunningFlume(folders, realFiles);
  const withCheckpoint = new Map(channels.map(({ name }) => [name, chance.bool(0.6)]));
  const flumeAgain = () => {
    for (const path of ['copy', 'drained']) rmSync(dir.join(path), { recursive: true, force: true });
    cpSync(dir.join('live'), dir.join('copy'), { recursive: true });
    for (const { name } of channels)
      if (!withCheckpoint.get(name)) rmSync(dir.join(`copy/${name}/checkpoint`), { recursive: true });
    return drained(channels, dir);
  };
  // A Flume that is started on many channels now and then hangs with one of them, of a cause that is not known: its threads
  // are told, and another one is asked.
  const flumes = await flumeAgain().catch((error: Error) => {
    console.log(error.message);
    return flumeAgain();
  });
  for (const channel of channels) {
    const { name, http, out, oneSink } = channel;
    const ours = await imported(channel, dir.join(`new/${name}`), withCheckpoint.get(name)!);
    const delivered = [...(http?.taken ?? []), ...(out === null ? [] : linesIn(out))].map(numberOf);
    compare(ours, flumes.get(name)!, new Set(delivered), `seed ${chance.seed}, ${name}`);
    // A Flume that was started again gave back what the one before had in flight, in the order of its hash table, and its
    // next checkpoint keeps that as the order of the channel.
    const inOrder = ends === 1 || !withCheckpoint.get(name);
    if (oneSink && inOrder && new Set(ours).size === ours.length) {
      const numbers = ours.map(numberOf);
      expect(numbers, `seed ${chance.seed}, ${name}: the order`).toEqual([...numbers].sort((a, b) => a - b));
    }
  }
}

function compare(
  ours: readonly string[],
  flumes: readonly string[],
  delivered: ReadonlySet<number>,
  what: string,
): void {
  const mine = new Set(ours);
  const theirs = new Set(flumes);
  // A source that was killed between its put and its own position puts a batch again: then Flume has it twice, too.
  const left = [...flumes];
  const again = ours.filter((body) => {
    const at = left.indexOf(body);
    if (at >= 0) left.splice(at, 1);
    return at < 0 && theirs.has(body);
  });
  expect(again, `${what}: what comes more often than from Flume`).toEqual([]);
  expect(
    ours.filter((body) => !theirs.has(body)),
    `${what}: what Flume would not deliver`,
  ).toEqual([]);
  // More than we: only what it had delivered before.
  const more = flumes.filter((body) => !mine.has(body)).map(numberOf);
  expect(
    more.filter((number) => !delivered.has(number)),
    `${what}: what Flume would deliver, and is lost`,
  ).toEqual([]);
  // One source puts in order: what was delivered and what comes is all of it, without a hole.
  const all = new Set([...delivered, ...ours.map(numberOf)]);
  expect(Math.max(-1, ...all), `${what}: a hole`).toBe(all.size - 1);
  console.log(
    `${what}: ${ours.length} imported, ${flumes.length} by Flume, ${delivered.size} delivered before`,
  );
}

it('what a stopped Flume has not delivered comes, as Flume itself would deliver it', async () => {
  const chance = chanceOf('import of a file channel');
  for (let n = roundsOr(1); n > 0; n--) await round(chance.fork());
});
