/**
 * Topics that the broker keeps for itself. They are internal by their names, however they came to be (Kafka:
 * `Topic.isInternal`): marked so in Metadata, and closed to clients' produce, DeleteRecords, DeleteTopics and
 * CreatePartitions.
 */
interface InternalTopic {
  readonly partitions: number;
  readonly configs: ReadonlyMap<string, string>;
}

/** The topic that keeps groups and committed offsets. */
export const offsetsTopic = '__consumer_offsets';
/** The topic that keeps transactional ids and how far their transactions are. */
export const transactionsTopic = '__transaction_state';

const compact: InternalTopic = { partitions: 1, configs: new Map([['cleanup.policy', 'compact']]) };

const internalTopics: ReadonlyMap<string, InternalTopic> = new Map([
  [offsetsTopic, compact],
  [transactionsTopic, compact],
]);

/** How an internal topic is made, whoever asks for it; undefined for all other names. */
export function internalTopic(name: string): InternalTopic | undefined {
  return internalTopics.get(name);
}

export function isInternalTopic(name: string): boolean {
  return internalTopics.has(name);
}
