/**
 * What it costs that ListOffsets tells an end that was acknowledged with acks=1: it waits for the sync that is under way.
 * `node bench/hot/log-end-after-acks.ts`: ms, median and 99th of 500, one client, one record of 100 bytes at a time.
 */
import { Broker } from '../../packages/millrace/src/broker/index.ts';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { producedBatch } from '../../packages/testkit/src/kafka/produced-batch.ts';
import { WireClient } from '../../packages/testkit/src/kafka/wire-client.ts';

const rounds = 600;
const warmUp = 100;

function told(times: readonly number[]): string {
  const sorted = times.slice(warmUp).toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(sorted.length * share)]!.toFixed(2);
  return `${at(0.5)} / ${at(0.99)}`;
}

async function timed(into: number[], work: () => Promise<unknown>): Promise<void> {
  const begun = performance.now();
  await work();
  into.push(performance.now() - begun);
}

for (const logFlush of ['fsync', 'os'] as const) {
  using dir = tempDir();
  await using broker = await Broker.start({ dataDir: dir.join('data'), logFlush });
  await broker.createTopic('t');
  using client = await WireClient.connect(broker.port);
  const records = producedBatch(['x'.repeat(100)]);
  const partitions = [{ partitionIndex: 0, timestamp: -1 }];
  const end = () =>
    client.request('listOffsets', 7, {
      replicaId: -1,
      isolationLevel: 0,
      topics: [{ name: 't', partitions }],
    });
  const produce = (acks: number) =>
    client.request('produce', 9, {
      acks,
      timeoutMs: 1000,
      topicData: [{ name: 't', partitionData: [{ index: 0, records }] }],
    });
  const [one, after, settled, all]: number[][] = [[], [], [], []];
  for (let i = 0; i < rounds; i++) {
    await timed(one!, () => produce(1));
    await timed(after!, end);
    await timed(settled!, end);
    await timed(all!, () => produce(-1));
  }
  console.log(`log.flush=${logFlush}`);
  console.log(`  produce acks=1 ${told(one!)}, acks=all ${told(all!)}`);
  console.log(`  ListOffsets right after acks=1 ${told(after!)}, when nothing is unsynced ${told(settled!)}`);
}
