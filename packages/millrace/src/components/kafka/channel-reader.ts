import type { KafkaClient } from '../../clients/kafka/client.ts';
import { Consumer } from '../../clients/kafka/consumer/consumer.ts';
import { keyOf, type TopicPartition, type TopicPartitionOffset } from '../../clients/kafka/options.ts';
import type { ComponentContext } from '../../component/define.ts';
import type { TakenPositions } from '../../component/positions.ts';
import type { RefusedBytes } from '../../component/refused.ts';
import { decodeAvroEvents } from '../../records/avro-event.ts';
import type { EventBatch, Provenance } from '../../records/event-batch.ts';
import { readRecord } from '../../records/record.ts';
import { Deadline } from '../../runtime/deadline.ts';
import { errorText, MillraceError } from '../../runtime/errors.ts';
import { Bell } from '../../runtime/timers.ts';
import type { channelOptions } from './channel-options.ts';
import { type TakePiece, TakeQueue } from './channel-takes.ts';
import type { KafkaChannelCounter } from './counters.ts';

/**
 * How long a rebalance waits at most for open takes of the partitions that go to another member; never beyond half of
 * `max.poll.interval.ms`, after which the member is out of its group.
 */
const revokeWaitMs = 10_000;
/** `max.poll.interval.ms`, where it is not set. */
const maxPollMs = 300_000;
/** How long a commit of offsets is tried: a later one covers it. */
const commitMs = 5000;
/** A wait for events polls in steps, so that a take never waits long behind it. */
const pollStepMs = 500;

/** Who takes pieces. */
export interface Taker {
  /** Nobody else may hold pieces meanwhile. */
  readonly isAlone: boolean;
}

/** The way of a KafkaChannel's events from its topic to takes, as a member of a group that is joined at the first one. */
export class ChannelReader {
  readonly #context: ComponentContext<typeof channelOptions>;
  readonly #counter: KafkaChannelCounter;
  readonly #takes = new TakeQueue();
  readonly #bell = new Bell();
  /** Transactions that hold pieces. */
  readonly #takers = new Set<Taker>();
  /** Commits of offsets that have no answer yet. */
  readonly #commits = new Set<readonly TopicPartitionOffset[]>();
  /** Partitions that the next poll reads from their committed offsets. */
  readonly #toRewind = new Map<string, TopicPartition>();
  #client: KafkaClient | null = null;
  #consumer: Consumer | null = null;
  #filling: Promise<void> | null = null;
  /** Offsets by partition of records that were set aside and are not yet committed: once is enough. */
  readonly #setAside = new Map<string, Set<number>>();

  constructor(context: ComponentContext<typeof channelOptions>, counter: KafkaChannelCounter) {
    this.#context = context;
    this.#counter = counter;
  }

  open(client: KafkaClient): void {
    this.#client = client;
  }

  /** Leaves the group. What was taken and not committed comes again. */
  async close(deadline?: Deadline): Promise<void> {
    const consumer = this.#consumer;
    const owned = consumer?.assignment ?? [];
    this.#consumer = null;
    this.#bell.ring();
    await consumer?.close(deadline === undefined ? {} : { deadline });
    await (deadline ?? Deadline.never()).race(this.#filling?.catch(() => {}) ?? Promise.resolve());
    this.#takes.close(owned);
    this.#takers.clear();
    this.#toRewind.clear();
    this.#setAside.clear();
  }

  /** Nothing can be taken any more. */
  forget(): void {
    this.#client = null;
    this.#bell.ring();
  }

  async waitForEvents(maxMs: number, signal: AbortSignal): Promise<void> {
    const deadline = Deadline.in(maxMs);
    while (this.#takes.empty && !signal.aborted && !deadline.passed) {
      // A failure is the next take's to tell.
      const filled =
        this.#client !== null &&
        (await this.#fill(Math.min(deadline.leftMs, pollStepMs), signal).then(
          () => true,
          () => false,
        ));
      if (!filled) await this.#bell.wait(deadline.leftMs, signal);
    }
  }

  /** The next events, waiting `kafka.pollTimeout` for them where `mayWait`. */
  async takePiece(
    taker: Taker,
    most: number,
    mayWait: boolean,
    signal: AbortSignal | undefined,
  ): Promise<TakePiece | null> {
    const began = performance.now();
    const deadline = Deadline.in(this.#context.options['kafka.pollTimeout']);
    if (mayWait) await this.#turnOf(taker, deadline, signal);
    if (this.#takes.empty && mayWait) {
      // A poll comes back empty when the group was joined: the rest of the time is for the events.
      do await this.#fill(deadline.leftMs, signal);
      while (this.#takes.empty && !deadline.passed && signal?.aborted !== true);
    }
    // Nothing is awaited from here on: whose turn it is stays true.
    if (!this.#mayTake(taker)) return null;
    const piece = this.#takes.take(most);
    if (piece !== null) this.#takers.add(taker);
    // As in Flume, a wait that brought nothing is not counted.
    if (piece !== null) this.#counter.kafkaEventGetTimer += Math.round(performance.now() - began);
    return piece;
  }

  /**
   * The events of a piece, as they were put. Values that should be Avro data and are none are set aside; with
   * `onRefused = retry`, `BATCH_CORRUPT` is thrown instead, as in Flume.
   */
  async eventsOf(piece: TakePiece): Promise<EventBatch> {
    const { batch, baseOffset, ledger } = piece;
    const shown = { baseOffset, keyHeader: 'key' };
    const place = `${ledger.topic}-${ledger.partition}`;
    const provenance: Provenance = {
      place,
      positionOf: (offsetDelta) => baseOffset + offsetDelta,
      log: { topic: ledger.topic, partition: ledger.partition },
    };
    const { parseAsFlumeEvent, onRefused } = this.#context.options;
    if (!parseAsFlumeEvent)
      return batch.withOrigin({ ...shown, headerNames: new Map() }).withProvenance(provenance);
    const bad: RefusedBytes[] = [];
    const onBad = (i: number, error: Error): void => {
      const { value, offsetDelta } = readRecord(batch.records, batch.index[i]!);
      const bytes = value ?? Buffer.alloc(0);
      bad.push({ bytes, reason: error.message, stage: 'decode', place, position: baseOffset + offsetDelta });
    };
    try {
      const events = decodeAvroEvents(batch, onRefused === 'setAside' ? onBad : undefined);
      await this.#setAsideBytes(place, bad);
      return events.withOrigin(shown).withProvenance(provenance);
    } catch (cause) {
      if (!(cause instanceof MillraceError) || cause.code !== 'BATCH_CORRUPT') throw cause;
      throw new MillraceError(
        'BATCH_CORRUPT',
        `Error while getting events from Kafka. ${notFlume}: ${errorText(cause)}`,
        { cause },
      );
    }
  }

  async #setAsideBytes(place: string, records: readonly RefusedBytes[]): Promise<void> {
    const before = this.#setAside.get(place) ?? new Set();
    const fresh = records.filter(({ position }) => !before.has(position));
    if (fresh.length === 0) return;
    await this.#context.refused.setAsideBytes(fresh);
    this.#counter.eventRefused += fresh.length;
    for (const { position } of fresh) before.add(position);
    this.#setAside.set(place, before);
    this.#context.log.error(
      `${fresh.length} records are no Flume events and are set aside, the first of ${place} at offset ` +
        `${fresh[0]!.position}. ${notFlume}: ${fresh[0]!.reason}`,
    );
  }

  #mayTake(taker: Taker): boolean {
    for (const other of this.#takers) if (other !== taker && (other.isAlone || taker.isAlone)) return false;
    return true;
  }

  /** Waits until no other transaction stands in the way. */
  async #turnOf(taker: Taker, deadline: Deadline, signal: AbortSignal | undefined): Promise<void> {
    while (!this.#mayTake(taker) && !deadline.passed && signal?.aborted !== true) {
      await this.#bell.wait(deadline.leftMs, signal);
    }
  }

  /** The transaction has ended, or holds nothing any more. */
  leave(taker: Taker): void {
    if (this.#takers.delete(taker)) this.#bell.ring();
  }

  /** Throws `CommitRefused`, or `CHANNEL_CLOSED`, where the pieces are to be rolled back. */
  positionsOf(pieces: readonly TakePiece[]): TakenPositions | null {
    const cluster = this.#client?.clusterId ?? null;
    if (pieces.length === 0 || cluster === null) return null;
    const ranges = this.#takes.rangesOf(pieces);
    if (this.#consumer === null || ranges === null) {
      const text = `channel ${this.#context.name}: the events' partitions were given to another member of the group`;
      throw new MillraceError('CHANNEL_CLOSED', text, { remedy: 'They come again; nothing is to be done.' });
    }
    if (ranges.length === 0) return null;
    const offsets = ranges.map(({ topic, partition, next: offset }) => ({ topic, partition, offset }));
    const { groupId, memberId, generationId, groupInstanceId } = this.#consumer.enlist(offsets);
    return { cluster, groupId, memberId, generationId, groupInstanceId, ranges };
  }

  /** Ends pieces whose positions were told and may be committed: what is read on is what the group has not committed. */
  rewind(pieces: readonly TakePiece[]): void {
    for (const partition of this.#takes.rewind(pieces)) this.#toRewind.set(keyOf(partition), partition);
    this.#bell.ring();
  }

  giveBack(pieces: readonly TakePiece[]): void {
    this.#takes.giveBack(pieces);
    this.#bell.ring();
  }

  /**
   * Commits what may be committed, unless that is done. As in Flume, a failure is logged: a later commit covers it, or
   * events come again.
   */
  async finish(pieces: readonly TakePiece[], isCommitted = false): Promise<void> {
    const offsets = this.#takes.finish(pieces);
    if (this.#setAside.size > 0) for (const piece of pieces) this.#forgetSetAside(piece);
    this.#bell.ring();
    if (isCommitted || offsets.length === 0 || this.#consumer === null) return;
    const began = performance.now();
    this.#commits.add(offsets);
    try {
      await this.#consumer.commit(offsets, { deadline: Deadline.in(commitMs) });
    } catch (error) {
      this.#context.log.info(`Error committing offsets. ${errorText(error)}`);
    } finally {
      this.#commits.delete(offsets);
      this.#bell.ring();
    }
    this.#counter.kafkaCommitTimer += Math.round(performance.now() - began);
  }

  #forgetSetAside({ ledger, from, to }: TakePiece): void {
    const positions = this.#setAside.get(`${ledger.topic}-${ledger.partition}`);
    for (const position of positions ?? [])
      if (position >= from && position < to) positions!.delete(position);
  }

  /** Polls once; calls at the same time share one poll. */
  #fill(maxMs: number, signal: AbortSignal | undefined): Promise<void> {
    this.#filling ??= this.#poll(maxMs, signal).finally(() => {
      this.#filling = null;
      if (!this.#takes.empty) this.#bell.ring();
    });
    return this.#filling;
  }

  async #poll(maxMs: number, signal: AbortSignal | undefined): Promise<void> {
    if (this.#client === null)
      throw new MillraceError('CHANNEL_CLOSED', `channel ${this.#context.name} is not started`);
    this.#consumer ??= this.#newConsumer(this.#client);
    this.#consumer.returnToCommitted([...this.#toRewind.values()]);
    this.#toRewind.clear();
    for (const fetched of await this.#consumer.poll(maxMs, signal)) {
      // Meant to be rewound since the poll began: this is from before.
      if (!this.#toRewind.has(keyOf(fetched))) this.#takes.add(fetched);
    }
  }

  #isCommitting(partitions: readonly TopicPartition[]): boolean {
    const keys = new Set(partitions.map(keyOf));
    return [...this.#commits].some((offsets) => offsets.some((offset) => keys.has(keyOf(offset))));
  }

  /** Waits as long as it is so and the channel is not being stopped. */
  async #while(isSo: () => boolean, deadline: Deadline): Promise<void> {
    while (isSo() && !deadline.passed && this.#consumer !== null) await this.#bell.wait(deadline.leftMs);
  }

  #newConsumer(client: KafkaClient): Consumer {
    const { options: values, log } = this.#context;
    const parsed = values['kafka.consumer'];
    const tell = (partitions: readonly TopicPartition[], what: string): void => {
      for (const { topic, partition } of partitions)
        log.info(`topic ${topic} - partition ${partition} ${what}.`);
    };
    return new Consumer(client, {
      ...parsed.options,
      groupId: parsed.options.groupId ?? 'flume',
      topics: [values['kafka.topic']],
      onAssigned: (partitions) => tell(partitions, 'assigned'),
      onRevoked: async (partitions) => {
        tell(partitions, 'revoked');
        this.#takes.drop(partitions);
        const mostMs = Math.min(revokeWaitMs, (parsed.options.maxPollIntervalMs ?? maxPollMs) / 2);
        await this.#while(() => this.#takes.openOf(partitions) > 0, Deadline.in(mostMs));
        this.#takes.close(partitions);
        // Another member begins where the group's offsets are by then.
        await this.#while(() => this.#isCommitting(partitions), Deadline.in(commitMs));
      },
      onLost: (partitions) => {
        tell(partitions, 'lost');
        this.#takes.close(partitions);
      },
      onReset: (partitions) => this.#takes.uncount(partitions),
    });
  }
}

const notFlume =
  'This is usually caused by trying to read a non-flume event. Ensure the setting for parseAsFlumeEvent is correct';
