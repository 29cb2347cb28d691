import { errorText, MillraceError } from '../../../runtime/errors.ts';
import { pause } from '../../../runtime/timers.ts';
import type { Admin } from '../admin/admin.ts';
import { produceApi } from '../apis.ts';
import type { KafkaClient } from '../client.ts';
import type { RawBatch } from '../consumer/fetched-records.ts';
import { leaderOf } from '../consumer/offsets.ts';
import { kafkaError } from '../kafka-errors.ts';
import { keyOf, type TopicPartition } from '../options.ts';
import type { ProducerIdentity } from '../producer/partition-queue.ts';
import { produceErrorRule } from '../producer/produce-errors.ts';
import { fillerBatch } from './filler.ts';
import { outgoingBatch } from './outgoing-batch.ts';
import type { PartitionCopy } from './partition-copy.ts';
import { settledEnds } from './partition-ends.ts';

/** What all copies of a mirror share. */
export interface CopyContext {
  readonly to: KafkaClient;
  readonly admin: Admin;
  readonly requestTimeoutMs: number;
  readonly signal: AbortSignal;
  /** Whose batches they are; the same in a later process. */
  readonly producer: ProducerIdentity;
  /** Bytes that wait in all copies together. */
  waitingBytes: number;
  readonly maxWaitingBytes: number;
  /** The source is to be read from there. */
  seek(partition: TopicPartition, offset: number): void;
  /** Something has ended, or there is room again. */
  changed(): void;
  newProducer(): Promise<ProducerIdentity>;
  /** An offset is missing in the source behind what this has copied; nothing of it is under way. */
  onGap(copy: IdenticalCopy, gap: MillraceError): void;
}

export interface CopyStart extends TopicPartition {
  /** The offset that the next record gets in the target, which is the next of the source, too. */
  readonly next: number;
  /** The source's first offset; offsets below it are filled with records that are deleted again. */
  readonly sourceStart: number;
  /** Whether fillers of an earlier run may be left. */
  readonly trim: boolean;
}

/** As many as a broker knows again of a producer. */
const mostInFlight = 5;
const partitionWaitingBytes = 16 * 1024 * 1024;
const backoffMs = 100;
const backoffMaxMs = 2000;
/** A sequence that the broker does not take: after so many looks at the end another producer goes on. */
const sequenceTries = 3;

/**
 * Copies one partition batch by batch, each record to the offset that it has in the source. The target's end says what
 * is there; after anything uncertain it is asked, once nothing of this copy is under way. A record's sequence follows
 * from its offset, so what a predecessor still had under way is taken once.
 */
export class IdenticalCopy implements PartitionCopy {
  readonly mode = 'identical';
  readonly partition: TopicPartition;
  readonly #context: CopyContext;
  readonly #name: string;
  #producer: ProducerIdentity;
  #next: number;
  #acknowledged: number;
  readonly #sourceStart: number;
  #mustTrim: boolean;
  readonly #waiting: RawBatch[] = [];
  #waitingBytes = 0;
  #inFlight = 0;
  #state: 'running' | 'settling' | 'failed' | 'ended' = 'running';
  #gap: MillraceError | null = null;
  #isSending = false;
  #isKnown = false;
  #attempts = 0;
  #sequenceFaults = 0;
  #failure: MillraceError | null = null;
  records = 0;
  bytes = 0;
  fillers = 0;

  constructor(context: CopyContext, { topic, partition, next, sourceStart, trim }: CopyStart) {
    this.#context = context;
    this.#producer = context.producer;
    this.partition = { topic, partition };
    this.#name = `${topic}-${partition}`;
    this.#next = next;
    this.#acknowledged = next;
    this.#sourceStart = sourceStart;
    this.#mustTrim = trim || next < sourceStart;
  }

  /** Up to where the target has the partition. */
  get position(): number {
    return this.#acknowledged;
  }

  /** Why it goes no further; null: it does. */
  get failure(): MillraceError | null {
    return this.#failure;
  }

  /** Nothing waits, nothing is under way. */
  get isIdle(): boolean {
    if (this.#state === 'failed') return true;
    const isReady = this.#state === 'running' && this.#next >= this.#sourceStart && !this.#mustTrim;
    return isReady && this.#inFlight === 0 && this.#waiting.length === 0 && !this.#isSending;
  }

  /** Batches that are sent and not answered. */
  get underWay(): number {
    return this.#inFlight;
  }

  /** A group that is beyond what the target has goes on at the target's end. */
  translate(offset: number): number {
    return Math.min(offset, this.#acknowledged);
  }

  /** It goes no further, for this reason. */
  abandon(error: MillraceError): void {
    this.#fail(error);
  }

  /** Sends what has to go before the first batch. */
  start(): void {
    void this.#send();
  }

  /** Takes the next batch of the source, if there is room for it. */
  offer(raw: RawBatch): boolean {
    if (this.#state === 'failed') return true;
    const context = this.#context;
    const isFull =
      this.#waitingBytes >= partitionWaitingBytes || context.waitingBytes >= context.maxWaitingBytes;
    if (this.#state !== 'running' || (isFull && this.#waiting.length > 0)) return false;
    this.#waiting.push(raw);
    this.#account(raw.sizeBytes);
    void this.#send();
    return true;
  }

  #account(bytes: number): void {
    this.#waitingBytes += bytes;
    this.#context.waitingBytes += bytes;
  }

  async #send(): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    try {
      while (
        this.#state === 'running' &&
        this.#inFlight < this.#mostInFlight &&
        !this.#context.signal.aborted
      ) {
        if (this.#next >= this.#sourceStart && this.#mustTrim) {
          if (this.#inFlight > 0) break;
          await this.#trim();
        } else if (!(await this.#sendOne())) break;
      }
    } catch (error) {
      this.#trouble(error);
    } finally {
      this.#isSending = false;
      this.#context.changed();
    }
  }

  /** The fillers have served; nobody is to read them. */
  async #trim(): Promise<void> {
    await this.#context.admin.deleteRecordsBefore([{ ...this.partition, offset: this.#sourceStart }]);
    this.#mustTrim = false;
  }

  /**
   * A broker that knows nothing of the producer takes any sequence, also one that stands behind what it has refused: one
   * batch has to be taken before others follow it.
   */
  get #mostInFlight(): number {
    return this.#isKnown ? mostInFlight : 1;
  }

  async #sendOne(): Promise<boolean> {
    const offset = this.#next;
    const isFiller = offset < this.#sourceStart;
    if (!isFiller && this.#waiting.length === 0) return false;
    const { topic, partition } = this.partition;
    const leader = leaderOf(this.#context.to, topic, partition);
    if (leader < 0) throw new MillraceError('KAFKA', `${this.#name} has no leader`, { retryable: true });
    const connection = await this.#context.to.connection(leader, 'mirror');
    // Something may have failed meanwhile.
    if (this.#state !== 'running') return false;
    // Or failed, and been asked for at the target: what is due is another offset then.
    if (this.#next !== offset) return true;
    let sealed = isFiller ? fillerBatch(offset, this.#sourceStart, this.#producer) : null;
    if (sealed === null) {
      const raw = this.#waiting.shift()!;
      this.#account(-raw.sizeBytes);
      if (raw.nextOffset <= offset) return true;
      sealed = raw.baseOffset > offset ? null : outgoingBatch(raw, offset, this.#producer);
      if (sealed === null) {
        this.#end(gap(this.#name, offset));
        return false;
      }
    }
    const { header, records, count, sizeBytes } = sealed;
    this.#next = offset + count;
    this.#inFlight++;
    const data = { index: partition, records: [header, records] };
    const timeoutMs = this.#context.requestTimeoutMs;
    const message = {
      ...{ transactionalId: null, acks: -1, timeoutMs },
      topicData: [{ name: topic, partitionData: [data] }],
    };
    connection
      .request(produceApi, message, timeoutMs)
      .then(({ responses }) => {
        const part = responses[0]?.partitionResponses[0];
        if (part === undefined) throw new MillraceError('PROTOCOL', `${this.#name} is not in the answer`);
        if (part.errorCode !== 0) {
          const what = `${this.#name}, offsets ${offset} to ${offset + count - 1}, ${sizeBytes} bytes`;
          throw kafkaError(part.errorCode, what, part.errorMessage);
        }
        if (part.baseOffset !== offset) throw foreign(this.#name, offset, part.baseOffset);
        this.#landed(offset + count, isFiller, count, sizeBytes);
      })
      .catch((error: unknown) => this.#trouble(error))
      .finally(() => {
        this.#inFlight--;
        if (this.#state === 'settling') {
          if (this.#inFlight === 0) void this.#recover();
        } else if (this.#state === 'ended') this.#tellGap();
        else void this.#send();
      });
    return true;
  }

  #landed(upTo: number, isFiller: boolean, count: number, sizeBytes: number): void {
    this.#acknowledged = Math.max(this.#acknowledged, upTo);
    this.#attempts = 0;
    this.#isKnown = true;
    this.#sequenceFaults = 0;
    if (isFiller) this.fillers += count;
    else {
      this.records += count;
      this.bytes += sizeBytes;
    }
  }

  /** What is under way is waited for; then the target is asked what it has. */
  #trouble(error: unknown): void {
    if (this.#state === 'failed') return;
    if (this.#state === 'ended') this.#state = 'running';
    const known =
      error instanceof MillraceError ? error : new MillraceError('KAFKA', errorText(error), { cause: error });
    const { action, remedy } = produceErrorRule(Number(known.details.errorCode ?? 0));
    const isSequence = known.details.errorCode !== undefined && action === 'sequence';
    if (isSequence) this.#sequenceFaults++;
    else if (!known.retryable && action !== 'retry') {
      this.#fail(
        new MillraceError(known.code, known.message, {
          cause: known,
          remedy: remedy === undefined ? known.remedy : `In the target: ${remedy}`,
        }),
      );
      return;
    }
    this.#context.to.log.debug(`${this.#name}: ${known.message}`);
    if (this.#state === 'settling') return;
    this.#state = 'settling';
    if (this.#inFlight === 0) void this.#recover();
  }

  #fail(error: MillraceError): void {
    this.#state = 'failed';
    this.#failure = error;
    this.#drop();
    this.#context.changed();
  }

  /** Here offsets begin to be others; whoever knows how goes on, once all that was sent has landed. */
  #end(why: MillraceError): void {
    this.#gap = why;
    this.#state = 'ended';
    this.#drop();
    this.#tellGap();
  }

  #tellGap(): void {
    if (this.#inFlight === 0) this.#context.onGap(this, this.#gap!);
  }

  #drop(): void {
    this.#account(-this.#waitingBytes);
    this.#waiting.length = 0;
  }

  async #recover(): Promise<void> {
    const { to, signal } = this.#context;
    const { topic } = this.partition;
    for (;;) {
      await pause(Math.min(backoffMaxMs, backoffMs * 2 ** Math.min(this.#attempts++, 10)), signal);
      if (signal.aborted || this.#state === 'failed') return;
      try {
        await to.refreshTopics([topic]);
        const end = (await settledEnds(to, [this.partition], signal)).get(keyOf(this.partition))?.end;
        if (end === undefined || this.#failure !== null) return;
        if (end > this.#next) {
          this.#fail(foreign(this.#name, this.#next, end));
          return;
        }
        if (this.#sequenceFaults >= sequenceTries) this.#producer = await this.#context.newProducer();
        this.#isKnown = false;
        this.#drop();
        this.#mustTrim ||= end < this.#sourceStart;
        this.#next = end;
        this.#acknowledged = end;
        this.#context.seek(this.partition, Math.max(end, this.#sourceStart));
        this.#state = 'running';
        void this.#send();
        return;
      } catch (error) {
        if (!signal.aborted) to.log.warn(`${this.#name}: ${errorText(error)}`);
      }
    }
  }
}

const foreign = (name: string, expected: number, found: number): MillraceError =>
  new MillraceError(
    'KAFKA',
    `${name}: offset ${found} where ${expected} was due: somebody else writes to the target`,
    {
      remedy:
        'Let nobody write to the topic before the move is done; delete it in the target and begin again.',
    },
  );

/** What is told where nobody can go on from there: in a target with transactions somebody can. */
const gap = (name: string, offset: number): MillraceError =>
  new MillraceError(
    'KAFKA',
    `${name}: the source has no record at offset ${offset}: compaction or a transaction has left a gap, behind which ` +
      'records can be copied in transactions alone, and the target serves none',
    { remedy: 'Mirror the topic into brokers that serve transactions, as Apache Kafka does.' },
  );
