/** Partitions by topic id. */
export type Partitions = ReadonlyMap<string, ReadonlySet<number>>;

/** What a member has: topic id → partition → the member's epoch when it got it. */
export type OwnedPartitions = ReadonlyMap<string, ReadonlyMap<number, number>>;

/** Partitions as requests and answers list them. */
export interface TopicPartitions {
  readonly topicId: string;
  readonly partitions: readonly number[];
}

export const noPartitions: Partitions = new Map();
export const nothingOwned: OwnedPartitions = new Map();

/** Sorted by partition, so that the same partitions look the same. */
export function listed(partitions: ReadonlyMap<string, Iterable<number>>): TopicPartitions[] {
  return Array.from(partitions, ([topicId, each]) => ({
    topicId,
    partitions: [...each].sort((a, b) => a - b),
  }));
}

/** The same without the epochs. */
export function withoutEpochs(owned: OwnedPartitions): Map<string, number[]> {
  return new Map(Array.from(owned, ([topicId, each]) => [topicId, [...each.keys()]]));
}

export function samePartitions(a: Partitions, b: Partitions): boolean {
  if (a.size !== b.size) return false;
  for (const [topicId, partitions] of a) {
    const others = b.get(topicId);
    if (others?.size !== partitions.size) return false;
    for (const partition of partitions) if (!others.has(partition)) return false;
  }
  return true;
}

/** Also the epochs are the same. */
export function sameOwned(a: OwnedPartitions, b: OwnedPartitions): boolean {
  if (a.size !== b.size) return false;
  for (const [topicId, partitions] of a) {
    const others = b.get(topicId);
    if (others?.size !== partitions.size) return false;
    for (const [partition, epoch] of partitions) if (others.get(partition) !== epoch) return false;
  }
  return true;
}

/** Adds a partition to partitions that are being put together. */
export function put(to: Map<string, Set<number>>, topicId: string, partition: number): void {
  const partitions = to.get(topicId);
  if (partitions === undefined) to.set(topicId, new Set([partition]));
  else partitions.add(partition);
}

export function putOwned(
  to: Map<string, Map<number, number>>,
  topicId: string,
  partition: number,
  epoch: number,
): void {
  const partitions = to.get(topicId);
  if (partitions === undefined) to.set(topicId, new Map([[partition, epoch]]));
  else partitions.set(partition, epoch);
}
