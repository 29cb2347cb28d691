import { ZERO_UUID } from '../../../protocol/uuid.ts';
import { errorText, MillraceError } from '../../../runtime/errors.ts';
import { after, type Timer } from '../../../runtime/timers.ts';
import { fetchApi } from '../apis.ts';
import type { KafkaClient } from '../client.ts';
import type { TopicMetadata } from '../cluster-metadata.ts';
import { errorName, kafkaError } from '../kafka-errors.ts';
import { type ConsumerOptions, keyOf, type TopicPartition, type TopicPartitionOffset } from '../options.ts';
import type { FetchedBatch } from './fetched-batch.ts';
import { openFrom, type RawBatch, visibleBatches } from './fetched-records.ts';
import { leaderOf } from './offsets.ts';

export interface FetcherOptions {
  readonly fetchMinBytes: number;
  readonly fetchMaxBytes: number;
  readonly maxPartitionFetchBytes: number;
  readonly fetchMaxWaitMs: number;
  readonly requestTimeoutMs: number;
  readonly retryBackoffMs: number;
  readonly readCommitted: boolean;
  readonly checkCrcs: boolean;
  /** Where the client is; '': it does not say. */
  readonly rack: string;
  /** How long a replica that the leader has named is read from before the leader is asked again. */
  readonly replicaMaxAgeMs: number;
}

/** With Kafka's defaults filled in. */
export function fetcherOptions(options: Partial<ConsumerOptions>, replicaMaxAgeMs = 300_000): FetcherOptions {
  return {
    fetchMinBytes: options.fetchMinBytes ?? 1,
    fetchMaxBytes: options.fetchMaxBytes ?? 52_428_800,
    maxPartitionFetchBytes: options.maxPartitionFetchBytes ?? 1_048_576,
    fetchMaxWaitMs: options.fetchMaxWaitMs ?? 500,
    requestTimeoutMs: options.requestTimeoutMs ?? 30_000,
    retryBackoffMs: options.retryBackoffMs ?? 100,
    readCommitted: options.readCommitted ?? false,
    checkCrcs: options.checkCrcs ?? true,
    rack: options.rack ?? '',
    replicaMaxAgeMs,
  };
}

interface FetchState extends TopicPartition {
  /** Where the next fetch starts: behind what is buffered. */
  fetchOffset: number;
  /** Nothing before this is handed on. */
  wantedOffset: number;
  buffered: RawBatch[];
  bufferedBytes: number;
  /** Goes up when the position was set: an answer to an older question is dropped. */
  version: number;
  notBefore: number;
  /** The topic that the position belongs to; one that was deleted and made again has another id. Null: not known. */
  readonly topicId: string | null;
  /** Metadata that a failed fetch put in doubt: nothing is fetched before it was asked for again. */
  doubted: TopicMetadata | null;
  /** The replica that the leader named as the nearest (KIP-392); null: the leader is read from. */
  nearest: { readonly node: number; readonly until: number } | null;
  /** The log does not have the position (any more), or the topic is another one now. */
  isLost: boolean;
}

/** What a fetch in flight asked for. */
interface Asked {
  readonly state: FetchState;
  readonly version: number;
}

/** Errors after which the leader is looked up and the same offset fetched again. */
const leaderMoved: ReadonlySet<string> = new Set([
  'NOT_LEADER_OR_FOLLOWER',
  'REPLICA_NOT_AVAILABLE',
  'KAFKA_STORAGE_ERROR',
  'FENCED_LEADER_EPOCH',
  'UNKNOWN_LEADER_EPOCH',
  'OFFSET_NOT_AVAILABLE',
  'LEADER_NOT_AVAILABLE',
  'UNKNOWN_TOPIC_OR_PARTITION',
  'UNKNOWN_TOPIC_ID',
  'UNKNOWN_SERVER_ERROR',
]);

/** How often a damaged batch, or a position that the log does not have, is looked at again. */
const lostRetryMs = 1000;
/** While some partitions of a broker have enough buffered, the others' fetch is kept short, so that those can join. */
const shortWaitMs = 50;

/**
 * Fetches ahead for the assigned partitions: one request in flight per broker, bounded by `fetch.max.bytes` over all
 * and `max.partition.fetch.bytes` per partition. Batches stay as they came until they are taken.
 */
export class Fetcher {
  readonly #client: KafkaClient;
  readonly #options: FetcherOptions;
  readonly #purpose: string;
  readonly #onChange: () => void;
  readonly #states = new Map<string, FetchState>();
  readonly #busy = new Set<number>();
  #bufferedBytes = 0;
  #failure: MillraceError | null = null;
  #timer: { readonly timer: Timer; readonly at: number } | null = null;
  #closed = false;

  /** @param onChange called when there may be something to take */
  constructor(client: KafkaClient, options: FetcherOptions, purpose: string, onChange: () => void) {
    this.#client = client;
    this.#options = options;
    this.#purpose = purpose;
    this.#onChange = onChange;
  }

  /** Reads the partitions from the offsets on; forgets what was buffered of them. */
  start(positions: readonly TopicPartitionOffset[]): void {
    for (const { topic, partition, offset } of positions) {
      const key = keyOf({ topic, partition });
      const old = this.#states.get(key);
      if (old !== undefined) {
        this.#bufferedBytes -= old.bufferedBytes;
        // What a fetch under way brings for it must not take the place of the new position.
        old.version++;
      }
      this.#states.set(key, {
        topic,
        partition,
        fetchOffset: offset,
        wantedOffset: offset,
        buffered: [],
        bufferedBytes: 0,
        version: 0,
        notBefore: 0,
        topicId: this.#client.cachedTopic(topic)?.topicId ?? null,
        doubted: null,
        nearest: null,
        isLost: false,
      });
    }
    this.pump();
  }

  stop(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) {
      const state = this.#states.get(keyOf(partition));
      if (state === undefined) continue;
      this.#bufferedBytes -= state.bufferedBytes;
      state.version++;
      this.#states.delete(keyOf(partition));
    }
  }

  /** Where each partition is read on: behind what was taken. */
  positions(): TopicPartitionOffset[] {
    return [...this.#states.values()].map(({ topic, partition, wantedOffset }) => {
      return { topic, partition, offset: wantedOffset };
    });
  }

  /**
   * Positions that the log does not have, once what was fetched before them is taken. They are looked at again now and
   * then, as the log may reach them, until they are set anew or given up.
   */
  lostPositions(): TopicPartitionOffset[] {
    const lost: TopicPartitionOffset[] = [];
    for (const { isLost, buffered, topic, partition, fetchOffset } of this.#states.values()) {
      if (isLost && buffered.length === 0) lost.push({ topic, partition, offset: fetchOffset });
    }
    return lost;
  }

  close(): void {
    this.#closed = true;
    this.#timer?.timer.cancel();
    this.stop([...this.#states.values()]);
  }

  /** Buffered batches, opened, of about `maxBytes`; every partition gets its turn. Throws what went wrong for good. */
  take(maxBytes: number): FetchedBatch[] {
    this.#throwFailure();
    const taken: FetchedBatch[] = [];
    let bytes = 0;
    for (const [key, state] of [...this.#states]) {
      if (state.buffered.length === 0) continue;
      // To the end of the order: the next take begins with another.
      this.#states.delete(key);
      this.#states.set(key, state);
      while (state.buffered.length > 0 && bytes < maxBytes) {
        const raw = state.buffered.shift()!;
        state.bufferedBytes -= raw.sizeBytes;
        this.#bufferedBytes -= raw.sizeBytes;
        const batch = this.#open(state, raw);
        state.wantedOffset = raw.nextOffset;
        if (batch === null) continue;
        bytes += raw.sizeBytes;
        const { topic, partition } = state;
        const { baseOffset, nextOffset, logAppendTime } = raw;
        taken.push({ topic, partition, baseOffset, nextOffset, batch, logAppendTime });
      }
      if (bytes >= maxBytes) break;
    }
    this.pump();
    return taken;
  }

  /**
   * Hands on what is buffered as it lies in the log, partition by partition, for as long as `taken` says that it took a
   * batch. Throws what went wrong for good.
   */
  drain(taken: (partition: TopicPartition, raw: RawBatch) => boolean): void {
    this.#throwFailure();
    for (const state of this.#states.values()) {
      while (state.buffered.length > 0 && taken(state, state.buffered[0]!)) {
        const raw = state.buffered.shift()!;
        state.bufferedBytes -= raw.sizeBytes;
        this.#bufferedBytes -= raw.sizeBytes;
        state.wantedOffset = raw.nextOffset;
      }
    }
    this.pump();
  }

  /**
   * Up to where the partition has been read and handed on, with what no application sees (control batches, aborted
   * transactions); -1: it is not read.
   */
  passed(partition: TopicPartition): number {
    const state = this.#states.get(keyOf(partition));
    if (state === undefined) return -1;
    return state.buffered.length === 0 ? state.fetchOffset : state.wantedOffset;
  }

  #throwFailure(): void {
    const failure = this.#failure;
    this.#failure = null;
    if (failure !== null) throw failure;
  }

  #open(state: FetchState, raw: RawBatch): FetchedBatch['batch'] | null {
    try {
      return openFrom(raw, state.wantedOffset, this.#options.checkCrcs);
    } catch (error) {
      // Stay in front of the damaged batch: nobody may skip it unseen.
      this.#rewind(state);
      const { topic, partition } = state;
      throw new MillraceError(
        'BATCH_CORRUPT',
        `${topic}-${partition} at offset ${raw.baseOffset}: ${errorText(error)}`,
        {
          cause: error,
          remedy: 'Seek behind the damaged batch to go on without it.',
          details: { topic, partition, offset: raw.baseOffset, nextOffset: raw.nextOffset },
        },
      );
    }
  }

  #rewind(state: FetchState): void {
    this.#bufferedBytes -= state.bufferedBytes;
    state.buffered = [];
    state.bufferedBytes = 0;
    state.version++;
    state.fetchOffset = state.wantedOffset;
    state.notBefore = performance.now() + lostRetryMs;
    this.#later(lostRetryMs);
  }

  /** Sends a fetch to every broker that leads a partition with room, and has none in flight. */
  pump(): void {
    if (this.#closed || this.#bufferedBytes >= this.#options.fetchMaxBytes) return;
    const now = performance.now();
    const byLeader = new Map<number, FetchState[]>();
    const full = new Set<number>();
    const stale = new Set<string>();
    for (const state of this.#states.values()) {
      if (state.notBefore > now) continue;
      const metadata = this.#client.cachedTopic(state.topic);
      if (this.#wasMadeAgain(state, metadata)) continue;
      const inDoubt = state.doubted !== null && state.doubted === metadata;
      const leader = this.#nodeFor(state, now);
      if (inDoubt || leader < 0) {
        stale.add(state.topic);
        state.notBefore = now + this.#options.retryBackoffMs;
      } else if (state.bufferedBytes >= this.#options.maxPartitionFetchBytes) full.add(leader);
      else if (!this.#busy.has(leader)) {
        const states = byLeader.get(leader);
        if (states === undefined) byLeader.set(leader, [state]);
        else states.push(state);
      }
    }
    if (stale.size > 0) {
      this.#client.refreshSoon([...stale]);
      this.#later(this.#options.retryBackoffMs * 2);
    }
    for (const [leader, states] of byLeader) void this.#fetch(leader, states, full.has(leader));
  }

  /** Whom to ask for a partition: the nearest replica as long as that holds, else its leader; -1: nobody is known. */
  #nodeFor(state: FetchState, now: number): number {
    if (state.nearest !== null && state.nearest.until <= now) state.nearest = null;
    return state.nearest?.node ?? leaderOf(this.#client, state.topic, state.partition);
  }

  /**
   * Whether the topic is another one than that in which the position was found: then the position means nothing, and
   * the records up to it would be passed over.
   */
  #wasMadeAgain(state: FetchState, metadata: TopicMetadata | null): boolean {
    const { topic, partition, topicId } = state;
    if (metadata === null || topicId === null || metadata.topicId === topicId) return false;
    if (metadata.topicId === ZERO_UUID || topicId === ZERO_UUID) return false;
    if (state.isLost) return true;
    this.#client.log.warn(`topic ${topic} was deleted and made again; partition ${partition} is read anew`);
    this.#lose(state);
    setImmediate(this.#onChange);
    return true;
  }

  #lose(state: FetchState): void {
    state.version++;
    state.isLost = true;
    state.notBefore = performance.now() + lostRetryMs;
    this.#later(lostRetryMs);
  }

  #later(ms: number): void {
    const at = performance.now() + ms + 1;
    if (this.#closed || (this.#timer !== null && this.#timer.at <= at)) return;
    this.#timer?.timer.cancel();
    const timer = after(ms + 1, () => {
      this.#timer = null;
      this.pump();
      this.#onChange();
    });
    this.#timer = { timer, at };
  }

  async #fetch(leader: number, states: readonly FetchState[], short: boolean): Promise<void> {
    this.#busy.add(leader);
    const asked = new Map<string, Asked>();
    for (const state of states) asked.set(keyOf(state), { state, version: state.version });
    const { fetchMaxWaitMs, fetchMinBytes, fetchMaxBytes, maxPartitionFetchBytes, readCommitted } =
      this.#options;
    const topics = [...Map.groupBy(states, ({ topic }) => topic)].map(([topic, list]) => ({
      topic,
      partitions: list.map(({ partition, fetchOffset }) => ({
        partition,
        fetchOffset,
        partitionMaxBytes: maxPartitionFetchBytes,
      })),
    }));
    const maxWaitMs = short ? Math.min(shortWaitMs, fetchMaxWaitMs) : fetchMaxWaitMs;
    try {
      const answer = await this.#client.request(
        leader,
        fetchApi,
        {
          replicaId: -1,
          maxWaitMs,
          minBytes: fetchMinBytes,
          maxBytes: Math.max(1, fetchMaxBytes - this.#bufferedBytes),
          isolationLevel: readCommitted ? 1 : 0,
          topics,
          rackId: this.#options.rack,
        },
        { purpose: this.#purpose, timeoutMs: maxWaitMs + this.#options.requestTimeoutMs },
      );
      if (answer.errorCode !== 0) throw kafkaError(answer.errorCode, 'fetch');
      for (const { topic, partitions } of answer.responses) {
        for (const part of partitions) {
          const ask = asked.get(keyOf({ topic, partition: part.partitionIndex }));
          if (ask !== undefined && ask.version === ask.state.version) this.#received(ask.state, part);
        }
      }
    } catch (error) {
      this.#failed(states, error);
    } finally {
      this.#busy.delete(leader);
      this.pump();
      this.#onChange();
    }
  }

  #received(
    state: FetchState,
    part: {
      readonly errorCode: number;
      readonly records: Buffer | null;
      readonly abortedTransactions: readonly { producerId: number; firstOffset: number }[] | null;
      readonly preferredReadReplica: number;
    },
  ): void {
    const where = `${state.topic}-${state.partition}`;
    const name = errorName(part.errorCode);
    const wasNearest = state.nearest !== null;
    if (part.errorCode === 0) state.isLost = false;
    else state.nearest = null;
    if (part.errorCode === 0 && part.preferredReadReplica >= 0) {
      const until = performance.now() + this.#options.replicaMaxAgeMs;
      state.nearest = { node: part.preferredReadReplica, until };
    } else if (name === 'OFFSET_OUT_OF_RANGE' && wasNearest) {
      // A replica may lag behind, or have been cut: what its log lacks says nothing of the leader's.
    } else if (name === 'OFFSET_OUT_OF_RANGE') {
      this.#lose(state);
    } else if (leaderMoved.has(name)) {
      this.#retryLater([state]);
    } else if (part.errorCode !== 0) {
      this.#failure ??= kafkaError(part.errorCode, where);
      this.#retryLater([state]);
    } else if (part.records !== null && part.records.length > 0) {
      this.#buffer(state, part.records, part.abortedTransactions);
    }
  }

  #buffer(
    state: FetchState,
    records: Buffer,
    aborted: readonly { producerId: number; firstOffset: number }[] | null,
  ): void {
    const visible = visibleBatches(records, state.fetchOffset, this.#options.readCommitted ? aborted : null);
    state.fetchOffset = visible.nextOffset;
    // To the end of the order: the broker fills an answer in the order in which it is asked, up to `fetch.max.bytes`.
    const key = keyOf(state);
    this.#states.delete(key);
    this.#states.set(key, state);
    for (const raw of visible.batches) {
      state.buffered.push(raw);
      state.bufferedBytes += raw.sizeBytes;
      this.#bufferedBytes += raw.sizeBytes;
    }
  }

  #failed(states: readonly FetchState[], error: unknown): void {
    if (this.#closed) return;
    const retryable = error instanceof MillraceError && error.retryable;
    if (!retryable) {
      this.#failure ??=
        error instanceof MillraceError
          ? error
          : new MillraceError('KAFKA', errorText(error), { cause: error });
    }
    this.#client.log.debug('fetch failed', { error: errorText(error) });
    this.#retryLater(states);
  }

  #retryLater(states: readonly FetchState[]): void {
    const at = performance.now() + this.#options.retryBackoffMs;
    for (const state of states) {
      state.nearest = null;
      state.notBefore = at;
      state.doubted = this.#client.cachedTopic(state.topic);
    }
    this.#client.refreshSoon([...new Set(states.map(({ topic }) => topic))]);
    this.#later(this.#options.retryBackoffMs);
  }
}
