import { setTimeout as sleep } from 'node:timers/promises';
import { type LineSum, LineSummer } from '../../packages/testkit/src/files/access-log.ts';
import { OffsetProbe } from '../../packages/testkit/src/kafka/offset-probe.ts';
import { ManagedProcess } from '../../packages/testkit/src/process/processes.ts';
import type { Corpus } from './corpus.ts';
import { Misconfigured } from './row.ts';

const pollMs = 20;

/** When events began to arrive and when the last one had. Times are `performance.now()`. */
export interface Arrival {
  readonly firstSeenAtMs: number;
  /** How many were there when the first look found any. */
  readonly firstSeenCount: number;
  readonly lastAtMs: number;
}

export interface ArrivalWatch {
  readonly port: number;
  readonly topic: string;
  readonly partitions: number;
  readonly events: number;
  readonly timeoutMs?: number;
  /** Called at every look; a contender that has died is found out here. */
  readonly onLook?: () => void;
  /** Called once, when the first look finds any. */
  readonly onFirst?: () => void;
}

/** Watches the end offsets of a topic until `events` are in it. */
export async function watchArrival(watch: ArrivalWatch): Promise<Arrival> {
  await using probe = await OffsetProbe.open(watch.port);
  const deadline = performance.now() + (watch.timeoutMs ?? 600_000);
  let first: { at: number; count: number } | null = null;
  for (;;) {
    const offsets = await probe.endOffsets(watch.topic, watch.partitions);
    const count = offsets.reduce((sum, offset) => sum + offset, 0);
    const now = performance.now();
    if (count > 0 && first === null) {
      first = { at: now, count };
      watch.onFirst?.();
    }
    if (count >= watch.events) {
      return { firstSeenAtMs: first!.at, firstSeenCount: first!.count, lastAtMs: now };
    }
    watch.onLook?.();
    if (now > deadline) {
      throw new Misconfigured(`${count} of ${watch.events} events were in ${watch.topic} after ten minutes`);
    }
    await sleep(pollMs);
  }
}

/** Events per second between the first look that found any and the last event. */
export function rateOf(arrival: Arrival, events: number): number {
  const seconds = (arrival.lastAtMs - arrival.firstSeenAtMs) / 1000;
  const moved = events - arrival.firstSeenCount;
  if (moved <= 0 || seconds <= 0) {
    throw new Misconfigured('all events arrived between two looks: take more events for a rate');
  }
  return moved / seconds;
}

/** Reads a topic from its beginning to its end and adds up the values. */
export async function sumTopic(bootstrap: string, topic: string): Promise<LineSum> {
  const summer = new LineSummer();
  const child = await ManagedProcess.spawn(
    'kcat',
    [
      '-b',
      bootstrap,
      '-C',
      '-t',
      topic,
      '-o',
      'beginning',
      '-e',
      '-q',
      '-X',
      'fetch.message.max.bytes=10485760',
    ],
    { keepBytes: 64 * 1024, onStdout: (chunk) => summer.add(chunk) },
  );
  const exit = await child.exited;
  if (exit.code !== 0) throw new Misconfigured(`kcat could not read ${topic} back: ${child.stderr}`);
  return summer.sum();
}

/** Fails unless the topic holds exactly the lines of the corpus, each once, spread over all partitions. */
export async function checkTopic(
  bootstrap: string,
  topic: string,
  partitions: number,
  wanted: Corpus,
): Promise<void> {
  const sum = await sumTopic(bootstrap, topic);
  checkSum(`topic ${topic}`, sum, wanted.sum);
  await using probe = await OffsetProbe.open(Number(bootstrap.split(':').at(-1)));
  const offsets = await probe.endOffsets(topic, partitions);
  // librdkafka and Kafka's producer stay with a partition for a while, so a short run is uneven; empty is a fault.
  if (partitions <= 8 && wanted.sum.count >= 1_000_000 && Math.min(...offsets) === 0) {
    throw new Misconfigured(`not every partition of ${topic} was used: ${offsets.join(', ')}`);
  }
}

export function checkSum(where: string, sum: LineSum, wanted: LineSum): void {
  if (sum.count !== wanted.count || sum.checksum !== wanted.checksum || sum.bytes !== wanted.bytes) {
    throw new Misconfigured(
      `${where} holds ${sum.count} lines of ${sum.bytes} bytes, checksum ${sum.checksum}; ` +
        `wanted ${wanted.count} of ${wanted.bytes}, ${wanted.checksum}`,
    );
  }
}
