import { type LineSum, LineSummer } from '../../packages/testkit/src/files/access-log.ts';
import { OffsetProbe } from '../../packages/testkit/src/kafka/offset-probe.ts';
import { ManagedProcess } from '../../packages/testkit/src/process/processes.ts';
import { type Arrival, type CountWatch, watchCount } from './arrival.ts';
import type { Corpus } from './corpus.ts';
import { Misconfigured } from './row.ts';

export interface ArrivalWatch extends Omit<CountWatch, 'count'> {
  readonly port: number;
  readonly topic: string;
  readonly partitions: number;
}

/** Watches the end offsets of a topic until `events` are in it. */
export async function watchArrival({ port, topic, partitions, ...watch }: ArrivalWatch): Promise<Arrival> {
  await using probe = await OffsetProbe.open(port);
  return await watchCount({
    ...watch,
    count: async () => (await probe.endOffsets(topic, partitions)).reduce((sum, offset) => sum + offset, 0),
  });
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
