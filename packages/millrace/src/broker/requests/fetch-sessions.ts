import { ErrorCode } from '../core/error-code.ts';

/** One partition that a client follows, as its requests last described it. */
export interface FetchPartition {
  /** The topic's name, or from version 13 on its id as text. */
  readonly topic: string;
  readonly partition: number;
  currentLeaderEpoch: number;
  fetchOffset: number;
  lastFetchedEpoch: number;
  logStartOffset: number;
  maxBytes: number;
  /** What the last answer said; -1 before the first one and after an error. */
  sentHighWatermark: number;
  sentLogStartOffset: number;
}

export type FetchPartitionInput = Omit<FetchPartition, 'sentHighWatermark' | 'sentLogStartOffset'>;

export interface FetchRequestSession {
  readonly sessionId: number;
  readonly sessionEpoch: number;
  /** From version 13 on. A session cannot change between names and ids. */
  readonly usesTopicIds: boolean;
  readonly partitions: readonly FetchPartitionInput[];
  readonly forgotten: readonly { readonly topic: string; readonly partition: number }[];
}

/** What of one partition goes into the answer. */
export interface FetchedPartition {
  readonly errorCode: number;
  readonly highWatermark: number;
  readonly logStartOffset: number;
  readonly sizeBytes: number;
}

export interface FetchContext {
  readonly errorCode: number;
  /** For the answer; 0 when there is no session. */
  readonly sessionId: number;
  /** In the order in which they are to be read. */
  readonly partitions: readonly FetchPartition[];
  /** Whether only what changed is answered. */
  readonly incremental: boolean;
}

interface Session {
  readonly id: number;
  readonly usesTopicIds: boolean;
  epoch: number;
  partitions: Map<string, FetchPartition>;
  lastUsed: number;
}

/** Session epochs of a request that are no number of an incremental fetch. */
const initialEpoch = 0;
const finalEpoch = -1;
const maxEpoch = 0x7fff_ffff;

/**
 * Fetch sessions (KIP-227): a client names its partitions once and afterwards only what changed; the broker answers
 * only what changed. Pure: the caller gives the time and the random ids.
 */
export class FetchSessions {
  readonly #sessions = new Map<number, Session>();
  readonly #maxSessions: number;
  readonly #maxPartitions: number;
  readonly #evictionMs: number;
  readonly #newId: () => number;

  /** `maxSessions` and `evictionMs` are Kafka's `max.incremental.fetch.session.cache.slots` and its 2 minutes. */
  constructor(options: {
    maxSessions: number;
    maxPartitions?: number;
    evictionMs: number;
    newId: () => number;
  }) {
    this.#maxSessions = options.maxSessions;
    this.#maxPartitions = options.maxPartitions ?? Number.POSITIVE_INFINITY;
    this.#evictionMs = options.evictionMs;
    this.#newId = options.newId;
  }

  /** Partitions that the sessions remember. */
  get partitionCount(): number {
    let count = 0;
    for (const { partitions } of this.#sessions.values()) count += partitions.size;
    return count;
  }

  get size(): number {
    return this.#sessions.size;
  }

  begin(request: FetchRequestSession, now: number): FetchContext {
    const { sessionId, sessionEpoch } = request;
    if (sessionEpoch === initialEpoch || sessionEpoch === finalEpoch) {
      if (sessionId !== 0) this.#sessions.delete(sessionId);
      const partitions = toMap(request.partitions);
      const id =
        sessionEpoch === finalEpoch || partitions.size === 0
          ? 0
          : this.#create(request.usesTopicIds, partitions, now);
      return {
        errorCode: ErrorCode.NONE,
        sessionId: id,
        partitions: [...partitions.values()],
        incremental: false,
      };
    }
    const session = this.#sessions.get(sessionId);
    if (session === undefined) return refused(ErrorCode.FETCH_SESSION_ID_NOT_FOUND);
    if (session.usesTopicIds !== request.usesTopicIds) return refused(ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR);
    if (session.epoch !== sessionEpoch) return refused(ErrorCode.INVALID_FETCH_SESSION_EPOCH);
    session.lastUsed = now;
    update(session.partitions, request);
    if (request.partitions.length > 0 && this.partitionCount > this.#maxPartitions) {
      this.#sessions.delete(sessionId);
      return refused(ErrorCode.FETCH_SESSION_ID_NOT_FOUND); // the client begins anew
    }
    session.epoch = session.epoch === maxEpoch ? 1 : session.epoch + 1;
    if (session.partitions.size === 0) {
      this.#sessions.delete(sessionId);
      return { errorCode: ErrorCode.NONE, sessionId: 0, partitions: [], incremental: false };
    }
    const partitions = [...session.partitions.values()];
    return { errorCode: ErrorCode.NONE, sessionId, partitions, incremental: true };
  }

  /**
   * Whether the partition goes into the answer; notes what the client then knows. Partitions that got records move to
   * the end of the order, so that one busy partition does not starve the others.
   */
  include(context: FetchContext, partition: FetchPartition, result: FetchedPartition): boolean {
    const changed =
      result.sizeBytes > 0 ||
      result.errorCode !== ErrorCode.NONE ||
      result.highWatermark !== partition.sentHighWatermark ||
      result.logStartOffset !== partition.sentLogStartOffset;
    const failed = result.errorCode !== ErrorCode.NONE;
    partition.sentHighWatermark = failed ? -1 : result.highWatermark;
    partition.sentLogStartOffset = failed ? -1 : result.logStartOffset;
    if (result.sizeBytes > 0) {
      const session = this.#sessions.get(context.sessionId);
      const key = keyOf(partition.topic, partition.partition);
      if (session?.partitions.get(key) === partition) {
        session.partitions.delete(key);
        session.partitions.set(key, partition);
      }
    }
    return changed || !context.incremental;
  }

  /** 0 when there is no room: every session was used within the eviction time. */
  #create(usesTopicIds: boolean, partitions: Map<string, FetchPartition>, now: number): number {
    if (this.#sessions.size >= this.#maxSessions && !this.#evict(now)) return 0;
    while (this.partitionCount + partitions.size > this.#maxPartitions) if (!this.#evict(now)) return 0;
    let id = this.#newId();
    while (id <= 0 || this.#sessions.has(id)) id = this.#newId();
    this.#sessions.set(id, { id, usesTopicIds, epoch: 1, partitions, lastUsed: now });
    return id;
  }

  #evict(now: number): boolean {
    let oldest: Session | undefined;
    for (const session of this.#sessions.values()) {
      if (oldest === undefined || session.lastUsed < oldest.lastUsed) oldest = session;
    }
    if (oldest === undefined || now - oldest.lastUsed < this.#evictionMs) return false;
    return this.#sessions.delete(oldest.id);
  }
}

function keyOf(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}

function toMap(inputs: readonly FetchPartitionInput[]): Map<string, FetchPartition> {
  const map = new Map<string, FetchPartition>();
  for (const input of inputs) {
    map.set(keyOf(input.topic, input.partition), { ...input, sentHighWatermark: -1, sentLogStartOffset: -1 });
  }
  return map;
}

function update(partitions: Map<string, FetchPartition>, request: FetchRequestSession): void {
  for (const { topic, partition } of request.forgotten) partitions.delete(keyOf(topic, partition));
  for (const input of request.partitions) {
    const key = keyOf(input.topic, input.partition);
    const known = partitions.get(key);
    if (known === undefined) partitions.set(key, { ...input, sentHighWatermark: -1, sentLogStartOffset: -1 });
    else Object.assign(known, input);
  }
}

function refused(errorCode: number): FetchContext {
  return { errorCode, sessionId: 0, partitions: [], incremental: false };
}
