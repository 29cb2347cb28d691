import type { FateListener } from '../../component/lifetime.ts';
import type { PutFate } from '../../component/put-fate.ts';
import { BasicTransaction } from '../../component/transaction.ts';
import type { Chunk } from '../../queues/memory-queue.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { MillraceError } from '../../runtime/errors.ts';
import type { Bell } from '../../runtime/timers.ts';
import type { MemoryChannel } from './channel.ts';

/** One transaction of a memory channel: puts and takes, also both (Flume's MemoryTransaction). */
export class MemoryTransaction extends BasicTransaction {
  readonly #channel: MemoryChannel;
  readonly #signal: AbortSignal | undefined;
  #puts: { batch: EventBatch; slots: number; onFate: FateListener | undefined }[] = [];
  #putCount = 0;
  #putSlots = 0;
  #takes: Chunk<PutFate | undefined>[] = [];
  #takeCount = 0;
  #takeSlots = 0;

  constructor(channel: MemoryChannel, signal: AbortSignal | undefined) {
    super(channel.name);
    this.#channel = channel;
    this.#signal = signal;
  }

  protected override async doPut(batch: EventBatch, onFate?: FateListener): Promise<void> {
    const { counter, transactionCapacity } = this.#channel;
    counter.eventPutAttempt += batch.count;
    if (this.#putCount + batch.count > transactionCapacity) {
      throw this.#tooBig();
    }
    const slots = this.#channel.slotsOf(batch);
    this.#puts.push({ batch: batch.compact(), slots, onFate });
    this.#putCount += batch.count;
    this.#putSlots += slots;
  }

  protected override async doTake(maxEvents: number, signal?: AbortSignal): Promise<EventBatch | null> {
    const { counter, queue, bell, keepAliveMs, transactionCapacity } = this.#channel;
    const most = Math.min(maxEvents, transactionCapacity - this.#takeCount);
    if (most <= 0) return null;
    let chunk = queue.take(most);
    if (chunk === null && this.#takeCount === 0)
      chunk = await this.#waitForChunk(most, bell, keepAliveMs, signal);
    counter.eventTakeAttempt += chunk === null ? 1 : chunk.batch.count;
    if (chunk === null) return null;
    this.#takes.push(chunk);
    this.#takeCount += chunk.batch.count;
    this.#takeSlots += chunk.slots;
    this.#channel.lend(chunk.batch.count);
    return chunk.batch;
  }

  async #waitForChunk(
    most: number,
    bell: Bell,
    keepAliveMs: number,
    signal?: AbortSignal,
  ): Promise<Chunk<PutFate | undefined> | null> {
    const deadline = performance.now() + keepAliveMs;
    for (;;) {
      await bell.wait(deadline - performance.now(), signal);
      const chunk = this.#channel.queue.take(most);
      if (chunk !== null) return chunk;
      if (signal?.aborted || this.#channel.status !== 'started' || performance.now() >= deadline) return null;
    }
  }

  protected override async doCommit(): Promise<void> {
    const channel = this.#channel;
    const events = this.#putCount - this.#takeCount;
    const slots = this.#putSlots - this.#takeSlots;
    if (events > 0 || slots > 0) await channel.acquire(events, slots, this.#signal);
    channel.lend(-this.#takeCount);
    if (events <= 0 && slots <= 0) channel.release(-events, -slots);
    for (const { batch, slots, onFate } of this.#puts) {
      channel.queue.append(batch, slots, onFate && channel.fateOf(batch.count, onFate));
    }
    for (const { batch, of } of this.#takes) of?.delivered(batch.count);
    channel.counter.eventPutSuccess += this.#putCount;
    channel.counter.eventTakeSuccess += this.#takeCount;
    channel.counter.channelSize = channel.queue.eventCount;
    this.#takes = [];
    this.#puts = [];
    if (this.#putCount > 0) channel.bell.ring();
  }

  protected override async doRollback(): Promise<void> {
    for (const chunk of this.#takes) this.#channel.queue.giveBack(chunk);
    this.#channel.lend(-this.#takeCount);
    this.#puts = [];
    const gaveBack = this.#takes.length > 0;
    this.#takes = [];
    this.#channel.counter.channelSize = this.#channel.queue.eventCount;
    if (gaveBack) this.#channel.bell.ring();
  }

  #tooBig(): MillraceError {
    const { name, transactionCapacity } = this.#channel;
    return new MillraceError(
      'TRANSACTION_TOO_BIG',
      `Put queue for MemoryTransaction of capacity ${transactionCapacity} full, consider committing more frequently, increasing capacity or increasing thread count`,
      { details: { channel: name, transactionCapacity } },
    );
  }
}
