import type { EventBatch } from '../records/event-batch.ts';
import { errorText, MillraceError } from '../runtime/errors.ts';
import { cutByKey, cutBySize, cutInHalf } from './batch-pieces.ts';
import type { KafkaClient, TopicMetadata } from './client.ts';
import { Delivery, type QueuedPart, type SendResult } from './delivery.ts';
import type { ProducerOptions } from './options.ts';
import { type Outgoing, PartitionQueue, type ProducerIdentity } from './partition-queue.ts';
import { produceErrorRule } from './produce-errors.ts';
import { type ProduceAnswer, requestProducerId, sendProduce } from './produce-request.ts';
import { limitsFrom, type ProducerLimits } from './producer-limits.ts';
import { ProducerRoom } from './producer-room.ts';

export type { SendResult } from './delivery.ts';

/** Room in a request for everything that is not records. */
const requestOverheadBytes = 512;
/** Compressing runs in the thread pool: so many batches of a partition are made ready ahead of the socket. */
const sealAhead = 2;

interface TopicQueue {
  readonly topic: string;
  /** Not yet given to partitions: metadata is not there, or no partition was asked for and none is free. */
  readonly unrouted: (QueuedPart & { readonly partition: number | null })[];
  unroutedBytes: number;
  hurry: boolean;
  readonly partitions: Map<number, PartitionQueue>;
  /** Where the search for the freest partition starts. */
  turn: number;
  lookingUp: boolean;
}

/**
 * Sends pre-encoded batches: one record batch per partition and request, several requests in flight per broker, in
 * order per partition. With idempotence a retried batch keeps its sequence, so the broker drops doubles and the order
 * holds; without it a retry may come after later batches, as in Kafka.
 */
export class Producer implements AsyncDisposable {
  readonly #client: KafkaClient;
  readonly #limits: ProducerLimits;
  readonly #topics = new Map<string, TopicQueue>();
  /** Requests in flight per broker. */
  readonly #flying = new Map<number, number>();
  readonly #room: ProducerRoom;
  readonly #idleWaiters: (() => void)[] = [];
  #open = 0;
  #identity: ProducerIdentity | null = null;
  #identityPending = false;
  #timer: NodeJS.Timeout | null = null;
  #timerAt = Number.POSITIVE_INFINITY;
  #drainQueued = false;
  #closed = false;
  #refusal: MillraceError | null = null;

  constructor(client: KafkaClient, options: ProducerOptions = {}) {
    this.#client = client;
    this.#limits = limitsFrom(options);
    this.#room = new ProducerRoom(this.#limits.bufferBytes, this.#limits.maxBlockMs);
  }

  /** Bytes of events that are unsent or unanswered. */
  get bufferedBytes(): number {
    return this.#room.usedBytes;
  }

  /**
   * Resolves when the batch is acknowledged as `acks` says. A null partition: keys decide where the batch has keys
   * (it is split), else whichever partition is free. The order of calls is the order in each partition. Shared
   * headers are not sent. With `stamp`, records without times of their own get the time at which they leave.
   * Rejects with `KAFKA`, `TIMEOUT` (`delivery.timeout.ms`) or `KAFKA_CONNECTION`.
   */
  async send(
    topic: string,
    partition: number | null,
    batch: EventBatch,
    options: { stamp?: boolean } = {},
  ): Promise<SendResult> {
    if (batch.count === 0) return { partition: partition ?? -1, baseOffset: -1 };
    const { sizeBytes } = batch;
    const waits = this.#room.take(sizeBytes);
    if (waits !== null) {
      for (const queue of this.#topics.values()) queue.hurry = true;
      this.#drainSoon();
      await waits;
    }
    if (this.#refusal !== null || this.#closed) {
      this.#room.release(sizeBytes);
      throw this.#refusal ?? new MillraceError('KAFKA_CONNECTION', 'the producer is closed');
    }
    const { deliveryTimeoutMs } = this.#limits;
    const delivery = new Delivery(topic, sizeBytes, Date.now(), deliveryTimeoutMs, (d) => this.#settled(d));
    this.#open++;
    const queue = this.#topicQueue(topic);
    queue.unrouted.push({ delivery, batch, partition, stamp: options.stamp ?? false });
    queue.unroutedBytes += sizeBytes;
    if (this.#room.isWanted) queue.hurry = true;
    this.#drainSoon();
    return delivery.promise;
  }

  /** Sends what lingers; resolves when everything sent before the call has been answered or has failed. */
  async flush(): Promise<void> {
    for (const topic of this.#topics.values()) {
      if (topic.unrouted.length > 0) topic.hurry = true;
      for (const queue of topic.partitions.values()) if (queue.parts.length > 0) queue.hurry = true;
    }
    this.#drain();
    if (this.#open > 0) await new Promise<void>((resolve) => this.#idleWaiters.push(resolve));
  }

  /** Sends what lingers and waits for the answers, at most `timeoutMs`; the rest fails with `TIMEOUT`. */
  async close(timeoutMs: number = this.#limits.deliveryTimeoutMs): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([this.flush(), new Promise((resolve) => (timer = setTimeout(resolve, timeoutMs)))]);
    clearTimeout(timer);
    this.#failAll(new MillraceError('TIMEOUT', 'the producer was closed before the broker answered'));
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #settled(delivery: Delivery): void {
    this.#open--;
    this.#room.release(delivery.sizeBytes);
    if (this.#open === 0) for (const wake of this.#idleWaiters.splice(0)) wake();
  }

  #failAll(error: MillraceError): void {
    for (const topic of this.#topics.values()) {
      for (const { delivery } of topic.unrouted.splice(0)) delivery.partFailed(error);
      topic.unroutedBytes = 0;
      for (const queue of topic.partitions.values()) {
        for (const part of queue.parts.splice(0)) queue.dropped(part, error);
        for (const outgoing of [...queue.outgoing]) queue.abandon(outgoing, error);
      }
    }
  }

  // Turns

  #topicQueue(topic: string): TopicQueue {
    let queue = this.#topics.get(topic);
    if (queue === undefined) {
      queue = {
        topic,
        unrouted: [],
        unroutedBytes: 0,
        hurry: false,
        partitions: new Map(),
        turn: Math.floor(Math.random() * 0x10000),
        lookingUp: false,
      };
      this.#topics.set(topic, queue);
    }
    return queue;
  }

  /** Once per turn of the event loop, so that calls made together travel together. */
  #drainSoon(): void {
    if (this.#drainQueued) return;
    this.#drainQueued = true;
    setImmediate(() => {
      this.#drainQueued = false;
      this.#drain();
    });
  }

  #wakeAt(at: number, now: number): void {
    if (at >= this.#timerAt || at === Number.POSITIVE_INFINITY) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = setTimeout(
      () => {
        this.#timer = null;
        this.#timerAt = Number.POSITIVE_INFINITY;
        this.#drain();
      },
      Math.max(1, at - now),
    );
  }

  /** Routes what can be routed and sends what can leave; called whenever anything may have changed. */
  #drain(): void {
    const now = Date.now();
    if (this.#limits.idempotence && this.#identity === null && this.#open > 0) this.#fetchIdentity();
    for (const topic of this.#topics.values()) {
      for (const queue of topic.partitions.values()) queue.dropFailed();
      this.#expire(topic, now);
      const metadata = this.#metadataOf(topic);
      if (metadata !== null) this.#route(topic, metadata, now);
    }
    if (this.#limits.idempotence && this.#identity === null) return;
    for (const nodeId of this.#readyNodes(now)) {
      while ((this.#flying.get(nodeId) ?? 0) < this.#limits.maxInFlight && this.#sendTo(nodeId, now)) {
        for (const topic of this.#topics.values()) {
          const metadata = this.#client.cachedTopic(topic.topic);
          if (metadata !== null && topic.unrouted.length > 0) this.#route(topic, metadata, now);
        }
      }
    }
  }

  #fetchIdentity(): void {
    if (this.#identityPending) return;
    this.#identityPending = true;
    requestProducerId(this.#client, this.#limits.requestTimeoutMs)
      .then((identity) => {
        this.#identity = identity;
      })
      .catch((error: unknown) => {
        if (!(error instanceof MillraceError) || !error.retryable) {
          this.#refusal = asMillraceError(error);
          this.#failAll(this.#refusal);
        }
        return new Promise((resolve) => setTimeout(resolve, this.#limits.retryBackoffMs));
      })
      .finally(() => {
        this.#identityPending = false;
        this.#drain();
      });
  }

  /** Fails what has waited longer than `delivery.timeout.ms`; what is flying ends with its answer. */
  #expire(topic: TopicQueue, now: number): void {
    const late = ({ deadline }: { deadline: number }): boolean => deadline <= now;
    const error = (): MillraceError =>
      new MillraceError(
        'TIMEOUT',
        `${topic.topic}: not delivered within ${this.#limits.deliveryTimeoutMs} ms`,
      );
    const known = this.#client.cachedTopic(topic.topic) !== null;
    let next = Number.POSITIVE_INFINITY;
    for (let part = topic.unrouted[0]; part !== undefined; part = topic.unrouted[0]) {
      const { queuedAt, deadline } = part.delivery;
      next = known ? deadline : Math.min(deadline, queuedAt + this.#limits.maxBlockMs);
      if (next > now) break;
      this.#takeUnrouted(topic);
      part.delivery.partFailed(known ? error() : unknownTopic(topic.topic, this.#limits.maxBlockMs));
      next = Number.POSITIVE_INFINITY;
    }
    for (const queue of topic.partitions.values()) {
      if (queue.empty) continue;
      while (queue.parts.length > 0 && late(queue.parts[0]!.delivery)) {
        queue.dropped(queue.parts.shift()!, error());
      }
      for (const outgoing of queue.outgoing.filter((o) => o.state === 'parked' && late(o))) {
        queue.abandon(outgoing, error());
      }
      const parked = queue.outgoing.find(({ state }) => state === 'parked');
      next = Math.min(next, queue.parts[0]?.delivery.deadline ?? next, parked?.deadline ?? next);
    }
    this.#wakeAt(next, now);
  }

  // Routing

  #metadataOf(topic: TopicQueue): TopicMetadata | null {
    if (topic.unrouted.length === 0 && [...topic.partitions.values()].every((queue) => queue.empty))
      return null;
    const cached = this.#client.cachedTopic(topic.topic);
    if (cached === null || cached.partitions.length === 0) {
      this.#lookUp(topic);
      return null;
    }
    return cached;
  }

  #lookUp(topic: TopicQueue): void {
    if (topic.lookingUp) return;
    topic.lookingUp = true;
    this.#client
      .refreshTopics([topic.topic], { allowAutoCreate: true })
      .then((metadata) => {
        const found = metadata.topics.get(topic.topic);
        if (found !== undefined && found.errorCode !== 0) {
          const rule = produceErrorRule(found.errorCode);
          if (rule.action === 'fail') this.#failTopic(topic, refusal(rule.name, topic.topic, rule.remedy));
        }
        if (found === undefined || found.partitions.length === 0) return this.#pause();
        return undefined;
      })
      .catch(() => this.#pause())
      .finally(() => {
        topic.lookingUp = false;
        this.#drain();
      });
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, this.#limits.retryBackoffMs));
  }

  #failTopic(topic: TopicQueue, error: MillraceError): void {
    for (const { delivery } of topic.unrouted.splice(0)) delivery.partFailed(error);
    topic.unroutedBytes = 0;
  }

  #route(topic: TopicQueue, metadata: TopicMetadata, now: number): void {
    const { lingerMs, batchSizeBytes } = this.#limits;
    const maxPart = Math.max(1, this.#limits.maxRequestBytes - requestOverheadBytes);
    while (topic.unrouted.length > 0) {
      const part = topic.unrouted[0]!;
      const { delivery, batch, stamp } = part;
      let target = part.partition;
      if (target !== null && target >= metadata.partitions.length) {
        const has = `it has ${metadata.partitions.length}`;
        this.#takeUnrouted(topic);
        this.#client.refreshSoon([topic.topic]);
        delivery.partFailed(
          refusal(`no partition ${target}`, topic.topic, `Choose a partition that exists; ${has}.`),
        );
        continue;
      }
      if (target === null) {
        if (!batch.hasKeys) {
          const due = topic.hurry || topic.unroutedBytes >= batchSizeBytes ? 0 : delivery.queuedAt + lingerMs;
          if (due > now) {
            this.#wakeAt(due, now);
            return;
          }
        }
        target = this.#freestPartition(topic, metadata, batch.hasKeys);
        if (target === null) return;
      }
      this.#takeUnrouted(topic);
      const pieces =
        batch.hasKeys && part.partition === null
          ? cutByKey(batch, metadata.partitions.length, target)
          : new Map([[target, batch]]);
      delivery.cut(pieces.size);
      for (const [partition, piece] of pieces) {
        const cuts = cutBySize(piece, maxPart);
        delivery.cut(cuts.length);
        const queue = this.#partitionQueue(topic, partition);
        for (const cut of cuts) queue.add({ delivery, batch: cut, stamp });
        if (topic.hurry || (part.partition === null && !batch.hasKeys)) queue.hurry = true;
      }
    }
    topic.hurry = false;
  }

  #takeUnrouted(topic: TopicQueue): void {
    topic.unroutedBytes -= topic.unrouted.shift()!.batch.sizeBytes;
  }

  /**
   * The partition with a leader and the least under way. Null when all have something waiting to leave: what is not
   * yet routed then gathers and travels in larger batches. `always`: any rather than none.
   */
  #freestPartition(topic: TopicQueue, { partitions }: TopicMetadata, always: boolean): number | null {
    let best: number | null = null;
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < partitions.length; i++) {
      const { partition, leader } = partitions[(topic.turn + i) % partitions.length]!;
      if (leader < 0 && !always) continue;
      const queue = topic.partitions.get(partition);
      const load = queue === undefined ? 0 : queue.outgoing.length;
      const busy = (this.#flying.get(leader) ?? 0) >= this.#limits.maxInFlight;
      const waits = queue !== undefined && !this.#hasRoomInBatch(queue);
      if (!always && (waits || (busy && (queue?.parts.length ?? 0) === 0))) continue;
      if (load < least) {
        least = load;
        best = partition;
      }
    }
    if (best !== null) topic.turn = (best + 1) % partitions.length;
    return best;
  }

  /** A partition takes unrouted parts as long as nothing formed waits there and its next batch is not full. */
  #hasRoomInBatch(queue: PartitionQueue): boolean {
    if (queue.outgoing.some(({ state }) => state !== 'flying')) return false;
    return queue.parts.length === 0 || queue.partsBytes < this.#limits.batchSizeBytes;
  }

  #partitionQueue(topic: TopicQueue, partition: number): PartitionQueue {
    let queue = topic.partitions.get(partition);
    if (queue === undefined) {
      queue = new PartitionQueue(topic.topic, partition);
      topic.partitions.set(partition, queue);
    }
    return queue;
  }

  // Sending

  /** The leaders of partitions that have something to send now; makes batches of what is due. */
  #readyNodes(now: number): Set<number> {
    const nodes = new Set<number>();
    const stale: string[] = [];
    for (const topic of this.#topics.values()) {
      const metadata = this.#client.cachedTopic(topic.topic);
      for (const queue of topic.partitions.values()) {
        if (queue.empty) continue;
        const leader = metadata?.partitions[queue.partition]?.leader ?? -1;
        if (leader < 0) stale.push(topic.topic);
        else nodes.add(leader);
        for (const at of [queue.parkedUntil(), queue.partsDueAt(this.#limits)])
          if (at > now) this.#wakeAt(at, now);
      }
    }
    if (stale.length > 0) {
      this.#client.refreshSoon(stale);
      this.#wakeAt(now + this.#limits.retryBackoffMs, now);
    }
    return nodes;
  }

  /** One request with at most one batch of each partition that the broker leads; false when there is nothing. */
  #sendTo(nodeId: number, now: number): boolean {
    const load: { queue: PartitionQueue; outgoing: Outgoing }[] = [];
    let bytes = requestOverheadBytes;
    for (const topic of this.#topics.values()) {
      const metadata = this.#client.cachedTopic(topic.topic);
      if (metadata === null) continue;
      for (const queue of topic.partitions.values()) {
        if (queue.empty || metadata.partitions[queue.partition]?.leader !== nodeId) continue;
        const outgoing = this.#readyBatch(queue, now);
        if (outgoing === null) continue;
        const size = outgoing.sealed!.sizeBytes;
        if (load.length > 0 && bytes + size > this.#limits.maxRequestBytes) continue;
        bytes += size;
        load.push({ queue, outgoing });
      }
    }
    if (load.length === 0) return false;
    for (const { outgoing } of load) outgoing.state = 'flying';
    this.#flying.set(nodeId, (this.#flying.get(nodeId) ?? 0) + 1);
    sendProduce(this.#client, nodeId, this.#limits, load)
      .then(
        (answers) => this.#answered(load, answers),
        (error: unknown) => this.#unanswered(load, asMillraceError(error)),
      )
      .finally(() => {
        this.#flying.set(nodeId, this.#flying.get(nodeId)! - 1);
        this.#drain();
      });
    return true;
  }

  /** The next batch of the partition, formed and sealed; null where none may leave yet. */
  #readyBatch(queue: PartitionQueue, now: number): Outgoing | null {
    const unsent = queue.outgoing.length - queue.flying;
    const ahead = this.#limits.compression === 'none' ? 1 : sealAhead;
    for (let n = unsent; n < ahead && queue.partsDueAt(this.#limits) <= now; n++)
      queue.form(this.#limits, now);
    if (queue.epochsUsedUp) {
      this.#identity = null;
      this.#fetchIdentity();
      return null;
    }
    const next = queue.nextToSend(now);
    if (next === null) return null;
    for (const outgoing of queue.outgoing) {
      if (outgoing.state !== 'parked' || outgoing.notBefore > now) continue;
      const sealing = queue.seal(outgoing, this.#limits, this.#limits.idempotence ? this.#identity : null);
      sealing?.catch((error: unknown) => queue.abandon(outgoing, asMillraceError(error)));
      sealing?.finally(() => this.#drainSoon());
    }
    return next.state === 'parked' && next.sealed !== null ? next : null;
  }

  // Answers

  #answered(
    load: readonly { queue: PartitionQueue; outgoing: Outgoing }[],
    answers: ProduceAnswer[] | null,
  ): void {
    const stale = new Set<string>();
    for (const { queue, outgoing } of load) {
      if (answers === null) {
        queue.acknowledged(outgoing, -1);
        continue;
      }
      const answer = answers.find(
        ({ topic, partition }) => topic === queue.topic && partition === queue.partition,
      );
      const code = answer?.errorCode ?? -1;
      const rule = produceErrorRule(code);
      if (rule.refresh === true) stale.add(queue.topic);
      if (rule.action === 'done') {
        queue.acknowledged(outgoing, answer!.baseOffset);
        continue;
      }
      const error = refusal(
        rule.name,
        `${queue.topic}-${queue.partition}`,
        rule.remedy,
        answer?.errorMessage,
      );
      switch (rule.action) {
        case 'split':
          this.#split(queue, outgoing, error);
          break;
        case 'sequence':
          if (this.#limits.idempotence) queue.sequenceRefused(outgoing);
          this.#retry(queue, outgoing, this.#limits.idempotence ? null : error, error);
          break;
        case 'retry':
          this.#retry(queue, outgoing, null, error);
          break;
        case 'fail':
          queue.abandon(outgoing, error);
      }
    }
    if (stale.size > 0) this.#client.refreshSoon([...stale]);
  }

  #unanswered(load: readonly { queue: PartitionQueue; outgoing: Outgoing }[], error: MillraceError): void {
    const stale = new Set(load.map(({ queue }) => queue.topic));
    for (const { queue, outgoing } of load) {
      if (!queue.outgoing.includes(outgoing)) continue;
      this.#retry(queue, outgoing, error.retryable ? null : error, error);
    }
    this.#client.refreshSoon([...stale]);
  }

  /** Parks the batch for another try, unless it is final or out of tries or time. */
  #retry(queue: PartitionQueue, outgoing: Outgoing, final: MillraceError | null, last: MillraceError): void {
    const now = Date.now();
    const { retries, deliveryTimeoutMs, retryBackoffMs, retryBackoffMaxMs } = this.#limits;
    let error = final;
    if (error === null && outgoing.attempts >= retries) error = last;
    if (error === null && outgoing.deadline <= now) {
      const text = `not delivered within ${deliveryTimeoutMs} ms; last: ${last.message}`;
      error = new MillraceError('TIMEOUT', text, { cause: last });
    }
    if (error !== null) {
      queue.abandon(outgoing, error);
      return;
    }
    const backoff = Math.min(retryBackoffMaxMs, retryBackoffMs * 2 ** Math.min(outgoing.attempts, 16));
    queue.park(outgoing, now + Math.round(backoff * (0.8 + Math.random() * 0.4)));
  }

  #split(queue: PartitionQueue, outgoing: Outgoing, error: MillraceError): void {
    const halves = cutInHalf(outgoing.batch);
    if (halves === null) queue.abandon(outgoing, error);
    else queue.cut(outgoing, halves);
  }
}

function refusal(name: string, where: string, remedy?: string, text?: string | null): MillraceError {
  const message =
    text === undefined || text === null || text === '' ? `${where}: ${name}` : `${where}: ${name}: ${text}`;
  return new MillraceError('KAFKA', message, {
    details: { error: name },
    ...(remedy === undefined ? {} : { remedy }),
  });
}

const unknownTopic = (topic: string, maxBlockMs: number): MillraceError =>
  new MillraceError('TIMEOUT', `${topic}: no broker knew the topic within ${maxBlockMs} ms (max.block.ms)`);

function asMillraceError(error: unknown): MillraceError {
  return error instanceof MillraceError
    ? error
    : new MillraceError('KAFKA_CONNECTION', errorText(error), { cause: error });
}
