import { produceMessages } from '../../../protocol/generated/produce.ts';
import { api, initProducerIdApi, produceApi } from '../apis.ts';
import type { KafkaClient } from '../client.ts';
import { kafkaError } from '../kafka-errors.ts';
import type { Outgoing, PartitionQueue, ProducerIdentity } from './partition-queue.ts';

export interface ProduceAnswer {
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly baseOffset: number;
  /** Which records of the batch are at fault (KIP-467), where the broker says. */
  readonly recordErrors: readonly {
    readonly batchIndex: number;
    readonly batchIndexErrorMessage: string | null;
  }[];
}

/** The last version with which partitions have to be added to a transaction before, and the one that adds them (KIP-890). */
const produceAddedApi = api(produceMessages, 3, 11);
const produceAddingApi = api(produceMessages, 12, 12);

/** Of which transaction the records are. */
export interface ProducedIn {
  readonly transactionalId: string;
  /** The request adds its partitions to the transaction. */
  readonly addsPartitions: boolean;
}

/** Asks for a producer id (KIP-98), of no transaction. Throws `KAFKA` or `KAFKA_CONNECTION`. */
export async function requestProducerId(client: KafkaClient, timeoutMs: number): Promise<ProducerIdentity> {
  const message = { transactionalId: null, transactionTimeoutMs: 0x7fffffff };
  const answer = await client.request('any', initProducerIdApi, message, { timeoutMs });
  if (answer.errorCode !== 0) throw kafkaError(answer.errorCode, 'producer id');
  return { producerId: answer.producerId, epoch: answer.producerEpoch };
}

/**
 * Sends sealed batches, one per partition, in one request; header and records go to the socket as they are.
 * The answers by `topic-partition`; null with acks 0: there is no answer.
 */
export async function sendProduce(
  client: KafkaClient,
  nodeId: number,
  options: { readonly acks: 0 | 1 | -1; readonly requestTimeoutMs: number },
  load: readonly { readonly queue: PartitionQueue; readonly outgoing: Outgoing }[],
  transaction: ProducedIn | null = null,
): Promise<ReadonlyMap<string, ProduceAnswer> | null> {
  const connection = await client.connection(nodeId, 'produce');
  const byTopic = Map.groupBy(load, ({ queue }) => queue.topic);
  const message = {
    transactionalId: transaction?.transactionalId ?? null,
    acks: options.acks,
    timeoutMs: options.requestTimeoutMs,
    topicData: [...byTopic].map(([name, entries]) => ({
      name,
      partitionData: entries.map(({ queue, outgoing }) => ({
        index: queue.partition,
        records: [outgoing.sealed!.header, outgoing.sealed!.records],
      })),
    })),
  };
  if (options.acks === 0) {
    await connection.requestWithoutAnswer(produceApi, message);
    return null;
  }
  const asking =
    transaction === null ? produceApi : transaction.addsPartitions ? produceAddingApi : produceAddedApi;
  const answer = await connection.request(asking, message, options.requestTimeoutMs);
  const answers = new Map<string, ProduceAnswer>();
  for (const { name, partitionResponses } of answer.responses) {
    for (const part of partitionResponses) answers.set(`${name}-${part.index}`, part);
  }
  return answers;
}
