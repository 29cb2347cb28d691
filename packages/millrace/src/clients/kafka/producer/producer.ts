import type { EventBatch } from '../../../records/event-batch.ts';
import { Deadline } from '../../../runtime/deadline.ts';
import { MillraceError } from '../../../runtime/errors.ts';
import { after, Bell, type Timer } from '../../../runtime/timers.ts';
import { type WaitReport, waitReport } from '../../../runtime/wait.ts';
import type { KafkaClient } from '../client.ts';
import type { TopicMetadata } from '../cluster-metadata.ts';
import { kafkaError } from '../kafka-errors.ts';
import type { ProducerOptions } from '../options.ts';
import { Delivery, type SendResult } from './delivery.ts';
import type { ProducerIdentity } from './partition-queue.ts';
import { produceErrorRule } from './produce-errors.ts';
import { requestProducerId } from './produce-request.ts';
import { limitsFrom, type ProducerLimits } from './producer-limits.ts';
import { ProducerRoom } from './producer-room.ts';
import { asMillraceError, ProducerSender } from './producer-sender.ts';
import { closedFailure } from './send-failure.ts';
import { TopicLookups } from './topic-lookups.ts';
import { TopicQueue } from './topic-queue.ts';
import type { TransactionGate } from './transaction-gate.ts';

export type { SendResult } from './delivery.ts';

/** Metadata of this age is believed when it says that a partition is not there. */
const freshMs = 1000;

/**
 * Sends pre-encoded batches: one record batch per partition and request, several requests in flight per broker, in
 * order per partition. With idempotence a retried batch keeps its sequence, so the broker drops doubles and the order
 * holds; so it does with one request in flight. Else a retry may come after later batches, as in Kafka.
 */
export class Producer implements AsyncDisposable {
  readonly #client: KafkaClient;
  readonly #limits: ProducerLimits;
  readonly #gate: TransactionGate | null;
  readonly #topics = new Map<string, TopicQueue>();
  /** Topics with something that has no partition yet. */
  readonly #unrouted = new Set<TopicQueue>();
  readonly #sender: ProducerSender;
  readonly #lookups: TopicLookups;
  readonly #room: ProducerRoom;
  /** Calls of `send` that have not ended, the oldest first. */
  readonly #open = new Set<Delivery>();
  /** Flushes that wait until no call up to that number is open; the oldest first. */
  readonly #flushes: { readonly upTo: number; resolve(): void }[] = [];
  #sent = 0;
  #identity: ProducerIdentity | null = null;
  #identityPending = false;
  #wake: { readonly timer: Timer; readonly at: number } | null = null;
  #drainQueued = false;
  #someFailed = false;
  #trouble: MillraceError | null = null;
  #troubleSinceMs = 0;
  #closed = false;
  #sweptAt = performance.now();
  /** Rings when nothing is under way. */
  readonly #landed = new Bell();

  /** `gate`: of the transactions that all sends belong to; see `TransactionalProducer`. */
  constructor(client: KafkaClient, options: ProducerOptions = {}, gate: TransactionGate | null = null) {
    this.#client = client;
    this.#gate = gate;
    this.#limits = limitsFrom(options);
    this.#room = new ProducerRoom(this.#limits.bufferBytes, this.#limits.maxBlockMs);
    this.#sender = new ProducerSender(client, this.#limits, {
      identity: (renew) => this.#identityOrAsk(renew),
      admits: (partition) => gate === null || gate.admits(partition),
      transaction: gate,
      changed: () => {
        if (this.#sender.flying === 0) this.#landed.ring();
        this.#drainSoon();
      },
      gaveUp: (error) => {
        this.#someFailed = true;
        if (gate !== null) this.drop(error);
        this.#drainSoon();
      },
      gotThrough: () => {
        this.#trouble = null;
      },
      troubled: (error) => {
        this.#noteTrouble(error);
      },
      leaderless: ({ topic, partition }) => {
        if (this.#trouble === null)
          this.#noteTrouble(new MillraceError('KAFKA', `${topic}-${partition} has no leader at the moment`));
      },
    });
    this.#lookups = new TopicLookups(
      client,
      (topic, metadata) => this.#lookedUp(topic, metadata),
      () => this.#drainSoon(),
      (error) => {
        this.#noteTrouble(asMillraceError(error));
      },
    );
  }

  /** Why what is open has not got through yet: the last failure since something was acknowledged. */
  get trouble(): MillraceError | null {
    return this.#open.size === 0 ? null : this.#trouble;
  }

  /** For whoever looks: the trouble as a wait, but for brokers that don't answer: of those the client tells. */
  waits(): readonly WaitReport[] {
    const { trouble } = this;
    if (trouble === null || trouble.code === 'KAFKA_CONNECTION') return [];
    return [
      waitReport('fault', `the brokers to take what was sent: ${trouble.message}`, this.#troubleSinceMs),
    ];
  }

  #noteTrouble(error: MillraceError): void {
    if (this.#trouble === null) this.#troubleSinceMs = Date.now();
    this.#trouble = error;
  }

  /** Bytes of events that are unsent or unanswered. */
  get bufferedBytes(): number {
    return this.#room.usedBytes;
  }

  /**
   * Resolves when the batch is acknowledged as `acks` says. A null partition: keys decide where the batch has keys
   * (it is split), else whichever partition is free. The order of calls is the order in each partition, also where they
   * wait for room. Shared headers are not sent. With `stamp`, records without times of their own get the time at which
   * they leave.
   * Rejects with `SendFailure`: some events are refused for good, or given up for now; its cause is `KAFKA`, `TIMEOUT`
   * (`delivery.timeout.ms`, `max.block.ms`) or `KAFKA_CONNECTION`.
   */
  send(
    topic: string,
    partition: number | null,
    batch: EventBatch,
    options: { stamp?: boolean } = {},
  ): Promise<SendResult> {
    if (batch.count === 0) return Promise.resolve({ partition: partition ?? -1, baseOffset: -1 });
    if (this.#closed) return Promise.reject(closedFailure(batch));
    const delivery = new Delivery(topic, batch, ++this.#sent, (settled) => this.#settled(settled));
    this.#open.add(delivery);
    this.#room.take(
      delivery.sizeBytes,
      () => this.#enqueue(delivery, partition, options.stamp ?? false),
      (error) => delivery.failed({ delivery, count: batch.count, from: 0, places: null }, error),
    );
    if (!delivery.admitted) this.hurry();
    return delivery.promise;
  }

  #enqueue(delivery: Delivery, partition: number | null, stamp: boolean): void {
    delivery.admit(performance.now(), this.#limits.deliveryTimeoutMs);
    const queue = this.#topicQueue(delivery.topic);
    queue.add(delivery, partition, stamp);
    queue.usedAt = delivery.queuedAt;
    if (this.#room.isWanted) queue.hurry = true;
    this.#unrouted.add(queue);
    this.#drainSoon();
  }

  /** Nothing that was sent so far lingers. */
  hurry(): void {
    for (const topic of this.#unrouted) topic.hurry = true;
    for (const queue of this.#sender.active) if (queue.parts.length > 0) queue.hurry = true;
    this.#drainSoon();
  }

  /** Sends what lingers; resolves when everything sent before the call has been answered or has failed. */
  async flush(): Promise<void> {
    this.hurry();
    if (this.#open.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#flushes.push({ upTo: this.#sent, resolve });
    await promise;
  }

  /** Something may leave that could not before. */
  wake(): void {
    this.#drainSoon();
  }

  /** Gives up everything that is open; what is under way may still arrive. Its transaction has failed with it. */
  drop(error: MillraceError): void {
    this.#gate?.failed(error);
    this.#failAll(error);
  }

  /** Resolves when no request is under way. */
  async landed(): Promise<void> {
    while (this.#sender.flying > 0) await this.#landed.wait(Number.POSITIVE_INFINITY);
  }

  /**
   * Sends what lingers and waits for the answers until the deadline (or so many milliseconds); events without an answer
   * by then are pending, with `TIMEOUT`.
   */
  async close(limit: Deadline | number = this.#limits.deliveryTimeoutMs): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const deadline = typeof limit === 'number' ? Deadline.in(limit) : limit;
    await deadline.race(this.flush());
    this.#failAll(new MillraceError('TIMEOUT', 'the producer was closed before the broker answered'));
    this.#wake?.timer.cancel();
    this.#lookups.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #settled(delivery: Delivery): void {
    this.#open.delete(delivery);
    if (this.#flushes.length > 0) {
      const [oldest] = this.#open;
      const first = oldest?.serial ?? Number.POSITIVE_INFINITY;
      while (this.#flushes.length > 0 && this.#flushes[0]!.upTo < first) this.#flushes.shift()!.resolve();
    }
    if (delivery.admitted) this.#room.release(delivery.sizeBytes);
  }

  #failAll(error: MillraceError): void {
    this.#room.refuseAll(error);
    for (const topic of this.#unrouted) while (topic.unrouted.length > 0) topic.dropFirst(error);
    this.#unrouted.clear();
    for (const queue of this.#sender.active) {
      while (queue.parts.length > 0) queue.dropFirst(error);
      for (const outgoing of [...queue.outgoing]) queue.abandon(outgoing, error);
    }
  }

  // Turns

  #topicQueue(topic: string): TopicQueue {
    let queue = this.#topics.get(topic);
    if (queue === undefined) {
      queue = new TopicQueue(topic, this.#limits, this.#sender);
      this.#topics.set(topic, queue);
    }
    return queue;
  }

  /**
   * Once per turn of the event loop, behind its reading of sockets: calls made together travel together, and after a
   * stop of the whole process the answers that are there are read before anything counts as late.
   */
  #drainSoon(): void {
    if (this.#drainQueued) return;
    this.#drainQueued = true;
    setImmediate(() => {
      this.#drainQueued = false;
      this.#drain();
    });
  }

  #wakeAt(at: number, now: number): void {
    if (at === Number.POSITIVE_INFINITY || (this.#wake !== null && this.#wake.at <= at)) return;
    this.#wake?.timer.cancel();
    const timer = after(Math.max(1, at - now), () => {
      this.#wake = null;
      this.#drainSoon();
    });
    this.#wake = { timer, at };
  }

  /** Routes what can be routed and sends what can leave; called whenever anything may have changed. */
  #drain(): void {
    const now = performance.now();
    const isNobody = this.#gate === null && this.#limits.idempotence && this.#identity === null;
    if (isNobody && this.#open.size > 0) this.#fetchIdentity();
    if (this.#someFailed) {
      this.#someFailed = false;
      for (const queue of this.#sender.active) queue.dropFailed();
    }
    this.#wakeAt(this.#expire(now), now);
    this.#routeAll(now);
    this.#wakeAt(
      this.#sender.send(now, () => this.#routeAll(now)),
      now,
    );
    this.#forgetIdle(now);
  }

  #routeAll(now: number): void {
    for (const topic of this.#unrouted) {
      const metadata = this.#client.cachedTopic(topic.topic);
      if (metadata === null || metadata.partitions.length === 0) {
        this.#lookups.want(topic.topic);
        continue;
      }
      const isFresh = (): boolean => this.#client.topicAgeMs(topic.topic) < freshMs;
      const next = topic.route(metadata, isFresh, now);
      if (topic.unrouted.length === 0) this.#unrouted.delete(topic);
      if (next === 'doubted') this.#lookups.want(topic.topic);
      else this.#wakeAt(next, now);
    }
  }

  /** Gives up what has waited too long; what is flying ends with its answer. When to look again. */
  #expire(now: number): number {
    const { deliveryTimeoutMs, maxBlockMs } = this.#limits;
    const error = (topic: string): MillraceError =>
      new MillraceError('TIMEOUT', `${topic}: not delivered within ${deliveryTimeoutMs} ms`);
    let next = Number.POSITIVE_INFINITY;
    for (const topic of this.#unrouted) {
      const isKnown = this.#client.cachedTopic(topic.topic) !== null;
      for (let part = topic.unrouted[0]; part !== undefined; part = topic.unrouted[0]) {
        const { queuedAt, deadline } = part.span.delivery;
        const until = isKnown ? deadline : Math.min(deadline, queuedAt + maxBlockMs);
        if (until > now) {
          next = Math.min(next, until);
          break;
        }
        topic.dropFirst(isKnown ? error(topic.topic) : unknownTopic(topic.topic, maxBlockMs));
      }
      if (topic.unrouted.length > 0) continue;
      this.#unrouted.delete(topic);
      this.#lookups.forget(topic.topic);
    }
    for (const queue of this.#sender.active) {
      for (let part = queue.parts[0]; part !== undefined; part = queue.parts[0]) {
        const { deadline } = part.span.delivery;
        if (deadline > now) {
          next = Math.min(next, deadline);
          break;
        }
        queue.dropFirst(error(queue.topic));
      }
      for (const outgoing of [...queue.outgoing]) {
        if (outgoing.state !== 'parked') continue;
        if (outgoing.deadline <= now) queue.abandon(outgoing, error(queue.topic));
        else next = Math.min(next, outgoing.deadline);
      }
    }
    return next;
  }

  /**
   * Lets go of topics that nothing was sent to for `metadata.max.idle.ms`. The brokers remember the sequences of their
   * partitions, so whatever is sent there later begins under an epoch that was never used.
   */
  #forgetIdle(now: number): void {
    const { metadataMaxIdleMs } = this.#limits;
    if (now - this.#sweptAt < metadataMaxIdleMs / 4) return;
    this.#sweptAt = now;
    let used = -1;
    for (const [name, topic] of this.#topics) {
      if (now - topic.usedAt < metadataMaxIdleMs || !topic.idle) continue;
      for (const queue of topic.partitions.values()) used = Math.max(used, queue.epoch);
      this.#topics.delete(name);
    }
    if (used < 0 || this.#identity === null || used < this.#identity.epoch) return;
    this.#identity = used >= highestEpoch ? null : { ...this.#identity, epoch: used + 1 };
  }

  // Who we are

  #identityOrAsk(renew: boolean): ProducerIdentity | null {
    if (this.#gate !== null) return this.#gate.identity;
    if (renew) this.#identity = null;
    if (this.#identity === null) this.#fetchIdentity();
    return this.#identity;
  }

  #fetchIdentity(): void {
    if (this.#identityPending || this.#closed) return;
    this.#identityPending = true;
    const end = (): void => {
      this.#identityPending = false;
      this.#drainSoon();
    };
    requestProducerId(this.#client, this.#limits.requestTimeoutMs).then(
      (identity) => {
        this.#identity = identity;
        end();
      },
      (error: unknown) => {
        // What another try will not mend is given back to who sent it; the next send asks again.
        this.#noteTrouble(asMillraceError(error));
        if (this.#trouble?.retryable === false) this.#failAll(this.#trouble);
        after(this.#limits.retryBackoffMs, end);
      },
    );
  }

  // Topics

  #lookedUp(name: string, metadata: TopicMetadata | undefined): void {
    const topic = this.#topics.get(name);
    if (topic === undefined || topic.unrouted.length === 0) {
      this.#lookups.forget(name);
      return;
    }
    if (metadata === undefined || metadata.errorCode === 0) return;
    this.#noteTrouble(kafkaError(metadata.errorCode, `topic ${name}`));
    const rule = produceErrorRule(metadata.errorCode);
    if (rule.action !== 'refuse' && rule.action !== 'pending') return;
    const text = `topic ${name}: ${rule.name}`;
    const remedy = rule.remedy === undefined ? {} : { remedy: rule.remedy };
    const error = new MillraceError('KAFKA', text, { details: { error: rule.name }, ...remedy });
    while (topic.unrouted.length > 0) {
      if (rule.action === 'refuse') topic.refuseFirst(`${text}. ${rule.remedy ?? ''}`);
      else topic.dropFirst(error);
    }
    this.#unrouted.delete(topic);
    this.#lookups.forget(name);
  }
}

const highestEpoch = 32767;

const unknownTopic = (topic: string, maxBlockMs: number): MillraceError =>
  new MillraceError('TIMEOUT', `${topic}: no broker knew the topic within ${maxBlockMs} ms (max.block.ms)`);
