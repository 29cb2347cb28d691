import { KafkaClient } from '../../../../millrace/src/clients/kafka/client.ts';
import type {
  ClientOptions,
  ConsumerOptions,
  ProducerOptions,
} from '../../../../millrace/src/clients/kafka/options.ts';
import { Producer } from '../../../../millrace/src/clients/kafka/producer/producer.ts';
import { recordingLogger } from '../../../../millrace/src/component/testing/context.ts';
import { BatchBuilder } from '../../../../millrace/src/records/batch-builder.ts';
import type { EventBatch } from '../../../../millrace/src/records/event-batch.ts';
import { FakeCluster } from './cluster.ts';

/** Waits of milliseconds where a program would have seconds. */
export const quickClient: Partial<ClientOptions> = {
  reconnectBackoffMs: 1,
  reconnectBackoffMaxMs: 10,
  requestTimeoutMs: 2000,
};
export const quickProducer: ProducerOptions = { retryBackoffMs: 1, retryBackoffMaxMs: 10, lingerMs: 0 };
export const quickConsumer: Partial<ConsumerOptions> = {
  retryBackoffMs: 1,
  retryBackoffMaxMs: 10,
  heartbeatIntervalMs: 20,
  autoOffsetReset: 'earliest',
};

export interface ClusterBench extends AsyncDisposable {
  readonly cluster: FakeCluster;
  readonly client: KafkaClient;
  readonly log: ReturnType<typeof recordingLogger>;
  newClient(): KafkaClient;
  newProducer(options?: ProducerOptions): Producer;
}

/** A fake cluster and clients of it; all ends with the block. */
export async function clusterBench(
  nodes = 1,
  clientOptions: Partial<ClientOptions> = {},
): Promise<ClusterBench> {
  const cluster = await FakeCluster.start({ nodes });
  const log = recordingLogger();
  const clients: KafkaClient[] = [];
  const producers: Producer[] = [];
  const newClient = (): KafkaClient => {
    const options = { ...quickClient, log, ...clientOptions };
    const client = new KafkaClient({ ...options, bootstrapServers: [cluster.bootstrapServers] });
    clients.push(client);
    return client;
  };
  const client = newClient();
  return {
    cluster,
    client,
    log,
    newClient,
    newProducer: (options = {}) => {
      const producer = new Producer(client, { ...quickProducer, ...options });
      producers.push(producer);
      return producer;
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(producers.map((producer) => producer.close(0)));
      await Promise.all(clients.map((each) => each.close()));
      await cluster[Symbol.asyncDispose]();
    },
  };
}

export function batchOf(bodies: readonly string[], keyOf?: (body: string) => string | null): EventBatch {
  const builder = new BatchBuilder();
  for (const body of bodies) builder.add(body, undefined, keyOf?.(body) ?? null);
  return builder.build();
}
