/** Topics to be mirrored, drawn, and what a cluster holds of them, record by record. */
import { Admin } from '../../../millrace/src/clients/kafka/admin/admin.ts';
import { KafkaClient } from '../../../millrace/src/clients/kafka/client.ts';
import { Fetcher, fetcherOptions } from '../../../millrace/src/clients/kafka/consumer/fetcher.ts';
import { Producer } from '../../../millrace/src/clients/kafka/producer/producer.ts';
import { BatchBuilder } from '../../../millrace/src/records/batch-builder.ts';
import { readRecord } from '../../../millrace/src/records/record.ts';
import { pause } from '../../../millrace/src/runtime/timers.ts';
import type { Chance } from '../oracle/seed.ts';
import { startMillrace } from '../process/millrace.ts';

const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;

export interface DrawnTopic {
  readonly topic: string;
  readonly partitions: number;
  readonly configs?: ReadonlyMap<string, string>;
}

/** A cluster that a test fills and looks into. */
export class MirrorSide implements AsyncDisposable {
  readonly client: KafkaClient;
  readonly admin: Admin;

  constructor(bootstrap: string) {
    this.client = new KafkaClient({ bootstrapServers: bootstrap.split(','), requestTimeoutMs: 20_000 });
    this.admin = new Admin(this.client);
  }

  async create({ topic, partitions, configs }: DrawnTopic): Promise<void> {
    await this.admin.createTopics([
      { topic, partitions, replicationFactor: 1, ...(configs === undefined ? {} : { configs }) },
    ]);
  }

  /** Batches of drawn sizes, codecs, keys, null values, headers and times; `always` gives every record a key. */
  async fill(
    chance: Chance,
    { topic, partitions }: DrawnTopic,
    batches: number,
    always = false,
  ): Promise<number> {
    let count = 0;
    const beganMs = Date.now() - 3_600_000;
    for (let n = 0; n < batches; n++) {
      await using producer = new Producer(this.client, {
        compression: chance.pick(codecs),
        acks: -1,
        lingerMs: 0,
        idempotence: chance.bool(0.5),
      });
      const builder = new BatchBuilder();
      const size = chance.int(1, 60);
      const hasTimes = chance.bool(0.6);
      for (let i = 0; i < size; i++) {
        const headers = Array.from(
          { length: chance.bool(0.3) ? chance.int(1, 3) : 0 },
          (_, h): [string, string] => [`h${chance.int(0, 2)}`, `value ${h} ž`],
        );
        const key = always || chance.bool(0.5) ? `k${chance.int(0, 20)}` : null;
        const value = chance.bool(0.1) ? null : `${'x'.repeat(chance.int(0, 3) ** 5)}${topic} ${n} ${i}`;
        builder.add(value, headers, key, hasTimes ? beganMs + chance.int(0, 3_600_000) : undefined);
      }
      await producer.send(topic, chance.int(0, partitions - 1), builder.build());
      count += size;
    }
    return count;
  }

  /** Each partition's records as text, with offset, time, key, value and headers, from its first to its end. */
  async records(topic: string, partitions: number): Promise<string[][]> {
    const all = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }));
    const starts = await this.admin.listOffsets(all, 'earliest');
    const ends = new Map(
      (await this.admin.listOffsets(all, 'latest')).map((each) => [each.partition, each.offset]),
    );
    const found: string[][] = all.map(() => []);
    const fetcher = new Fetcher(
      this.client,
      fetcherOptions({ readCommitted: true }),
      'test-records',
      () => {},
    );
    fetcher.start(starts);
    const deadline = Date.now() + 60_000;
    // Behind the last record there may be markers, which nobody hands on.
    const isOpen = ({ partition }: { partition: number }) =>
      fetcher.passed({ topic, partition }) < ends.get(partition)!;
    try {
      while (starts.some(isOpen)) {
        if (Date.now() > deadline) throw new Error(`${topic}: not all partitions come to their ends`);
        const taken = fetcher.take(4 * 1024 * 1024);
        if (taken.length === 0) await pause(10);
        for (const { partition, baseOffset, batch } of taken) {
          for (let i = 0; i < batch.count; i++) {
            const record = readRecord(batch.records, batch.index[i]!);
            const { offsetDelta, timestampDelta, key, value } = record;
            const own = { offset: baseOffset + offsetDelta, time: batch.baseTimestamp + timestampDelta };
            const text = { key: key?.toString() ?? null, value: value?.toString() ?? null };
            found[partition]!.push(JSON.stringify({ ...own, ...text, headers: record.headers() }));
          }
        }
      }
    } finally {
      fetcher.close();
      this.client.disconnect('test-records');
    }
    return found;
  }

  async ends(topic: string, partitions: number): Promise<{ start: number; end: number }[]> {
    const all = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }));
    const byPartition = (list: readonly { partition: number; offset: number }[]) =>
      list.toSorted((a, b) => a.partition - b.partition).map(({ offset }) => offset);
    const starts = byPartition(await this.admin.listOffsets(all, 'earliest'));
    const ends = byPartition(await this.admin.listOffsets(all, 'latest'));
    return starts.map((start, i) => ({ start, end: ends[i]! }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.close();
  }
}

export interface MirrorKills {
  readonly args: readonly string[];
  readonly rounds: number;
  /** How many records the target has. */
  copied(): Promise<number>;
  /** The mirror of a round is killed once there are more than so many. */
  until(round: number): number | Promise<number>;
}

/** Starts the mirror and kills it, round after round; resolves with how often, fewer where it came to its end before. */
export async function killMirror({ args, rounds, copied, until }: MirrorKills): Promise<number> {
  let kills = 0;
  for (let round = 0; round < rounds; round++) {
    const enough = await until(round);
    await using process = await startMillrace(args);
    let isOver = false;
    void process.exited.then(() => {
      isOver = true;
    });
    while (!isOver && (await copied()) <= enough);
    if (isOver) break;
    await process.kill();
    kills++;
  }
  return kills;
}
